/**
 * Bounds the pieces of bodies. Node.js parses all that it has read of a connection, up to 64 KiB, before any other code runs,
 * and a piece takes some microseconds and an object of its own: in pieces of a byte, that is 50 ms and 5 MiB each time.
 */
import { IncomingMessage } from 'node:http';

/** So many may be of any size, in bytes; with more, the pieces so far have at least the other size on average. */
const manyPieces = 256;
export const smallPiece = 64;

/** For a server's option `IncomingMessage`. What comes after too many pieces is dropped. */
export class BoundedMessage extends IncomingMessage {
  #pieces = 0;
  #bytes = 0;
  isTooFine = false;

  override push(piece: Buffer | null): boolean {
    if (piece === null) return super.push(piece);
    if (this.isTooFine) return true;
    this.#pieces++;
    this.#bytes += piece.length;
    if (this.#pieces > manyPieces && this.#bytes < this.#pieces * smallPiece) this.isTooFine = true;
    return super.push(piece);
  }
}

/** Whether a body came in too many pieces. */
export const isTooFine = (body: object): boolean => body instanceof BoundedMessage && body.isTooFine;
