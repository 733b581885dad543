/** Finds the pods that `clockout end` may end, and what it has to know of their namespaces. */

import type { NamespaceLabel } from '../../end/choose-pods.ts';
import { type Found, findHanging, findNamed, type HangingOptions } from '../../end/list-pods.ts';
import { type Api, isFatal } from '../../kubernetes/api/api.ts';
import { describeMissingNamespace } from '../../kubernetes/api/describe-missing.ts';
import { injectLabel } from '../../pod/names.ts';
import { findValue } from '../../util/find-value.ts';
import { fail, ok, type Result } from '../../util/result.ts';
import type { Cluster, ClusterFlags } from './cluster-options.ts';
import type { ObjectName } from './object-names.ts';
import type { KnownDefaults } from './pod-defaults.ts';

/** With what holds for options that pods do not set, if it is known. */
export type Judging = Cluster & KnownDefaults;

/** The pods that are named, or that hang where the flags say. */
export async function findPods(
  names: readonly ObjectName[],
  flags: Pick<ClusterFlags, 'selector'> & { hanging?: boolean; namespaceSelector?: string },
  cluster: Judging,
  onPage: HangingOptions['onPage'],
): Promise<Result<Found, string>> {
  const { api, namespace, scope, defaultsOf } = cluster;
  if (!flags.hanging) return findNamed(api, names, { namespace, now: Date.now, defaultsOf });
  const found = await findHanging(api, {
    namespaces: scope,
    labelSelector: flags.selector,
    now: Date.now,
    defaultsOf,
    onPage,
  });
  const fatal = found.unlisted.find(({ problem }) => isFatal(problem));
  if (fatal && found.pods.length === 0) return fail(fatal.problem.message);
  const missing = await findMissing(scope ?? [], found, api);
  if (missing !== undefined) return fail(missing);
  return flags.namespaceSelector === undefined ? ok(found) : await select(found, flags.namespaceSelector, api);
}

/** The label clockout.dev/inject of each namespace whose pods do not have it; undefined if it is not known. */
export async function readLabels({ pods }: Found, { api }: Cluster): Promise<Map<string, NamespaceLabel>> {
  const labels = new Map<string, NamespaceLabel>();
  for (const namespace of new Set(pods.filter(({ inject }) => inject == null).map((pod) => pod.namespace))) {
    const got = await api.get({ resource: 'namespaces', name: namespace });
    const label = got.ok ? findValue(got.value, 'metadata', 'labels', injectLabel) : null;
    labels.set(namespace, typeof label === 'string' || label === null ? label : undefined);
  }
  return labels;
}

// --- internal ---

/** What is in namespaces with these labels. */
async function select(found: Found, labelSelector: string, { list }: Api): Promise<Result<Found, string>> {
  const { items, problem } = await list(
    { resource: 'namespaces' },
    { labelSelector, read: ({ metadata }) => findValue(metadata, 'name') },
  );
  if (problem) return fail(problem.message);
  const selected = new Set(items);
  const isSelected = ({ namespace }: { namespace?: string | undefined }) =>
    namespace === undefined || selected.has(namespace);
  return ok({ ...found, pods: found.pods.filter(isSelected), unlisted: found.unlisted.filter(isSelected) });
}

async function findMissing(namespaces: readonly string[], { pods, unlisted }: Found, api: Api) {
  const known = new Set([...pods, ...unlisted].map(({ namespace }) => namespace));
  for (const name of namespaces.filter((each) => !known.has(each))) {
    const missing = await describeMissingNamespace(api, name);
    if (missing !== undefined) return missing;
  }
  return undefined;
}
