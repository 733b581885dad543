/** Bounds the connections of a server: tells their places what happens to them, and closes those that stall. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type ConnectionLimits, pipelined, slowLook, stalled } from '../limits.ts';
import { type Answer, type Caller, type Connection, connectionPlaces } from './places.ts';
import { leftUnread, type Sender } from './unread-answers.ts';

export type { Caller };

export type Connections = {
  /** Who asks, as far as that matters for who goes first. */
  callerOf: (socket: Socket) => Caller;
  /** It has sent a whole request, and so is spared while others have not. */
  trust: (socket: Socket) => void;
  /** Whether it is to end with the next answer: it has no place, so it could be closed while its next request is on its way. */
  isToEnd: (socket: Socket) => boolean;
};

/**
 * @param begin takes a new socket and hands it on when it is worth the server's work, as `beginTls` does
 * @returns what the rest of the server tells and asks of connections
 */
export function boundConnections(
  server: Server,
  limits: ConnectionLimits,
  begin: (socket: Socket, next: () => void) => void = (_socket, next) => next(),
): Connections {
  const open = new Map<string, Connection & Sender>();
  const places = connectionPlaces(limits);
  /** The server's sockets are others than those below TLS. */
  const ofSocket = new WeakMap<Socket, Connection>();
  const find = (socket: Socket) => {
    const found = ofSocket.get(socket);
    if (found) return found;
    const connection = open.get(keyOf(socket));
    if (connection) ofSocket.set(socket, connection);
    return connection;
  };
  // One timer for all: one for each would cost more than the answer.
  every(server, stalled / 2, () => open.forEach(closeStalled));
  every(server, slowLook, () => {
    open.forEach(places.look);
    for (const { socket } of leftUnread([...open.values()])) socket.resetAndDestroy();
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
      looks: 0,
      taken: 0,
    };
    const key = keyOf(socket);
    open.set(key, connection);
    socket.once('close', () => {
      if (open.get(key) === connection) open.delete(key);
      places.forget(connection);
    });
    // Until the server has listeners of its own.
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
    if (!connection || connection.answers.size >= pipelined) return end(request.socket);
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
    callerOf: (socket) => find(socket) ?? { address: `${socket.remoteAddress}`, isKnown: false },
    trust: (socket) => {
      const connection = find(socket);
      if (connection) places.trust(connection);
    },
    isToEnd: (socket) => find(socket)?.isSpare === true,
  };
}

// --- internal ---

/** Of a TLS socket and the socket below it the same, and of no other that is open. */
const keyOf = (socket: Socket) => `${socket.remoteAddress} ${socket.remotePort}`;

/** @returns a function that does what the server would have done with the event */
function takeOver(server: Server, event: 'connection' | 'request'): (...values: unknown[]) => void {
  const listeners = server.listeners(event);
  server.removeAllListeners(event);
  return (...values) => {
    for (const listener of listeners) listener.apply(server, values);
  };
}

/**
 * Node.js parses on through all that it has read of a connection, destroyed or not. Up to 3,000 requests are in 64 KiB, and it
 * keeps each until the end of the turn. A parser stops where it is told that the protocol changes, by 2.
 * @see https://github.com/nodejs/node/blob/v24.0.0/lib/_http_common.js (parserOnHeadersComplete)
 */
function end(socket: Socket & { parser?: { onIncoming: () => number } | null }): void {
  if (socket.parser) socket.parser.onIncoming = () => 2;
  socket.destroy();
}

function every(server: Server, milliseconds: number, work: () => void): void {
  const timer = setInterval(work, milliseconds).unref();
  server.once('close', () => clearInterval(timer));
}

/** The kernel takes small answers whether they are read or not; what it does not take, we would hold. */
function closeStalled({ answers, socket }: Connection): void {
  const [answer] = answers;
  // Reset, or the kernel would go on holding it.
  if (answer?.isWritten) socket.resetAndDestroy();
  else if (answer) answer.isWritten = answer.response.writableEnded;
}
