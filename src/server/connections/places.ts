/**
 * Decides which connection to close when places run short. A newcomer, which has sent no whole request, goes first: the oldest of
 * the address that has the most. Newcomers that have not begun with TLS go before those that have. So a new client keeps its place
 * until a flood has filled all others.
 *
 * There were two other designs. Node's `maxConnections` refuses new connections, so a client that holds all places keeps all
 * others out. To let new connections wait until an old one has been idle for a second is kinder to slow clients, but then an
 * attacker that opens 500 connections a second makes all clients wait.
 */
import type { ServerResponse } from 'node:http';
import { type ConnectionLimits, knownRead, newcomersRead, restMilliseconds } from '../limits.ts';
import { createFairPlaces } from './fair-places.ts';
import { createReadTurns, type Readable } from './read-turns.ts';

/** A caller is known once it has sent a whole request. */
export type Caller = { address: string; isKnown: boolean };

export type Answer = {
  response: ServerResponse;
  /** Whether Node.js had all of it at the last check. */
  isWritten: boolean;
};

export type Connection = Caller &
  Readable & {
    /** How many requests were answered. */
    answered: number;
    /** When the last answer ended, by performance.now(). */
    answeredAt: number;
    /** The answers under way, the oldest first. */
    answers: Set<Answer>;
    /** Whether no place was free among the known ones when its last request arrived. */
    isSpare: boolean;
    /** How many checks have found a request arriving, since the connection was last idle. */
    slowChecks: number;
  };

export function createPlaces(limits: ConnectionLimits) {
  /** Newcomers that have sent nothing. */
  const silent = createFairPlaces<Connection>();
  const newcomers = createFairPlaces<Connection>();
  /** Newcomers that wait for an answer while all known places are busy. They are not closed before the answer, but their places count. */
  const spared = new Set<Connection>();
  /** Known ones without a request. A known one with a request is in neither, and so is never closed, unless its request arrives slowly. */
  const idle = { once: createFairPlaces<Connection>(), often: createFairPlaces<Connection>() };
  const slow = createFairPlaces<Connection>();
  /** Known ones that seem idle, and are about to be closed. */
  const leaving = new Set<Connection>();
  /** How many whole requests have arrived. */
  let arrived = 0;
  const turns = {
    newcomers: createReadTurns(newcomersRead, () => arrived),
    known: createReadTurns(knownRead, () => arrived),
  };
  let known = 0;
  const knownByAddress = new Map<string, number>();
  const countKnown = ({ address }: Connection, change: 1 | -1) => {
    known += change;
    const count = (knownByAddress.get(address) ?? 0) + change;
    if (count > 0) knownByAddress.set(address, count);
    else knownByAddress.delete(address);
  };

  const close = (connection: Connection | undefined) => {
    if (!connection) return;
    forget(connection);
    connection.socket.destroy();
  };

  const leaveNewcomers = (connection: Connection) => {
    silent.remove(connection) || newcomers.remove(connection) || spared.delete(connection);
    turns.newcomers.remove(connection);
  };

  /** After this the connection is not closed for others, until it is added again. */
  const leaveKnown = (connection: Connection) => {
    idle.once.remove(connection) || idle.often.remove(connection) || slow.remove(connection);
  };

  const forget = (connection: Connection) => {
    if (!connection.isKnown) return leaveNewcomers(connection);
    leaveKnown(connection);
    leaving.delete(connection);
    turns.known.remove(connection);
    countKnown(connection, -1);
    connection.isKnown = false;
  };

  /** Reads it for one more turn before it closes it: a request may have arrived that would be lost. */
  const closeIfIdle = (connection: Connection) => {
    leaveKnown(connection);
    leaving.add(connection);
    turns.known.readNow(connection);
    setImmediate(() => setImmediate(() => leaving.has(connection) && close(connection)));
  };

  const arrive = (connection: Connection) => {
    silent.add(connection);
    if (silent.size() + newcomers.size() + spared.size <= limits.newcomers) return;
    const isSilentFull = silent.size() > Math.max(1, limits.newcomers / 4);
    close((isSilentFull ? undefined : newcomers.findNext()) ?? silent.findNext());
  };

  /** The client has begun to send. From here on the connection is read in turns. */
  const begin = (connection: Connection) => {
    if (!silent.remove(connection)) return;
    newcomers.add(connection);
    turns.newcomers.add(connection);
  };

  const startRequest = (connection: Connection) => {
    leaveKnown(connection);
    leaving.delete(connection);
    // A client could hold a place forever with requests of which the next always begins before the last one is answered.
    if (connection.slowChecks >= 2 && connection.answers.size > 0) slow.add(connection);
  };

  /** A client often sends its next request soon after an answer, and a request under way would be lost. */
  const ifRested = (one: Connection | undefined) =>
    one && performance.now() - one.answeredAt >= restMilliseconds ? one : undefined;

  /**
   * Closes a connection for a new one, but not if the new one's address has more places than the other.
   * @returns false if no connection can be closed
   */
  const makeRoomFor = ({ address }: Connection): boolean => {
    const one = slow.findNext();
    if (one) {
      close(one);
      return true;
    }
    const found = ifRested(idle.once.findNext()) ?? ifRested(idle.often.findNext());
    if (!found || (knownByAddress.get(found.address) ?? 0) < (knownByAddress.get(address) ?? 0)) return false;
    closeIfIdle(found);
    return true;
  };

  /** @returns false if all known ones are being answered or send a body: it stays a newcomer, but becomes the youngest */
  const becomeKnown = (connection: Connection): boolean => {
    while (known - leaving.size >= limits.known) {
      if (makeRoomFor(connection)) continue;
      if (!spared.has(connection)) newcomers.add(connection);
      return false;
    }
    leaveNewcomers(connection);
    countKnown(connection, 1);
    connection.isKnown = true;
    return true;
  };

  /** @returns false if there is no place for it among the known ones */
  const makeKnown = (connection: Connection): boolean => {
    if (connection.socket.destroyed) return true;
    const isKnown = connection.isKnown || becomeKnown(connection);
    if (isKnown) turns.known.add(connection);
    return isKnown;
  };

  /** A whole request has arrived. Only half of the newcomers' places can be spared, so that no client can hold all of them. */
  const trust = (connection: Connection) => {
    arrived++;
    slow.remove(connection);
    connection.isSpare = !makeKnown(connection);
    if (!connection.isSpare || connection.answers.size === 0 || spared.size >= limits.newcomers / 2) return;
    newcomers.remove(connection);
    spared.add(connection);
  };

  const endRequest = (connection: Connection, isGood: boolean) => {
    if (spared.delete(connection)) newcomers.add(connection);
    slow.remove(connection);
    if (isGood) makeKnown(connection);
    connection.answered++;
    if (connection.answers.size > 0) return;
    connection.slowChecks = 0;
    connection.answeredAt = performance.now();
    if (connection.isKnown && !connection.socket.destroyed)
      (connection.answered > 1 ? idle.often : idle.once).add(connection);
  };

  /** Call this regularly. A connection is slow if two checks find a request arriving although the server reads it. */
  const checkSlow = (connection: Connection) => {
    if (!connection.isKnown || connection.above?.isPaused()) return;
    const isArriving = [...connection.answers].some(({ response }) => !response.req.complete);
    if (isArriving && ++connection.slowChecks >= 2) slow.add(connection);
  };

  return { arrive, begin, startRequest, trust, endRequest, checkSlow, forget };
}
