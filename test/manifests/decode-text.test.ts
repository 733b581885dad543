/** Bytes that are no text of UTF-8: where, what was found, and what to do. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText } from '../../src/manifests/decode-text.ts';
import { numRuns } from '../support/runs.ts';

const utf16 = (text: string) => Buffer.from(text, 'utf16le');

describe('what is no text says where', () => {
  it.each([
    [
      'UTF-16 with a mark',
      utf16('\ufeffa: 1\n'),
      '1:1: expected UTF-8, found UTF-16 (little-endian); save it as UTF-8',
    ],
    ['UTF-16 without', utf16('a: 1\n'), '1:1: expected UTF-8, found UTF-16 (little-endian)'],
    ['UTF-16 of the other order', utf16('\ufeffa: 1\n').swap16(), '1:1: expected UTF-8, found UTF-16 (big-endian)'],
    ['that without a mark', utf16('a: 1\n').swap16(), '1:1: expected UTF-8, found UTF-16 (big-endian)'],
    ['a NUL', Buffer.from('a: 1\nb: \0\n'), '2:4: expected YAML or JSON in UTF-8, found a NUL'],
    [
      'a byte of Latin-1',
      Buffer.from('a: 1\nb: \xe9t\n', 'latin1'),
      '2:4: expected YAML or JSON in UTF-8, found the byte 0xE9',
    ],
    [
      'one behind replacement characters',
      Buffer.concat([Buffer.from('\ufffd\n\ufffd'), Buffer.of(0x80)]),
      '2:2: expected',
    ],
    [
      'a character that is cut off',
      Buffer.from('a: \u20ac').subarray(0, 5),
      '1:4: expected YAML or JSON in UTF-8, found the byte 0xE2',
    ],
  ])('%s', (_, bytes, problem) => {
    const decoded = decodeText('x.yaml', bytes);
    expect(decoded.ok ? [] : decoded.problem).toEqual([expect.stringContaining(`x.yaml:${problem}`)]);
  });

  it('for any bytes after any text', () => {
    const text = fc.string({ unit: 'grapheme' }).map((one) => `# ${one.replaceAll('\0', '')}`);
    const law = fc.property(text, fc.constantFrom(0x80, 0xc0, 0xf5, 0xff), (before, byte) => {
      const decoded = decodeText('x', Buffer.concat([Buffer.from(before.toWellFormed()), Buffer.of(byte)]));
      const lines = before.split('\n');
      const place = `x:${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}: `;
      expect(decoded.ok ? '' : decoded.problem[0]).toContain(place);
    });
    fc.assert(law, { numRuns: numRuns(200) });
  });
});

it.each(['', 'a: 1\n', '\ufeffa: \u20ac\n', 'a: \ufffd\n', 'é'])('%j is text', (text) => {
  expect(decodeText('x', Buffer.from(text))).toEqual({ ok: true, value: text });
});
