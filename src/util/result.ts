/** Expected failures are values, not exceptions. */

/** A value, or the problem that stands in its way. */
export type Result<T, Problem> = { ok: true; value: T } | { ok: false; problem: Problem };
