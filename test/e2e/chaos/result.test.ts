import { describe, expect, it } from 'vitest';
import type { Made } from '../cluster/suite/stream.ts';
import type { Fault } from './fault.ts';
import { judge, mergeRows, type Policy, renderResults } from './result.ts';

const fault: Fault = { name: 'gone', title: 'it is gone', make: async () => async () => {}, seconds: 10 };
const at = (second: number, result: Made['result'] = 'wrapped', took = 0.1): Made => ({ at: second, result, took });
const judged = (policy: Policy, made: Made[], changes: Partial<Fault> = {}) =>
  judge({ ...fault, ...changes }, policy, made, { begin: 5, end: 15 });

describe('what became of pods', () => {
  it('is as planned if each is what the failurePolicy says, and soon wrapped again', () => {
    const made = [at(1), at(6, 'refused'), at(17, 'refused'), at(20, 'wrapped', 2)];
    expect(judged('Fail', made)).toMatchObject({
      counts: { wrapped: 2, refused: 2 },
      recovery: 2,
      slowest: 2,
      wrong: [],
    });
  });

  it.each<[title: string, policy: Policy, made: Made[], changes: Partial<Fault>, wrong: RegExp]>([
    ['unwrapped under Fail', 'Fail', [at(6, 'unwrapped')], {}, /^unwrapped at 6\.0 s/],
    ['refused under Ignore', 'Ignore', [at(6, 'refused')], {}, /^refused at 6\.0 s/],
    ['before the fault', 'Fail', [at(1, 'refused')], {}, /before the fault/],
    ['too late', 'Fail', [at(21, 'refused')], {}, /5 s after it, but 6\.0 s/],
    ['after its window', 'Fail', [at(14, 'refused')], { window: 2 }, /5 s after it, but 7\.0 s/],
    ['no answer', 'Fail', [at(6, 'unreachable')], {}, /^unreachable/],
  ])('is not as planned if a pod is %s', (_, policy, made, changes, wrong) =>
    expect(judged(policy, made, changes).wrong.join('\n')).toMatch(wrong),
  );

  it('may lack an answer while the API server is away', () =>
    expect(judged('Ignore', [at(6, 'unreachable')], { hitsApiServer: true }).wrong).toEqual([]));

  it('may be unwrapped under Fail if it needs what is away', () =>
    expect(judged('Fail', [at(6, 'unwrapped')], { mayLeaveUnwrapped: true }).wrong).toEqual([]));

  it('is a row of a table', () =>
    expect(renderResults([judged('Fail', [at(1)])], '2026-11-30')).toContain(
      '| it is gone | Fail | 1 | 0 | 0 | 0 | 0.10 s | 0.0 s | yes | 2026-11-30 |\n',
    ));

  it('replaces its row of an earlier run, and no other', () => {
    const rendered = (policy: Policy, date: string) => renderResults([judged(policy, [at(1)])], date);
    const both = mergeRows(rendered('Ignore', 'then'), rendered('Fail', 'then'), ['it is gone']);
    const merged = mergeRows(both, rendered('Fail', 'now'), ['it is gone']);
    const ends = merged.trimEnd().split('\n').slice(2);
    expect(
      ends.map((row) =>
        row
          .split(' | ')
          .filter((_, i) => [1, 9].includes(i))
          .join(),
      ),
    ).toEqual(['Ignore,then |', 'Fail,now |']);
    expect(mergeRows(both, rendered('Fail', 'now'), ['another'])).not.toContain('it is gone');
  });
});
