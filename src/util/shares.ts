/**
 * Places that parties share, such as namespaces. None holds more than its share, and those that wait take turns. If all places
 * are taken, a party with many gives some to one with few; otherwise four parties with a share of a quarter keep out all others.
 */

/** Gives the place back, once. */
export type Leave = () => void;

/** How to take a place away. */
export type Taken = { mayBe: () => boolean; tell: () => void };

export type Shares = {
  /** @returns undefined if all places or the party's share are taken, and no other party has to give one away */
  tryEnter: (party: string, taken?: Taken) => Leave | undefined;
  /** For a party that could not enter. @returns a function that ends the wait */
  wait: (party: string, onTurn: (leave: Leave) => void, taken?: Taken) => () => void;
  /** Whether another party holds at least two places more, so that one could be taken away. */
  isOwed: (party: string) => boolean;
  /** How many turns a new visit of that party would wait for, its own included. */
  turnsUntil: (party: string) => number;
  isAwaited: () => boolean;
  isUnused: () => boolean;
};

/**
 * @param places how many there are in all
 * @param share how many of them one party may have
 */
export function createShares(places: number, share: number): Shares {
  /** By party, the oldest first. */
  const held = new Map<string, Set<{ taken: Taken | undefined }>>();
  /** The party whose turn is next comes first; visits of one party are in their order. */
  const waiting = new Map<string, Map<(leave: Leave) => void, Taken | undefined>>();
  let count = 0;

  const heldBy = (party: string) => held.get(party)?.size ?? 0;
  const isFree = (party: string) => count < places && heldBy(party) < share;

  const take = (party: string, taken: Taken | undefined): Leave => {
    const own = held.get(party) ?? new Set();
    const place = { taken };
    held.set(party, own.add(place));
    count++;
    return () => {
      if (drop(party, place)) letNextIn();
    };
  };

  const drop = (party: string, place: { taken: Taken | undefined }): boolean => {
    const own = held.get(party);
    // It may have been taken away.
    if (!own?.delete(place)) return false;
    count--;
    if (own.size === 0) held.delete(party);
    return true;
  };

  /** Parties that hold at least two places more. */
  const richerThan = (party: string) => [...held].filter(([, own]) => own.size >= heldBy(party) + 2);
  const isOwed = (party: string) => heldBy(party) < share && richerThan(party).length > 0;

  /** Takes the oldest place that may be taken from the party that holds the most. @returns whether a place is free now */
  const takeAway = (party: string): boolean => {
    if (count < places || !isOwed(party)) return false;
    const theirs = richerThan(party)
      .sort(([, a], [, b]) => b.size - a.size)
      .flatMap(([owner, own]) => [...own].map((place) => ({ owner, place })));
    const found = theirs.find(({ place }) => place.taken?.mayBe());
    if (!found) return false;
    drop(found.owner, found.place);
    found.place.taken?.tell();
    return true;
  };

  const withdraw = (party: string, onTurn: (leave: Leave) => void) => {
    const queue = waiting.get(party);
    queue?.delete(onTurn);
    if (queue?.size === 0) waiting.delete(party);
  };

  /** Of the parties with the fewest places, the one whose turn it is. */
  const nextParty = () => {
    const free = [...waiting.keys()].filter(isFree);
    const fewest = Math.min(...free.map(heldBy));
    return free.find((party) => heldBy(party) === fewest);
  };

  const letNextIn = () => {
    const party = nextParty();
    const queue = party === undefined ? undefined : waiting.get(party);
    const [first] = queue ?? [];
    if (party === undefined || !queue || !first) return;
    const [onTurn, taken] = first;
    // Its next visit waits until all other parties have had a turn.
    waiting.delete(party);
    waiting.set(party, queue);
    withdraw(party, onTurn);
    onTurn(take(party, taken));
  };

  return {
    isOwed,
    tryEnter: (party, taken) => (isFree(party) || takeAway(party) ? take(party, taken) : undefined),
    wait: (party, onTurn, taken) => {
      waiting.set(party, (waiting.get(party) ?? new Map()).set(onTurn, taken));
      return () => withdraw(party, onTurn);
    },
    turnsUntil: (party) => {
      const own = (waiting.get(party)?.size ?? 0) + 1;
      const others = [...waiting].filter(([other]) => other !== party);
      return others.reduce((sum, [, queue]) => sum + Math.min(queue.size, own), own);
    },
    isAwaited: () => waiting.size > 0,
    isUnused: () => count === 0,
  };
}
