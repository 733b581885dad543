/** Keeps tenants apart in the cache: each entry belongs to the credential that it was read with. */
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import type { Credential } from '../../oci/credentials/credential.ts';
import type { Reference } from '../../oci/reference.ts';

type Repository = Pick<Reference, 'registry' | 'repository'>;

/**
 * @returns a function that makes a short text of one repository read with one credential, or with none. It does not reveal the
 *   credential, because its key is random, and ends with the process.
 */
export function createScopes(): (repository: Repository, credential: Credential | undefined) => string {
  // A KeyObject, because creating one from bytes each time takes longer than the rest.
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
