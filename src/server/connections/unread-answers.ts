/** Bounds what clients leave unread of their answers: what Node.js holds of it, and what the kernel does. */
import type { Socket } from 'node:net';
import { mostUnread, worthALook } from '../limits.ts';
import { type Queues, queueOf, readQueues } from './kernel-queues.ts';
import type { Readable } from './read-turns.ts';

export type Sender = Readable & {
  /** How many of the bytes that were sent its client had taken when last looked at. */
  taken: number;
};

/**
 * @param open all connections; notes what they have taken
 * @param read is called only where so much was sent lately that it could matter
 * @returns those to reset: of too much in all, who has left most
 */
export function leftUnread<T extends Sender>(open: readonly T[], read: () => Queues = readQueues): T[] {
  const sent = open.reduce((sum, one) => sum + sentOn(one) - one.taken, 0);
  if (sent <= worthALook) return [];
  const queues = read();
  const all = open
    .map((one) => ({ one, bytes: queueOf(queues, one.socket) + writer(one).writableLength }))
    .sort((a, b) => b.bytes - a.bytes);
  let total = all.reduce((sum, { bytes }) => sum + bytes, 0);
  const most: T[] = [];
  for (const { one, bytes } of all) {
    one.taken = sentOn(one) - bytes;
    if (total <= mostUnread) continue;
    total -= bytes;
    most.push(one);
  }
  return most;
}

// --- internal ---

/** The socket below TLS is passed by. */
const writer = ({ socket, above }: Sender): Socket => above ?? socket;

const sentOn = (one: Sender): number => writer(one).bytesWritten;
