/** Bounds the connections of a server: tells their places what happens to them, and closes those whose clients do not read. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type ConnectionLimits, maxPipelined, slowCheckMilliseconds, stalledMilliseconds } from '../limits.ts';
import { type Answer, type Caller, type Connection, createPlaces } from './places.ts';
import { findUnread, type Sender } from './unread-answers.ts';

export type Connections = {
  /** Finds what decides which caller goes first. */
  findCaller: (socket: Socket) => Caller;
  /** Call this when the connection has sent a whole request: connections that have not are closed before it. */
  trust: (socket: Socket) => void;
  /** Whether the next answer should close the connection. It has no place, so it might be closed while its next request is under way. */
  shouldClose: (socket: Socket) => boolean;
};

/**
 * @param begin receives a new socket, and calls `next` when the client has begun to send, as `beginTls` does
 * @returns what the rest of the server needs to know and to report about connections
 */
export function boundConnections(
  server: Server,
  limits: ConnectionLimits,
  begin: (socket: Socket, next: () => void) => void = (_socket, next) => next(),
): Connections {
  const open = new Map<string, Connection & Sender>();
  const places = createPlaces(limits);
  /** With TLS, the sockets of requests are not those of connections. */
  const bySocket = new WeakMap<Socket, Connection>();
  const find = (socket: Socket) => {
    const found = bySocket.get(socket);
    if (found) return found;
    const connection = open.get(createKey(socket));
    if (connection) bySocket.set(socket, connection);
    return connection;
  };
  // One timer for all connections: a timer for each would cost more than the answer.
  repeat(server, stalledMilliseconds / 2, () => open.forEach(closeStalled));
  repeat(server, slowCheckMilliseconds, () => {
    open.forEach(places.checkSlow);
    for (const { socket } of findUnread([...open.values()])) socket.resetAndDestroy();
  });

  const accept = takeOver(server, 'connection');
  const handle = takeOver(server, 'request');

  server.on('connection', (socket: Socket) => {
    const address = `${socket.remoteAddress}`;
    const connection: Connection & Sender = {
      address,
      isKnown: false,
      socket,
      answered: 0,
      answeredAt: 0,
      answers: new Set(),
      isSpare: false,
      slowChecks: 0,
      readBytes: 0,
    };
    const key = createKey(socket);
    open.set(key, connection);
    socket.once('close', () => {
      if (open.get(key) === connection) open.delete(key);
      places.forget(connection);
    });
    // For errors that come before the server adds its own listeners.
    socket.on('error', () => socket.destroy());
    places.arrive(connection);
    if (socket.destroyed) return;
    begin(socket, () => {
      places.begin(connection);
      accept(socket);
    });
  });

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = find(request.socket);
    if (!connection || connection.answers.size >= maxPipelined) return destroyUnparsed(request.socket);
    connection.above = request.socket;
    places.startRequest(connection);
    const answer: Answer = { response, isWritten: false };
    connection.answers.add(answer);
    response.on('close', () => {
      connection.answers.delete(answer);
      places.endRequest(connection, response.writableFinished && response.statusCode < 400);
    });
    handle(request, response);
  });

  return {
    findCaller: (socket) => find(socket) ?? { address: `${socket.remoteAddress}`, isKnown: false },
    trust: (socket) => {
      const connection = find(socket);
      if (connection) places.trust(connection);
    },
    shouldClose: (socket) => find(socket)?.isSpare === true,
  };
}

// --- internal ---

/** A TLS socket has the same key as the socket below it. No other open socket has that key. */
const createKey = (socket: Socket) => `${socket.remoteAddress} ${socket.remotePort}`;

/** Removes the listeners of an event. @returns a function that calls them */
function takeOver(server: Server, event: 'connection' | 'request'): (...values: unknown[]) => void {
  const listeners = server.listeners(event);
  server.removeAllListeners(event);
  return (...values) => {
    for (const listener of listeners) listener.apply(server, values);
  };
}

/**
 * Destroys a socket and stops its parser. Node.js would go on parsing all that it has read of the connection, although it is
 * destroyed: up to 3,000 requests in 64 KiB, which it keeps until the end of the turn. A 2 tells the parser that the protocol
 * changes, and it stops there.
 * @see https://github.com/nodejs/node/blob/v24.0.0/lib/_http_common.js (parserOnHeadersComplete)
 */
function destroyUnparsed(socket: Socket & { parser?: { onIncoming: () => number } | null }): void {
  if (socket.parser) socket.parser.onIncoming = () => 2;
  socket.destroy();
}

function repeat(server: Server, milliseconds: number, work: () => void): void {
  const timer = setInterval(work, milliseconds).unref();
  server.once('close', () => clearInterval(timer));
}

/** The kernel accepts small answers even if the client does not read them. Node.js would hold what the kernel does not accept. */
function closeStalled({ answers, socket }: Connection): void {
  const [answer] = answers;
  // A reset, because otherwise the kernel would keep the answer.
  if (answer?.isWritten) socket.resetAndDestroy();
  else if (answer) answer.isWritten = answer.response.writableEnded;
}
