/**
 * Reads how many sent bytes the kernel holds because clients have not read them. Node.js knows only what the kernel has not
 * accepted. The kernel accepts up to 4 MiB for each connection, and they count towards a container's memory limit.
 * @see https://docs.kernel.org/networking/proc_net_tcp.html
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files (memory.stat, sock)
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';
import ipaddr from 'ipaddr.js';

/** Bytes for each connection that has unread ones; see findQueue. */
export type Queues = ReadonlyMap<string, number>;

export const findQueue = (queues: Queues, socket: Socket): number => queues.get(createKey(socket)) ?? 0;

/** The files that have these sockets. A read takes the kernel milliseconds, and a server has sockets in only one of the two. */
export const findFiles = (sockets: readonly Socket[]): Set<string> =>
  new Set(sockets.map(({ remoteAddress }) => (remoteAddress?.includes(':') ? '/proc/net/tcp6' : '/proc/net/tcp')));

/** Reads the queues of all sockets in this network namespace, up to the bound of a file. Empty if there are no such files. */
export function readQueues(files: Iterable<string>): Queues {
  const queues = new Map<string, number>();
  for (const file of files) {
    for (const [, local, remote, queue] of readStart(file).matchAll(entryPattern)) {
      if (queue !== emptyQueue) queues.set(`${local} ${remote}`, Number.parseInt(`${queue}`, 16));
    }
  }
  return queues;
}

// --- internal ---

/** A line has 150 bytes. The network of a node may have more sockets than are worth the time. */
const maxFileCharacters = 1024 * 1024;

/** The local port, the remote address and port, and the bytes that were sent and not read. */
const entryPattern = /^ *\d+: [\dA-F]+:([\dA-F]{4}) ([\dA-F]+:[\dA-F]{4}) [\dA-F]{2} ([\dA-F]{8}):/gm;
const emptyQueue = '00000000';

/** Reads a piece at a time, because most files are short. */
function readStart(file: string): string {
  const piece = Buffer.allocUnsafe(64 * 1024);
  let text = '';
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    for (let size = -1; size !== 0 && text.length < maxFileCharacters; text += piece.toString('latin1', 0, size))
      size = readSync(descriptor, piece, 0, piece.length, null);
  } catch {
    // This is not Linux, or the kernel has no IPv6.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
  return text;
}

/** Writes the ports and the address as the kernel does: an address as words of four bytes, in the byte order of this machine. */
function createKey({ localPort = 0, remoteAddress = '::', remotePort = 0 }: Socket): string {
  const bytes = Buffer.from(ipaddr.parse(remoteAddress).toByteArray());
  if (endianness() === 'LE') bytes.swap32();
  return `${formatPort(localPort)} ${bytes.toString('hex').toUpperCase()}:${formatPort(remotePort)}`;
}

const formatPort = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
