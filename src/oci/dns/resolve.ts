/**
 * Resolves a host name as getaddrinfo does with `files dns` in nsswitch.conf, but without threads. libuv has a few threads
 * for the whole process, and getaddrinfo cannot be cancelled, so a handful of names whose servers do not answer would keep
 * every other name waiting. (A bound for each namespace would not help: enough namespaces take all threads, each for as
 * long as resolv.conf allows.)
 */
import { createRemember } from '../../util/remember.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import { findInHostsFile } from './hosts-file.ts';
import type { QueryDns } from './query-dns.ts';
import { listNamesToTry, parseResolvConf } from './resolv-conf.ts';

/** At least one address; or getaddrinfo's code: the name does not exist, or no name server could say. */
export type Resolved = Result<readonly string[], 'ENOTFOUND' | 'EAI_AGAIN'>;

export type Resolve = (name: string) => Promise<Resolved>;

export type ResolveDeps = {
  /** Rejects for a file that cannot be read, which then counts as empty. */
  readText: (file: string) => Promise<string>;
  queryDns: QueryDns;
  hostsFile: string;
  /** Milliseconds. */
  now: () => number;
  /** How long to remember that a name was not found, in milliseconds. */
  failureMilliseconds: number;
  /** For a name, over all search domains. */
  timeoutMilliseconds: number;
};

/** @returns a function that asks once for all callers with the same name at the same time, and never rejects */
export function createResolve(deps: ResolveDeps): Resolve {
  const { now, failureMilliseconds } = deps;
  const remember = createRemember<Resolved>(failureBounds, now);

  return (given) => {
    const name = given.toLowerCase();
    return remember(name, async () => {
      const value = await find(name, deps);
      return { value, milliseconds: value.ok ? 0 : failureMilliseconds, bytes: failureBytes };
    });
  };
}

// --- internal ---

/** A name has at most 253 characters. */
const failureBytes = 1024;
const failureBounds = { maxEntries: 1000, maxBytes: 1000 * failureBytes };

const loopback = ['127.0.0.1', '::1'];

async function find(name: string, deps: ResolveDeps): Promise<Resolved> {
  const { readText, queryDns, hostsFile, timeoutMilliseconds } = deps;
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  const read = (file: string) => readText(file).catch(() => '');
  const host = name.replace(/\.$/, '');
  const listed = findInHostsFile(await read(hostsFile), host);
  if (listed.length > 0) return ok(listed);
  // https://www.rfc-editor.org/rfc/rfc6761#section-6.3
  if (/(^|\.)localhost$/.test(host)) return ok(loopback);
  const conf = parseResolvConf(await read('/etc/resolv.conf'));
  let isUnknown = true;
  for (const candidate of listNamesToTry(name, conf)) {
    const answer = await queryDns(candidate, conf, signal);
    if (answer.ok) return answer;
    if (answer.problem !== 'no-such-name') isUnknown = false;
    if (answer.problem === 'no-answer' || signal.aborted) break;
  }
  return fail(isUnknown ? 'ENOTFOUND' : 'EAI_AGAIN');
}
