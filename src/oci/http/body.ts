/** The bytes of an answer: never more than were asked for, however many come and however they are packed. */
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import type { Leave } from '../../util/limiter.ts';
import { fail, ok } from '../../util/result.ts';
import type { RegistryResult } from '../problem.ts';

type Response = Pick<Dispatcher.ResponseData, 'statusCode' | 'headers' | 'body'>;

/**
 * All of a body, up to a limit in bytes, which counts when unpacked.
 * @param address what problems call the server
 * @param enter waits for one of the places for large bodies; undefined if the request was aborted, which ends the stream
 * @throws what the connection or gzip fails with
 */
export async function readBody(
  { statusCode, headers, body }: Response,
  address: string,
  limit: number,
  enter: () => Promise<Leave | undefined>,
): Promise<RegistryResult<Buffer>> {
  const encoding = `${headers['content-encoding'] ?? 'identity'}`.toLowerCase();
  // Some servers compress without being asked.
  const isPacked = encoding === 'gzip' || encoding === 'x-gzip';
  if (!isPacked && encoding !== 'identity') {
    body.destroy();
    const found = 'an unknown content encoding';
    return fail({ kind: 'invalid-answer', address, status: statusCode, expected: 'none', found });
  }
  const tooLarge: RegistryResult<never> = fail({ kind: 'too-large', address, limit, unit: 'bytes' });
  if (Number(headers['content-length']) > limit) {
    body.destroy();
    return tooLarge;
  }
  const bytes = await readUpTo(isPacked ? pipeline(body, createGunzip(), () => {}) : body, limit, enter);
  return bytes ? ok(bytes) : tooLarge;
}

/** The body of an answer whose status says enough: it may be missing, or cut short by either side. */
export async function readWords({ body }: Response, signal: AbortSignal): Promise<RegistryResult<Buffer>> {
  const nothing = Buffer.alloc(0);
  try {
    return ok((await readUpTo(body, wordsLimit)) ?? nothing);
  } catch (error) {
    if (signal.aborted) throw error;
    return ok(nothing);
  }
}

/** @returns undefined for more than the limit, of which no more is read */
export async function readUpTo(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
  enter?: () => Promise<Leave | undefined>,
): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let leave: Leave | undefined;
  try {
    for await (const chunk of stream) {
      size += chunk.length;
      if (size > limit) return undefined; // leaving the loop closes the connection
      chunks.push(chunk);
      if (size > smallBody) leave ??= await enter?.();
    }
    return Buffer.concat(chunks);
  } finally {
    leave?.();
  }
}

// --- internal ---

const wordsLimit = 64 * 1024;

/** Nearly all manifests and configs are smaller, and never wait for others. */
const smallBody = 64 * 1024;
