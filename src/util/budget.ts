/** The time that a lookup may take, over all of its requests. */

/** `signal` aborts when nothing of it is left; `remaining` is in milliseconds. */
export type Budget = { signal: AbortSignal; remaining: () => number };

/** @param signal of whoever waits: the budget ends with it, if that comes first */
export function startBudget(milliseconds: number, signal?: AbortSignal): Budget {
  const end = performance.now() + milliseconds;
  const timeout = AbortSignal.timeout(Math.max(0, Math.ceil(milliseconds)));
  const remaining = () => Math.max(0, end - performance.now());
  return { signal: signal ? AbortSignal.any([signal, timeout]) : timeout, remaining };
}
