import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { badRequest } from '../errors.ts';
import { grace, pace, patience } from '../limits.ts';
import { isTooFine, smallPiece } from './pieces.ts';
import type { Room, Wish } from './room.ts';

/** A request's body; tests take other streams. */
type Body = Readable & Partial<Pick<IncomingMessage, 'socket'>>;

/**
 * @param room which bodies take; a slow one gives it back while others wait
 * @returns a function that reads a stream to its end, but at most as many bytes as its room has, into one buffer; it throws
 *   an error to answer with
 */
export function bodyCollector(room: Pick<Room, 'isShort' | 'toYield'>): (stream: Body, place: Wish) => Promise<Buffer> {
  const watch = createWatch(room);

  return (stream, place) =>
    new Promise((resolve, reject) => {
      const length = place.bytes;
      const body = growingBuffer(length);
      const giveUp = () => fail(408, 'The body arrived too slowly, while others waited.');
      // Most are there in this turn. A list that lives long, and sees each of them, would make garbage collection dear.
      let leave = () => {};
      const later = setImmediate(() => {
        leave = watch(place, { arrived: body.size, giveUp });
      });
      const fail = (status: number, sentence: string) => {
        stop();
        // What has arrived already would be parsed, in pieces of a byte if the client likes.
        stream.socket?.pause();
        reject(badRequest(status, sentence));
      };
      const onData = (chunk: Buffer) => {
        if (isTooFine(stream))
          fail(400, `The body comes in pieces of less than ${smallPiece} bytes; send it in larger ones.`);
        else if (!body.add(chunk))
          fail(
            413,
            `The body is larger than ${length / 1024 / 1024} MiB, which is more than the API server ever sends.`,
          );
      };
      const onEnd = () => {
        unwatch();
        resolve(body.whole());
      };
      const onError = () => fail(400, 'The body broke off.');
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

/** Each chunk would be an object of some hundred bytes, and it may have one. An ordinary body is one chunk. */
function growingBuffer(most: number) {
  let buffer: Buffer | undefined;
  let used = 0;
  return {
    /** @returns false where it would be too much */
    add: (chunk: Buffer): boolean => {
      const needed = used + chunk.length;
      if (needed > most) return false;
      if (buffer === undefined) buffer = chunk;
      else {
        if (needed > buffer.length) buffer = grown(buffer, needed, most);
        chunk.copy(buffer, used);
      }
      used = needed;
      return true;
    },
    size: () => used,
    whole: () => (buffer ?? Buffer.alloc(0)).subarray(0, used),
  };
}

function grown(buffer: Buffer, needed: number, most: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.min(most, Math.max(2 * buffer.length, needed)));
  buffer.copy(larger);
  return larger;
}

type Arriving = { arrived: () => number; giveUp: () => void };

/**
 * One timer for all bodies, as one for each would cost as much as reading a small one.
 * @returns a function that has `giveUp` called once a body is too slow for those that wait, and returns one that ends that
 */
function createWatch({ isShort, toYield }: Pick<Room, 'isShort' | 'toYield'>) {
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
      const time = now - started;
      if (time >= patience) giveUp();
      else if (time >= grace + (1000 * arrived()) / pace) slow.push(place);
    }
    const one = toYield(slow);
    if (!one) return;
    arriving.get(one)?.giveUp();
    // It gives its room back before the next turn, in which another one may have to.
    setImmediate(check);
  };
  return (place: Wish, body: Arriving) => {
    arriving.set(place, { ...body, started: performance.now() });
    // What has arrived meanwhile is read before the check: it may be this process that was slow.
    timer ??= setInterval(() => setImmediate(check), grace / 4).unref();
    return () => void arriving.delete(place);
  };
}
