/** The hosts that the settings name: Clockout may connect to them, wherever they are. */
import type { RegistryPlaces } from '../mirrors.ts';

type Target = Pick<URL, 'protocol' | 'hostname' | 'port'>;

export type IsListed = (target: Target) => boolean;

/** An entry with a port is for that port; one without is for all. */
export function createIsListed({
  plainHttp = [],
  mirrors = [],
  trustedRealms = [],
}: Partial<RegistryPlaces>): IsListed {
  const prefixes = mirrors.flatMap(({ prefix, locations }) => [prefix, ...locations]);
  const hosts = prefixes.map((place) => place.split('/')[0] ?? '');
  const listed = new Set([...plainHttp, ...trustedRealms, ...hosts].map(normalize));

  return ({ protocol, hostname, port }) => {
    // undici leaves out the brackets of an IPv6 address.
    const host = /^[^[].*:/.test(hostname) ? `[${hostname}]` : hostname;
    return listed.has(host) || listed.has(`${host}:${port || (protocol === 'https:' ? '443' : '80')}`);
  };
}

// --- internal ---

/** As the host will stand in a URL, but with each port. */
function normalize(entry: string): string {
  const { hostname } = new URL(`https://${entry}`);
  const [port = ''] = /:\d+$/.exec(entry) ?? [];
  return `${hostname}${port}`;
}
