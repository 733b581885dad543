/** Does some of many things at the same time. */
import { ok, type Result } from './result.ts';

/** @returns the values in the order of the items, or the first problem; after a problem, nothing more begins */
export async function inParallel<T, R, P>(
  items: readonly T[],
  limit: number,
  ask: (item: T) => Promise<Result<R, P>>,
): Promise<Result<R[], P>> {
  const values: R[] = [];
  let failed: Extract<Result<R, P>, { ok: false }> | undefined;
  const queue = items.entries();
  const work = async () => {
    for (const [index, item] of queue) {
      const answer = await ask(item);
      if (answer.ok) values[index] = answer.value;
      else failed ??= answer;
      if (failed) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  return failed ?? ok(values);
}
