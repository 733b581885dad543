/**
 * Lets in a few at a time, and no party more than its share: so one namespace cannot keep out the others, and a registry that
 * is slow takes neither all sockets nor all memory. `shares.ts` says whose turn it is.
 */
import { createShares, type Leave, type Shares, type Taken } from './shares.ts';

export type { Leave } from './shares.ts';

/** @example { lane: 'registry.example.com', party: 'shop', signal, milliseconds: 2500 } */
type Visit = {
  /** Each lane has places of its own; one lane for all if left out. */
  lane?: string;
  party: string;
  /** Ends the wait. */
  signal?: AbortSignal;
  /** Ends the wait; and it does not begin if it would take longer, going by the lane's pace. */
  milliseconds?: number;
  /** The place went to a party that holds fewer. Left out: it stays with its holder. */
  onTaken?: () => void;
};

/** @returns what leaves the place; undefined if none came free in time */
export type Enter = (visit: Visit) => Promise<Leave | undefined>;

/**
 * @param bounds of each lane: its places, and how many of them one party may have
 * @param now in milliseconds
 */
export function createLimiter(
  { places, share }: { places: number; share: number },
  now: () => number = () => performance.now(),
): Enter {
  const lanes = new Map<string, Lane>();

  return async (visit) => {
    const { lane: name = '', party, milliseconds = Infinity, onTaken } = visit;
    if (visit.signal?.aborted) return undefined;
    const lane = lanes.get(name) ?? { shares: createShares(places, share), turnedAt: now(), pace: 0 };
    lanes.set(name, lane);
    const { shares } = lane;
    let enteredAt = Infinity;
    const taken = onTaken && { mayBe: () => now() - enteredAt >= ownFor, tell: onTaken };
    const begin = (leave: Leave): Leave => {
      enteredAt = now();
      return () => {
        // Without a queue, the time between two turns says nothing about the next ones.
        lane.pace = shares.isAwaited() ? lane.pace + (now() - lane.turnedAt - lane.pace) / places : 0;
        lane.turnedAt = now();
        leave();
        if (shares.isUnused() && lanes.get(name) === lane) lanes.delete(name);
      };
    };
    const entered = shares.tryEnter(party, taken);
    if (entered) {
      lane.turnedAt = now();
      return begin(entered);
    }
    if (!shares.isOwed(party) && expectWait(lane, party, now()) > milliseconds) return undefined;
    const leave = await waitForTurn(shares, visit, taken);
    return leave && begin(leave);
  };
}

// --- internal ---

type Lane = {
  shares: Shares;
  /** When a place was last taken or given back. */
  turnedAt: number;
  /** Milliseconds between two turns, lately. */
  pace: number;
};

/** Milliseconds for which a holder keeps its place in any case. Most lookups take less. */
const ownFor = 1000;

/** For a new caller: the queue's length times the lane's pace, or the time since the last turn if that is longer. */
const expectWait = ({ shares, turnedAt, pace }: Lane, party: string, now: number) =>
  Math.max(shares.turnsUntil(party) * pace, now - turnedAt);

function waitForTurn(
  shares: Shares,
  { party, signal, milliseconds }: Visit,
  taken: Taken | undefined,
): Promise<Leave | undefined> {
  return new Promise((resolve) => {
    const end = (leave: Leave | undefined) => {
      clearTimeout(timer);
      clearInterval(retry);
      signal?.removeEventListener('abort', giveUp);
      resolve(leave);
    };
    const withdraw = shares.wait(party, end, taken);
    const giveUp = () => {
      withdraw();
      end(undefined);
    };
    const timer = milliseconds === undefined ? undefined : setTimeout(giveUp, milliseconds);
    signal?.addEventListener('abort', giveUp, { once: true });
    // A party that holds too many may by now have held one for so long that it can lose it.
    const retry = setInterval(() => {
      const entered = shares.tryEnter(party, taken);
      if (!entered) return;
      withdraw();
      end(entered);
    }, ownFor / 4);
  });
}
