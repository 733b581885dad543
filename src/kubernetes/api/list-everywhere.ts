/** Lists the objects of all namespaces, also for a caller who may list them only in some. */
import { inParallel } from '../../util/parallel.ts';
import { fail, ok } from '../../util/result.ts';
import { type Api, type ApiProblem, isFatal, type Listed, type ListOptions, type Target } from './api.ts';

/** What could not be listed. Without a namespace, that is all of it. */
export type Unlisted = { namespace?: string; problem: ApiProblem };

export type ListedEverywhere<T> = Omit<Listed<T>, 'problem'> & { unlisted: Unlisted[] };

/** @param target with a namespace, only that one */
export async function listEverywhere<T>(
  api: Api,
  target: Target,
  options: ListOptions<T>,
): Promise<ListedEverywhere<T>> {
  const all = await api.list(target, options);
  const { problem } = all;
  if (problem?.kind !== 'forbidden' || target.namespace !== undefined) {
    const { namespace } = target;
    return { ...all, unlisted: problem ? [{ ...(namespace !== undefined && { namespace }), problem }] : [] };
  }
  const namespaces = await api.list({ resource: 'namespaces' }, { read: readName });
  if (namespaces.problem) return { items: [], unread: 0, unlisted: [{ problem }] };
  const found: ListedEverywhere<T> = { items: [], unread: 0, unlisted: [] };
  await inParallel(namespaces.items, atATime, async (namespace) => {
    const listed = await api.list({ ...target, namespace }, options);
    for (const item of listed.items) found.items.push(item);
    found.unread += listed.unread;
    if (listed.problem) found.unlisted.push({ namespace, problem: listed.problem });
    // Every other namespace would wait for the same.
    return listed.problem && isFatal(listed.problem) ? fail(undefined) : ok(undefined);
  });
  return found;
}

// --- internal ---

const atATime = 4;

function readName({ metadata }: Record<string, unknown>): string | undefined {
  const name = typeof metadata === 'object' && metadata !== null && 'name' in metadata ? metadata.name : undefined;
  return typeof name === 'string' ? name : undefined;
}
