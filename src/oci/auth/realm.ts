/** Which token server may receive a registry's credentials. The registry names it, so it is checked first. */
import { getDomain } from 'tldts';
import { fail, ok, type Result } from '../../util/result.ts';
import type { RegistryHost } from '../mirrors.ts';

/**
 * A realm is trusted if it uses https (or http, for a registry on plain http), and belongs to the registry: it has the same
 * host or registrable domain, is known to serve it, or is named in the settings. Without credentials it need not belong to
 * the registry, because some registry names only stand for another registry.
 * @param trusted hosts from the settings
 * @returns the URL, or what is wrong with it, to stand after its name in a sentence
 * @see https://distribution.github.io/distribution/spec/auth/token/
 */
export function checkRealm(
  realm: string,
  { origin }: RegistryHost,
  trusted: readonly string[],
  sendsCredential: boolean,
): Result<URL, string> {
  const url = URL.parse(realm);
  if (!url) return fail('which is not a URL');
  const registry = new URL(origin);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && registry.protocol === 'http:'))
    return fail('which is not https');
  if (url.username || url.password) return fail('which names a user');
  if (url.hostname === registry.hostname) return ok(url);
  const known = knownRealms.some(([from, to]) => from.test(registry.hostname) && to.test(url.hostname));
  if (!sendsCredential || known || trusted.includes(url.hostname) || trusted.includes(url.host)) return ok(url);
  return sameDomain(url.hostname, registry.hostname) ? ok(url) : fail(`which does not belong to ${registry.hostname}`);
}

// --- internal ---

/** Registries whose token server has another domain, or one that it shares with others. */
const knownRealms: readonly [registry: RegExp, realm: RegExp][] = [
  [/\.scw\.cloud$/, /^api\.scaleway\.com$/], // https://github.com/apple/container/issues/2268
  // Not oss-REGION: a customer's bucket can be called dockerauth.
  [/\.aliyuncs\.com$/, /^dockerauth(-ee)?\.(?!oss-)[a-z0-9-]+\.aliyuncs\.com$/],
];

/**
 * By the public suffix list with its private part, where clouds and hosters enter the domains of their customers: two names
 * below amazonaws.com or github.io may have two owners, and so may two names of one cluster.
 * @see https://publicsuffix.org/list/ and https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
 */
function sameDomain(a: string, b: string): boolean {
  if ([a, b].some((host) => inCluster.test(host) || ofCustomers.test(host))) return false;
  const [first, second] = [a, b].map((host) => getDomain(host, { allowPrivateDomains: true }));
  return typeof first === 'string' && first === second;
}

const inCluster = /\.(svc|pod)(\.|$)|\.(cluster\.local|consul)\.?$/;

/** Domains whose names belong to customers, or to whoever has the address in the name; the list lacks them, at least in part. */
const ofCustomers =
  /\.(amazonaws\.com(\.cn)?|azurecr\.(io|cn|us)|cloudapp\.azure\.com|azurecontainerapps\.io|aliyuncs\.com|appdomain\.cloud|openshiftapps\.com|nip\.io|sslip\.io)\.?$/;
