/**
 * Amazon's private registries, by whatever identity the AWS SDK finds: a role for the service account, pod identity, the
 * node's. A token is for all registries of a region that the identity may read.
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
 */
import type { LookupFunction } from 'node:net';
import { fail, ok } from '../../util/result.ts';
import type { CredentialSource } from './credential.ts';
import { createTokenCache, type FetchedToken } from './token-cache.ts';

type LoadSdk = () => Promise<typeof import('@aws-sdk/client-ecr')>;

type EcrDeps = {
  now: () => number;
  /** Finds the endpoint of a region, which stands in a pod's image: dns.lookup would keep other names waiting for it. */
  lookup: LookupFunction;
  /** Called when the first token is needed: the SDK takes time and memory, and may not be installed. */
  loadSdk?: LoadSdk;
};

export function createEcrSource({
  now,
  lookup,
  loadSdk = () => import('@aws-sdk/client-ecr'),
}: EcrDeps): CredentialSource {
  const token = createTokenCache({
    name: 'Amazon ECR',
    fetchToken: (endpoint, signal) => fetchToken({ loadSdk, lookup }, endpoint, signal),
    now,
  });
  return {
    name: 'ecr',
    matches: (registry) => /^\d{12}\./.test(registry) && parseEndpoint(endpointOf(registry)) !== undefined,
    getCredential: (registry, signal) => token(endpointOf(registry), signal),
  };
}

// --- internal ---

/** A registry is ACCOUNT.dkr.ecr.REGION.DOMAIN; all accounts' registries at an endpoint take the same token. */
const endpointOf = (registry: string) => registry.slice(registry.indexOf('.') + 1);

type Endpoint = { region: string; useFipsEndpoint: boolean; useDualstackEndpoint: boolean };

/** dkr.ecr has IPv4 only, dkr-ecr has IPv6 too; -fips is for certified cryptography. */
function parseEndpoint(endpoint: string): Endpoint | undefined {
  const [, separator, fips, region, domain] = /^dkr([.-])ecr(-fips)?\.([a-z0-9-]+)\.(.+)$/.exec(endpoint) ?? [];
  const useDualstackEndpoint = separator === '-';
  const known = useDualstackEndpoint ? dualstackDomains : domains;
  if (region === undefined || domain === undefined || !known.includes(domain)) return undefined;
  return { region, useFipsEndpoint: fips !== undefined, useDualstackEndpoint };
}

/** All partitions: the public one, China, Europe's sovereign one, and those of the US and UK governments. */
const domains = [
  'amazonaws.com',
  'amazonaws.com.cn',
  'amazonaws.eu',
  'c2s.ic.gov',
  'sc2s.sgov.gov',
  'csp.hci.ic.gov',
  'cloud.adc-e.uk',
];
const dualstackDomains = ['on.aws', 'on.amazonwebservices.com.cn'];

async function fetchToken(
  { loadSdk, lookup }: { loadSdk: LoadSdk; lookup: LookupFunction },
  address: string,
  signal: AbortSignal,
): Promise<FetchedToken> {
  const endpoint = parseEndpoint(address);
  const failed = (reason: string): FetchedToken =>
    fail(
      `Amazon ECR in ${endpoint?.region} gave no token (${reason}); let Clockout's identity call ecr:GetAuthorizationToken`,
    );
  try {
    const { ECRClient, GetAuthorizationTokenCommand } = await loadSdk();
    const client = new ECRClient({ ...endpoint, maxAttempts: 2, requestHandler: { httpsAgent: { lookup } } });
    const answer = await client.send(new GetAuthorizationTokenCommand({}), { abortSignal: signal });
    const [{ authorizationToken = '', expiresAt } = {}] = answer.authorizationData ?? [];
    const [username, ...password] = Buffer.from(authorizationToken, 'base64').toString().split(':');
    if (!username || password.length === 0) return failed('there is none in its answer');
    const credential = { kind: 'basic' as const, username, password: password.join(':') };
    return ok({ credential, expiresAt: expiresAt?.getTime() ?? 0 });
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND') return fail(notInstalled);
    // Not its message: for a wrong signature, it repeats what was signed, and so the session's token.
    return failed(name);
  }
}

const notInstalled = 'Amazon ECR needs the optional package @aws-sdk/client-ecr; install it';
