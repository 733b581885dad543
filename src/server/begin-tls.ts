/** What a new connection must send before it costs the 50 KiB and the CPU of a TLS connection. */
import type { Socket } from 'node:net';
import { stalled } from './limits.ts';
import { closeWithSentence } from './parser-errors.ts';

/** The type of a TLS record with a handshake. @see https://www.rfc-editor.org/rfc/rfc8446#section-5.1 */
const handshakeRecord = 22;

/** @param next is called once the client has sent the beginning of a handshake */
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
