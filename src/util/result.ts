/** Expected failures are values, not exceptions. */

/** A value, or why there is none. */
export type Result<T, Problem> = { ok: true; value: T } | { ok: false; problem: Problem };
