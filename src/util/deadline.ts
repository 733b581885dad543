/** The time that some work may take, over all of its steps. */

/** `signal` aborts at the end; `remaining` is in milliseconds, and 0 after the end. */
export type Deadline = { signal: AbortSignal; remaining: () => number };

/**
 * @param milliseconds from now; 0 or less has passed already
 * @param parent ends the deadline earlier
 * @returns also `stop`: call it when the work is done, or thousands of lookups a second leave as many timers behind
 */
export function startDeadline(milliseconds: number, parent?: AbortSignal): Deadline & { stop: () => void } {
  const end = performance.now() + milliseconds;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), milliseconds);
  return {
    signal: parent ? AbortSignal.any([parent, controller.signal]) : controller.signal,
    remaining: () => Math.max(0, end - performance.now()),
    stop: () => clearTimeout(timer),
  };
}
