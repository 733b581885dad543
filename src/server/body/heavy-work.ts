/**
 * Who may use the one thread, and when.
 *
 * Reviews that take long go one at a time, and after each there is as much time for everything else: a new client needs a
 * few turns of the event loop (connection, handshake, request), and none of them may be a heavy review's, one after another.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../connections/bound.ts';
import { answersPerTurn } from '../limits.ts';

/** @returns a function that waits for the turn of heavy work; the work is what the caller does before it waits again */
export function takeTurns(now: () => number = () => performance.now()): () => Promise<void> {
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
 * Ordinary reviews go some in each turn of the event loop. Those that wait go by address in turns, and the newcomers of an
 * address count as another one: a review waits for a few of others, however many those have sent.
 * @returns a function for the turn of a review; undefined where that is now
 */
export function shareTurns(): (caller: Caller) => Promise<void> | undefined {
  const waiting = new Map<string, (() => void)[]>();
  let started = 0;

  const begin = () => {
    // Not in each turn: an earlier one's are counted, too, and cost one turn in so many reviews.
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
