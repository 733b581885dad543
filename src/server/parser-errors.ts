/** Answers requests that Node.js cannot parse, which never reach a route, with one sentence as well. */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** For Fastify's `clientErrorHandler`. */
export function answerParserError(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, sentence] = described[error.code ?? ''] ?? [400, 'The request is not valid HTTP/1.1.'];
  closeWithSentence(socket, status, sentence);
}

/**
 * Answers CONNECT and the Expect header. Without a listener Node.js answers nothing, or a status alone.
 * @param available what the caller can ask for instead, as a part of a sentence
 */
export function answerConnectAndExpect(server: Server, available: string): void {
  server.on('connect', (_request: IncomingMessage, socket: Duplex) =>
    closeWithSentence(socket, 405, `CONNECT is not allowed here; ${available}.`),
  );
  server.on('checkExpectation', ({ socket }: IncomingMessage) =>
    closeWithSentence(socket, 417, 'The Expect header may ask only for 100-continue.'),
  );
}

export function closeWithSentence(socket: Duplex, status: number, sentence: string): void {
  const body = `${sentence}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  // Closes the socket as soon as the answer is sent: the server does not read what else arrives.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

// --- internal ---

const described: Record<string, [status: number, sentence: string]> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'The headers of the request are larger than 16 KiB; the API server sends less than 1 KiB.',
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions of the request are larger than 16 KiB; expected none.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive within 30 s.'],
};
