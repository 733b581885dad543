/**
 * Bounds what the server reads in one turn of the event loop. Node.js reads every connection that has data before any other code
 * runs. A TLS record with one byte in it takes nearly a microsecond, so 64 KiB of them take 2 ms. 300 connections that send these
 * at the same moment make all others wait for a second, three times.
 *
 * There were two other designs. A filter that reads the record headers below TLS would handle all bytes of all clients in
 * JavaScript. Fewer connections would also help, but then a flood would fill all places before an honest client has sent its request.
 */
import type { Socket } from 'node:net';
import { costlyTurnMilliseconds, type ReadLimits, readTurnMilliseconds } from '../limits.ts';

export type Readable = {
  socket: Socket;
  /** The socket of HTTP, which is another one with TLS. Set from the first request on. */
  above?: Socket;
};

/**
 * @param countArrived returns how many whole requests have arrived so far: the cost of a turn in which one arrives is not the cost
 *   of reading
 * @returns a set of connections; while it has no more than both limits together, the server reads all of them
 */
export function createReadTurns(
  { inTurn, latest }: ReadLimits,
  countArrived: () => number,
): {
  /** Adds it as one of the latest, even if it is in the set. */
  add: (one: Readable) => void;
  remove: (one: Readable) => void;
  /** Reads it until the end of this turn. */
  readNow: (one: Readable) => void;
} {
  /** In the order of how long they have waited, the longest first. */
  const all = new Set<Readable>();
  const last = new Set<Readable>();
  let beingRead = new Set<Readable>();
  let timer: NodeJS.Timeout | undefined;
  let groupSize = inTurn;
  const isCrowded = () => all.size > inTurn + latest;

  const readOnly = (wanted: Set<Readable>) => {
    for (const one of beingRead) if (!wanted.has(one)) stop(one);
    for (const one of wanted) if (!beingRead.has(one)) read(one);
    beingRead = wanted;
  };

  const next = () => {
    const group = [...all].filter((one) => !last.has(one)).slice(0, groupSize);
    for (const one of group) {
      all.delete(one);
      all.add(one);
    }
    readOnly(new Set([...last, ...group]));
    // CPU time, because a busy machine makes wall time longer.
    const before = process.cpuUsage();
    const arrivedBefore = countArrived();
    const afterwards = () => {
      const { user, system } = process.cpuUsage(before);
      const isCostly = (user + system) / 1000 > costlyTurnMilliseconds && countArrived() === arrivedBefore;
      groupSize = isCostly ? Math.ceil(groupSize / 2) : Math.min(groupSize * 2, inTurn);
      next();
    };
    timer = setTimeout(afterwards, readTurnMilliseconds).unref();
  };

  const add = (one: Readable) => {
    // Another such set may have stopped it before.
    if (!beingRead.has(one)) read(one);
    last.delete(one);
    for (const set of [all, last, beingRead]) set.add(one);
    const [first] = last;
    if (first && last.size > latest) last.delete(first);
    if (!timer && isCrowded()) next();
  };

  const remove = (one: Readable) => {
    for (const set of [all, last, beingRead]) set.delete(one);
    if (!timer || isCrowded()) return;
    clearTimeout(timer);
    timer = undefined;
    readOnly(new Set(all));
  };

  const readNow = (one: Readable) => {
    if (beingRead.has(one)) return;
    read(one);
    beingRead.add(one);
  };

  return { add, remove, readNow };
}

// --- internal ---

/** No method of a stream stops the reading of a socket in its handshake, so this uses what Node.js' HTTP server itself uses. */
type WithHandle = { _handle?: { readStart: () => void; readStop: () => void } | null };

const stop = ({ socket }: Readable) => (socket as WithHandle)._handle?.readStop();

/** HTTP pauses a socket while the server does not read the body on it. */
function read({ socket, above }: Readable): void {
  if (!above?.isPaused()) (socket as WithHandle)._handle?.readStart();
}
