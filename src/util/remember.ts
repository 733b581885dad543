/** What is asked for often, and read only now and then: once for all who ask at the same time, and then kept for a while. */
import { LRUCache } from 'lru-cache';
import type { CacheBounds } from './lru.ts';
import { makeSingleFlight } from './single-flight.ts';

type Reading<T> = {
  value: T;
  /** How long it is kept. */
  milliseconds: number;
  /** Of memory, about. */
  bytes: number;
};

/**
 * A value is shared by all who ask, so nobody may change it.
 * @param now in milliseconds
 */
export function makeRemember<T>(
  { maxEntries, maxBytes }: CacheBounds,
  now: () => number,
): (key: string, read: () => Promise<Reading<T>>) => Promise<T> {
  const kept = new LRUCache<string, { value: T; until: number; bytes: number }>({
    max: maxEntries,
    maxSize: maxBytes,
    sizeCalculation: ({ bytes }) => bytes,
  });
  const fly = makeSingleFlight<T>();

  return async (key, read) => {
    const known = kept.get(key);
    if (known && now() < known.until) return known.value;
    return fly(key, async () => {
      const { value, milliseconds, bytes } = await read();
      kept.set(key, { value, until: now() + milliseconds, bytes });
      return value;
    });
  };
}
