/**
 * Bounds what is read in one turn of the event loop. Node.js reads every connection that has something to say before any other
 * code runs, and a record of TLS with one byte in it takes nearly a microsecond: 64 KiB of them take 2 ms, and 300 connections
 * that send those at the same moment keep everybody waiting for a second, three times.
 *
 * Two other designs were weighed. A filter that reads the headers of records below TLS sees all bytes of everybody in
 * JavaScript. Fewer connections would do, but an honest client needs its place for as long as a flood takes to fill all.
 */
import type { Socket } from 'node:net';
import { costlyTurn, type ReadLimits, readTurn } from '../limits.ts';

export type Readable = {
  socket: Socket;
  /** That of HTTP, which is another one with TLS; from the first request on. */
  above?: Socket;
};

/**
 * @param arrived how many whole requests have arrived so far: a turn in which one did says nothing of what reading costs
 * @returns a set of connections; while it has no more than both limits together, all of them are read
 */
export function readInTurns(
  { inTurn, latest }: ReadLimits,
  arrived: () => number,
): {
  /** Also where it is there: it is one of the latest again. */
  add: (one: Readable) => void;
  remove: (one: Readable) => void;
  /** Until the end of this turn. */
  readNow: (one: Readable) => void;
} {
  /** Those that have waited longest come first. */
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
    // Not the wall's time, which a busy machine takes as well.
    const before = process.cpuUsage();
    const arrivedBefore = arrived();
    const afterwards = () => {
      const { user, system } = process.cpuUsage(before);
      const isCostly = (user + system) / 1000 > costlyTurn && arrived() === arrivedBefore;
      groupSize = isCostly ? Math.ceil(groupSize / 2) : Math.min(groupSize * 2, inTurn);
      next();
    };
    timer = setTimeout(afterwards, readTurn).unref();
  };

  const add = (one: Readable) => {
    // It may come from another such set, which had stopped it.
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

/** Of streams only what HTTP itself does to its sockets would do this, and there is no other way for one in its handshake. */
type WithHandle = { _handle?: { readStart: () => void; readStop: () => void } | null };

const stop = ({ socket }: Readable) => (socket as WithHandle)._handle?.readStop();

/** HTTP pauses a socket while nobody reads the body on it. */
function read({ socket, above }: Readable): void {
  if (!above?.isPaused()) (socket as WithHandle)._handle?.readStart();
}
