/** Lists objects of one namespace or of all, with a sentence for each thing that could not be read. */
import { type Api, isFatal, type ListOptions, type Target } from '../../kubernetes/api/api.ts';
import { listEverywhere, type Unlisted } from '../../kubernetes/api/list-everywhere.ts';

export type Everywhere<T> = {
  items: T[];
  /** A sentence for each request that failed, and for objects that could not be read. */
  problems: string[];
  /** Namespaces that were asked one by one, and refused. */
  forbidden: string[];
  /** Whether the API server did not answer, or not to this caller: no other request would be answered. */
  isLost: boolean;
};

/** @param scope namespaces; undefined for all that the caller may list */
export async function listInScope<T>(
  api: Api,
  target: Target,
  options: ListOptions<T>,
  scope: readonly string[] | undefined,
): Promise<Everywhere<T>> {
  const items: T[] = [];
  const unlisted: Unlisted[] = [];
  let unread = 0;
  for (const namespace of scope ?? [undefined]) {
    if (unlisted.some(({ problem }) => isFatal(problem))) break;
    const found = await listEverywhere(api, { ...target, namespace }, options);
    for (const item of found.items) items.push(item);
    unlisted.push(...found.unlisted);
    unread += found.unread;
  }
  const problems = unread > 0 ? [`${unread} ${target.resource} could not be read: too large, or without a name`] : [];
  return { items, ...sort(unlisted, problems, scope), isLost: unlisted.some(({ problem }) => isFatal(problem)) };
}

// --- internal ---

/** Forbidden namespaces are told apart, if nobody named them. */
function sort(unlisted: readonly Unlisted[], problems: string[], scope: readonly string[] | undefined) {
  const forbidden: string[] = [];
  for (const { namespace, problem } of unlisted) {
    const isRefused = problem.kind === 'forbidden' && scope === undefined;
    if (isRefused && namespace !== undefined) forbidden.push(namespace);
    else problems.push(isRefused ? `${problem.message}; name a namespace with -n` : problem.message);
  }
  return { problems: [...new Set(problems)], forbidden };
}
