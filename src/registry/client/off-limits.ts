/** Where no registry may send us, by a redirect or for a token: to ourselves, or to what a cloud tells only its machines. */
import { BlockList } from 'node:net';

/** @param from the registry, which may well be there itself */
export function isOffLimits(to: URL, from: URL): boolean {
  if (to.hostname === from.hostname) return false;
  return isLinkLocal(to) || (isLoopback(to) && !isLoopback(from));
}

// --- internal ---

const isLinkLocal = ({ hostname }: URL) =>
  /^metadata\.google\.internal\.?$/.test(hostname) || includes(linkLocal, hostname);

const isLoopback = ({ hostname }: URL) => /(^|\.)localhost\.?$/.test(hostname) || includes(loopback, hostname);

/** URLs have addresses in one spelling, and those of IPv6 in brackets. */
const includes = (list: BlockList, hostname: string) =>
  hostname.startsWith('[') ? list.check(hostname.slice(1, -1), 'ipv6') : list.check(hostname, 'ipv4');

const linkLocal = new BlockList();
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4');
linkLocal.addAddress('100.100.100.200', 'ipv4'); // Alibaba Cloud
linkLocal.addAddress('168.63.129.16', 'ipv4'); // Azure
linkLocal.addSubnet('fe80::', 10, 'ipv6');
linkLocal.addAddress('fd00:ec2::254', 'ipv6'); // AWS

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addSubnet('0.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');
loopback.addAddress('::', 'ipv6');
