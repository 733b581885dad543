/** Bounds the bytes of answers that clients leave unread, in Node.js and in the kernel. */
import type { Socket } from 'node:net';
import { maxUnreadAnswerBytes } from '../limits.ts';
import { findFiles, findQueue, type Queues, readQueues } from './kernel-queues.ts';
import type { Readable } from './read-turns.ts';

export type Sender = Readable & {
  /** How many of the sent bytes the client had read at the last check. */
  readBytes: number;
};

/**
 * Finds the connections to reset when all together have too many unread bytes: those with the most.
 * @param open all connections; updates their `readBytes`
 * @param read called only if enough bytes were sent since the last check to pass the bound
 */
export function findUnread<T extends Sender>(
  open: readonly T[],
  read: (files: Iterable<string>) => Queues = readQueues,
): T[] {
  const possible = open.reduce((sum, one) => sum + countSent(one) - one.readBytes, 0);
  if (possible <= maxUnreadAnswerBytes) return [];
  const queues = read(findFiles(open.map(({ socket }) => socket)));
  const all = open
    .map((one) => ({ one, bytes: findQueue(queues, one.socket) + chooseWriter(one).writableLength }))
    .sort((a, b) => b.bytes - a.bytes);
  let total = all.reduce((sum, { bytes }) => sum + bytes, 0);
  const most: T[] = [];
  for (const { one, bytes } of all) {
    one.readBytes = countSent(one) - bytes;
    if (total <= maxUnreadAnswerBytes) continue;
    total -= bytes;
    most.push(one);
  }
  return most;
}

// --- internal ---

/** With TLS, Node.js writes without the socket below it, which therefore counts nothing. */
const chooseWriter = ({ socket, above }: Sender): Socket => above ?? socket;

const countSent = (one: Sender): number => chooseWriter(one).bytesWritten;
