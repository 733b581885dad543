/** A read-through cache: reads a value once for all callers at the same time, and keeps it for a while. */
import { LRUCache } from 'lru-cache';
import type { CacheBounds } from './lru.ts';
import { createSingleFlight } from './single-flight.ts';

type Reading<T> = {
  value: T;
  /** How long to keep it; 0 or less is not at all. */
  milliseconds: number;
  /** About how much memory it takes. */
  bytes: number;
};

type Remember<T> = (key: string, read: () => Promise<Reading<T>>) => Promise<T>;

/**
 * All callers share the value, so none may change it. A read that rejects is not kept.
 * @param now in milliseconds
 */
export function createRemember<T>({ maxEntries, maxBytes }: CacheBounds, now: () => number): Remember<T> {
  const kept = new LRUCache<string, { value: T; until: number; bytes: number }>({
    max: maxEntries,
    maxSize: maxBytes,
    sizeCalculation: ({ bytes }) => bytes,
  });
  const fly = createSingleFlight<T>();

  return async (key, read) => {
    const known = kept.get(key);
    if (known && now() < known.until) return known.value;
    return fly(key, async () => {
      const { value, milliseconds, bytes } = await read();
      if (milliseconds > 0) kept.set(key, { value, until: now() + milliseconds, bytes });
      return value;
    });
  };
}
