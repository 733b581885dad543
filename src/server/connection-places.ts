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
import { fairPlaces } from './fair-places.ts';
import { type ConnectionLimits, knownRead, newcomersRead } from './limits.ts';
import { type Readable, readInTurns } from './read-turns.ts';

export type Caller = { address: string; isKnown: boolean };

export type Answer = {
  response: ServerResponse;
  /** Whether it was all written when last looked at. */
  isWritten: boolean;
  /** How often its request was looked at while it was arriving. */
  looks: number;
};

export type Connection = Caller &
  Readable & {
    answered: number;
    /** Those under way, the oldest first. */
    answers: Set<Answer>;
  };

export function connectionPlaces(limits: ConnectionLimits) {
  const silent = fairPlaces<Connection>();
  const newcomers = fairPlaces<Connection>();
  /** Those that wait for an answer, while all known places are busy: not closed before that, but their places count. */
  const spared = new Set<Connection>();
  /** Of the known ones: those with a request have no place in these, and so are never closed, unless it arrives slowly. */
  const idle = { once: fairPlaces<Connection>(), often: fairPlaces<Connection>() };
  const slow = fairPlaces<Connection>();
  const turns = { newcomers: readInTurns(newcomersRead), known: readInTurns(knownRead) };
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
    turns.known.remove(connection);
    countKnown(connection, -1);
    connection.isKnown = false;
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

  /** Where its own address has more places than that of the one that would go, it is for its own to make room. */
  const victimFor = ({ address }: Connection): Connection | undefined => {
    const found = slow.next() ?? idle.once.next() ?? idle.often.next();
    if (!found || slow.size() > 0) return found;
    return (knownOf.get(found.address) ?? 0) < (knownOf.get(address) ?? 0) ? undefined : found;
  };

  /** @returns false where all known ones are being answered, or send a body: it stays a newcomer, but the youngest */
  const becomeKnown = (connection: Connection): boolean => {
    if (known >= limits.known) {
      const victim = victimFor(connection);
      if (!victim) {
        if (!spared.has(connection)) newcomers.add(connection);
        return false;
      }
      close(victim);
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
    slow.remove(connection);
    if (befriend(connection) || connection.answers.size === 0 || spared.size >= limits.newcomers / 2) return;
    newcomers.remove(connection);
    spared.add(connection);
  };

  const endRequest = (connection: Connection, isGood: boolean) => {
    if (spared.delete(connection)) newcomers.add(connection);
    slow.remove(connection);
    if (isGood) befriend(connection);
    connection.answered++;
    if (connection.isKnown && connection.answers.size === 0 && !connection.socket.destroyed)
      (connection.answered > 1 ? idle.often : idle.once).add(connection);
  };

  /** To be called once a second: a request that was arriving before and still is, though we read it, is slow. */
  const look = (connection: Connection) => {
    if (!connection.isKnown || connection.above?.isPaused()) return;
    for (const answer of connection.answers) {
      if (!answer.response.req.complete && ++answer.looks === 2) slow.add(connection);
    }
  };

  return { arrive, begin, startRequest: leaveKnown, trust, endRequest, look, forget };
}
