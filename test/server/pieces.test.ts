import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { boundPieces } from '../../src/server/pieces.ts';

/** A body of a server's request, in pieces of those sizes. @returns the bytes that reached it, and whether it is over */
function inPieces(sizes: number[]) {
  const server = new EventEmitter();
  const isOver = boundPieces(server as unknown as Server);
  const body = new Readable({ read: () => {} });
  server.emit('request', body);
  for (const size of sizes) body.push(Buffer.alloc(size));
  return { bytes: body.readableLength, isOver: isOver(body) };
}

const times = (count: number, size: number) => Array.from({ length: count }, () => size);

describe('pieces of a body', () => {
  it.each([
    ['256 of a byte are taken', times(256, 1), 256, false],
    ['with the next they are too many, and all after it are dropped', times(5000, 1), 257, true],
    ['1,000 of 64 bytes are taken', times(1000, 64), 64_000, false],
    ['small ones after a large one are taken', [100_000, ...times(1000, 1)], 101_000, false],
  ])('%s', (_, sizes, bytes, isOver) => expect(inPieces(sizes)).toEqual({ bytes, isOver }));

  it('knows which body it was', () => {
    const server = new EventEmitter();
    const isOver = boundPieces(server as unknown as Server);
    const bodies = [0, 1].map(() => new Readable({ read: () => {} }));
    for (const body of bodies) server.emit('request', body);
    for (let i = 0; i < 300; i++) bodies[1]?.push(Buffer.alloc(1));
    expect(bodies.map((body) => isOver(body))).toEqual([false, true]);
  });
});
