/**
 * Bounds the pieces of bodies. Node.js parses all that it has read of a connection, up to 64 KiB, before any other code runs. A
 * piece takes some microseconds and an object of its own: 64 KiB in pieces of a byte take 50 ms and 5 MiB.
 */
import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** The first `manyPieces` pieces may have any size. After them, the pieces must have at least `smallPieceBytes` on average. */
const manyPieces = 256;
export const smallPieceBytes = 64;

/** For a server's option `IncomingMessage`. It drops what comes after too many pieces. */
export class BoundedMessage extends IncomingMessage {
  #pieces = 0;
  #bytes = 0;
  isTooFine = false;

  override push(piece: Buffer | null): boolean {
    if (piece === null) return super.push(piece);
    this.#pieces++;
    this.#bytes += piece.length;
    const wasTooFine = this.isTooFine;
    this.isTooFine ||= this.#pieces > manyPieces && this.#bytes < this.#pieces * smallPieceBytes;
    if (this.isTooFine) dropUntilNextTurn(this.socket);
    return wasTooFine || super.push(piece);
  }
}

/** Whether a body came in too many pieces. */
export const isTooFine = (body: object): boolean => body instanceof BoundedMessage && body.isTooFine;

// --- internal ---

type Parser = { constructor: { kOnBody?: number }; [callback: number]: unknown };

/**
 * The parser looks up a callback for each piece, and the call takes ten times as long as the parsing. So this removes the
 * callback until the next turn. Then the parser gets it back, because it may serve another connection later; no connection ends
 * within this turn.
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
