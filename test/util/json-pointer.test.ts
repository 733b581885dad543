import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { expect, it } from 'vitest';
import { escapedKey, parsePointer, unescapedKey } from '../../src/util/json-pointer.ts';

const key = fc.array(fc.constantFrom('~', '/', '0', '1', 'a')).map((characters) => characters.join(''));

it('keys are escaped as fast-json-patch escapes them, and come back', () =>
  fc.assert(
    fc.property(key, (key) => {
      expect(escapedKey(key)).toBe(jsonPatch.escapePathComponent(key));
      expect(unescapedKey(escapedKey(key))).toBe(key);
      expect(unescapedKey(key)).toBe(jsonPatch.unescapePathComponent(key));
    }),
  ));

it('reads JSON pointers', () => {
  expect(parsePointer('/a~1b/~0c/0')).toEqual(['a/b', '~c', '0']);
  expect(parsePointer('')).toEqual([]);
});
