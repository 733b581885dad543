import { describe, expect, it } from 'vitest';
import { matchesSelector } from '../../src/audit/selector.ts';

const labels = { team: 'shop', tier: 'job' };
const one = (key: string, operator: string, ...values: string[]) => ({ matchExpressions: [{ key, operator, values }] });

describe('a label selector', () => {
  it.each<[string, unknown, boolean]>([
    ['left out', undefined, true],
    ['empty', {}, true],
    ['with a label that is there', { matchLabels: { team: 'shop' } }, true],
    ['with another value', { matchLabels: { team: 'web' } }, false],
    ['with a name that every object has', { matchLabels: { constructor: 'Object' } }, false],
    ['In', one('team', 'In', 'web', 'shop'), true],
    ['In, of a label that is missing', one('zone', 'In', 'a'), false],
    ['NotIn', one('team', 'NotIn', 'web'), true],
    ['NotIn, of the value', one('team', 'NotIn', 'shop'), false],
    ['NotIn, of a label that is missing', one('zone', 'NotIn', 'a'), true],
    ['Exists', one('team', 'Exists'), true],
    ['DoesNotExist', one('team', 'DoesNotExist'), false],
    ['with an operator that Kubernetes does not have', one('team', 'Gt', '1'), false],
    ['with an expression that is no object', { matchExpressions: ['team'] }, false],
    ['of which one part does not match', { matchLabels: { team: 'shop' }, ...one('tier', 'DoesNotExist') }, false],
  ])('%s', (_, selector, expected) => expect(matchesSelector(selector, labels)).toBe(expected));
});
