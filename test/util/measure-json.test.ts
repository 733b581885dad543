import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureJson } from '../../src/util/measure-json.ts';

const measure = (json: string, bounds = {}, itemDepth?: number) =>
  measureJson(Buffer.from(json), { values: 1e9, keys: 1e9, depth: 1e9, ...bounds }, itemDepth);

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

describe('values, keys and depth of', () => {
  it.each([
    ['1', 1, 0, 0],
    ['[]', 2, 0, 1],
    ['[{},{}]', 5, 0, 2],
    ['{"a":1,"b":[2,3]}', 5, 2, 2],
    ['"[{:,"', 1, 0, 0],
    ['["\\",[", "\\\\",{}]', 5, 0, 2],
    ['["\\\\\\"[", 1]', 3, 0, 1],
    ['', 1, 0, 0],
    ['"[[[[', 1, 0, 0],
    [']]]][[', 3, 0, 0],
  ])('%s are %i, %i and %i', (json, values, keys, depth) =>
    expect(measure(json)).toEqual({ values, keys, depth, items: 0 }),
  );

  it('any JSON are never told to be less', () =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        let parsed = 0;
        let named = 0;
        const json = JSON.stringify(value);
        JSON.parse(json, (_, each) => {
          parsed++;
          if (typeof each === 'object' && each !== null && !Array.isArray(each)) named += Object.keys(each).length;
          return each;
        });
        const { values, keys, depth } = measure(json);
        expect(values).toBeGreaterThanOrEqual(parsed);
        expect(keys).toBeGreaterThanOrEqual(named);
        expect(depth).toBe(depthOf(JSON.parse(json)));
      }),
    ));

  it('items are those of one depth', () => {
    const json = '{"a":[{"b":{}},{"c":[{}]}],"d":[{"e":"[{"}]}';
    expect([1, 2, 3, 4, 5].map((depth) => measure(json, {}, depth).items)).toEqual([1, 2, 3, 2, 1]);
  });

  it('too much are not measured to the end', () => {
    expect(measure('['.repeat(1_000_000), { values: 100 })).toMatchObject({ values: 101, keys: 0, depth: 100 });
    expect(measure('['.repeat(1_000_000), { depth: 100 })).toMatchObject({ values: 102, keys: 0, depth: 101 });
    expect(measure('{"a":1,'.repeat(1_000_000), { keys: 100 })).toMatchObject({ keys: 101 });
  });
});
