import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parts } from '../../scripts/ci/parts.ts';

const script = join(import.meta.dirname, '../../.ci/run');
const run = (...args: string[]) => spawnSync('bash', [script, ...args], { encoding: 'utf8' });

it('.ci/run --help names every part', () => {
  const { status, stdout } = run('--help');
  expect(status).toBe(0);
  for (const { name } of parts) expect(stdout).toContain(name);
});

it('.ci/run refuses an unknown part, lists the parts, and runs nothing', () => {
  const { status, stdout, stderr } = run('lint', 'everything');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^expected parts of CI, found everything\n[\s\S]* lint /);
});

it('.ci/run runs only the named parts, and prints the count last', () => {
  const { status, stdout } = run('format');
  expect(stdout).toMatch(/=== format: /);
  expect(stdout).not.toMatch(/=== (install|lint|unit): /);
  // It does not matter here if the files are formatted.
  const count = status === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed';
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(count);
});

it('.ci/run ends the part that it runs when a signal ends it', async () => {
  const ci = spawn('bash', [script, 'types', 'unused'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  for await (const text of ci.stdout.setEncoding('utf8')) {
    if (stdout === '') ci.kill('SIGTERM');
    stdout += text;
  }
  expect(ci.exitCode ?? (await once(ci, 'exit'))[0]).toBe(143);
  expect(stdout).toMatch(/types: the run\n {2}CI was stopped: SIGTERM\n\n0 passed, 1 failed\n$/);
  expect(stdout).not.toContain('=== unused');
});
