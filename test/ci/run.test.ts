import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parts } from '../../scripts/ci/parts.ts';

const run = (...args: string[]) =>
  spawnSync('bash', [join(import.meta.dirname, '../../.ci/run'), ...args], { encoding: 'utf8' });

it('.ci/run --help names every part', () => {
  const { status, stdout } = run('--help');
  expect(status).toBe(0);
  for (const { name } of parts) expect(stdout).toContain(name);
});

it('.ci/run refuses what is no part, with the list of those that are, and runs nothing', () => {
  const { status, stdout, stderr } = run('lint', 'everything');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^expected parts of CI, found everything\n[\s\S]* lint /);
});

it('.ci/run ends with the count alone, of the named parts only', () => {
  const { status, stdout } = run('format');
  expect(stdout).toMatch(/=== format: /);
  expect(stdout).not.toMatch(/=== (install|lint|unit): /);
  // Whether the files are formatted is not this test's business.
  const count = status === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed';
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(count);
});
