import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createRequestError, createTooManyBytesError } from '../errors.ts';
import { graceMilliseconds, maxArrivalMilliseconds, paceBytesPerSecond } from '../limits.ts';
import { isTooFine, smallPieceBytes } from './pieces.ts';
import type { Room, Wish } from './room.ts';

/** The body of a request; tests use other streams. */
type Body = Readable & Partial<Pick<IncomingMessage, 'socket'>>;

/**
 * @param room the room that bodies take; a slow body gives it back while others wait
 * @returns a function that reads a stream to its end into one buffer, but no more bytes than its room has; it throws an error to
 *   answer with
 */
export function createBodyCollector(
  room: Pick<Room, 'isShort' | 'chooseToYield'>,
): (stream: Body, place: Wish) => Promise<Buffer> {
  const watch = createWatch(room);

  return (stream, place) =>
    new Promise((resolve, reject) => {
      const length = place.bytes;
      const body = createGrowingBuffer(length);
      const giveUp = () => fail(createRequestError(408, 'The body arrived too slowly, while others waited.'));
      // Most bodies arrive within this turn. To put each of them into a long-lived list would make garbage collection expensive.
      let leave = () => {};
      const later = setImmediate(() => {
        leave = watch(place, { arrived: body.size, giveUp });
      });
      const fail = (error: Error) => {
        stop();
        // Node.js would go on parsing what has already arrived, even in pieces of a byte.
        stream.socket?.pause();
        reject(error);
      };
      const onData = (chunk: Buffer) => {
        if (isTooFine(stream)) fail(createRequestError(400, tooFine));
        else if (!body.add(chunk)) fail(createTooManyBytesError(length));
      };
      const onEnd = () => {
        unwatch();
        resolve(body.whole());
      };
      const onError = () => fail(createRequestError(400, 'The body ended before it was complete.'));
      const unwatch = () => {
        clearImmediate(later);
        leave();
      };
      const stop = () => {
        unwatch();
        stream.off('data', onData).off('end', onEnd).off('error', onError).pause();
      };
      stream.on('data', onData).on('end', onEnd).on('error', onError);
    });
}

// --- internal ---

const tooFine = `The body comes in pieces of less than ${smallPieceBytes} bytes; send it in larger ones.`;

/** One buffer, because a list of chunks would need a hundred bytes for each, and a chunk may have one byte. An ordinary body is one chunk. */
function createGrowingBuffer(maxBytes: number) {
  let buffer: Buffer | undefined;
  let used = 0;
  return {
    /** @returns false if the chunk does not fit */
    add: (chunk: Buffer): boolean => {
      const needed = used + chunk.length;
      if (needed > maxBytes) return false;
      if (buffer === undefined) buffer = chunk;
      else {
        if (needed > buffer.length) buffer = grow(buffer, needed, maxBytes);
        chunk.copy(buffer, used);
      }
      used = needed;
      return true;
    },
    size: () => used,
    whole: () => (buffer ?? Buffer.alloc(0)).subarray(0, used),
  };
}

function grow(buffer: Buffer, needed: number, maxBytes: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.min(maxBytes, Math.max(2 * buffer.length, needed)));
  buffer.copy(larger);
  return larger;
}

type Arriving = { arrived: () => number; giveUp: () => void };

/**
 * Uses one timer for all bodies: a timer for each would cost as much as reading a small body.
 * @returns a function that watches a body, calls `giveUp` once it is too slow for those that wait, and returns a function that ends this
 */
function createWatch({ isShort, chooseToYield }: Pick<Room, 'isShort' | 'chooseToYield'>) {
  const arriving = new Map<Wish, Arriving & { started: number }>();
  let timer: NodeJS.Timeout | undefined;
  const check = () => {
    if (arriving.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    if (!isShort()) return;
    const now = performance.now();
    const slow: Wish[] = [];
    for (const [place, { arrived, giveUp, started }] of arriving) {
      const milliseconds = now - started;
      if (milliseconds >= maxArrivalMilliseconds) giveUp();
      else if (milliseconds >= graceMilliseconds + (1000 * arrived()) / paceBytesPerSecond) slow.push(place);
    }
    const one = chooseToYield(slow);
    if (!one) return;
    arriving.get(one)?.giveUp();
    // It gives its room back before the next turn. Another body may have to yield then.
    setImmediate(check);
  };
  return (place: Wish, body: Arriving) => {
    arriving.set(place, { ...body, started: performance.now() });
    // The check comes after the reads of this turn: this process may have been slow, and not the client.
    timer ??= setInterval(() => setImmediate(check), graceMilliseconds / 4).unref();
    return () => void arriving.delete(place);
  };
}
