import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { choose, type Part, parts } from '../../scripts/ci/parts.ts';
import type { Failure, Report } from '../../scripts/ci/report.ts';
import { mostRetries, runOnce, runPart } from '../../scripts/ci/run-part.ts';

const late = (name: string): Failure => ({ name, why: 'late', isTimeout: true });
const wrong = (name: string): Failure => ({ name, why: 'expected 0, found 1', isTimeout: false });
const report = (passed: number, ...failures: Failure[]): Report => ({ passed, skipped: 0, failures });
const onCluster: Part = { name: 'cluster', command: [], vitest: true, retries: true };

/** A part whose first run and second tries come to these. */
function run(first: Report, second: Record<string, Report> = {}, part = onCluster) {
  const tried: string[] = [];
  const outcome = runPart(part, (_, test) => {
    if (test === undefined) return first;
    tried.push(test);
    return second[test] ?? report(0);
  });
  return { tried, ...outcome };
}

describe('a second try', () => {
  it('is for a test that ran out of time: one that passes then is flaky', () => {
    const { tried, passed, failures, flaky } = run(report(7, late('a > b')), { 'a > b': report(1) });
    expect({ tried, passed, failures, flaky }).toEqual({ tried: ['a > b'], passed: 8, failures: [], flaky: ['a > b'] });
  });

  it.each([
    ['fails again', report(0, late('a'))],
    ['is not found', report(0)],
    ['passes in a run that fails', report(1, wrong('the run'))],
  ])('changes nothing for a test that %s', (_, second) => {
    expect(run(report(7, late('a')), { a: second })).toMatchObject({ passed: 7, failures: [late('a')], flaky: [] });
  });

  it('is not for a test that compared what there was', () => {
    const { tried, failures } = run(report(7, wrong('a'), late('b')), { b: report(1) });
    expect({ tried, failures }).toEqual({ tried: ['b'], failures: [wrong('a')] });
  });

  it('is not for other parts, such as the unit tests', () => {
    const { retries: _, ...unit } = onCluster;
    expect(run(report(7, late('a')), { a: report(1) }, unit)).toMatchObject({ tried: [], failures: [late('a')] });
    expect(parts.find(({ name }) => name === 'unit')).not.toHaveProperty('retries');
  });

  it('is not where so many ran out of time that it is no accident', () => {
    const names = Array.from({ length: mostRetries + 1 }, (_, number) => late(`${number}`));
    expect(run(report(7, ...names))).toMatchObject({ tried: [], failures: names });
    expect(run(report(7, ...names.slice(1))).tried).toHaveLength(mostRetries);
  });
});

describe('a part', () => {
  it.each([
    ['that succeeds is one test', 'exit 0', report(1)],
    ['that fails', 'exit 3', report(0, { ...wrong('the run'), why: 'exit code 3' })],
    ['that is killed', 'kill -9 $$', report(0, { ...wrong('the run'), why: 'ended by SIGKILL' })],
  ])('%s', (_, script, expected) => {
    expect(runOnce({ name: 'x', command: ['sh', '-c', script] })).toEqual(expected);
  });

  it.each([
    ['breaks off before its report', 'exit 1', report(0), 'exit code 1'],
    ['breaks off in its report', 'echo "{" >$CI_REPORT; exit 1', report(0), 'exit code 1'],
    ['breaks off after it', `echo '${JSON.stringify(report(5))}' >$CI_REPORT; exit 1`, report(5), 'exit code 1'],
    ['tests nothing', `echo '${JSON.stringify(report(0))}' >$CI_REPORT`, report(0), 'expected a report with a test'],
  ])('with tests that %s has failed', (_, script, { passed }, why) => {
    const found = runOnce({ name: 'x', command: ['sh', '-c', script], vitest: true });
    expect(found).toMatchObject({ passed, failures: [{ name: 'the run', why: expect.stringContaining(why) }] });
  });

  it('whose program is missing has failed', () => {
    const { failures } = runOnce({ name: 'x', command: ['/no/such/program'] });
    expect(failures).toMatchObject([{ why: expect.stringContaining('ENOENT') }]);
  });
});

describe('what vitest reports', () => {
  const folder = mkdtempSync(join(import.meta.dirname, 'scratch-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const vitest: Part = { name: 'x', command: ['node_modules/.bin/vitest', 'run', '--root', folder], vitest: true };
  const file = (name: string, text: string) =>
    writeFileSync(join(folder, name), `import { afterAll, beforeAll, describe, expect, it } from 'vitest';\n${text}`);

  it('is counted: tests, timeouts, verdicts, hooks, and what nobody caught', () => {
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
    const { passed, skipped, failures } = runOnce(vitest, undefined, 'ignore');
    expect({ passed, skipped }).toEqual({ passed: 2, skipped: 2 });
    const names = (wanted: boolean) => failures.filter(({ isTimeout }) => isTimeout === wanted).map(({ name }) => name);
    expect(names(true)).toEqual(['group > waits in vain', 'group > is slow', 'group > never comes back']);
    expect(names(false).sort()).toEqual(['d.test.ts', 'group > compares', 'group > throws', 'set up', 'unhandled']);
    expect(failures.find(({ name }) => name === 'group > compares')?.why).toContain('expected 1 to be +0');
  });

  it('is of one test alone, where one is named', () => {
    const tests = ['does (it)', 'does (it) twice', 'again does (it)'];
    const texts = tests.map((name) => `it(${JSON.stringify(name)}, () => {});`);
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    file('a.test.ts', `describe('a', () => { ${texts.join(' ')} });`);
    expect(runOnce(vitest, 'a > does (it)', 'ignore')).toEqual({ passed: 1, skipped: 2, failures: [] });
  });
});

describe('the parts', () => {
  const names = parts.map(({ name }) => name);

  it('have names of their own', () => expect(new Set(names).size).toBe(names.length));

  it('are all chosen, or those that are named, in their own order', () => {
    expect(choose([]).chosen).toEqual(parts);
    expect(choose(['lint', 'format'])).toMatchObject({ chosen: [{ name: 'format' }, { name: 'lint' }], unknown: [] });
  });

  it('are not guessed', () => expect(choose(['lint', 'tests']).unknown).toEqual(['tests']));

  it('run scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
    const called = parts.flatMap(({ command: [program, , , script] }) => (program === 'npm' ? [script] : []));
    expect(called.filter((script) => script === undefined || !(script in scripts))).toEqual([]);
  });
});
