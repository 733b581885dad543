/**
 * Who has to go where connections run short. One that never completed a request goes first: the oldest of the address that has
 * the most. Those that have not begun with TLS go before those that have. So a new client keeps its place for as long as a flood
 * takes to fill all others.
 *
 * There were two other designs. Node's `maxConnections` turns new connections away, so somebody who holds all places keeps
 * everybody else out. Letting new ones wait until an old one has been idle for a second is kinder to slow clients, but an
 * attacker with 500 a second then makes everybody wait.
 */
import type { ServerResponse } from 'node:http';
import { type ConnectionLimits, knownRead, newcomersRead, rest } from '../limits.ts';
import { fairPlaces } from './fair-places.ts';
import { type Readable, readInTurns } from './read-turns.ts';

export type Caller = { address: string; isKnown: boolean };

export type Answer = {
  response: ServerResponse;
  /** Whether it was all written when last looked at. */
  isWritten: boolean;
};

export type Connection = Caller &
  Readable & {
    answered: number;
    /** When the last one was, by performance.now(). */
    answeredAt: number;
    /** Those under way, the oldest first. */
    answers: Set<Answer>;
    /** There was no place for it among the known ones, when its last request had arrived. */
    isSpare: boolean;
    /** How often a request of it was seen to be arriving, since it last had none. */
    looks: number;
  };

export function connectionPlaces(limits: ConnectionLimits) {
  const silent = fairPlaces<Connection>();
  const newcomers = fairPlaces<Connection>();
  /** Those that wait for an answer, while all known places are busy: not closed before that, but their places count. */
  const spared = new Set<Connection>();
  /** Of the known ones: those with a request have no place in these, and so are never closed, unless it arrives slowly. */
  const idle = { once: fairPlaces<Connection>(), often: fairPlaces<Connection>() };
  const slow = fairPlaces<Connection>();
  /** Idle as far as was read, and about to be closed. */
  const leaving = new Set<Connection>();
  /** Whole requests, so far. */
  let arrived = 0;
  const turns = {
    newcomers: readInTurns(newcomersRead, () => arrived),
    known: readInTurns(knownRead, () => arrived),
  };
  let known = 0;
  const knownOf = new Map<string, number>();
  const countKnown = ({ address }: Connection, change: 1 | -1) => {
    known += change;
    const count = (knownOf.get(address) ?? 0) + change;
    if (count > 0) knownOf.set(address, count);
    else knownOf.delete(address);
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

  /** Of those that may be closed; until it is added again. */
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

  /** What it has sent may lie unread, and would be lost: it is read for one more turn. */
  const closeUnlessItAsks = (connection: Connection) => {
    leaveKnown(connection);
    leaving.add(connection);
    turns.known.readNow(connection);
    setImmediate(() => setImmediate(() => leaving.has(connection) && close(connection)));
  };

  const arrive = (connection: Connection) => {
    silent.add(connection);
    if (silent.size() + newcomers.size() + spared.size <= limits.newcomers) return;
    const isSilentFull = silent.size() > Math.max(1, limits.newcomers / 4);
    close((isSilentFull ? undefined : newcomers.next()) ?? silent.next());
  };

  /** It has begun to speak, and is read in turns from here on. */
  const begin = (connection: Connection) => {
    if (!silent.remove(connection)) return;
    newcomers.add(connection);
    turns.newcomers.add(connection);
  };

  const startRequest = (connection: Connection) => {
    leaveKnown(connection);
    leaving.delete(connection);
    // Somebody could hold a place forever with requests of which the next always begins before the last one is answered.
    if (connection.looks >= 2 && connection.answers.size > 0) slow.add(connection);
  };

  /** One that was answered lately may ask again at this moment, and a request on its way would be lost. */
  const rested = (one: Connection | undefined) => (one && performance.now() - one.answeredAt >= rest ? one : undefined);

  /**
   * Where its own address has more places than that of the one that would go, it is for its own to make room.
   * @returns false where nobody can
   */
  const makeRoomFor = ({ address }: Connection): boolean => {
    const one = slow.next();
    if (one) {
      close(one);
      return true;
    }
    const found = rested(idle.once.next()) ?? rested(idle.often.next());
    if (!found || (knownOf.get(found.address) ?? 0) < (knownOf.get(address) ?? 0)) return false;
    closeUnlessItAsks(found);
    return true;
  };

  /** @returns false where all known ones are being answered, or send a body: it stays a newcomer, but the youngest */
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

  const befriend = (connection: Connection): boolean => {
    if (connection.socket.destroyed) return true;
    const isKnown = connection.isKnown || becomeKnown(connection);
    if (isKnown) turns.known.add(connection);
    return isKnown;
  };

  /** A whole request has arrived. Half of the newcomers' places still change hands, so that nobody can hold all of them. */
  const trust = (connection: Connection) => {
    arrived++;
    slow.remove(connection);
    connection.isSpare = !befriend(connection);
    if (!connection.isSpare || connection.answers.size === 0 || spared.size >= limits.newcomers / 2) return;
    newcomers.remove(connection);
    spared.add(connection);
  };

  const endRequest = (connection: Connection, isGood: boolean) => {
    if (spared.delete(connection)) newcomers.add(connection);
    slow.remove(connection);
    if (isGood) befriend(connection);
    connection.answered++;
    if (connection.answers.size > 0) return;
    connection.looks = 0;
    connection.answeredAt = performance.now();
    if (connection.isKnown && !connection.socket.destroyed)
      (connection.answered > 1 ? idle.often : idle.once).add(connection);
  };

  /** To be called regularly: where a request was arriving before and one still is, though we read it, the connection is slow. */
  const look = (connection: Connection) => {
    if (!connection.isKnown || connection.above?.isPaused()) return;
    const isArriving = [...connection.answers].some(({ response }) => !response.req.complete);
    if (isArriving && ++connection.looks >= 2) slow.add(connection);
  };

  return { arrive, begin, startRequest, trust, endRequest, look, forget };
}
