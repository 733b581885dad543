import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactProblem } from '../../../src/registry/client/redact.ts';
import type { RegistryProblem } from '../../../src/registry/problem.ts';

const refusal = (message: string): RegistryProblem => ({
  kind: 'forbidden',
  credentialSent: true,
  address: 'https://r/',
  status: 403,
  message,
});

describe('what a registry sends back of a secret', () => {
  it.each<[string, RegistryProblem, RegistryProblem]>([
    ['in its message', refusal('no s3cret here, S3CRET'), refusal('no *** here, ***')],
    [
      'in an address',
      { kind: 'timeout', address: 'https://s3cret.example/s3cret' },
      { kind: 'timeout', address: 'https://***.example/***' },
    ],
    [
      'in a list',
      { kind: 'no-platform', address: 'https://r/', wanted: ['linux'], found: ['s3cret/x'] },
      { kind: 'no-platform', address: 'https://r/', wanted: ['linux'], found: ['***/x'] },
    ],
    ['nowhere', refusal('no'), refusal('no')],
  ])('%s', (_, problem, redacted) => expect(redactProblem(problem, ['s3cret'])).toEqual(redacted));

  it('is not even an empty one', () => expect(redactProblem(refusal('no'), [''])).toEqual(refusal('no')));

  it('in its spelling for addresses', () =>
    expect(redactProblem({ kind: 'timeout', address: 'https://r/p%40ss%20word' }, ['p@ss word'])).toEqual({
      kind: 'timeout',
      address: 'https://r/***',
    }));

  it('is gone, whatever the secret', () =>
    fc.assert(
      fc.property(fc.string({ minLength: 4, unit: 'grapheme-ascii' }), fc.string(), (secret, text) => {
        fc.pre(!'***'.includes(secret));
        const redacted = redactProblem(refusal(`${text}${secret}${text}`), [secret]);
        expect('message' in redacted && redacted.message).not.toContain(secret);
      }),
    ));
});
