/** Lists objects of one namespace or of all; where all is forbidden, of those namespaces that are allowed. */
import type { Api, ListOptions, Target } from '../../kubernetes/api/api.ts';
import { inParallel } from '../../util/parallel.ts';
import { ok } from '../../util/result.ts';

export type Everywhere<T> = {
  items: T[];
  /** A sentence for each request that failed, and for objects that are too large. */
  problems: string[];
  /** Namespaces that were asked one by one, and refused. */
  forbidden: string[];
};

/** @param namespaces all that there are; undefined if they are not known */
export async function listEverywhere<T>(
  api: Api,
  target: Target,
  options: ListOptions<T>,
  { scope, namespaces }: { scope: string | undefined; namespaces: readonly string[] | undefined },
): Promise<Everywhere<T>> {
  const { items, unread, problem } = await api.list({ ...target, namespace: scope }, options);
  const tooLarge = unread > 0 ? [`${unread} ${target.resource} are too large to read`] : [];
  if (!problem) return { items, problems: tooLarge, forbidden: [] };
  if (scope !== undefined || problem.kind !== 'forbidden')
    return { items, problems: [problem.message, ...tooLarge], forbidden: [] };
  if (!namespaces) return { items: [], problems: [`${problem.message}; name a namespace with -n`], forbidden: [] };
  return listEach(api, target, options, namespaces);
}

// --- internal ---

const atATime = 4;

async function listEach<T>(
  api: Api,
  target: Target,
  options: ListOptions<T>,
  namespaces: readonly string[],
): Promise<Everywhere<T>> {
  const found: Everywhere<T> = { items: [], problems: [], forbidden: [] };
  await inParallel(namespaces, atATime, async (namespace) => {
    const { items, unread, problem } = await api.list({ ...target, namespace }, options);
    for (const item of items) found.items.push(item);
    if (unread > 0)
      found.problems.push(`${unread} ${target.resource} in the namespace ${namespace} are too large to read`);
    if (problem?.kind === 'forbidden') found.forbidden.push(namespace);
    else if (problem) found.problems.push(problem.message);
    return ok(undefined);
  });
  return found;
}
