/** A few at a time, a part of them for each party, and the others after them in turn. */
import { type Leave, makeShares } from './shares.ts';

/** Waits for a place. @throws the signal's reason if that comes first */
export type EnterTurn = (party: string, signal: AbortSignal) => Promise<Leave>;

export function makeTurns(places: number, share: number): EnterTurn {
  const shares = makeShares(places, share);

  return (party, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const entered = shares.tryEnter(party);
      if (entered) return resolve(entered);
      const abort = () => {
        withdraw();
        reject(signal.reason);
      };
      const withdraw = shares.wait(party, (leave) => {
        signal.removeEventListener('abort', abort);
        resolve(leave);
      });
      signal.addEventListener('abort', abort, { once: true });
    });
}
