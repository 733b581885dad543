import { describe, expect, it } from 'vitest';
import { isObject, parseObject } from '../../src/util/json-object.ts';

describe('a JSON object', () => {
  it.each<[string, object]>([
    ['{}', {}],
    [' {"a": [1]} ', { a: [1] }],
  ])('is read from %s', (text, expected) => expect(parseObject(text)).toEqual(expected));

  it.each(['', 'null', '1', '"a"', '[]', '[{}]', '{', 'a: 1'])('is not %j', (text) =>
    expect(parseObject(text)).toBeUndefined(),
  );

  it.each([null, undefined, 'a', 1, []])('is not the value %j', (value) => expect(isObject(value)).toBe(false));
});
