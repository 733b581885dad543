/** A few at a time, and the others after them in their order. */

/** Gives the place back, once. */
type Leave = () => void;

/** Waits for a place. @throws the signal's reason if that comes first */
export type Enter = (signal: AbortSignal) => Promise<Leave>;

export function makeTurns(places: number): Enter {
  let free = places;
  const waiting = new Set<() => void>();

  const leave = () => {
    const [next] = waiting;
    if (next) next();
    else free++;
  };

  return (signal) =>
    new Promise((resolve, reject) => {
      const settle = () => {
        waiting.delete(enter);
        signal.removeEventListener('abort', abort);
      };
      const enter = () => {
        settle();
        resolve(leave);
      };
      const abort = () => {
        settle();
        reject(signal.reason);
      };
      if (signal.aborted) return abort();
      if (free > 0) {
        free--;
        return enter();
      }
      waiting.add(enter);
      signal.addEventListener('abort', abort, { once: true });
    });
}
