/**
 * Bounds the connections of a server. One that never completed a request goes first: the oldest of the address that has
 * the most. So a new client always has the time in which all other places are taken anew, and there is one new connection
 * in each turn of the event loop.
 *
 * Two other designs were weighed. Node's `maxConnections` turns new connections away, and so whoever holds all places keeps
 * everybody else out. Letting new ones wait until an old one has been idle for a second is kinder to slow clients, but an
 * attacker with 500 a second then makes everybody wait.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { fairPlaces } from './fair-places.ts';
import { type ConnectionLimits, knownRead, newcomersRead, pipelined, stalled } from './limits.ts';
import { type Readable, readInTurns } from './read-turns.ts';

export type Connections = {
  /** Who asks, as far as that matters for who goes first. */
  callerOf: (socket: Socket) => Caller;
  /** It has sent a whole request, and so is spared while others have not. */
  trust: (socket: Socket) => void;
};

export type Caller = { address: string; isKnown: boolean };

type Connection = Caller &
  Readable & {
    answered: number;
    /** Those under way, the oldest first, and whether each was all written when last looked at. */
    answers: Set<{ response: ServerResponse; isWritten: boolean }>;
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
  const open = new Map<string, Connection>();
  const newcomers = fairPlaces<Connection>();
  /** Of the known ones: those with a request have no place in it, and so are never closed. Who came back stays longer. */
  const idle = { once: fairPlaces<Connection>(), often: fairPlaces<Connection>() };
  const leaveIdle = (connection: Connection) => idle.once.remove(connection) || idle.often.remove(connection);
  /** Those that wait for an answer, while all known places are busy: not closed before that, but their places count. */
  const spared = new Set<Connection>();
  const turns = { newcomers: readInTurns(newcomersRead), known: readInTurns(knownRead) };
  let known = 0;
  /** The server's sockets are others than those below TLS. */
  const ofSocket = new WeakMap<Socket, Connection>();
  const find = (socket: Socket) => {
    const found = ofSocket.get(socket);
    if (found) return found;
    const connection = open.get(keyOf(socket));
    if (connection) ofSocket.set(socket, connection);
    return connection;
  };
  closeStalled(server, open);

  const accept = takeOver(server, 'connection');
  const handle = takeOver(server, 'request');

  server.on('connection', (socket: Socket) => {
    const connection: Connection = {
      address: `${socket.remoteAddress}`,
      isKnown: false,
      socket,
      answered: 0,
      answers: new Set(),
    };
    const key = keyOf(socket);
    open.set(key, connection);
    newcomers.add(connection);
    turns.newcomers.add(connection);
    socket.once('close', () => {
      if (open.get(key) === connection) open.delete(key);
      forget(connection);
    });
    // Until the server has listeners of its own.
    socket.on('error', () => socket.destroy());
    if (newcomers.size() + spared.size > limits.newcomers) newcomers.next()?.socket.destroy();
    if (!socket.destroyed) begin(socket, () => accept(socket));
  });

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = find(request.socket);
    if (!connection || connection.answers.size >= pipelined) return end(request.socket);
    connection.above = request.socket;
    leaveIdle(connection);
    const answer = { response, isWritten: false };
    connection.answers.add(answer);
    response.on('close', () => {
      connection.answers.delete(answer);
      if (spared.delete(connection)) newcomers.add(connection);
      if (response.writableFinished && response.statusCode < 400) befriend(connection);
      connection.answered++;
      if (connection.isKnown && connection.answers.size === 0 && !connection.socket.destroyed)
        (connection.answered > 1 ? idle.often : idle.once).add(connection);
    });
    handle(request, response);
  });

  const forget = (connection: Connection) => {
    newcomers.remove(connection);
    spared.delete(connection);
    leaveIdle(connection);
    (connection.isKnown ? turns.known : turns.newcomers).remove(connection);
    if (connection.isKnown) known--;
    connection.isKnown = false;
  };

  /** @returns false where all known ones are being answered, or send a body: it stays a newcomer, but the youngest */
  const befriend = (connection: Connection): boolean => {
    if (connection.socket.destroyed) return true;
    if (connection.isKnown) {
      turns.known.add(connection);
      return true;
    }
    if (known >= limits.known) {
      const victim = idle.once.next() ?? idle.often.next();
      if (!victim) {
        if (!spared.has(connection)) newcomers.add(connection);
        return false;
      }
      forget(victim);
      victim.socket.destroy();
    }
    newcomers.remove(connection);
    spared.delete(connection);
    turns.newcomers.remove(connection);
    turns.known.add(connection);
    connection.isKnown = true;
    known++;
    return true;
  };

  /** Half of the places of newcomers still change hands, so that nobody can hold all of them with answers that take long. */
  const trust = (connection: Connection) => {
    if (befriend(connection) || connection.answers.size === 0 || spared.size >= limits.newcomers / 2) return;
    newcomers.remove(connection);
    spared.add(connection);
  };

  return {
    callerOf: (socket) => find(socket) ?? { address: `${socket.remoteAddress}`, isKnown: false },
    trust: (socket) => {
      const connection = find(socket);
      if (connection) trust(connection);
    },
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

/** The kernel takes small answers whether they are read or not; what it does not take, we would hold. */
function closeStalled(server: Server, open: ReadonlyMap<string, Connection>): void {
  // One timer for all: one for each would cost more than the answer.
  const timer = setInterval(() => {
    for (const { answers, socket } of open.values()) {
      const [answer] = answers;
      if (answer?.isWritten) socket.destroy();
      else if (answer) answer.isWritten = answer.response.writableEnded;
    }
  }, stalled / 2).unref();
  server.once('close', () => clearInterval(timer));
}
