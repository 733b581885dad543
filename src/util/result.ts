/** What may go wrong as expected is a value, not an exception. */

/** What was asked for, or why there is none. */
export type Result<T, Problem> = { ok: true; value: T } | { ok: false; problem: Problem };
