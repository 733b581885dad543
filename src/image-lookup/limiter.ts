/** A few lookups at a time for each registry, so that one which is slow takes neither all sockets nor all memory. */
import { type Leave, makeShares, type Shares, type Taken } from '../util/shares.ts';

type Lane = {
  shares: Shares;
  /** When a place was last taken or given back. */
  turnedAt: number;
  /** Milliseconds between two turns, lately. */
  pace: number;
};

/**
 * @param onTaken is called when the place is given to a party that holds fewer, before anybody has left it. Left out: it is not.
 * @returns a place of that lane: undefined where none came free in so many milliseconds, or none will
 */
export type Enter = (
  lane: string,
  party: string,
  milliseconds: number,
  onTaken?: () => void,
) => Promise<Leave | undefined>;

/** For so many milliseconds nobody takes a place away from its holder. Most lookups take less. */
const ownFor = 1000;

/**
 * @param bounds of each lane: its places, and how many of them one party may have
 * @param now in milliseconds
 */
export function makeLimiter({ places, share }: { places: number; share: number }, now: () => number): Enter {
  const lanes = new Map<string, Lane>();

  return async (name, party, milliseconds, onTaken) => {
    const lane = lanes.get(name) ?? { shares: makeShares(places, share), turnedAt: now(), pace: 0 };
    lanes.set(name, lane);
    const { shares } = lane;
    let enteredAt = Number.POSITIVE_INFINITY;
    const begin = (leave: Leave): Leave => {
      enteredAt = now();
      return () => {
        // Without a queue, the time between two turns says nothing of the next ones.
        lane.pace = shares.isAwaited() ? lane.pace + (now() - lane.turnedAt - lane.pace) / places : 0;
        lane.turnedAt = now();
        leave();
        if (shares.isUnused() && lanes.get(name) === lane) lanes.delete(name);
      };
    };
    const visit: Visit = {
      party,
      taken: onTaken && { mayBe: () => now() - enteredAt >= ownFor, tell: onTaken },
      begin,
    };
    const entered = shares.tryEnter(party, visit.taken);
    if (entered) {
      lane.turnedAt = now();
      return begin(entered);
    }
    if (!shares.isOwed(party) && expectedWait(lane, party, now()) > milliseconds) return undefined;
    return await waitForTurn(shares, visit, milliseconds);
  };
}

// --- internal ---

type Visit = { party: string; taken: Taken | undefined; begin: (leave: Leave) => Leave };

/** Of one who comes last: the turns until then, at the lane's pace. Where nobody had a turn for a while, none is expected for as long. */
const expectedWait = ({ shares, turnedAt, pace }: Lane, party: string, now: number) =>
  Math.max(shares.turnsUntil(party) * pace, now - turnedAt);

function waitForTurn(shares: Shares, { party, taken, begin }: Visit, milliseconds: number): Promise<Leave | undefined> {
  return new Promise((resolve) => {
    const end = (leave: Leave | undefined) => {
      clearTimeout(timer);
      clearInterval(retry);
      resolve(leave && begin(leave));
    };
    const withdraw = shares.wait(party, end, taken);
    const comeIn = (entered: Leave | undefined) => {
      withdraw();
      end(entered);
    };
    const timer = setTimeout(comeIn, milliseconds, undefined);
    // A party that holds too many may by now have held one for so long that it can lose it.
    const retry = setInterval(() => {
      const entered = shares.tryEnter(party, taken);
      if (entered) comeIn(entered);
    }, ownFor / 4);
  });
}
