import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScopes } from '../../../src/image-lookup/cache/scope.ts';
import type { Credential } from '../../../src/oci/credentials/credential.ts';
import { numRuns } from '../../support/runs.ts';

const repository = { registry: 'registry.example.com', repository: 'org/app' };
const alice: Credential = { kind: 'basic', username: 'alice', password: 'secret' };

describe('a scope', () => {
  it('is the same for the same repository and credential', () => {
    const scopeOf = createScopes();
    expect(scopeOf(repository, { ...alice })).toBe(scopeOf({ ...repository }, alice));
    expect(scopeOf(repository, undefined)).toBe(scopeOf(repository, undefined));
    expect(scopeOf(repository, alice)).toMatch(/^[\w-]{43}$/);
  });

  it.each<[string, typeof repository, Credential | undefined]>([
    ['registry', { ...repository, registry: 'registry.example.com:443' }, alice],
    ['repository', { ...repository, repository: 'org/app2' }, alice],
    ['user', repository, { ...alice, username: 'bob' }],
    ['password', repository, { ...alice, password: 'Secret' }],
    ['kind of credential', repository, { kind: 'identity-token', token: 'secret' }],
    ['anonymous client', repository, undefined],
  ])('is another for another %s', (_, place, credential) => {
    const scopeOf = createScopes();
    expect(scopeOf(place, credential)).not.toBe(scopeOf(repository, alice));
  });

  it('is another in each process, so that it tells nothing of a password that can be guessed', () =>
    expect(createScopes()(repository, alice)).not.toBe(createScopes()(repository, alice)));

  const part = fc.constantFrom('', 'a', 'b', 'ab', '","', '/', ' ', 'basic', 'identity-token');
  const credential = fc.oneof(
    fc.constant(undefined),
    fc.record({ kind: fc.constant('basic' as const), username: part, password: part }),
    fc.record({ kind: fc.constant('identity-token' as const), token: part }),
  );
  const asked = fc.record({ registry: part, repository: part, credential });

  it('is the same for nothing that differs, however its parts are cut', () => {
    const scopeOf = createScopes();
    fc.assert(
      fc.property(asked, asked, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(scopeOf(one, one.credential) === scopeOf(other, other.credential)).toBe(same);
      }),
      { numRuns: numRuns(1000) },
    );
  });
});
