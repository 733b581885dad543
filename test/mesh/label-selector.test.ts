import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Labels, listAsked, readLabels, readSelector, selects } from '../../src/mesh/label-selector.ts';

const expression = (key: string, operator: string, ...values: string[]) => ({ key, operator, values });

describe('a label selector', () => {
  it.each<[what: string, selector: unknown, labels: Labels, selects: boolean]>([
    ['nothing', undefined, {}, true],
    ['an empty one', {}, { a: 'x' }, true],
    ['matchLabels', { matchLabels: { a: 'x' } }, { a: 'x', b: 'y' }, true],
    ['matchLabels, another value', { matchLabels: { a: 'x' } }, { a: 'y' }, false],
    ['matchLabels, one of two', { matchLabels: { a: 'x', b: 'y' } }, { a: 'x' }, false],
    ['In', { matchExpressions: [expression('a', 'In', 'x', 'y')] }, { a: 'y' }, true],
    ['In, no such label', { matchExpressions: [expression('a', 'In', 'x', 'y')] }, {}, false],
    ['In, empty value', { matchExpressions: [expression('a', 'In', '')] }, { a: '' }, true],
    ['NotIn', { matchExpressions: [expression('a', 'NotIn', 'x')] }, { a: 'y' }, true],
    ['NotIn, the value', { matchExpressions: [expression('a', 'NotIn', 'x')] }, { a: 'x' }, false],
    ['NotIn, no such label', { matchExpressions: [expression('a', 'NotIn', 'x')] }, {}, true],
    ['Exists', { matchExpressions: [expression('a', 'Exists')] }, { a: '' }, true],
    ['Exists, no such label', { matchExpressions: [expression('a', 'Exists')] }, { b: '' }, false],
    ['DoesNotExist', { matchExpressions: [expression('a', 'DoesNotExist')] }, { b: '' }, true],
    ['DoesNotExist, there it is', { matchExpressions: [expression('a', 'DoesNotExist')] }, { a: '' }, false],
    ['a label that each object has', { matchExpressions: [expression('constructor', 'Exists')] }, {}, false],
    ['both kinds', { matchLabels: { a: 'x' }, matchExpressions: [expression('b', 'Exists')] }, { a: 'x' }, false],
  ])('%s', (_, selector, labels, expected) => expect(selects(readSelector(selector), labels)).toBe(expected));

  const key = fc.constantFrom('a', 'b', 'example.com/c', 'constructor', '__proto__');
  const labels = fc.dictionary(key, fc.constantFrom('', 'x', 'y'));

  it('selects by matchLabels what it selects by the same as matchExpressions', () =>
    fc.assert(
      fc.property(labels, labels, (matchLabels, of) => {
        const matchExpressions = Object.entries(matchLabels).map(([each, value]) => expression(each, 'In', value));
        expect(selects(readSelector({ matchLabels }), of)).toBe(selects(readSelector({ matchExpressions }), of));
      }),
    ));

  it('selects by an operator what it does not select by the opposite one', () =>
    fc.assert(
      fc.property(key, fc.array(fc.constantFrom('', 'x', 'y')), labels, (each, values, of) => {
        const by = (operator: string) =>
          selects(readSelector({ matchExpressions: [expression(each, operator, ...values)] }), of);
        expect(by('NotIn')).toBe(!by('In'));
        expect(by('DoesNotExist')).toBe(!by('Exists'));
      }),
    ));

  it('tells which labels it asked for', () =>
    expect(
      listAsked(
        readSelector({
          matchLabels: { a: 'x' },
          matchExpressions: [expression('b', 'NotIn', 'z'), expression('c', 'Exists')],
        }),
        { a: 'x', b: 'y', c: 'z' },
      ),
    ).toEqual([
      ['a', 'x'],
      ['c', 'z'],
    ]));

  it.each([[null], ['x'], [{ matchLabels: [], matchExpressions: {} }], [{ matchExpressions: [null, { key: 'a' }] }]])(
    'leaves out what is none: %j',
    (value) => expect(readSelector(value)).toEqual([]),
  );

  it('reads labels that are texts', () => expect(readLabels({ a: 'x', b: 1, c: null })).toEqual({ a: 'x' }));
});
