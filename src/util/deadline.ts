/** A budget that can be handed back, so that thousands of lookups in a second leave no timers behind. */
import type { Budget } from './budget.ts';

type Deadline = Budget & { stop: () => void };

export function startDeadline(milliseconds: number): Deadline {
  const end = performance.now() + milliseconds;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), milliseconds);
  return {
    signal: controller.signal,
    remaining: () => Math.max(0, end - performance.now()),
    stop: () => clearTimeout(timer),
  };
}
