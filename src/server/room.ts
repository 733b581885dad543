/**
 * Memory that many share: a sum with a bound. Large ones take from a part of it, so that ordinary ones never wait for them.
 * Who finds no room waits: known clients go first, then those whose address holds the least. Nothing is too large to be
 * alone.
 */
import type { Caller } from './connections.ts';

export type Wish = { bytes: number; isLarge: boolean; caller: Caller };

export type Room = {
  /** @returns a function that gives it back, once; undefined where there is none now */
  take: (wish: Wish) => (() => void) | undefined;
  /**
   * @returns the same, once there is room
   * @throws the signal's reason when that is aborted, and `tooMany()` where as many wait as may
   */
  wait: (wish: Wish, signal: AbortSignal) => Promise<() => void>;
  /** Whether anybody waits. */
  isShort: () => boolean;
};

type Waiting = Wish & { enter: (giveBack: () => void) => void };

type Size = {
  total: number;
  large: number;
  /** How many may wait of each kind: they hold something, too. */
  waiting: number;
};

/** @param tooMany makes the error for those who cannot even wait */
export function createRoom({ total, large, waiting: most }: Size, tooMany: () => Error): Room {
  const held = { all: 0, large: 0 };
  const byAddress = new Map<string, number>();
  const waiting = { ordinary: new Set<Waiting>(), large: new Set<Waiting>() };
  const lineOf = ({ isLarge }: Wish) => (isLarge ? waiting.large : waiting.ordinary);

  const fits = ({ bytes, isLarge }: Wish) =>
    isLarge
      ? held.large === 0 || (held.large + bytes <= large && held.all + bytes <= total)
      : held.all === 0 || held.all + bytes <= total;

  const count = ({ bytes, isLarge, caller: { address } }: Wish, sign: 1 | -1) => {
    held.all += sign * bytes;
    if (isLarge) held.large += sign * bytes;
    const own = (byAddress.get(address) ?? 0) + sign * bytes;
    if (own > 0) byAddress.set(address, own);
    else byAddress.delete(address);
  };

  const enter = (wish: Wish) => {
    count(wish, 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      count(wish, -1);
      for (const line of [waiting.ordinary, waiting.large]) admitFrom(line);
    };
  };

  /** One that needs more is not overtaken by one that needs less: it would wait without an end. */
  const admitFrom = (line: Set<Waiting>) => {
    while (line.size > 0) {
      const next = [...line].reduce((a, b) => (isBefore(b, a) ? b : a));
      if (!fits(next)) return;
      line.delete(next);
      next.enter(enter(next));
    }
  };

  const isBefore = ({ caller: a }: Wish, { caller: b }: Wish) =>
    a.isKnown === b.isKnown ? (byAddress.get(a.address) ?? 0) < (byAddress.get(b.address) ?? 0) : a.isKnown;

  return {
    isShort: () => waiting.ordinary.size + waiting.large.size > 0,
    take: (wish) => (lineOf(wish).size === 0 && fits(wish) ? enter(wish) : undefined),
    wait: async (wish, signal) => {
      const line = lineOf(wish);
      if (line.size >= most) throw tooMany();
      signal.throwIfAborted();
      return new Promise((resolve, reject) => {
        const entry = { ...wish, enter: resolve };
        line.add(entry);
        signal.addEventListener('abort', () => {
          if (line.delete(entry)) reject(signal.reason);
        });
      });
    },
  };
}
