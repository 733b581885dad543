/** What keeps tenants apart in the cache: each entry belongs to whoever could read it. */
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import type { Credential } from '../../oci/credentials/credential.ts';
import type { Reference } from '../../oci/reference.ts';

/**
 * One repository read with one credential, or with none, as a short text. Nobody can find the credential from it: the key
 * it is made with is random, and dies with the process.
 */
export type Scope = string;

export function makeScopes(): (
  reference: Pick<Reference, 'registry' | 'repository'>,
  credential: Credential | undefined,
) => Scope {
  // As a KeyObject: to make one of bytes each time takes longer than the rest.
  const key = createSecretKey(randomBytes(32));
  return ({ registry, repository }, credential) =>
    createHmac('sha256', key)
      .update(JSON.stringify([registry, repository, ...partsOf(credential)]))
      .digest('base64url');
}

// --- internal ---

function partsOf(credential: Credential | undefined): string[] {
  if (!credential) return [];
  return credential.kind === 'basic'
    ? [credential.kind, credential.username, credential.password]
    : [credential.kind, credential.token];
}
