/**
 * From a host's name to its addresses, as getaddrinfo finds them where nsswitch.conf says `files dns`, but without threads:
 * libuv has a few of them for all of a process, getaddrinfo cannot be cancelled, and so a handful of names whose servers
 * do not answer would keep every other name waiting. (A bound on each namespace's names would not do: enough namespaces
 * take all threads, each for as long as resolv.conf allows.)
 */
import { LRUCache } from 'lru-cache';
import { makeSingleFlight } from '../../util/single-flight.ts';
import { addressesInHosts } from './hosts-file.ts';
import type { QueryDns } from './query-dns.ts';
import { namesToTry, parseResolvConf } from './resolv-conf.ts';

/** At least one address; else a code as getaddrinfo's: there is no such name, or nobody could say whether there is. */
export type Resolved = { ok: true; addresses: readonly string[] } | { ok: false; code: 'ENOTFOUND' | 'EAI_AGAIN' };

export type Resolve = (name: string) => Promise<Resolved>;

export type ResolveDeps = {
  /** Rejects for a file that cannot be read, which is then taken for empty. */
  readText: (file: string) => Promise<string>;
  queryDns: QueryDns;
  hostsFile: string;
  /** Milliseconds. */
  now: () => number;
  /** How long a name is not asked for again after it was not found, in milliseconds. */
  failureMilliseconds: number;
  /** How long a name may take, over all domains that it is looked for in. */
  timeoutMilliseconds: number;
};

/** @returns what asks once for all who want the same name at the same time, and never rejects */
export function makeResolve(deps: ResolveDeps): Resolve {
  const { now, failureMilliseconds } = deps;
  const failures = new LRUCache<string, { failed: Resolved; until: number }>({ max: maxFailures });
  const fly = makeSingleFlight<Resolved>();

  return (given) => {
    const name = given.toLowerCase();
    const known = failures.get(name);
    if (known && now() < known.until) return Promise.resolve(known.failed);
    return fly(name, async () => {
      const resolved = await find(name, deps);
      if (!resolved.ok) failures.set(name, { failed: resolved, until: now() + failureMilliseconds });
      return resolved;
    });
  };
}

// --- internal ---

/** A name has 253 characters at most. */
const maxFailures = 1000;

const loopback = ['127.0.0.1', '::1'];

async function find(name: string, deps: ResolveDeps): Promise<Resolved> {
  const { readText, queryDns, hostsFile, timeoutMilliseconds } = deps;
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  const read = (file: string) => readText(file).catch(() => '');
  const host = name.replace(/\.$/, '');
  const listed = addressesInHosts(await read(hostsFile), host);
  if (listed.length > 0) return { ok: true, addresses: listed };
  // https://www.rfc-editor.org/rfc/rfc6761#section-6.3
  if (/(^|\.)localhost$/.test(host)) return { ok: true, addresses: loopback };
  const conf = parseResolvConf(await read('/etc/resolv.conf'));
  let isUnknown = true;
  for (const candidate of namesToTry(name, conf)) {
    const answer = await queryDns(candidate, conf, signal);
    if (answer.ok) return answer;
    if (answer.reason !== 'no-such-name') isUnknown = false;
    if (answer.reason === 'no-answer' || signal.aborted) break;
  }
  return { ok: false, code: isUnknown ? 'ENOTFOUND' : 'EAI_AGAIN' };
}
