import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFairPlaces } from '../../../src/server/connections/fair-places.ts';

const filled = (addresses: string) => {
  const places = createFairPlaces<{ address: string; name: string }>();
  const all = [...addresses].map((address, i) => ({ address, name: `${address}${i}` }));
  for (const one of all) places.add(one);
  return { places, all };
};

describe('the next connection to close', () => {
  it.each([
    ['a', 'a0'],
    ['aaa', 'a0'],
    ['abb', 'b1'],
    ['abab', 'a0'],
    ['babaa', 'a1'],
    ['abc', 'a0'],
  ])('of %s is %s', (addresses, expected) => expect(filled(addresses).places.findNext()?.name).toBe(expected));

  it('is undefined if there are no connections', () => expect(createFairPlaces().findNext()).toBeUndefined());

  it('is another one after the first is added again or removed', () => {
    const { places, all } = filled('aa');
    const [first = { address: '', name: '' }] = all;
    places.add(first);
    expect([places.findNext()?.name, places.size()]).toEqual(['a1', 2]);
    expect([places.remove(first), places.remove(first), places.size()]).toEqual([true, false, 1]);
  });

  it('belongs to an address that has the most connections', () =>
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 4, maxLength: 40 }), (addresses) => {
        const { places, all } = filled(addresses);
        const next = places.findNext();
        const count = (of?: string) => all.filter(({ address }) => address === of).length;
        expect(count(next?.address)).toBe(Math.max(...['a', 'b', 'c'].map(count)));
      }),
    ));
});
