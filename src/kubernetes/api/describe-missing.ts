/** What somebody is told who names an object that could not be read. */
import { findValue } from '../../util/find-value.ts';
import { findNearest } from '../../util/nearest.ts';
import { listed, shortened } from '../../util/text.ts';
import type { Api } from './api.ts';
import type { ApiProblem } from './problem.ts';
import type { Target } from './target.ts';

/**
 * @param target without a name
 * @param kind such as Job
 * @param refused why it could not be read; if it is not there, the sentence has the nearest name that is
 */
export async function describeMissing(
  api: Api,
  target: Target & { namespace: string },
  kind: string,
  name: string,
  refused: ApiProblem,
): Promise<string> {
  if (refused.kind !== 'missing') return refused.message;
  const { namespace, resource } = target;
  const { names, problem } = await listNames(api, target);
  const missing = names.length === 0 ? await describeMissingNamespace(api, namespace) : undefined;
  if (missing !== undefined) return missing;
  const nearest = findNearest(name, names);
  const there = listed(names, 5).map((each) => shortened(each, 253));
  const hint =
    nearest !== undefined
      ? `did you mean ${shortened(nearest, 253)}?`
      : there.length > 0
        ? `there are ${there.join(', ')}`
        : problem
          ? `near names are not known: ${problem.message}`
          : `there are no ${resource}`;
  return `there is no ${kind} ${name} in the namespace ${namespace}; ${hint}`;
}

/**
 * The API server lists no objects of a namespace that is not there, as of one that has none.
 * @returns a sentence with the nearest namespace that is there; undefined if it is there, or if that is not known
 */
export async function describeMissingNamespace(api: Api, namespace: string): Promise<string | undefined> {
  const got = await api.get({ resource: 'namespaces', name: namespace });
  if (got.ok || got.problem.kind !== 'missing') return undefined;
  const { names } = await listNames(api, { resource: 'namespaces' });
  const nearest = findNearest(namespace, names);
  const hint = nearest === undefined ? '' : `; did you mean ${shortened(nearest, 63)}?`;
  return `there is no namespace ${shortened(namespace, 63)}${hint}`;
}

// --- internal ---

async function listNames(api: Api, target: Target): Promise<{ names: string[]; problem?: ApiProblem | undefined }> {
  const { items, problem } = await api.list(target, { read: (object) => findValue(object, 'metadata', 'name') });
  return { names: items.filter((each) => typeof each === 'string'), problem };
}
