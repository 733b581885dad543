import { describe, expect, it } from 'vitest';
import { isOffLimitsAddress, isOffLimitsHost } from '../../../src/oci/http/off-limits.ts';

const hostnameOf = (host: string) => new URL(`https://${host}`).hostname;

/** Bytes of an IPv4 address as two groups of IPv6, as in a9fe:a9fe. */
const hex = (ipv4: string) => {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
};
const inverted = (ipv4: string) =>
  hex(
    ipv4
      .split('.')
      .map((octet) => `${255 - Number(octet)}`)
      .join('.'),
  );

/** The ways in which an address of IPv6 says one of IPv4. */
const forms: [string, (ipv4: string) => string][] = [
  ['IPv4-mapped', (ipv4) => `::ffff:${ipv4}`],
  ['IPv4-mapped, in hexadecimal', (ipv4) => `::ffff:${hex(ipv4)}`],
  ['IPv4-compatible', (ipv4) => `::${hex(ipv4)}`],
  ['IPv4-translated', (ipv4) => `::ffff:0:${hex(ipv4)}`],
  ['NAT64', (ipv4) => `64:ff9b::${hex(ipv4)}`],
  ['local NAT64 of /96', (ipv4) => `64:ff9b:1::${hex(ipv4)}`],
  ['local NAT64 of another /96', (ipv4) => `64:ff9b:1:fffe:1:2:${hex(ipv4)}`],
  ['local NAT64 of /48', (ipv4) => asInRfc6052('64:ff9b:1', 48, ipv4)],
  ['local NAT64 of /56', (ipv4) => asInRfc6052('64:ff9b:1:ab00', 56, ipv4)],
  ['local NAT64 of /64', (ipv4) => asInRfc6052('64:ff9b:1:abcd', 64, ipv4)],
  ['6to4', (ipv4) => `2002:${hex(ipv4)}::`],
  ['6to4 with a host', (ipv4) => `2002:${hex(ipv4)}:1::5`],
  ['Teredo', (ipv4) => `2001:0:1:2:3:4:${inverted(ipv4)}`],
];

/** @see https://www.rfc-editor.org/rfc/rfc6052#section-2.2 */
function asInRfc6052(prefix: string, length: number, ipv4: string): string {
  const bytes = Array<number>(16).fill(0);
  prefix.split(':').forEach((group, i) => {
    const value = Number.parseInt(group, 16);
    bytes[2 * i] = value >> 8;
    bytes[2 * i + 1] = value & 0xff;
  });
  let at = length / 8;
  for (const octet of ipv4.split('.').map(Number)) {
    if (at === 8) at++;
    bytes[at++] = octet;
  }
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  return groups.join(':');
}

const metadata = [
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:c1::a9fe:a9fe',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  'fd00:42::42',
  'fd00:a9fe:a9fe::1',
];
const loopback = ['127.0.0.1', '127.255.255.254', '0.0.0.0', '::1', '::'];
const linkLocal = ['169.254.0.1', 'fe80::1', 'fe80::1%eth0', 'febf::1'];
const harmless = [
  '10.0.0.1',
  '192.168.0.1',
  '172.16.0.1',
  '126.255.255.255',
  '128.0.0.1',
  '169.253.255.255',
  '100.100.100.201',
  '192.0.0.193',
  '203.0.113.7',
  '2001:db8::1',
  'fd00::1',
  'fec0::1',
  'fd00:42::43',
];

describe('an address is off limits', () => {
  it.each([...metadata, ...loopback, ...linkLocal])('%s', (address) => expect(isOffLimitsAddress(address)).toBe(true));

  describe.each(forms)('in the form %s', (_, form) => {
    it.each(['169.254.169.254', '127.0.0.1', '100.100.100.200', '192.0.0.192'])('%s', (ipv4) =>
      expect(isOffLimitsAddress(form(ipv4))).toBe(true),
    );
  });
});

describe('an address is not off limits', () => {
  it.each(harmless)('%s', (address) => expect(isOffLimitsAddress(address)).toBe(false));

  describe.each(forms)('in the form %s', (_, form) => {
    it.each(['10.0.0.1', '192.168.1.0', '8.8.8.8', '203.0.113.7'])('%s', (ipv4) =>
      expect(isOffLimitsAddress(form(ipv4))).toBe(false),
    );
  });
});

describe('a host is off limits', () => {
  it.each([
    '127.0.0.1:8080',
    '127.1',
    '2130706433',
    '0x7f.1',
    '0',
    '[::1]',
    'localhost:9090',
    'LOCALHOST',
    'a.localhost.',
    '169.254.169.254',
    '169.254.169.254.',
    '2852039166',
    '0xa9fea9fe',
    '0xa9.0xfe.0xa9.0xfe',
    '0251.0376.0251.0376',
    '169.254.43518',
    '１６９.２５４.１６９.２５４',
    '169。254。169。254',
    '[::ffff:169.254.169.254]',
    '[0:0:0:0:0:ffff:a9fe:a9fe]',
    '[64:ff9b::169.254.169.254]',
    '[2002:a9fe:a9fe::]',
    'metadata',
    'metadata.',
    'metadata.goog',
    'METADATA.GOOG.',
    'ｍetadata.google.internal',
    'metadata.google.internal.',
    'instance-data',
    'instance-data.ec2.internal',
  ])('%s', (host) => expect(isOffLimitsHost(hostnameOf(host))).toBe(true));
});

describe('a host is not off limits', () => {
  it.each([
    'registry.example.com',
    'storage.example',
    '10.0.0.1',
    '[fd00::1]',
    '[64:ff9b::10.0.0.1]',
    'notlocalhost',
    'localhost.example.com',
    '127.0.0.1.example',
    'metadata.example.com',
    'notmetadata.goog',
  ])('%s', (host) => expect(isOffLimitsHost(hostnameOf(host))).toBe(false));
});
