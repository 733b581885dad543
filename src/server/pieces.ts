/**
 * Bounds the pieces of bodies. Node.js parses all that it has read of a connection, up to 64 KiB, before any other code runs,
 * and a piece takes some microseconds and an object of its own: in pieces of a byte, that is 50 ms and 5 MiB each time.
 */
import type { IncomingMessage, Server } from 'node:http';

/** So many may be of any size, in bytes; with more, the pieces so far have at least the other size on average. */
const manyPieces = 256;
export const smallPiece = 64;

/** @returns whether a body came in too many pieces; what came after that was dropped */
export function boundPieces(server: Server): (body: object) => boolean {
  const over = new WeakSet<object>();
  server.prependListener('request', (body: IncomingMessage) => {
    let pieces = 0;
    let bytes = 0;
    const push = body.push;
    body.push = (piece: Buffer | null) => {
      if (piece === null) return push.call(body, piece);
      if (over.has(body)) return true;
      pieces++;
      bytes += piece.length;
      if (pieces > manyPieces && bytes < pieces * smallPiece) over.add(body);
      return push.call(body, piece);
    };
  });
  return (body) => over.has(body);
}
