/**
 * Decides when a review may use the one thread.
 *
 * Heavy reviews go one at a time, and after each there is as much time for everything else. A new client needs a few turns of the
 * event loop (connection, handshake, request), and must not wait for a heavy review in each of them.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../connections/places.ts';
import { answersPerTurn } from '../limits.ts';

/** @returns a function that waits for the turn of a heavy review; the turn lasts until its caller next awaits something */
export function createHeavyTurns(now: () => number = () => performance.now()): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    const mine = last;
    last = mine.then(async () => {
      const started = now();
      await nextTurn();
      await sleep(now() - started);
    });
    return mine;
  };
}

/**
 * The server answers a few ordinary reviews in each turn of the event loop. Those that wait take turns by address, and new
 * connections of an address count as another address: a review waits for only a few reviews of others, however many they send.
 * @returns a function that waits for the turn of a review; it returns undefined if that is now
 */
export function createOrdinaryTurns(): (caller: Caller) => Promise<void> | undefined {
  const waiting = new Map<string, (() => void)[]>();
  let started = 0;

  const begin = () => {
    // The count is not reset in each turn, so it includes reviews of earlier turns. That costs one turn in `answersPerTurn` reviews.
    if (++started === answersPerTurn) setImmediate(renew);
  };
  const renew = () => {
    started = 0;
    while (started < answersPerTurn) {
      const [next] = waiting;
      if (!next) return;
      const [key, line] = next;
      waiting.delete(key);
      line.shift()?.();
      if (line.length > 0) waiting.set(key, line);
      begin();
    }
  };

  return ({ address, isKnown }) => {
    if (started < answersPerTurn) return void begin();
    const key = isKnown ? address : `${address} new`;
    const line = waiting.get(key) ?? [];
    waiting.set(key, line);
    return new Promise((resolve) => line.push(resolve));
  };
}
