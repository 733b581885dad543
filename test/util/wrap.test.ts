import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paint } from '../../src/util/paint.ts';
import { wrapLine, wrapText } from '../../src/util/wrap.ts';

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

describe('wrapLine', () => {
  it.each([
    ['a short line', 'one two', 20, 'one two'],
    ['words', '  one two three four', 14, '  one two\n      three\n      four'],
    ['columns', '  a  one two three four', 16, '  a  one two\n     three four'],
    ['a column that leaves little room', '  name of it  one two three', 20, '  name of it\n      one two three'],
    ['a word that is too long', '  one aaaaaaaaaaaaaaaaaaaa b', 12, '  one\n      aaaaaaaaaaaaaaaaaaaa\n      b'],
    ['a command at the end', '  to end it: clockout end pod/a -n b', 20, '  to end it:\n      clockout end pod/a -n b'],
  ])('%s', (_, line, width, wrapped) => expect(wrapLine(line, width)).toBe(wrapped));

  it('does not count colors', () => {
    const line = `  ${paint('red', 'one')} two three`;
    expect(wrapLine(line, 15)).toBe(line);
    expect(wrapLine(line, 14)).toBe(`  ${paint('red', 'one')} two\n      three`);
  });

  it('loses no word, and keeps to the width where the words are short', () =>
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1 }),
        fc.integer({ min: 20, max: 80 }),
        (words, width) => {
          const wrapped = wrapLine(`  ${words.join(' ')}`, width);
          expect(wrapped.split(/\s+/).filter(Boolean)).toEqual(words);
          for (const line of wrapped.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
        },
      ),
    ));
});
