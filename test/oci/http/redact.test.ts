import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeRedact } from '../../../src/oci/http/redact.ts';
import { cpuOf } from '../../support/cpu.ts';

const redact = (text: string, ...secrets: string[]) => makeRedact(secrets)(text);

describe('of a text', () => {
  it.each<[string, string, string[], string]>([
    ['a secret in any case', 'no s3cret here, S3CRET', ['s3cret'], 'no *** here, ***'],
    ['a secret twice in a row', 's3crets3cret', ['s3cret'], '***'],
    ['secrets in each other', 'abcabcab', ['abcab', 'cabc'], '***'],
    ['a secret with spaces', 'is correct  horse, he says', ['correct  horse'], 'is ***, he says'],
    ['a secret beyond ASCII', 'is Wörd🔑', ['wörd🔑'], 'is ***'],
    ['half of a character', 'is \ud83d!', ['\ud83d'], 'is ***!'],
    ['a secret with all that is special', '[a.*(b)\\', ['.*(b)\\'], '[a***'],
    ['one as an address spells it', 'https://r/p%40ss%20w%C3%B6rd', ['p@ss wörd'], 'https://r/***'],
    ['one as it need not be spelt', 'https://r/%73%33cret', ['s3cret'], 'https://r/***'],
    [
      'one that looks like that itself',
      'https://r/100%41%20x 100%2541%20x 100%41 x',
      ['100%41 x'],
      'https://r/*** *** ***',
    ],
    ['one that an address changes', 'https://r/a/bcd', ['a\\b\tc\nd'], 'https://r/***'],
    ['no secret', 'no', ['s3cret', '', 's3cret-and-more'], 'no'],
    ['half an escape', 'https://r/%4', ['%4'], 'https://r/***'],
  ])('%s', (_, text, secrets, shown) => expect(redact(text, ...secrets)).toBe(shown));

  it('a part only', () => expect(makeRedact(['b/c'])('a/b/c/d', 0, 3)).toBe('a/***'));

  it('nothing at all is shown where it is too long to be searched', () =>
    expect(redact('x'.repeat(20_000), 'secret')).toBe('…'));
});

it('whatever the secret is, it is gone', () =>
  fc.assert(
    fc.property(fc.string({ minLength: 4, unit: 'grapheme' }), fc.string({ unit: 'binary' }), (secret, text) => {
      fc.pre(!secret.includes('*'));
      const spelt = [secret, encodeURIComponent(secret), encodeURI(secret)];
      for (const form of spelt) expect(redact(`${text}${form}${text}`, secret)).not.toContain(form);
    }),
  ));

/** What takes longest to search for, each where it is nearly everywhere. */
const long = [
  ['a'.repeat(256 * 1024), 'a'.repeat(16_000)],
  [`b${'a'.repeat(8000)}`, 'a'.repeat(16_000)],
  [`${'a'.repeat(8000)}b`, 'a'.repeat(16_000)],
  ['ab'.repeat(4000), 'ab'.repeat(8000)],
  ['%41'.repeat(80_000), '%41'.repeat(5000)],
] as const;

it.each(long)('a secret of 256 KiB takes no time: %#', (secret, text) => {
  const fiveTimes = () => {
    for (let i = 0; i < 5; i++) redact(text, secret, `${secret}x`, `x${secret}`);
  };
  expect(cpuOf(fiveTimes)).toBeLessThan(4000);
});
