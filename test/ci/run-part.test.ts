import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { choose, type Part, parts } from '../../scripts/ci/parts.ts';
import type { Failure, Report } from '../../scripts/ci/report.ts';
import { mostRetries, type RunOptions, runOnce, runPart } from '../../scripts/ci/run-part.ts';

const late = (name: string): Failure => ({ name, why: 'late', isTimeout: true });
const wrong = (name: string): Failure => ({ name, why: 'expected 0, found 1', isTimeout: false });
const report = (passed: number, ...failures: Failure[]): Report => ({ passed, skipped: 0, failures });
const onCluster: Part = { name: 'cluster', command: [], minutes: 1, vitest: true, retries: true };

/** Runs a program, or a vitest suite, as a part. */
const runAs = (command: string[], more: Partial<Part> = {}, options: Partial<RunOptions> = {}) =>
  runOnce(
    { name: 'x', command, minutes: 1, ...more },
    { output: 'ignore', stop: new AbortController().signal, ...options },
  );

/** Runs a part whose first run and second tries have these reports. */
async function run(first: Report, second: Record<string, Report> = {}, part = onCluster) {
  const tried: string[] = [];
  const outcome = await runPart(part, async (_, test) => {
    if (test === undefined) return first;
    tried.push(test);
    return second[test] ?? report(0);
  });
  return { tried, ...outcome };
}

describe('a second try', () => {
  it('is given to a test that ran out of time, which counts as flaky if it passes', async () => {
    const { tried, passed, failures, flaky } = await run(report(7, late('a > b')), { 'a > b': report(1) });
    expect({ tried, passed, failures, flaky }).toEqual({ tried: ['a > b'], passed: 8, failures: [], flaky: ['a > b'] });
  });

  it.each([
    ['fails again', report(0, late('a'))],
    ['is not found', report(0)],
    ['passes in a run that fails', report(1, wrong('the run'))],
  ])('changes nothing for a test that %s', async (_, second) => {
    expect(await run(report(7, late('a')), { a: second })).toMatchObject({
      passed: 7,
      failures: [late('a')],
      flaky: [],
    });
  });

  it('is not given to a test that found a wrong result', async () => {
    const { tried, failures } = await run(report(7, wrong('a'), late('b')), { b: report(1) });
    expect({ tried, failures }).toEqual({ tried: ['b'], failures: [wrong('a')] });
  });

  it('is not given in a run that broke off', async () => {
    const failures = [late('a'), { ...late('the run'), isTimeout: false }];
    expect(await run(report(7, ...failures), { a: report(1) })).toMatchObject({ tried: [], failures });
  });

  it('is not given in other parts, such as the unit tests', async () => {
    const { retries: _, ...unit } = onCluster;
    expect(await run(report(7, late('a')), { a: report(1) }, unit)).toMatchObject({ tried: [], failures: [late('a')] });
    expect(parts.find(({ name }) => name === 'unit')).not.toHaveProperty('retries');
  });

  it('is not given if too many tests ran out of time', async () => {
    const names = Array.from({ length: mostRetries + 1 }, (_, number) => late(`${number}`));
    expect(await run(report(7, ...names))).toMatchObject({ tried: [], failures: names });
    expect((await run(report(7, ...names.slice(1)))).tried).toHaveLength(mostRetries);
  });
});

describe('a part', () => {
  it.each([
    ['that succeeds counts as one test', 'exit 0', report(1)],
    ['that fails counts as one failure', 'exit 3', report(0, { ...wrong('the run'), why: 'exit code 3' })],
    ['that is killed counts as one failure', 'kill -9 $$', report(0, { ...wrong('the run'), why: 'ended by SIGKILL' })],
  ])('%s', async (_, script, expected) => {
    expect(await runAs(['sh', '-c', script])).toEqual(expected);
  });

  it.each([
    ['breaks off before its report', 'exit 1', report(0), 'exit code 1'],
    ['breaks off in its report', 'echo "{" >$CI_REPORT; exit 1', report(0), 'exit code 1'],
    ['breaks off after it', `echo '${JSON.stringify(report(5))}' >$CI_REPORT; exit 1`, report(5), 'exit code 1'],
    ['tests nothing', `echo '${JSON.stringify(report(0))}' >$CI_REPORT`, report(0), 'expected a report with a test'],
  ])('with tests that %s has failed', async (_, script, { passed }, why) => {
    const found = await runAs(['sh', '-c', script], { vitest: true });
    expect(found).toMatchObject({ passed, failures: [{ name: 'the run', why: expect.stringContaining(why) }] });
  });

  it('whose program is missing has failed', async () => {
    const { failures } = await runAs(['/no/such/program']);
    expect(failures).toMatchObject([{ why: expect.stringContaining('ENOENT') }]);
  });

  it('that takes too long is ended with all its processes, and has failed', async () => {
    const mark = `9${process.pid}`;
    const script = `sleep ${mark} & trap '' TERM; sleep ${mark}`;
    const { passed, failures } = await runAs(['sh', '-c', script], { minutes: 0.01 }, { grace: 500 });
    expect({ passed, failures }).toMatchObject({
      passed: 0,
      failures: [{ why: 'expected an end within 0.01 minutes' }],
    });
    expect(spawnSync('pgrep', ['-fx', `sleep ${mark}`], { encoding: 'utf8' }).stdout).toBe('');
  });

  it('that is stopped has failed, even if its report says that all passed', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort('SIGTERM'), 300);
    const script = `echo '${JSON.stringify(report(5))}' >$CI_REPORT; sleep 60`;
    const { passed, failures } = await runAs(['sh', '-c', script], { vitest: true }, { stop: stop.signal });
    expect({ passed, failures }).toMatchObject({ passed: 5, failures: [{ why: 'CI was stopped: SIGTERM' }] });
  });
});

