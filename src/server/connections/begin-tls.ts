/** What a connection may cost before it is one of TLS, and after. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { stalled, unread } from '../limits.ts';
import { closeWithSentence } from '../parser-errors.ts';

/** The type of a TLS record with a handshake. @see https://www.rfc-editor.org/rfc/rfc8446#section-5.1 */
const handshakeRecord = 22;

/**
 * A connection that says nothing is none of TLS yet, and takes a tenth of its 50 KiB.
 * @param next is called once the client has sent the beginning of a handshake
 */
export function beginTls(socket: Socket, next: () => void): void {
  const close = () => socket.destroy();
  const read = () => {
    const bytes: Buffer | null = socket.read();
    if (bytes === null) return;
    socket.off('readable', read).off('end', close).off('timeout', close).setTimeout(0);
    if (bytes[0] !== handshakeRecord)
      return closeWithSentence(socket, 400, 'This port speaks HTTPS only, and this was not the beginning of TLS.');
    socket.unshift(bytes);
    next();
  };
  socket.on('readable', read).once('end', close).once('timeout', close).setTimeout(stalled);
}

/**
 * A handshake costs a millisecond, and TLS 1.2 allows many on a connection: here there is one. And of a body that nobody
 * reads, Node.js keeps as much as its socket says; an HTTPS server hands no such option on to its sockets.
 * @see https://github.com/nodejs/node/blob/v24.x/lib/_http_incoming.js (IncomingMessage)
 */
export function boundTls(server: Server): void {
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    socket.disableRenegotiation();
    Object.defineProperty(socket, 'readableHighWaterMark', { value: unread });
  });
}
