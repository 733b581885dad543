/** A few lookups at a time for each registry, so that one which is slow takes neither all sockets nor all memory. */
import { type Leave, makeShares, type Shares } from './shares.ts';

type Lane = {
  shares: Shares;
  /** When a place was last taken or given back. */
  turnedAt: number;
  /** Milliseconds between two turns, lately. */
  pace: number;
};

/** @returns a place of that lane: undefined where none came free in so many milliseconds, or none will */
export type Enter = (lane: string, party: string, milliseconds: number) => Promise<Leave | undefined>;

/**
 * @param bounds of each lane: its places, and how many of them one party may have
 * @param now in milliseconds
 */
export function makeLimiter({ places, share }: { places: number; share: number }, now: () => number): Enter {
  const lanes = new Map<string, Lane>();

  return async (name, party, milliseconds) => {
    const lane = lanes.get(name) ?? { shares: makeShares(places, share), turnedAt: now(), pace: 0 };
    lanes.set(name, lane);
    const leaveWith = (leave: Leave) => () => {
      // Without a queue, the time between two turns says nothing of the next ones.
      lane.pace = lane.shares.isAwaited() ? lane.pace + (now() - lane.turnedAt - lane.pace) / places : 0;
      lane.turnedAt = now();
      leave();
      if (lane.shares.isUnused()) lanes.delete(name);
    };
    const entered = lane.shares.tryEnter(party);
    if (entered) {
      lane.turnedAt = now();
      return leaveWith(entered);
    }
    if (expectedWait(lane, party, now()) > milliseconds) return undefined;
    const leave = await waitForTurn(lane.shares, party, milliseconds);
    return leave && leaveWith(leave);
  };
}

// --- internal ---

/** Of one who comes last: the turns until then, at the lane's pace. Where nobody had a turn for a while, none is expected for as long. */
const expectedWait = ({ shares, turnedAt, pace }: Lane, party: string, now: number) =>
  Math.max(shares.turnsUntil(party) * pace, now - turnedAt);

function waitForTurn(shares: Shares, party: string, milliseconds: number): Promise<Leave | undefined> {
  return new Promise((resolve) => {
    const withdraw = shares.wait(party, (leave) => {
      clearTimeout(timer);
      resolve(leave);
    });
    const timer = setTimeout(() => {
      withdraw();
      resolve(undefined);
    }, milliseconds);
  });
}
