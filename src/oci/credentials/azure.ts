/**
 * Azure's registries, by workload identity: the pod's token from Kubernetes gets one from Entra ID, and that one a refresh
 * token from the registry.
 * @see https://azure.github.io/azure-workload-identity/docs/installation/mutating-admission-webhook.html
 * @see https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md
 */
import { fail, ok, type Result } from '../../util/result.ts';
import type { CredentialSource } from './credential.ts';
import { parseObject } from './docker-config.ts';
import { createTokenCache, type FetchedToken } from './token-cache.ts';
import { type Fetch, requestToken } from './token-request.ts';

/** `env` as the workload identity webhook sets it. */
type AzureEffects = {
  fetch: Fetch;
  env: Readonly<Record<string, string | undefined>>;
  readFile: (path: string) => Promise<string>;
  now: () => number;
};

export function createAzureSource(effects: AzureEffects): CredentialSource {
  const token = createTokenCache({
    name: 'Azure',
    fetchToken: (registry, signal) => fetchRefreshToken(effects, registry, signal),
    now: effects.now,
  });
  return {
    name: 'azure',
    matches: (registry) => /^[a-z0-9-]+\.azurecr\.(io|cn|us)$/.test(registry),
    getCredential: token,
  };
}

// --- internal ---

/** The password of the user 00000000-0000-0000-0000-000000000000, as which docker logs in; to the registry an identity token. */
async function fetchRefreshToken(effects: AzureEffects, registry: string, signal: AbortSignal): Promise<FetchedToken> {
  const access = await fetchAccessToken(effects, signal);
  if (!access.ok) return access;
  const exchanged = await requestToken(effects.fetch, {
    server: registry,
    url: `https://${registry}/oauth2/exchange`,
    form: {
      grant_type: 'access_token',
      service: registry,
      tenant: access.value.tenant,
      access_token: access.value.token,
    },
    signal,
  });
  const remedy = `give Clockout's identity the role AcrPull there`;
  if (!exchanged.ok) return fail(`${exchanged.problem}; ${remedy}`);
  const { refresh_token: token } = exchanged.value;
  if (typeof token !== 'string') return fail(`${registry} answered without a token; ${remedy}`);
  return ok({ credential: { kind: 'identity-token', token }, expiresAt: readExpiry(token) });
}

type AccessToken = Result<{ token: string; tenant: string }, string>;

async function fetchAccessToken({ fetch, env, readFile }: AzureEffects, signal: AbortSignal): Promise<AccessToken> {
  const { AZURE_CLIENT_ID: client, AZURE_TENANT_ID: tenant, AZURE_FEDERATED_TOKEN_FILE: file } = env;
  const remedy = `set up workload identity for Clockout's service account`;
  if (!client || !tenant || !file) {
    const problem = `AZURE_CLIENT_ID, AZURE_TENANT_ID or AZURE_FEDERATED_TOKEN_FILE is not set; ${remedy}`;
    return fail(problem);
  }
  // Read each time, because the kubelet renews it.
  const assertion = await readFile(file).catch(() => undefined);
  if (assertion === undefined) return fail(`the file ${file} cannot be read; ${remedy}`);
  const authority = (env.AZURE_AUTHORITY_HOST || 'https://login.microsoftonline.com').replace(/\/$/, '');
  const asked = await requestToken(fetch, {
    server: authority,
    url: `${authority}/${tenant}/oauth2/v2.0/token`,
    form: {
      grant_type: 'client_credentials',
      client_id: client,
      scope: 'https://containerregistry.azure.net/.default',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion.trim(),
    },
    signal,
  });
  if (!asked.ok) return fail(`${asked.problem}; ${remedy}`);
  const { access_token: token } = asked.value;
  if (typeof token !== 'string') return fail(`${authority} answered without a token; ${remedy}`);
  return ok({ token, tenant });
}

/** `exp` of a JSON web token, in milliseconds; the past where it has none, so that it is not kept. */
function readExpiry(token: string): number {
  const [, payload = ''] = token.split('.');
  const exp = parseObject(Buffer.from(payload, 'base64url').toString())?.exp;
  return typeof exp === 'number' ? exp * 1000 : 0;
}
