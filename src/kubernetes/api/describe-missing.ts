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
  const { items, problem } = await api.list(target, { read: (object) => findValue(object, 'metadata', 'name') });
  const names = items.filter((each): each is string => typeof each === 'string');
  if (names.length === 0) {
    const got = await api.get({ resource: 'namespaces', name: namespace });
    if (!got.ok && got.problem.kind === 'missing') return `there is no namespace ${shortened(namespace, 63)}`;
  }
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
