/**
 * Memory that many requests share: a sum with a bound. Large bodies use only a part of it, so that ordinary bodies never wait for
 * them. A body that finds no room waits. The order of the queue is: the address that holds the least, then the smallest body, then
 * known callers. If too many wait, the last in this order is refused, and not the latest. A body of any size fits if it is alone.
 *
 * There were two designs. If only bytes that have arrived count, no unsent byte holds room, but bodies of which half has
 * arrived wait for each other. So a whole body counts, and a slow body gives its room back early if others wait. Whether a
 * caller is known counts least, because an attacker becomes known with one review.
 */
import type { Caller } from '../connections/places.ts';

export type Wish = { bytes: number; isLarge: boolean; caller: Caller };

export type Room = {
  /** @returns a function that gives the room back; undefined if there is no room now */
  take: (wish: Wish) => (() => void) | undefined;
  /**
   * Waits until there is room.
   * @returns a function that gives the room back
   * @throws the signal's reason when it is aborted, and `createTooManyError()` if the queue is full and this is its last
   */
  wait: (wish: Wish, signal: AbortSignal) => Promise<() => void>;
  /**
   * Chooses which of the slow bodies has to give its room back now: another body waits whose address holds no more than that of
   * the slow one.
   */
  chooseToYield: (slow: readonly Wish[]) => Wish | undefined;
  /** Whether any body waits. */
  isShort: () => boolean;
};

type Waiting = Wish & { enter: (giveBack: () => void) => void; refuse: (reason: unknown) => void };

type Size = {
  total: number;
  large: number;
  /** How many of each kind may wait: they hold memory, too. */
  waiting: number;
};

/** @param createTooManyError makes the error for a body that the full queue refuses */
export function createRoom({ total, large, waiting: maxWaiting }: Size, createTooManyError: () => Error): Room {
  const held = { all: 0, large: 0 };
  const loads = createAddressLoads();
  const waiting = { ordinary: new Set<Waiting>(), large: new Set<Waiting>() };
  const lines = [waiting.ordinary, waiting.large];
  const chooseLine = ({ isLarge }: Wish) => (isLarge ? waiting.large : waiting.ordinary);

  const fits = ({ bytes, isLarge }: Wish) =>
    isLarge
      ? held.large === 0 || (held.large + bytes <= large && held.all + bytes <= total)
      : held.all === 0 || held.all + bytes <= total;

  const count = ({ bytes, isLarge }: Wish, sign: 1 | -1) => {
    held.all += sign * bytes;
    if (isLarge) held.large += sign * bytes;
  };

  const enter = (wish: Wish) => {
    count(wish, 1);
    loads.add(wish);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      count(wish, -1);
      loads.remove(wish);
      for (const line of lines) if (line.size > 0) admitFrom(line);
    };
  };

  const leave = (line: Set<Waiting>, one: Waiting): boolean => {
    if (!line.delete(one)) return false;
    loads.remove(one);
    return true;
  };

  /** A body that does not fit yet is not overtaken by one that fits: it might wait forever. */
  const admitFrom = (line: Set<Waiting>) => {
    for (let next = findFirst(line); next && fits(next); next = findFirst(line)) {
      leave(line, next);
      next.enter(enter(next));
    }
  };

  const compare = (a: Wish, b: Wish) =>
    loads.get(a) - loads.get(b) || a.bytes - b.bytes || Number(b.caller.isKnown) - Number(a.caller.isKnown);
  /** Of equal bodies the oldest is the first, and the youngest is the last. */
  const findFirst = (line: Set<Waiting>) => pick([...line], (a, b) => compare(b, a) < 0);
  const findLast = <T extends Wish>(some: readonly T[]) => pick(some, (a, b) => compare(b, a) >= 0);

  return {
    isShort: () => lines.some(({ size }) => size > 0),
    take: (wish) => (chooseLine(wish).size === 0 && fits(wish) ? enter(wish) : undefined),
    wait: async (wish, signal) => {
      signal.throwIfAborted();
      const line = chooseLine(wish);
      return new Promise((resolve, reject) => {
        const entry = { ...wish, enter: resolve, refuse: reject };
        line.add(entry);
        loads.add(entry);
        signal.addEventListener('abort', () => {
          if (leave(line, entry)) reject(signal.reason);
          admitFrom(line);
        });
        const last = line.size > maxWaiting ? findLast([...line]) : undefined;
        if (last && leave(line, last)) last.refuse(createTooManyError());
        admitFrom(line);
      });
    },
    chooseToYield: (slow) => {
      for (const first of lines.map(findFirst)) {
        // An ordinary body that yields makes no room in the part for large bodies.
        const isPartFull = first?.isLarge && held.large + first.bytes > large;
        const last = first && findLast(slow.filter(({ isLarge }) => isLarge || !isPartFull));
        if (last && loads.get(last) >= loads.get(first)) return last;
      }
      return undefined;
    },
  };
}

// --- internal ---

/** @param isBetter whether the second should replace the first */
const pick = <T>(some: readonly T[], isBetter: (one: T, other: T) => boolean): T | undefined =>
  some.length === 0 ? undefined : some.reduce((one, other) => (isBetter(one, other) ? other : one));

/** How many bytes each address holds and waits for. */
function createAddressLoads() {
  const loads = new Map<string, number>();
  const get = ({ caller }: Wish) => loads.get(caller.address) ?? 0;
  const change = (wish: Wish, bytes: number) => {
    const load = get(wish) + bytes;
    // Keeps some zeros: V8 rebuilds a Map whose entries are often removed and set again.
    if (load > 0 || loads.size < 100) loads.set(wish.caller.address, load);
    else loads.delete(wish.caller.address);
  };
  return {
    get,
    add: (wish: Wish) => change(wish, wish.bytes),
    remove: (wish: Wish) => change(wish, -wish.bytes),
  };
}
