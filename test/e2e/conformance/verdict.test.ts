import { describe, expect, it } from 'vitest';
import { asFarAsTold, type Verdict } from './cluster/support/verdict.ts';

const verdict = (ends: string[], restarts: number): Verdict => ({
  jobs: [],
  pods: [{ phase: 'Succeeded', reason: '', disruption: '', ends: { app: ends }, restarts: { app: restarts } }],
});

const endsOf = (verdicts: Verdict[]) => verdicts.map(({ pods }) => pods[0]?.ends.app);

describe('asFarAsTold compares two verdicts: it', () => {
  const [failed, done] = ['Error 137', 'Completed 0'];
  it.each<[string, Verdict, Verdict, string[][]]>([
    [
      'keeps all exits that both report',
      verdict([failed, done], 1),
      verdict([failed, done], 1),
      [
        [failed, done],
        [failed, done],
      ],
    ],
    [
      'leaves out a first exit that the first does not report',
      verdict([done], 1),
      verdict([failed, done], 1),
      [[done], [done]],
    ],
    [
      'leaves out a first exit that the other does not report',
      verdict([failed, done], 1),
      verdict([done], 1),
      [[done], [done]],
    ],
    ['keeps an exit that is one too many', verdict([done], 0), verdict([failed, done], 1), [[done], [failed, done]]],
    ['keeps an exit that differs', verdict([failed], 1), verdict([failed, done], 1), [[failed], [done]]],
    ['keeps that one reports no exit', verdict([], 1), verdict([failed, done], 1), [[], [failed, done]]],
  ])('%s', (_, one, other, expected) => expect(endsOf(asFarAsTold(one, other))).toEqual(expected));
});
