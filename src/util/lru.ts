/** Keeps values within a bound of entries and of bytes; the least recently used go first. */
// As a whole: the command line loads this file with Node.js 20.0, too, which does not have all of it.
import crypto from 'node:crypto';
import { LRUCache } from 'lru-cache';

export type CacheBounds = { maxEntries: number; maxBytes: number };

/** `isFresh` until the time that the value was kept for is over. */
type Kept<T> = { value: T; isFresh: boolean };

export type Cache<T> = {
  get: (key: string) => Kept<T> | undefined;
  /** Does not keep a value that is larger than the whole cache. Without milliseconds it stays fresh. */
  set: (key: string, value: T, milliseconds?: number) => void;
};

/**
 * For values that JSON can hold.
 * @param now in milliseconds
 */
export function createCache<T>({ maxEntries, maxBytes }: CacheBounds, now: () => number): Cache<T> {
  // As text, the size of a value is known, nobody can change it, and it does not keep a whole answer in memory because of a
  // few words cut from it. The same goes for keys.
  const entries = new LRUCache<string, { text: string; until: number }>({
    max: maxEntries,
    maxSize: maxBytes,
    sizeCalculation: ({ text }) => measureEntry(text),
  });
  return {
    get: (key) => {
      const entry = entries.get(shorten(key));
      return entry && { value: JSON.parse(entry.text), isFresh: now() < entry.until };
    },
    set: (key, value, milliseconds = Infinity) => {
      entries.set(shorten(key), { text: JSON.stringify(value), until: now() + milliseconds });
    },
  };
}

// --- internal ---

const shorten = (key: string) => crypto.hash('sha256', key, 'base64url');

/** An entry without its text: its key and its places in the lists of lru-cache (measured: 120 to 160), and an object. */
const entryBytes = 224;

/** V8 takes one byte for a character, and two for each of a text that has one beyond Latin-1. */
const measureEntry = (text: string) => entryBytes + text.length * (/[^\0-\xff]/.test(text) ? 2 : 1);
