/** Waits for some time, or until there is nothing more to wait for. */
import { setTimeout } from 'node:timers/promises';

/** @returns when the time is over, or as soon as the signal is aborted */
export const pause = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  setTimeout(milliseconds, undefined, signal && { signal }).catch(() => {});
