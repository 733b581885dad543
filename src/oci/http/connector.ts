/** Connects only to addresses that were checked: a name is resolved once, for the check and for the connection. */
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { Resolve } from '../dns/resolve.ts';
import type { IsListed } from './listed-hosts.ts';
import { isOffLimitsAddress, isOffLimitsHost } from './off-limits.ts';

export const offLimitsCode = 'ERR_OFF_LIMITS';

/**
 * @param options how to connect: certificates and times
 * @param isListed whether the settings name a host, which may then be anywhere
 */
export function createConnector(
  options: buildConnector.BuildOptions,
  resolve: Resolve,
  isListed: IsListed,
): buildConnector.connector {
  const anywhere = buildConnector({ ...options, lookup: createLookup(resolve, () => false) });
  const checked = buildConnector({ ...options, lookup: createCheckedLookup(resolve) });
  return (target, callback) => {
    if (isListed(target)) return anywhere(target, callback);
    // An address is not looked up, so it is checked here.
    if (isOffLimitsHost(target.hostname)) return callback(offLimitsError(target.hostname), null);
    checked(target, callback);
  };
}

/** In place of dns.lookup, for sockets: it fails if any address of the name is off limits. */
export const createCheckedLookup = (resolve: Resolve): LookupFunction => createLookup(resolve, isOffLimitsAddress);

// --- internal ---

const failure = (code: string, message: string) => Object.assign(new Error(message), { code });

const offLimitsError = (host: string) =>
  failure(offLimitsCode, `${host} is a loopback, link-local or metadata address`);

function createLookup(resolve: Resolve, isRefused: (address: string) => boolean): LookupFunction {
  return (name, { all = false, family = 0 }, callback) => {
    const give = (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => {
      const [first = { address: '', family: 0 }] = found;
      if (all) callback(error, found);
      else callback(error, first.address, first.family);
    };
    void resolve(name).then((resolved) => {
      if (!resolved.ok) return give(failure(resolved.problem, `${name} was not found`), []);
      if (resolved.value.some(isRefused)) return give(offLimitsError(name), []);
      const found = resolved.value.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      const wanted = found.filter((each) => [0, each.family, `IPv${each.family}`].includes(family));
      return wanted.length > 0 ? give(null, wanted) : give(failure('ENOTFOUND', `${name} was not found`), []);
    });
  };
}
