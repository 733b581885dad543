import { describe, expect, it } from 'vitest';
import { wrap } from '../../../src/audit/text/layout.ts';
import { asClockout } from '../../../src/util/called.ts';

const wrapped = (text: string, width: number | undefined) =>
  wrap(text, { color: false, width, called: asClockout, wide: false }, '  ');

describe('wrap', () => {
  it.each<[string, number | undefined, string]>([
    ['a few words', undefined, 'a few words'],
    ['a few words', 8, 'a few\n  words'],
    ['To end them: clockout end --hanging -A', 80, 'To end them: clockout end --hanging -A'],
    ['To end them: clockout end --hanging -A', 20, 'To end them:\n  clockout end --hanging -A'],
    ['Opt in, as in: kubectl label a b', 10, 'Opt in, as\n  in:\n  kubectl label a b'],
    ['\u001b[31mred\u001b[39m words', 9, '\u001b[31mred\u001b[39m words'],
  ])('%j at %s', (text, width, expected) => expect(wrapped(text, width)).toBe(expected));
});
