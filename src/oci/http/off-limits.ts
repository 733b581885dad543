/**
 * Addresses to which neither an image's name nor a registry's redirect or realm may send Clockout: its own, and those at which a
 * cloud serves data for its machines only.
 */
import { BlockList, isIP } from 'node:net';
import { embeddedIpv4 } from './embedded-ipv4.ts';

/** @param hostname as in a URL: an address is in one spelling there, and one of IPv6 in brackets */
export function isOffLimitsHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  if (isIP(host) > 0) return isOffLimitsAddress(host);
  return /(^|\.)localhost$/.test(host) || metadataNames.includes(host);
}

/** @param address of a name, or written in its place; IPv6 without brackets, maybe with a zone */
export function isOffLimitsAddress(address: string): boolean {
  const [plain = ''] = address.split('%');
  if (isIP(plain) === 4) return offLimits.check(plain, 'ipv4');
  // The list knows that ::ffff:127.0.0.1 is 127.0.0.1.
  return offLimits.check(plain, 'ipv6') || embeddedIpv4(plain).some((ipv4) => offLimits.check(ipv4, 'ipv4'));
}

// --- internal ---

/** Their addresses are below; but through an HTTP proxy, a name is all that is known. */
const metadataNames = [
  'instance-data', // AWS
  'instance-data.ec2.internal',
  'metadata', // Google Cloud
  'metadata.goog',
  'metadata.google.internal',
  'metadata.tencentyun.com',
];

const offLimits = new BlockList();
offLimits.addSubnet('127.0.0.0', 8, 'ipv4');
offLimits.addSubnet('0.0.0.0', 8, 'ipv4'); // Linux connects to itself
offLimits.addAddress('::1', 'ipv6');
offLimits.addAddress('::', 'ipv6');
offLimits.addSubnet('169.254.0.0', 16, 'ipv4');
offLimits.addSubnet('fe80::', 10, 'ipv6');
offLimits.addAddress('100.100.100.200', 'ipv4'); // Alibaba Cloud
offLimits.addAddress('168.63.129.16', 'ipv4'); // Azure
offLimits.addAddress('192.0.0.192', 'ipv4'); // Oracle Cloud
// https://github.com/canonical/cloud-init/blob/25.1/cloudinit/sources/DataSourceOracle.py
offLimits.addAddress('fd00:c1::a9fe:a9fe', 'ipv6'); // Oracle Cloud
offLimits.addSubnet('fd00:ec2::', 32, 'ipv6'); // AWS: its metadata, time, DNS and credentials of pods
offLimits.addAddress('fd20:ce::254', 'ipv6'); // Google Cloud
offLimits.addAddress('fd00:42::42', 'ipv6'); // Scaleway
offLimits.addAddress('fd00:a9fe:a9fe::1', 'ipv6'); // Akamai (Linode)
