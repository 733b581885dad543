/** Containers that another webhook has added to a Job's pod, and that Clockout takes for apps. Pure. */
import type { Facts } from '../pod/facts.ts';
import { findValue, listAt } from '../util/find-value.ts';

/** @param own the names of the containers in the template of the pod's Job */
export function listUnknown({ apps, options }: Facts, own: readonly string[]): string[] {
  const named = options.containers ?? [];
  const unknown = apps
    .map(({ container }) => container.name)
    .filter((name) => !own.includes(name) && !named.includes(name));
  return unknown.length === apps.length ? [] : unknown;
}

/** @returns the names of the containers in the template of a Job, as the API server has it; undefined if it has none */
export function listOwnContainers(job: unknown): string[] | undefined {
  const names = listAt(job, 'spec', 'template', 'spec', 'containers').map((each) => findValue(each, 'name'));
  return names.length === 0 ? undefined : names.filter((name) => typeof name === 'string');
}
