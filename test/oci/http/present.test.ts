import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presentProblem } from '../../../src/oci/http/present.ts';
import { describeProblem, type RegistryProblem } from '../../../src/oci/problem.ts';

const refusal = (message: string, code = 'DENIED', address = 'https://r/'): RegistryProblem => ({
  kind: 'forbidden',
  credentialSent: true,
  address,
  status: 403,
  code,
  message,
});
const redirect = (to: string): RegistryProblem => ({ kind: 'redirect', address: 'https://r/', status: 302, to });

describe('what is shown of', () => {
  it.each<[string, RegistryProblem, RegistryProblem]>([
    ['a message', refusal('no s3cret here'), refusal('no *** here')],
    ['control characters', refusal('one\n\u001b[31mtwo', 'A\u202eB'), refusal('one [31mtwo', 'A B')],
    [
      'an address',
      { kind: 'timeout', address: 'https://s3cret.x/s3cret' },
      { kind: 'timeout', address: 'https://***.x/***' },
    ],
    [
      'an address with a user and a query',
      redirect('https://user:x@r:5000/v2/a?token=y#z'),
      redirect('https://r:5000/v2/a'),
    ],
    ['a secret with a question mark', redirect('https://r/a/s3?ret=s3#ret'), redirect('https://r/a/s3')],
    ['no address', redirect('no URL'), redirect('no URL')],
    ['an address without a host', redirect('javascript:alert(1)'), redirect('javascript:alert(1)')],
    [
      'a realm',
      { kind: 'untrusted-realm', address: 'https://r', realm: 'https://s/s3cret', reason: 'x' },
      { kind: 'untrusted-realm', address: 'https://r', realm: 'https://s/***', reason: 'x' },
    ],
    [
      'a list',
      { kind: 'no-platform', address: 'https://r/', wanted: ['linux'], found: ['s3cret/x'] },
      { kind: 'no-platform', address: 'https://r/', wanted: ['linux'], found: ['***/x'] },
    ],
  ])('%s', (_, problem, shown) => expect(presentProblem(problem, ['s3cret'])).toEqual(shown));

  it('a secret that an address divides is nothing', () =>
    expect(presentProblem(redirect('https://r/a/horse?battery&more=1'), ['horse?battery'])).toEqual(
      redirect('https://r/a/***'),
    ));

  it('too much is the start', () => {
    const shown = presentProblem(refusal('m'.repeat(5000), 'C'.repeat(5000), `https://r/${'a'.repeat(5000)}`), []);
    expect(shown).toEqual(refusal(`${'m'.repeat(199)}…`, `${'C'.repeat(59)}…`, `https://r/${'a'.repeat(389)}…`));
  });
});

/** Each run of 8 characters of the secret, but hardly more than spaces. */
const runs = (secret: string) =>
  Array.from({ length: Math.max(0, secret.length - 7) }, (_, i) => secret.slice(i, i + 8).toLowerCase()).filter(
    (run) => run.trim().length > 3,
  );

describe('no part of a secret is shown', () => {
  // Letters and signs as in passwords, in which nothing comes twice by chance; and what is cleaned, cut or changed.
  const secrets = fc.oneof(
    fc.string({ minLength: 8, maxLength: 2000, unit: 'grapheme-ascii' }),
    fc.string({
      minLength: 8,
      maxLength: 2000,
      unit: fc.constantFrom('a', 'B', '7', ' ', '  ', '\t', 'ö', '🔑', '%', '?', '#', '/', '\\', '@', '.'),
    }),
  );
  // Of other letters.
  const texts = fc.string({ maxLength: 450, unit: fc.constantFrom('x', 'Y', 'z ', 'w', 'é') });

  it.each<[string, (before: string, secret: string) => RegistryProblem]>([
    ['in a message', (before, secret) => refusal(before + secret)],
    ['in a code', (before, secret) => refusal('', before + secret)],
    ['in a type', (before, secret) => ({ kind: 'unsupported', address: 'https://r/', found: before + secret })],
    [
      'in a platform',
      (before, secret) => ({ kind: 'platforms-disagree', address: 'https://r/', platforms: [before + secret, ''] }),
    ],
  ])('%s', (_, problemOf) =>
    fc.assert(
      fc.property(texts, secrets, (before, secret) => {
        fc.pre(!/[xyzwé*]/i.test(secret));
        const problem = presentProblem(problemOf(before, secret), [secret]);
        const told = `${JSON.stringify(problem)} ${describeProblem(problem)}`.toLowerCase();
        for (const run of runs(secret)) expect(told).not.toContain(run);
      }),
    ),
  );

  it.each<[string, (secret: string) => string]>([
    ['as it is', (secret) => secret],
    ['spelt', encodeURIComponent],
  ])('in an address, %s', (_, spell) =>
    fc.assert(
      fc.property(texts, secrets, (before, secret) => {
        // Steps in a path are taken, and what is left of it is found by nobody.
        fc.pre(!/[xyzwé*]|[/\\]\.|^\.|\.[/\\]|\.$/i.test(secret.replace(/\t/g, '')));
        const url = URL.parse(`https://r/${before}_${spell(secret)}_`);
        fc.pre(url !== null);
        const problem = presentProblem(redirect(url?.href ?? ''), [secret]);
        const shown = JSON.stringify(problem).toLowerCase();
        const decoded = shown.replace(/%([\da-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
        for (const run of runs(secret)) expect([shown, decoded].filter((text) => text.includes(run))).toEqual([]);
      }),
    ),
  );
});
