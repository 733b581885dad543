import { expect, it } from 'vitest';
import { startsAgain } from '../../src/live-status/restarts.ts';

const rule = (operator: string, ...values: number[]) => ({ action: 'Restart', exitCodes: { operator, values } });

it.each<[policy: string, rules: unknown[] | null, code: number, expected: boolean]>([
  ['Never', null, 0, false],
  ['Never', null, 5, false],
  ['OnFailure', null, 0, false],
  ['OnFailure', null, 5, true],
  ['Always', null, 0, true],
  ['Sometimes', null, 0, true],
  ['Never', [], 5, false],
  ['Never', [rule('In', 5)], 5, true],
  ['Never', [rule('In', 5)], 6, false],
  ['Never', [rule('NotIn', 5)], 5, false],
  ['Never', [rule('NotIn', 5)], 6, true],
  ['Never', [rule('In', 1), rule('In', 5)], 5, true],
  ['Never', [rule('Near', 5)], 6, true],
  ['Never', ['always'], 0, true],
  ['OnFailure', [rule('In', 5)], 6, true],
])('policy %s, rules %j, code %i: %s', (policy, rules, code, expected) =>
  expect(startsAgain({ restartPolicyRules: rules }, policy, code)).toBe(expected),
);
