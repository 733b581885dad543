/** Places that parties share, such as namespaces: none holds more than its share, and those that wait take turns. */

/** Gives the place back, once. */
export type Leave = () => void;

export type Shares = {
  /** @returns undefined where all places are taken, or the party's share of them is */
  tryEnter: (party: string) => Leave | undefined;
  /** For who could not enter. @returns what ends the wait */
  wait: (party: string, onTurn: (leave: Leave) => void) => () => void;
  /** How many turns somebody of that party would wait for, the own one included. */
  turnsUntil: (party: string) => number;
  isAwaited: () => boolean;
  isUnused: () => boolean;
};

/**
 * @param places how many there are in all
 * @param share how many of them one party has at most
 */
export function makeShares(places: number, share: number): Shares {
  const held = new Map<string, number>();
  /** The party whose turn is next comes first; of one party, in their order. */
  const waiting = new Map<string, Set<(leave: Leave) => void>>();
  let taken = 0;

  const isFree = (party: string) => taken < places && (held.get(party) ?? 0) < share;

  const take = (party: string): Leave => {
    taken++;
    held.set(party, (held.get(party) ?? 0) + 1);
    return () => {
      taken--;
      const left = (held.get(party) ?? 0) - 1;
      if (left > 0) held.set(party, left);
      else held.delete(party);
      letNextIn();
    };
  };

  const withdraw = (party: string, onTurn: (leave: Leave) => void) => {
    const queue = waiting.get(party);
    queue?.delete(onTurn);
    if (queue?.size === 0) waiting.delete(party);
  };

  const letNextIn = () => {
    const party = [...waiting.keys()].find(isFree);
    const queue = party === undefined ? undefined : waiting.get(party);
    const [onTurn] = queue ?? [];
    if (party === undefined || !queue || !onTurn) return;
    // Its next one waits until all other parties have had a turn.
    waiting.delete(party);
    waiting.set(party, queue);
    withdraw(party, onTurn);
    onTurn(take(party));
  };

  return {
    tryEnter: (party) => (isFree(party) ? take(party) : undefined),
    wait: (party, onTurn) => {
      waiting.set(party, (waiting.get(party) ?? new Set()).add(onTurn));
      return () => withdraw(party, onTurn);
    },
    turnsUntil: (party) => {
      const own = (waiting.get(party)?.size ?? 0) + 1;
      const others = [...waiting].filter(([other]) => other !== party);
      return others.reduce((sum, [, queue]) => sum + Math.min(queue.size, own), own);
    },
    isAwaited: () => waiting.size > 0,
    isUnused: () => taken === 0,
  };
}