describe('what vitest reports', () => {
  const folder = mkdtempSync(join(import.meta.dirname, 'scratch-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const runVitest = (test?: string) =>
    runAs(['node_modules/.bin/vitest', 'run', '--root', folder], { vitest: true }, { test });
  const file = (name: string, text: string) =>
    writeFileSync(join(folder, name), `import { afterAll, beforeAll, describe, expect, it } from 'vitest';\n${text}`);

  it('is counted: tests, timeouts, wrong results, hooks, and uncaught errors', async () => {
    const progress = join(import.meta.dirname, '../e2e/cluster/progress.ts');
    file(
      'a.test.ts',
      `import { eventually, expectWithin } from ${JSON.stringify(progress)};
      it('passes', () => {});
      it.skip('is left out', () => {});
      describe('group', () => {
        it('waits in vain', () => eventually('it comes', 0, async () => false));
        it('is slow', () => expectWithin('it ends', 1, 2));
        it('never comes back', () => new Promise(() => {}), 20);
        it('compares', () => expect(1).toBe(0));
        it('throws', () => { throw new Error('expected Complete, found Failed'); });
      });`,
    );
    file('b.test.ts', `describe('set up', () => { beforeAll(() => { throw new Error('no'); }); it('x', () => {}); });`);
    file(
      'c.test.ts',
      `it('y', () => {}); setTimeout(() => { throw new Error('loose'); }); await new Promise((r) => setTimeout(r, 50));`,
    );
    file('d.test.ts', `throw new Error('not to be loaded');`);
    const { passed, skipped, failures } = await runVitest();
    expect({ passed, skipped }).toEqual({ passed: 2, skipped: 2 });
    const names = (wanted: boolean) => failures.filter(({ isTimeout }) => isTimeout === wanted).map(({ name }) => name);
    expect(names(true)).toEqual(['group > waits in vain', 'group > is slow', 'group > never comes back']);
    expect(names(false).sort()).toEqual(['d.test.ts', 'group > compares', 'group > throws', 'set up', 'unhandled']);
    expect(failures.find(({ name }) => name === 'group > compares')?.why).toContain('expected 1 to be +0');
  });

  it('is of one test alone if it is named', async () => {
    const tests = ['does (it)', 'does (it) twice', 'again does (it)'];
    const texts = tests.map((name) => `it(${JSON.stringify(name)}, () => {});`);
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    file('a.test.ts', `describe('a', () => { ${texts.join(' ')} });`);
    expect(await runVitest('a > does (it)')).toEqual({ passed: 1, skipped: 2, failures: [] });
  });
});

describe('the parts of CI', () => {
  const names = parts.map(({ name }) => name);

  it('have different names', () => expect(new Set(names).size).toBe(names.length));

  it('are chosen all, or by name, in their own order', () => {
    expect(choose([]).chosen).toEqual(parts);
    expect(choose(['lint', 'format'])).toMatchObject({ chosen: [{ name: 'format' }, { name: 'lint' }], unknown: [] });
  });

  it('are refused by other names', () => expect(choose(['lint', 'tests']).unknown).toEqual(['tests']));

  it('run scripts of package.json', () => {
    const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
    const called = parts.flatMap(({ command: [program, , , script] }) => (program === 'npm' ? [script] : []));
    expect(called.filter((script) => script === undefined || !(script in scripts))).toEqual([]);
  });
});
