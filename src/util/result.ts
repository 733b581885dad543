/** Expected failures are values, not exceptions. */

/** A value, or the problem that stands in its way. */
export type Result<T, Problem> = Success<T> | Failure<Problem>;

export type Success<T> = { ok: true; value: T };
export type Failure<Problem> = { ok: false; problem: Problem };

export const ok = <T>(value: T): Success<T> => ({ ok: true, value });
export const fail = <Problem>(problem: Problem): Failure<Problem> => ({ ok: false, problem });

/** Changes a value; a problem stays as it is. */
export const mapValue = <T, U, Problem>(result: Result<T, Problem>, change: (value: T) => U): Result<U, Problem> =>
  result.ok ? ok(change(result.value)) : result;

/** @returns all values, or else all problems; each result has several problems, or none */
export function collect<T, Problem>(results: readonly Result<T, readonly Problem[]>[]): Result<T[], Problem[]> {
  const problems = results.flatMap((result) => (result.ok ? [] : result.problem));
  return problems.length > 0 ? fail(problems) : ok(results.flatMap((result) => (result.ok ? [result.value] : [])));
}
