import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SIZE_LIMIT, scriptsModule, strip } from '../../scripts/embed-scripts.ts';
import { guardScript, initScript, runScript } from '../../src/wrapper/scripts.ts';

describe('the scripts as pods get them', () => {
  it('are those of run.sh, guard.sh and init.sh (else: npm run generate)', () => {
    const committed = readFileSync(new URL('../../src/wrapper/scripts.ts', import.meta.url), 'utf8');
    expect(committed).toBe(scriptsModule());
  });

  it(`take at most ${SIZE_LIMIT} bytes of a pod's spec`, () => {
    expect(Buffer.byteLength(runScript + guardScript + initScript)).toBeLessThanOrEqual(SIZE_LIMIT);
  });

  it.skipIf(spawnSync('shellcheck', ['--version']).error)('pass shellcheck (skipped where it is not installed)', () => {
    const files = ['run', 'guard', 'init'].map((name) => `src/inject/${name}.sh`);
    const { stdout, status } = spawnSync('shellcheck', files, { encoding: 'utf8' });
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  });
});

describe('strip', () => {
  it('drops comment lines and blank lines', () => {
    expect(strip('# why\nif a; then\n\n  # why\n  b "# no comment" # kept\nfi\n')).toBe(
      'if a; then\n  b "# no comment" # kept\nfi',
    );
  });

  it('takes an empty heredoc', () => expect(strip('exec 9<<E\nE')).toBe('exec 9<<E\nE'));

  it.each([
    ['a string over two lines', "echo 'a\n  b'"],
    ['a heredoc', 'cat <<E\n  a\nE'],
    ['a continued line', 'a \\\n  b'],
  ])('refuses %s', (_, source) => {
    expect(() => strip(source)).toThrow('expected');
  });

  it('takes quotes within quotes and escaped ones', () => {
    const line = `eval "set -- \\$'$x \\"\\$@\\"" 'a"b' \\' \\"`;
    expect(strip(line)).toBe(line);
  });
});
