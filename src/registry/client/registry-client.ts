/** What all lookups of a process share: connections, whom to trust, and which way to go. */
import { createSecureContext, getCACertificates } from 'node:tls';
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { asksDirectly, type ProxySettings } from './proxy.ts';
import type { RegistryPlaces } from './sources.ts';
import { type Enter, makeTurns } from './turns.ts';

export type RegistrySettings = Partial<RegistryPlaces> & {
  /** Certificates in PEM, trusted beside the system's own. */
  ca?: readonly string[];
  proxy?: ProxySettings;
  /** To each host at a time. */
  connections?: number;
  /** Milliseconds; most lookups have less. After it a connection that nobody waits for any more is given up. */
  connectTimeout?: number;
};

export type RegistryClient = {
  settings: RegistrySettings;
  /** What sends a request to this URL: straight, or through a proxy. */
  dispatcherFor: (url: URL) => Dispatcher;
  /** Whatever many registries send at a time, not all of it is in memory. */
  enterLargeBody: Enter;
  close: () => Promise<void>;
};

/**
 * One for each process; a new one where the settings or the CA have changed.
 * @throws for a proxy that is none
 */
export function makeRegistryClient(settings: RegistrySettings = {}): RegistryClient {
  const { ca = [], proxy = {}, connections = 8, connectTimeout = 5000 } = settings;
  // Made once, and only where it is needed: reading the system's certificates takes longer than many handshakes.
  const trust = ca.length > 0 ? { ca: [...getCACertificates('default'), ...ca] } : {};
  const secureContext = createSecureContext(trust);
  const connect = { secureContext, timeout: connectTimeout };
  const options = { connect, connections, allowH2: false };
  const direct = new Agent(options);
  const through = (scheme: 'http' | 'https') => {
    const given = proxy[scheme];
    if (!given) return direct;
    const uri = parseProxy(given, scheme);
    // Its answer to CONNECT is a part of connecting: by itself, undici would wait for it for five minutes.
    const clientFactory = (origin: URL, given: object) =>
      new Pool(origin, { ...given, headersTimeout: connectTimeout });
    return new ProxyAgent({ ...options, uri, requestTls: connect, proxyTls: connect, connectTimeout, clientFactory });
  };
  const [http, https] = [through('http'), through('https')];
  return {
    settings,
    dispatcherFor: (url) => (asksDirectly(url, proxy.no ?? '') ? direct : url.protocol === 'https:' ? https : http),
    enterLargeBody: makeTurns(largeBodies),
    // Not close(): that waits for registries that may never answer.
    close: async () => {
      await Promise.all([direct, http, https].map((dispatcher) => dispatcher.destroy()));
    },
  };
}

// --- internal ---

/** At a time, of up to 4 MiB each. */
const largeBodies = 4;

/** @throws without the address, which may hold a password */
function parseProxy(address: string, scheme: string): string {
  const url = URL.parse(address.includes('://') ? address : `http://${address}`);
  if (url && /^https?:$/.test(url.protocol)) return url.href;
  throw new Error(`expected an http or https URL as the proxy for ${scheme}, and found something else`);
}
