import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listed, printable, quote, shortened } from '../../src/util/text.ts';

describe('printable', () => {
  it.each([
    ['C0', 'a\u0000b\nc\u001b[31m', 'a b c [31m'],
    ['DEL and C1', 'a\u007fb\u009bc', 'a b c'],
    ['separators of lines and paragraphs', 'a\u2028b\u2029c', 'a b c'],
    ['characters that turn the direction', '\u202ea\u202cb\u2066c\u2069\u200e\u200f\u061c', ' a b c    '],
    ['nothing of what people write', 'héllo 😀 "x" — …', 'héllo 😀 "x" — …'],
  ])('takes out %s', (_, text, expected) => expect(printable(text)).toBe(expected));
});

describe('shortened', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['😀😀', 3, '😀…'],
    ['a😀😀', 3, 'a\ufffd…'],
    ['\ud83d', 3, '\ufffd'],
  ])('%j to %i', (text, most, expected) => expect(shortened(text, most)).toBe(expected));

  it('is never longer, always well-formed, and the same when done twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (text, most) => {
        const short = shortened(text, most);
        expect(short.length).toBeLessThanOrEqual(most);
        expect(short.isWellFormed()).toBe(true);
        expect(short).toBe(shortened(short, most));
        expect(short).toBe(printable(short));
      }),
    );
  });
});

it('listed counts what it leaves out', () => {
  expect(listed(['a', 'b'], 2)).toEqual(['a', 'b']);
  expect(listed(['a', 'b', 'c', 'd'], 2)).toEqual(['a', 'b', 'and 2 more']);
});

it('quotes a text with escapes in place of what a terminal obeys, and cuts it', () => {
  expect(quote('a "b"\n\u202e\u009bc')).toBe(String.raw`"a \"b\"\n\u202e\u009bc"`);
  expect(quote('x'.repeat(100))).toBe(`"${'x'.repeat(60)}…"`);
});
