import type { Readable } from 'node:stream';
import { badRequest } from './errors.ts';
import { patience } from './limits.ts';

/**
 * Reads a stream to its end, into one buffer: each chunk would be an object of some hundred bytes, and it may have one.
 * @param length in bytes, as far as it is known; no more are read
 * @param isShort whether others wait for the room that it takes; it has to give that back if it is slow
 * @throws an error to answer with
 */
export function collectBody(stream: Readable, length: number, isShort: () => boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let buffer: Buffer = Buffer.allocUnsafe(Math.min(length, startBytes));
    let used = 0;
    const started = performance.now();
    // What has arrived meanwhile is read before the check: it may be this process that was slow.
    const timer = setInterval(() => setImmediate(check), patience / 4).unref();
    const check = () => {
      if (performance.now() - started < patience || !isShort()) return;
      stop(() => reject(badRequest(408, `The body did not arrive within ${patience / 1000} s, while others waited.`)));
    };
    const onData = (chunk: Buffer) => {
      if (used + chunk.length > length)
        return stop(() =>
          reject(
            badRequest(
              413,
              `The body is larger than ${length / 1024 / 1024} MiB, which is more than the API server ever sends.`,
            ),
          ),
        );
      if (used + chunk.length > buffer.length) buffer = grown(buffer, used + chunk.length, length);
      used += chunk.copy(buffer, used);
    };
    const onEnd = () => stop(() => resolve(buffer.subarray(0, used)));
    const onError = () => stop(() => reject(badRequest(400, 'The body broke off.')));
    const stop = (settle: () => void) => {
      clearInterval(timer);
      stream.off('data', onData).off('end', onEnd).off('error', onError).pause();
      settle();
    };
    stream.on('data', onData).on('end', onEnd).on('error', onError);
  });
}

// --- internal ---

const startBytes = 64 * 1024;

function grown(buffer: Buffer, needed: number, most: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.min(most, Math.max(2 * buffer.length, needed)));
  buffer.copy(larger);
  return larger;
}
