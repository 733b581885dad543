import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { BoundedMessage, isTooFine } from '../../src/server/pieces.ts';

/** A body in pieces of those sizes. @returns the bytes that are kept of it */
function inPieces(sizes: number[]) {
  const body = new BoundedMessage(new Socket());
  for (const size of sizes) body.push(Buffer.alloc(size));
  return { bytes: body.readableLength, isTooFine: isTooFine(body) };
}

const times = (count: number, size: number) => Array.from({ length: count }, () => size);

describe('pieces of a body', () => {
  it.each([
    ['256 of a byte are taken', times(256, 1), 256, false],
    ['with the next they are too many, and all after it are dropped', times(5000, 1), 257, true],
    ['1,000 of 64 bytes are taken', times(1000, 64), 64_000, false],
    ['small ones after a large one are taken', [100_000, ...times(1000, 1)], 101_000, false],
  ])('%s', (_, sizes, bytes, isTooFine) => expect(inPieces(sizes)).toEqual({ bytes, isTooFine }));

  it('end with the body', () => {
    const body = new BoundedMessage(new Socket());
    body.push(Buffer.from('x'));
    body.push(null);
    expect(body.read()).toEqual(Buffer.from('x'));
    expect(isTooFine(body)).toBe(false);
  });
});
