/** Requests that Node.js cannot parse never reach a route. They are answered with one sentence as well. */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** For Fastify's `clientErrorHandler`. */
export function answerParserError(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, sentence] = described[error.code ?? ''] ?? [400, 'The request is not valid HTTP/1.1.'];
  closeWithSentence(socket, status, sentence);
}

/** CONNECT and the header Expect. Node.js answers them with nothing, or with a status alone, unless somebody listens. */
export function answerConnectAndExpect(server: Server, exists: string): void {
  server.on('connect', (_request: IncomingMessage, socket: Duplex) =>
    closeWithSentence(socket, 405, `CONNECT is not possible here; ${exists}.`),
  );
  server.on('checkExpectation', ({ socket }: IncomingMessage) =>
    closeWithSentence(socket, 417, 'The header Expect may ask for 100-continue, and for nothing else.'),
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
  // Not before it is sent, and not any longer: what else arrives is not read.
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
