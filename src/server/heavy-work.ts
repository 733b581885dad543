/**
 * Reviews that take long go one at a time, and after each there is as much time for everything else: a new client needs a
 * few turns of the event loop (connection, handshake, request), and none of them may be a heavy review's, one after another.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

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
