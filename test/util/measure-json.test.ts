import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureJson } from '../../src/util/measure-json.ts';

const measure = (json: string, bounds = {}) => measureJson(Buffer.from(json), { values: 1e9, depth: 1e9, ...bounds });

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

describe('values and depth of', () => {
  it.each([
    ['1', 1, 0],
    ['[]', 2, 1],
    ['[{},{}]', 5, 2],
    ['{"a":1,"b":[2,3]}', 5, 2],
    ['"[{,"', 1, 0],
    ['["\\",[", "\\\\",{}]', 5, 2],
    ['["\\\\\\"[", 1]', 3, 1],
    ['', 1, 0],
    ['"[[[[', 1, 0],
    [']]]][[', 3, 0],
  ])('%s are %i and %i', (json, values, depth) => expect(measure(json)).toEqual({ values, depth }));

  it('any JSON are never told to be less', () =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        let parsed = 0;
        const json = JSON.stringify(value);
        JSON.parse(json, (_, each) => {
          parsed++;
          return each;
        });
        const { values, depth } = measure(json);
        expect(values).toBeGreaterThanOrEqual(parsed);
        expect(depth).toBe(depthOf(JSON.parse(json)));
      }),
    ));

  it('too much are not measured to the end', () => {
    expect(measure('['.repeat(1_000_000), { values: 100 })).toEqual({ values: 101, depth: 100 });
    expect(measure('['.repeat(1_000_000), { depth: 100 })).toEqual({ values: 102, depth: 101 });
  });
});
