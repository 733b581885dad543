/** Asks name servers for one name. */
import { Resolver } from 'node:dns/promises';
import type { ResolvConf } from './resolv-conf.ts';

/** `failed` is a server's word that it could not find out; `no-answer` is that none said anything. */
export type DnsAnswer =
  | { ok: true; addresses: string[] }
  | { ok: false; reason: 'no-such-name' | 'failed' | 'no-answer' };

export type QueryDns = (
  name: string,
  conf: Pick<ResolvConf, 'servers' | 'timeout' | 'attempts'>,
  signal: AbortSignal,
) => Promise<DnsAnswer>;

/**
 * IPv4 first: where one of the two families does not work, connecting by IPv4 fails, or works, sooner.
 * A resolver is made for each name, as it can only give up all that it was asked.
 */
export const queryDns: QueryDns = async (name, { servers, timeout, attempts }, signal) => {
  const resolver = new Resolver({ timeout, tries: attempts });
  if (servers.length > 0) resolver.setServers([...servers]);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  signal.removeEventListener('abort', cancel);
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (addresses.length > 0) return { ok: true, addresses };
  const codes = answers.map((answer) => (answer.status === 'rejected' ? answer.reason.code : 'ENODATA'));
  if (codes.every((code) => noSuchName.includes(code))) return { ok: false, reason: 'no-such-name' };
  return { ok: false, reason: codes.some((code) => noAnswer.includes(code)) ? 'no-answer' : 'failed' };
};

// --- internal ---

/** @see https://nodejs.org/api/dns.html#error-codes */
const noSuchName = ['ENOTFOUND', 'ENODATA', 'EBADNAME'];
const noAnswer = ['ETIMEOUT', 'ECONNREFUSED', 'ECANCELLED'];
