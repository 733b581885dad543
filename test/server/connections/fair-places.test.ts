import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fairPlaces } from '../../../src/server/connections/fair-places.ts';

const filled = (addresses: string) => {
  const places = fairPlaces<{ address: string; name: string }>();
  const all = [...addresses].map((address, i) => ({ address, name: `${address}${i}` }));
  for (const one of all) places.add(one);
  return { places, all };
};

describe('who has to go', () => {
  it.each([
    ['a', 'a0'],
    ['aaa', 'a0'],
    ['abb', 'b1'],
    ['abab', 'a0'],
    ['babaa', 'a1'],
    ['abc', 'a0'],
  ])('of %s is %s', (addresses, expected) => expect(filled(addresses).places.next()?.name).toBe(expected));

  it('is nobody where there is nobody', () => expect(fairPlaces().next()).toBeUndefined());

  it('is another once that one has shown itself again, or left', () => {
    const { places, all } = filled('aa');
    const [first = { address: '', name: '' }] = all;
    places.add(first);
    expect([places.next()?.name, places.size()]).toEqual(['a1', 2]);
    expect([places.remove(first), places.remove(first), places.size()]).toEqual([true, false, 1]);
  });

  it('is never the only one of its address while another has two', () =>
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 4, maxLength: 40 }), (addresses) => {
        const { places, all } = filled(addresses);
        const next = places.next();
        const count = (of?: string) => all.filter(({ address }) => address === of).length;
        expect(count(next?.address)).toBe(Math.max(...['a', 'b', 'c'].map(count)));
      }),
    ));
});
