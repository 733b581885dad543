import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countValues } from '../../../src/registry/client/count-values.ts';

const count = (json: string, limit = 1e9) => countValues(Buffer.from(json), limit);

describe('the values in', () => {
  it.each([
    ['1', 1],
    ['[]', 2],
    ['[{},{}]', 5],
    ['{"a":1,"b":[2,3]}', 5],
    ['"[{,"', 1],
    ['["\\",[", "\\\\",{}]', 5],
    ['["\\\\\\"[", 1]', 3],
    ['', 1],
    ['"[[[[', 1],
  ])('%s are %i', (json, expected) => expect(count(json)).toBe(expected));

  it('any JSON are never told to be fewer', () =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        let parsed = 0;
        const json = JSON.stringify(value);
        JSON.parse(json, (_, each) => {
          parsed++;
          return each;
        });
        expect(count(json)).toBeGreaterThanOrEqual(parsed);
      }),
    ));

  it('too much are not counted to the end', () => expect(count('['.repeat(1_000_000), 100)).toBe(101));
});
