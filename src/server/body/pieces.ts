/**
 * Bounds the pieces of bodies. Node.js parses all that it has read of a connection, up to 64 KiB, before any other code runs,
 * and a piece takes some microseconds and an object of its own: in pieces of a byte, that is 50 ms and 5 MiB each time.
 */
import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

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
    this.#pieces++;
    this.#bytes += piece.length;
    const wasTooFine = this.isTooFine;
    this.isTooFine ||= this.#pieces > manyPieces && this.#bytes < this.#pieces * smallPiece;
    if (this.isTooFine) dropUntilNextTurn(this.socket);
    return wasTooFine || super.push(piece);
  }
}

/** Whether a body came in too many pieces. */
export const isTooFine = (body: object): boolean => body instanceof BoundedMessage && body.isTooFine;

// --- internal ---

type Parser = { constructor: { kOnBody?: number }; [callback: number]: unknown };

/**
 * The parser looks up whom to call for each piece, and calling takes ten times as long as parsing. It is given back what it had,
 * as it may serve another connection later; no connection ends before this turn does.
 * @see https://github.com/nodejs/node/blob/v24.0.0/src/node_http_parser.cc (on_body)
 */
function dropUntilNextTurn({ parser }: Socket & { parser?: Parser | null }): void {
  const kOnBody = parser?.constructor.kOnBody;
  if (!parser || kOnBody === undefined) return;
  const callback = parser[kOnBody];
  if (!callback) return;
  parser[kOnBody] = null;
  setImmediate(() => {
    parser[kOnBody] = callback;
  });
}
