/** Lists objects of one namespace or of all, with a sentence for each thing that could not be read. */
import type { Api, ListOptions, Target } from '../../kubernetes/api/api.ts';
import { listEverywhere } from '../../kubernetes/api/list-everywhere.ts';

export type Everywhere<T> = {
  items: T[];
  /** A sentence for each request that failed, and for objects that could not be read. */
  problems: string[];
  /** Namespaces that were asked one by one, and refused. */
  forbidden: string[];
};

/** @param scope a namespace; undefined for all that the caller may list */
export async function listInScope<T>(
  api: Api,
  target: Target,
  options: ListOptions<T>,
  scope: string | undefined,
): Promise<Everywhere<T>> {
  const { items, unread, unlisted } = await listEverywhere(api, { ...target, namespace: scope }, options);
  const forbidden: string[] = [];
  const problems = unread > 0 ? [`${unread} ${target.resource} could not be read: too large, or without a name`] : [];
  for (const { namespace, problem } of unlisted) {
    const isRefused = problem.kind === 'forbidden' && scope === undefined;
    if (isRefused && namespace !== undefined) forbidden.push(namespace);
    else problems.push(isRefused ? `${problem.message}; name a namespace with -n` : problem.message);
  }
  return { items, problems, forbidden };
}
