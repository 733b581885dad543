/** A name server on loopback that says what a test wants, or nothing. @see https://www.rfc-editor.org/rfc/rfc1035#section-4 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';

/** Addresses (none: the name has none of that family), a code such as 3 for NXDOMAIN, or no answer. */
export type Said = readonly string[] | 2 | 3 | 'nothing';

export type DnsServer = { address: string; asked: string[]; close: () => Promise<void> };

/** @param say by name, in lower case, and type */
export async function startDnsServer(
  say: (name: string, type: 'A' | 'AAAA') => Said,
  { port = 0, host = '127.0.0.1' } = {},
): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, from) => {
    const { name, type, question } = read(query);
    asked.push(`${type} ${name}`);
    const said = say(name, type);
    if (said === 'nothing') return;
    const records = (typeof said === 'number' ? [] : said).filter((ip) => isIP(ip) === (type === 'A' ? 4 : 6));
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | (typeof said === 'number' ? said : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    socket.send(Buffer.concat([header, question, ...records.map(record)]), from.port, from.address);
  });
  socket.bind(port, host);
  await once(socket, 'listening');
  return {
    address: `${host}:${socket.address().port}`,
    asked,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

// --- internal ---

function read(query: Buffer): { name: string; type: 'A' | 'AAAA'; question: Buffer } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1) === 28 ? 'AAAA' : 'A';
  return { name: labels.join('.').toLowerCase(), type, question: query.subarray(12, at + 5) };
}

/** Its name is that of the question; it may be kept for no time at all. */
function record(ip: string): Buffer {
  const data = isIP(ip) === 4 ? Buffer.from(ip.split('.').map(Number)) : ipv6(ip);
  const head = Buffer.from([0xc0, 12, 0, isIP(ip) === 4 ? 1 : 28, 0, 1, 0, 0, 0, 0, 0, data.length]);
  return Buffer.concat([head, data]);
}

function ipv6(ip: string): Buffer {
  const [before = '', after] = ip.split('::');
  const groups = (text: string) => text.split(':').filter((group) => group !== '');
  const [left, right] = [groups(before), groups(after ?? '')];
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  const data = Buffer.alloc(16);
  all.forEach((group, i) => void data.writeUInt16BE(Number.parseInt(group, 16), 2 * i));
  return data;
}
