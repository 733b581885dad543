/** Telling people what is going on, and how long it took. */
const beat = 30_000;

/** Says what is being done, repeats it every half minute, and says when it's done. */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = Date.now();
  const seconds = () => `${((Date.now() - start) / 1000).toFixed(1)} s`;
  const heart = setInterval(() => console.error(`  … ${what} (${seconds()})`), beat);
  try {
    const result = await work();
    console.error(`  ${what}: ${seconds()}`);
    return result;
  } finally {
    clearInterval(heart);
  }
}

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Asks again and again until the answer is neither undefined nor false; gives up after some seconds with a sentence. */
export async function eventually<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T | undefined | false>,
  everyMilliseconds = 200,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let trouble: unknown;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      if (error instanceof GiveUp) throw error;
      trouble = error;
    }
    await sleep(everyMilliseconds);
  } while (Date.now() < end);
  throw new TimedOut(`${what}: not within ${seconds} s${trouble instanceof Error ? ` (${trouble.message})` : ''}`);
}

/**
 * Something did not come, or came too late, which a machine with much else to do can cause. CI tries such a test once more,
 * and never one that compared what there was: see scripts/ci/report.ts.
 */
export class TimedOut extends Error {
  static {
    // Before the first is made: the name is part of its stack.
    TimedOut.prototype.name = 'TimedOut';
  }
}

/** @param most seconds that it may have taken */
export function expectWithin(what: string, most: number, seconds: number): void {
  if (seconds > most) throw new TimedOut(`${what}: expected at most ${most} s, found ${seconds.toFixed(1)} s`);
}

/** Thrown by a question of `eventually` that will never get its answer. */
export class GiveUp extends Error {}
