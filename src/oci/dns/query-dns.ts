/** Asks name servers for one name. */
import { Resolver } from 'node:dns/promises';
import { fail, ok, type Result } from '../../util/result.ts';
import type { ResolvConf } from './resolv-conf.ts';

/** `failed`: a name server answered that it could not find out; `no-answer`: no name server answered. */
export type DnsAnswer = Result<string[], 'no-such-name' | 'failed' | 'no-answer'>;

export type QueryDns = (
  name: string,
  conf: Pick<ResolvConf, 'servers' | 'timeout' | 'attempts'>,
  signal: AbortSignal,
) => Promise<DnsAnswer>;

/**
 * IPv4 comes first: if one of the two families does not work, connecting by IPv4 fails, or works, sooner.
 * Each name has a resolver of its own, because a resolver can only cancel all of its queries.
 */
export const queryDns: QueryDns = async (name, { servers, timeout, attempts }, signal) => {
  const resolver = new Resolver({ timeout, tries: attempts });
  if (servers.length > 0) resolver.setServers([...servers]);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  signal.removeEventListener('abort', cancel);
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (addresses.length > 0) return ok(addresses);
  const codes = answers.map((answer) => (answer.status === 'rejected' ? answer.reason.code : 'ENODATA'));
  if (codes.every((code) => noSuchName.includes(code))) return fail('no-such-name');
  return fail(codes.some((code) => noAnswer.includes(code)) ? 'no-answer' : 'failed');
};

// --- internal ---

/** @see https://nodejs.org/api/dns.html#error-codes */
const noSuchName = ['ENOTFOUND', 'ENODATA', 'EBADNAME'];
const noAnswer = ['ETIMEOUT', 'ECONNREFUSED', 'ECANCELLED'];
