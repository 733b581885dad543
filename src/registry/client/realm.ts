/** Which token server may be asked, and told a registry's credentials. A registry names it itself, so it is checked first. */
import { isOffLimits } from './off-limits.ts';
import type { Source } from './sources.ts';

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
  if (isOffLimits(url, registry)) return { ok: false, reason: 'which is a loopback, link-local or metadata address' };
  const known = knownRealms.some(([domain, host]) => registry.hostname.endsWith(domain) && url.hostname === host);
  if (!isTold || known || trusted.includes(url.hostname) || trusted.includes(url.host)) return { ok: true, url };
  return sameDomain(url.hostname, registry.hostname)
    ? { ok: true, url }
    : { ok: false, reason: `which does not belong to ${registry.hostname}` };
}

// --- internal ---

/** Registries whose token server has another domain than they. */
const knownRealms = [
  ['.scw.cloud', 'api.scaleway.com'], // https://github.com/apple/container/issues/2268
] as const;

const sameDomain = (a: string, b: string) => isName(a) && isName(b) && domainOf(a) === domainOf(b);

const isName = (hostname: string) => hostname.includes('.') && !/^\[|^[\d.]+$/.test(hostname);

/** The last two labels, or three below such as co.uk: near enough to the public suffix list for a host that the registry names itself. */
function domainOf(hostname: string): string {
  const labels = hostname.replace(/\.$/, '').split('.');
  const [second = '', top = ''] = labels.slice(-2);
  return labels.slice(top.length === 2 && sharedSecondLevels.has(second) ? -3 : -2).join('.');
}

const sharedSecondLevels = new Set(['ac', 'co', 'com', 'edu', 'go', 'gob', 'gov', 'gouv', 'ne', 'net', 'or', 'org']);
