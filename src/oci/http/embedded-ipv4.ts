/** The IPv4 addresses that an IPv6 address stands for, where packets to it end up at one of those: all but IPv4-mapped ones. */
import ipaddr from 'ipaddr.js';

/**
 * @param address without brackets
 * @returns each that it may stand for, as text: several where the length of a network's own prefix is not known
 */
export function embeddedIpv4(address: string): string[] {
  const parsed = ipaddr.IPv6.parse(address);
  const bytes = parsed.toByteArray();
  return (
    forms
      .filter(({ prefix, zeros = [] }) => parsed.match(prefix) && zeros.every((index) => bytes[index] === 0))
      .map(({ at, mask = 0 }) => at.map((index) => (bytes[index] ?? 0) ^ mask))
      // "This network" is not beyond a translator; in 64:ff9b:1::/48, it is what a wrong reading finds.
      .filter(([first]) => first !== 0)
      .map((octets) => octets.join('.'))
  );
}

// --- internal ---

/** `at`: the four bytes, each combined with `mask` by exclusive or. `zeros`: bytes that must be 0 in that form. */
type Form = { prefix: [ipaddr.IPv6, number]; at: number[]; mask?: number; zeros?: number[] };

const subnet = (text: string): [ipaddr.IPv6, number] => {
  const [address, length] = ipaddr.parseCIDR(text);
  if (address instanceof ipaddr.IPv6) return [address, length];
  throw new Error(`expected a subnet of IPv6, found ${text}`);
};

const last = [12, 13, 14, 15];
const localNat64 = subnet('64:ff9b:1::/48');

/** The network's own prefix may be longer than the /48: an address stands where RFC 6052 puts it after /96, /48, /56 and /64. */
const forms: readonly Form[] = [
  { prefix: subnet('::/96'), at: last }, // IPv4-compatible: https://www.rfc-editor.org/rfc/rfc4291#section-2.5.5
  { prefix: subnet('::ffff:0:0:0/96'), at: last }, // IPv4-translated: https://www.rfc-editor.org/rfc/rfc2765#section-2.1
  { prefix: subnet('64:ff9b::/96'), at: last }, // NAT64: https://www.rfc-editor.org/rfc/rfc6052#section-2.1
  { prefix: localNat64, at: last }, // NAT64: https://www.rfc-editor.org/rfc/rfc8215
  { prefix: localNat64, at: [6, 7, 9, 10], zeros: [8, 11, 12, 13, 14, 15] },
  { prefix: localNat64, at: [7, 9, 10, 11], zeros: [8, 12, 13, 14, 15] },
  { prefix: localNat64, at: [9, 10, 11, 12], zeros: [8, 13, 14, 15] },
  { prefix: subnet('2002::/16'), at: [2, 3, 4, 5] }, // 6to4: https://www.rfc-editor.org/rfc/rfc3056#section-2
  { prefix: subnet('2001::/32'), at: last, mask: 0xff }, // Teredo: https://www.rfc-editor.org/rfc/rfc4380#section-4
];
