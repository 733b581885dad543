import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrapText } from '../../src/util/wrap.ts';

describe('wrapText', () => {
  it.each([
    ['a short text', 20, '', 'a short text'],
    ['one two three four', 9, '', 'one two\nthree\nfour'],
    ['one two three four', 9, '  ', 'one two\n  three\n  four'],
    ['a https://registry.example.com/a b', 10, '', 'a\nhttps://registry.example.com/a\nb'],
    ['', 10, '', ''],
  ])('breaks %j at %i', (text, width, indent, expected) => expect(wrapText(text, width, indent)).toBe(expected));

  it('keeps every word, and no line is too long that has two', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 5, max: 40 }), (all, width) => {
        const lines = wrapText(all.join(' '), width).split('\n');
        expect(lines.join(' ')).toBe(all.join(' '));
        expect(lines.filter((line) => line.includes(' ') && line.length > width)).toEqual([]);
      }),
    );
  });
});
