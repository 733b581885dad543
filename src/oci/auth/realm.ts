/** Which token server may be asked, and told a registry's credentials. A registry names it itself, so it is checked first. */
import { getDomain } from 'tldts';
import type { Source } from '../mirrors.ts';

/**
 * A realm is trusted if it is spoken to like its registry (https, but for a registry on plain http), and belongs to the
 * registry: the same host, the same registrable domain, one known to serve it, or one that the settings name.
 * One that is told nothing of who asks need not belong to the registry: so it is with names that stand for another registry.
 * @param trusted hosts from the settings
 * @see https://distribution.github.io/distribution/spec/auth/token/
 */
export function checkRealm(
  realm: string,
  { origin }: Source,
  trusted: readonly string[],
  isTold: boolean,
): { ok: true; url: URL } | { ok: false; reason: string } {
  const url = URL.parse(realm);
  if (!url) return { ok: false, reason: 'which is no URL' };
  const registry = new URL(origin);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && registry.protocol === 'http:'))
    return { ok: false, reason: 'which is not https' };
  if (url.username || url.password) return { ok: false, reason: 'which names a user' };
  if (url.hostname === registry.hostname) return { ok: true, url };
  const known = knownRealms.some(([from, to]) => from.test(registry.hostname) && to.test(url.hostname));
  if (!isTold || known || trusted.includes(url.hostname) || trusted.includes(url.host)) return { ok: true, url };
  return sameDomain(url.hostname, registry.hostname)
    ? { ok: true, url }
    : { ok: false, reason: `which does not belong to ${registry.hostname}` };
}

// --- internal ---

/** Registries whose token server has another domain than they, or one that they share with others. */
const knownRealms: readonly [registry: RegExp, realm: RegExp][] = [
  [/\.scw\.cloud$/, /^api\.scaleway\.com$/], // https://github.com/apple/container/issues/2268
  [/\.aliyuncs\.com$/, /^dockerauth(-ee)?\.[a-z0-9-]+\.aliyuncs\.com$/],
];

/**
 * By the public suffix list with its private part, in which clouds and hosters enter what they give to their customers: two
 * names below amazonaws.com or github.io may be two owners'. So may two names of one cluster, whatever its domain is called.
 * @see https://publicsuffix.org/list/ and https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
 */
function sameDomain(a: string, b: string): boolean {
  if ([a, b].some((host) => inCluster.test(host) || ofCustomers.test(host))) return false;
  const [first, second] = [a, b].map((host) => getDomain(host, { allowPrivateDomains: true }));
  return typeof first === 'string' && first === second;
}

const inCluster = /\.(svc|pod)(\.|$)|\.cluster\.local\.?$/;

/** Domains whose names belong to customers, which the list has not, or has in parts. */
const ofCustomers = /\.(amazonaws\.com(\.cn)?|azurecr\.(io|cn|us)|aliyuncs\.com)\.?$/;
