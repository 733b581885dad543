/**
 * A clock that stands until a test moves it, so that no test takes as long as what it tests, and none depends on how busy
 * the machine is. It moves timers, `Date` and `performance`; what is read from a network or signed goes by no clock.
 */
import { vi } from 'vitest';

/** Until `vi.useRealTimers()`. It stands at a whole second, since certificates have no parts of one. */
export const stopClock = (): unknown =>
  vi.useFakeTimers({
    now: Math.floor(Date.now() / 1000) * 1000,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });

/** Lets so many milliseconds pass, and all happen that is due. */
export const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

/** Something that takes so many milliseconds. */
export const takes = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Lets time pass until it holds, but no more than so many milliseconds. */
export async function passUntil(holds: () => boolean, most = 10_000): Promise<void> {
  const end = Date.now() + most;
  while (!holds()) {
    if (Date.now() >= end) throw new Error(`expected ${holds} within ${most} ms`);
    await pass(5);
  }
}
