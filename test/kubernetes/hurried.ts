/** Makes `AbortSignal.timeout` a hundred times as fast, and tells how long was asked for. */
import { vi } from 'vitest';

export function hurryTimeouts() {
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  return vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => timeout(milliseconds / 100));
}
