import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderScripts, SIZE_LIMIT, strip } from '../../scripts/embed-scripts.ts';
import { guardScript, guardTracedScript, initScript, runScript, runTracedScript } from '../../src/wrapper/scripts.ts';

describe('the scripts as pods get them', () => {
  it('are those of run.sh, guard.sh and init.sh (else: npm run generate)', () => {
    const committed = readFileSync(new URL('../../src/wrapper/scripts.json', import.meta.url), 'utf8');
    expect(committed).toBe(renderScripts());
  });

  it(`take at most ${SIZE_LIMIT} bytes of a pod's spec`, () => {
    expect(Buffer.byteLength(runScript + guardScript + initScript)).toBeLessThanOrEqual(SIZE_LIMIT);
  });

  it.skipIf(spawnSync('shellcheck', ['--version']).error)('pass shellcheck (skipped where it is not installed)', () => {
    const files = ['run', 'guard', 'init'].map((name) => `src/wrapper/${name}.sh`);
    const { stdout, status } = spawnSync('shellcheck', files, { encoding: 'utf8' });
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  });
});

describe('a line that begins with _trace', () => {
  const traced = [runTracedScript, guardTracedScript].flatMap((script) => script.split('\n'));
  const isTrace = (line: string | undefined) => line !== undefined && /^_trace\b/.test(line);

  it('is only in the scripts of a pod with the annotation', () => {
    expect(traced.filter(isTrace).length).toBeGreaterThan(10);
    expect(traced.filter((line) => !isTrace(line)).join('\n')).toBe(`${runScript}\n${guardScript}`);
    expect(`${runScript}${guardScript}${initScript}`).not.toContain('_trace');
  });

  it('is never the only one of a branch', () => {
    const opens = (line = '') => /(^|\s)(then|do|else|\{)$|\)$/.test(line);
    const closes = (line = '') => /^(fi|done|else|elif|esac|\}|;;)/.test(line);
    const alone = traced.filter((line, i) => {
      const before = traced.slice(0, i).findLast((each) => !isTrace(each));
      const after = traced.slice(i + 1).find((each) => !isTrace(each));
      return isTrace(line) && opens(before) && closes(after);
    });
    expect(alone).toEqual([]);
  });

  it('is not the last of a function, a condition or a loop, whose exit status it would change', () => {
    const next = traced.flatMap((line, i) =>
      isTrace(line) ? [traced.slice(i + 1).find((each) => !isTrace(each) && !/^(fi|esac|;;)$/.test(each))] : [],
    );
    expect(next.filter((line = '') => /^(\}|done|then|do)\b|^\}|\$\?/.test(line))).toEqual([]);
  });
});

describe('strip', () => {
  it('drops comment lines, blank lines and indentation', () => {
    expect(strip('# why\nif a; then\n\n  # why\n  b "# no comment" # kept\nfi\n')).toBe(
      'if a; then\nb "# no comment" # kept\nfi',
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
