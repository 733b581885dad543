import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countCharacters } from '../../src/util/count-characters.ts';

it('counts no more characters than the JSON has, and all of the texts', () =>
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const count = countCharacters(value, Number.POSITIVE_INFINITY);
      expect(count).toBeLessThanOrEqual(JSON.stringify(value).length);
      const texts: string[] = [];
      JSON.stringify(value, (_, each) => {
        if (typeof each === 'string') texts.push(each);
        return each;
      });
      expect(count).toBeGreaterThanOrEqual(texts.reduce((sum, { length }) => sum + length, 0));
    }),
  ));

it('stops counting where it may', () => expect(countCharacters(Array(1000).fill('0123456789'), 100)).toBe(108));
