/**
 * What the kernel holds of that which was sent and not taken yet. Node.js tells only what the kernel has not accepted, and it
 * accepts up to 4 MiB for each connection, which count in a container's memory limit.
 * @see https://docs.kernel.org/networking/proc_net_tcp.html
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files (memory.stat, sock)
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';
import ipaddr from 'ipaddr.js';

/** In bytes, by `queueOf`'s key. */
export type Queues = ReadonlyMap<string, number>;

export const queueOf = (queues: Queues, socket: Socket): number => queues.get(keyOf(socket)) ?? 0;

/** Of all sockets in this network namespace, as far as the files are read; none where there are no such files. */
export function readQueues(files: readonly string[] = ['/proc/net/tcp', '/proc/net/tcp6']): Queues {
  const queues = new Map<string, number>();
  for (const file of files) {
    for (const [, local, remote, queue] of readStart(file).matchAll(entry)) {
      if (queue !== nothing) queues.set(`${local} ${remote}`, Number.parseInt(`${queue}`, 16));
    }
  }
  return queues;
}

// --- internal ---

/** A line has 150 bytes; a node's network may have more sockets than are worth the time. */
const mostRead = 1024 * 1024;

/** Its ports and its remote address; the queue is that of what was sent. */
const entry = /^ *\d+: [\dA-F]+:([\dA-F]{4}) ([\dA-F]+:[\dA-F]{4}) [\dA-F]{2} ([\dA-F]{8}):/gm;
const nothing = '00000000';

/** A piece at a time, as few files are long. */
function readStart(file: string): string {
  const piece = Buffer.allocUnsafe(64 * 1024);
  let text = '';
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    for (let size = -1; size !== 0 && text.length < mostRead; text += piece.toString('latin1', 0, size))
      size = readSync(descriptor, piece, 0, piece.length, null);
  } catch {
    // Not on Linux, or without IPv6.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
  return text;
}

/** As the kernel writes them: an address as words of four bytes, each as this machine has a number. */
function keyOf({ localPort = 0, remoteAddress = '::', remotePort = 0 }: Socket): string {
  const bytes = Buffer.from(ipaddr.parse(remoteAddress).toByteArray());
  if (endianness() === 'LE') bytes.swap32();
  return `${hex(localPort)} ${bytes.toString('hex').toUpperCase()}:${hex(remotePort)}`;
}

const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
