/**
 * Memory that many share: a sum with a bound. Large ones take from a part of it, so that ordinary ones never wait for them.
 * Who finds no room waits. First goes whose address has the least, then who needs the least, then who is known; where too
 * many wait, the last in that order is refused, and not who comes last. Nothing is too large to be alone.
 *
 * Two designs were weighed. To count only bytes that have arrived lets no unsent byte hold room, but then bodies that have
 * come by half wait for each other. So a whole body is counted, and one that comes slowly gives its room back early, to
 * those that wait. Whether a caller is known counts least: an attacker becomes known with one review.
 */
import type { Caller } from '../connections/bound.ts';

export type Wish = { bytes: number; isLarge: boolean; caller: Caller };

export type Room = {
  /** @returns a function that gives the room back, once; undefined if there is no room now */
  take: (wish: Wish) => (() => void) | undefined;
  /**
   * @returns the same, once there is room
   * @throws the signal's reason when that is aborted, and `tooMany()` where as many wait as may, and this is the last
   */
  wait: (wish: Wish, signal: AbortSignal) => Promise<() => void>;
  /**
   * Which of those that have room, and come slowly, has to give it back now, as somebody waits for it whose address has no
   * more than its own.
   */
  toYield: (slow: readonly Wish[]) => Wish | undefined;
  /** Whether anybody waits. */
  isShort: () => boolean;
};

type Waiting = Wish & { enter: (giveBack: () => void) => void; refuse: (reason: unknown) => void };

type Size = {
  total: number;
  large: number;
  /** How many may wait of each kind: they hold something, too. */
  waiting: number;
};

/** @param tooMany makes the error for those who cannot even wait */
export function createRoom({ total, large, waiting: most }: Size, tooMany: () => Error): Room {
  const held = { all: 0, large: 0 };
  const loads = addressLoads();
  const waiting = { ordinary: new Set<Waiting>(), large: new Set<Waiting>() };
  const lines = [waiting.ordinary, waiting.large];
  const lineOf = ({ isLarge }: Wish) => (isLarge ? waiting.large : waiting.ordinary);

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

  /** One that does not fit yet is not overtaken by one that does: it would wait without an end. */
  const admitFrom = (line: Set<Waiting>) => {
    for (let next = firstOf(line); next && fits(next); next = firstOf(line)) {
      leave(line, next);
      next.enter(enter(next));
    }
  };

  const compare = (a: Wish, b: Wish) =>
    loads.of(a) - loads.of(b) || a.bytes - b.bytes || Number(b.caller.isKnown) - Number(a.caller.isKnown);
  /** Of equals the oldest is the first, and the youngest the last. */
  const firstOf = (line: Set<Waiting>) => pick([...line], (a, b) => compare(b, a) < 0);
  const lastOf = <T extends Wish>(some: readonly T[]) => pick(some, (a, b) => compare(b, a) >= 0);

  return {
    isShort: () => lines.some(({ size }) => size > 0),
    take: (wish) => (lineOf(wish).size === 0 && fits(wish) ? enter(wish) : undefined),
    wait: async (wish, signal) => {
      signal.throwIfAborted();
      const line = lineOf(wish);
      return new Promise((resolve, reject) => {
        const entry = { ...wish, enter: resolve, refuse: reject };
        line.add(entry);
        loads.add(entry);
        signal.addEventListener('abort', () => {
          if (leave(line, entry)) reject(signal.reason);
          admitFrom(line);
        });
        const last = line.size > most ? lastOf([...line]) : undefined;
        if (last && leave(line, last)) last.refuse(tooMany());
        admitFrom(line);
      });
    },
    toYield: (slow) => {
      for (const first of lines.map(firstOf)) {
        // What is ordinary makes no room in the part of the large ones.
        const isPartFull = first?.isLarge && held.large + first.bytes > large;
        const last = first && lastOf(slow.filter(({ isLarge }) => isLarge || !isPartFull));
        if (last && loads.of(last) >= loads.of(first)) return last;
      }
      return undefined;
    },
  };
}

// --- internal ---

/** @param isBetter whether the second goes in the place of the first */
const pick = <T>(some: readonly T[], isBetter: (one: T, other: T) => boolean): T | undefined =>
  some.length === 0 ? undefined : some.reduce((one, other) => (isBetter(one, other) ? other : one));

/** How many bytes each address has, and waits for. */
function addressLoads() {
  const loads = new Map<string, number>();
  const of = ({ caller }: Wish) => loads.get(caller.address) ?? 0;
  const change = (wish: Wish, bytes: number) => {
    const load = of(wish) + bytes;
    // Some zeros stay: V8 rebuilds a Map whose entries are removed and set again all the time.
    if (load > 0 || loads.size < 100) loads.set(wish.caller.address, load);
    else loads.delete(wish.caller.address);
  };
  return {
    of,
    add: (wish: Wish) => change(wish, wish.bytes),
    remove: (wish: Wish) => change(wish, -wish.bytes),
  };
}
