/** What all lookups of a process share: connections, whom to trust, and which way to go. */
import { readFile } from 'node:fs/promises';
import type { LookupFunction } from 'node:net';
// As a whole: the command line loads this file with Node.js 20.0, too, which does not have all of it.
import tls from 'node:tls';
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { createLimiter, type Leave } from '../util/limiter.ts';
import { queryDns } from './dns/query-dns.ts';
import { createResolve, type Resolve } from './dns/resolve.ts';
import { createCheckedLookup, createConnector } from './http/connector.ts';
import { createIsListed, type IsListed } from './http/listed-hosts.ts';
import { bypassesProxy, type ProxySettings } from './http/proxy.ts';
import type { RegistryPlaces } from './mirrors.ts';

export type RegistrySettings = Partial<RegistryPlaces> & {
  /** Certificates in PEM, trusted beside the system's own. */
  ca?: readonly string[];
  proxy?: ProxySettings;
  /** In place of this machine's own way to resolve names. */
  resolve?: Resolve;
  /** How long a name that was not found is not asked for again, in milliseconds. */
  failureMilliseconds?: number;
  /** Milliseconds; most lookups have less. After this time, a connection is closed if no lookup waits for it. */
  connectTimeout?: number;
};

export type RegistryClient = {
  settings: RegistrySettings;
  /** What sends a request to this URL: straight, or through a proxy. */
  dispatcherFor: (url: URL) => Dispatcher;
  /** Whether the settings name the host: then it may be anywhere. */
  isListed: IsListed;
  /** In place of dns.lookup, for other clients of hosts that are named in pods. */
  lookup: LookupFunction;
  /** Waits for one of the places for large bodies, so that not all that registries send is in memory. @returns undefined if the signal comes first */
  enterLargeBody: (signal: AbortSignal) => Promise<Leave | undefined>;
  /** The same client, with the places that there are for that namespace. */
  onBehalfOf: (namespace: string) => RegistryClient;
  close: () => Promise<void>;
};

/**
 * One for each process; a new one where the settings or the CA have changed.
 * @throws for a proxy address that cannot be used
 */
export function createRegistryClient(settings: RegistrySettings = {}): RegistryClient {
  const { ca = [], proxy = {}, connectTimeout = 5000, failureMilliseconds = 0 } = settings;
  const { resolve = resolveHere(failureMilliseconds, connectTimeout) } = settings;
  const isListed = createIsListed(settings);
  // Made once, and only where it is needed: reading the system's certificates takes longer than many handshakes.
  const trust = ca.length > 0 ? { ca: [...tls.getCACertificates('default'), ...ca] } : {};
  const secureContext = tls.createSecureContext(trust);
  const connect = { secureContext, timeout: connectTimeout, allowH2: false };
  // How many connections there are to a host, the bounds on lookups say: a bound here would have no share for each namespace.
  const direct = new Agent({ connect: createConnector(connect, resolve, isListed) });
  const through = (scheme: 'http' | 'https') => {
    const given = proxy[scheme];
    if (!given) return direct;
    const uri = parseProxy(given, scheme);
    // Its answer to CONNECT is a part of connecting: by itself, undici would wait for it for five minutes.
    const clientFactory = (origin: URL, given: object) =>
      new Pool(origin, { ...given, headersTimeout: connectTimeout });
    // The proxy resolves names, and connects where it will; its own name is nothing that a pod could choose.
    return new ProxyAgent({
      uri,
      requestTls: connect,
      proxyTls: connect,
      connectTimeout,
      clientFactory,
      allowH2: false,
    });
  };
  const [http, https] = [through('http'), through('https')];
  const enterLargeBody = createLimiter(largeBodies);
  const onBehalfOf = (namespace: string): RegistryClient => ({
    settings,
    dispatcherFor: (url) => (bypassesProxy(url, proxy.no ?? '') ? direct : url.protocol === 'https:' ? https : http),
    isListed,
    lookup: createCheckedLookup(resolve),
    enterLargeBody: (signal) => enterLargeBody({ party: namespace, signal }),
    onBehalfOf,
    // Not close(): that waits for registries that may never answer.
    close: async () => {
      await Promise.all([direct, http, https].map((dispatcher) => dispatcher.destroy()));
    },
  });
  return onBehalfOf('');
}

// --- internal ---

/** At a time, and of one namespace; each has up to 4 MiB. A slow one keeps its place for as long as its lookup may take. */
const largeBodies = { places: 4, share: 1 };

const resolveHere = (failureMilliseconds: number, timeoutMilliseconds: number): Resolve =>
  createResolve({
    readText: (file) => readFile(file, 'utf8'),
    queryDns,
    hostsFile: process.platform === 'win32' ? `${process.env.SystemRoot}/System32/drivers/etc/hosts` : '/etc/hosts',
    now: () => performance.now(),
    failureMilliseconds,
    timeoutMilliseconds,
  });

/** @throws without the address, which may hold a password */
function parseProxy(address: string, scheme: string): string {
  const url = URL.parse(address.includes('://') ? address : `http://${address}`);
  if (url && /^https?:$/.test(url.protocol)) return url.href;
  throw new Error(`expected an http or https URL as the proxy for ${scheme}, and found something else`);
}
