import { describe, expect, it } from 'vitest';
import { asFarAsTold, type Verdict } from './cluster/verdict.ts';

const verdict = (ends: string[], restarts: number): Verdict => ({
  jobs: [],
  pods: [{ phase: 'Succeeded', reason: '', disruption: '', ends: { app: ends }, restarts: { app: restarts } }],
});

const endsOf = (verdicts: Verdict[]) => verdicts.map(({ pods }) => pods[0]?.ends.app);

describe('asFarAsTold', () => {
  const [failed, done] = ['Error 137', 'Completed 0'];
  it.each<[string, Verdict, Verdict, string[][]]>([
    [
      'leaves what is told in full',
      verdict([failed, done], 1),
      verdict([failed, done], 1),
      [
        [failed, done],
        [failed, done],
      ],
    ],
    ['leaves out what one does not tell', verdict([done], 1), verdict([failed, done], 1), [[done], [done]]],
    ['or the other', verdict([failed, done], 1), verdict([done], 1), [[done], [done]]],
    ['hides no end too many', verdict([done], 0), verdict([failed, done], 1), [[done], [failed, done]]],
    ['nor one that differs', verdict([failed], 1), verdict([failed, done], 1), [[failed], [done]]],
    ['nor that none was told', verdict([], 1), verdict([failed, done], 1), [[], [failed, done]]],
  ])('%s', (_, one, other, expected) => expect(endsOf(asFarAsTold(one, other))).toEqual(expected));
});
