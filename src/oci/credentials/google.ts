/**
 * Google's registries, by the identity that the metadata server gives to a pod: workload identity on GKE, else the node's.
 * @see https://docs.cloud.google.com/artifact-registry/docs/docker/authentication#token
 */
import { fail, ok } from '../../util/result.ts';
import type { CredentialSource } from './credential.ts';
import { createTokenCache } from './token-cache.ts';
import { type Fetch, requestToken } from './token-request.ts';

/** @param env may name another metadata server, as GCE_METADATA_HOST does for Google's own libraries */
export function createGoogleSource({
  fetch,
  env,
  now,
}: {
  fetch: Fetch;
  env: Readonly<Record<string, string | undefined>>;
  now: () => number;
}): CredentialSource {
  const host = env.GCE_METADATA_HOST || 'metadata.google.internal';
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`;
  const server = `Google's metadata server ${host}`;
  const remedy = `give Clockout's service account a Google one that may read the registry (workload identity)`;
  const token = createTokenCache({
    name: server,
    fetchToken: async (_, signal) => {
      const headers = { 'metadata-flavor': 'Google' };
      const asked = await requestToken(fetch, { server, url, headers, signal });
      if (!asked.ok) return fail(`${asked.problem}; ${remedy}`);
      const { access_token: password, expires_in: seconds } = asked.value;
      if (typeof password !== 'string' || typeof seconds !== 'number')
        return fail(`${server} answered without a token; ${remedy}`);
      const credential = { kind: 'basic' as const, username: 'oauth2accesstoken', password };
      return ok({ credential, expiresAt: now() + seconds * 1000 });
    },
    now,
  });
  return {
    name: 'google',
    matches: (registry) => /^(([a-z0-9-]+\.)?gcr\.io|[a-z0-9-]+\.pkg\.dev)$/.test(registry),
    // One token is for all of its registries.
    getCredential: (_, signal) => token('', signal),
  };
}
