/**
 * How names are to be asked for, as resolv.conf says; `rotate` c-ares reads from there itself.
 * @see https://man7.org/linux/man-pages/man5/resolv.conf.5.html
 */
import { isIP } from 'node:net';

/** `servers`: none where c-ares finds them better; `timeout` of a question to one, in milliseconds; `attempts` at each. */
export type ResolvConf = {
  servers: readonly string[];
  search: readonly string[];
  ndots: number;
  timeout: number;
  attempts: number;
};

/** What is missing, or malformed, has its default; of several `search` lines, and of options, the last counts. */
export function parseResolvConf(text: string): ResolvConf {
  const servers: string[] = [];
  let search: string[] = [];
  let options: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/[ \t]+/);
    if (keyword === 'nameserver') servers.push(...values.slice(0, 1));
    if (keyword === 'search' || keyword === 'domain') search = values.slice(0, maxSearch).map(withoutLastDot);
    if (keyword === 'options') options = { ...options, ...numbersIn(values) };
  }
  const { ndots = 1, timeout = defaultTimeout, attempts = defaultAttempts } = options;
  return {
    // As there is none in other systems; and a zone, as in fe80::1%eth0, cannot be handed on.
    servers: servers.every(isServer) ? servers : [],
    search: search.filter((domain) => domain !== ''),
    ndots: Math.min(ndots, 15),
    timeout: Math.min(Math.max(timeout, 1), 30) * 1000,
    attempts: Math.min(Math.max(attempts, 1), 5),
  };
}

/**
 * The names to ask for, in their order, as glibc tries them.
 * @see https://sourceware.org/git/?p=glibc.git;a=blob;f=resolv/res_query.c for __res_context_search
 */
export function listNamesToTry(name: string, { search, ndots }: Pick<ResolvConf, 'search' | 'ndots'>): string[] {
  if (name.endsWith('.')) return [withoutLastDot(name)];
  const below = search.map((domain) => `${name}.${domain}`);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [name, ...below] : [...below, name];
}

// --- internal ---

/** As many as Kubernetes lets a pod have. @see https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#dns-search-domain-list-limits */
const maxSearch = 32;

/** In seconds. glibc waits for 5 s, and then the time of most lookups is over: an answer that was lost is asked for again sooner. */
const defaultTimeout = 1;
const defaultAttempts = 3;

/** With a port, it is one in tests. */
const isServer = (text: string) => isIP(text.replace(/^([\d.]+):\d+$/, '$1')) > 0 && !text.includes('%');

const withoutLastDot = (name: string) => name.replace(/\.$/, '');

const numbersIn = (options: readonly string[]) =>
  Object.fromEntries(
    options.flatMap((option) => {
      const [, name, value] = /^(ndots|timeout|attempts):(\d{1,5})$/.exec(option) ?? [];
      return name === undefined ? [] : [[name, Number(value)]];
    }),
  );
