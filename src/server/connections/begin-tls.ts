/** Bounds what a connection costs before and after its TLS handshake. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { stalledMilliseconds, unreadBytes } from '../limits.ts';
import { closeWithSentence } from '../parser-errors.ts';

/** The type of a TLS record with a handshake. @see https://www.rfc-editor.org/rfc/rfc8446#section-5.1 */
const handshakeRecord = 22;

/**
 * Waits for the first bytes of a client before TLS begins: a silent connection without TLS needs a tenth of the 50 KiB of one with
 * TLS.
 * @param next called once the client has sent the beginning of a handshake
 */
export function beginTls(socket: Socket, next: () => void): void {
  const close = () => socket.destroy();
  const read = () => {
    const bytes: Buffer | null = socket.read();
    if (bytes === null) return;
    socket.off('readable', read).off('end', close).off('timeout', close).setTimeout(0);
    if (bytes[0] !== handshakeRecord)
      return closeWithSentence(socket, 400, 'This port expects HTTPS; the request did not begin with TLS.');
    socket.unshift(bytes);
    next();
  };
  socket.on('readable', read).once('end', close).once('timeout', close).setTimeout(stalledMilliseconds);
}

/**
 * Allows one handshake for each connection: it costs a millisecond, and TLS 1.2 allows many. Also bounds how much Node.js
 * keeps of a body that the server does not read. The socket says how much that is, and an HTTPS server has no option for it.
 * @see https://github.com/nodejs/node/blob/v24.x/lib/_http_incoming.js (IncomingMessage)
 */
export function boundTls(server: Server): void {
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    socket.disableRenegotiation();
    Object.defineProperty(socket, 'readableHighWaterMark', { value: unreadBytes });
  });
}
