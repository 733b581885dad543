/** What holds for options that pods do not set, for a command that can do without it. */

import type { DefaultsOf } from '../../end/hanging-pod.ts';
import { readInstalled } from '../../explain/live/read-installed.ts';
import type { Api, KubeObject } from '../../kubernetes/api/api.ts';
import { findInstallationOf } from '../../mesh/installations.ts';
import { type Labels, readLabels } from '../../mesh/label-selector.ts';
import { defaultsFor, type PodDefaults, readOwnSettings } from '../../mesh/own-settings.ts';
import { readWebhooks, type Webhook } from '../../mesh/webhooks.ts';
import { pickOwn } from '../../pod/annotations/read-defaults.ts';
import { findValue, textAt } from '../../util/find-value.ts';

export type KnownDefaults = {
  /** Undefined without an installation, or without the right to read one. */
  defaultsOf: DefaultsOf | undefined;
  /** Whether the labels and annotations of a namespace are known, if something depends on them. */
  isKnown: (namespace: string) => boolean;
};

/**
 * @param scope the namespaces of the pods; undefined means all
 * @param given what the caller sets; undefined: what the installations set
 */
export async function readPodDefaults(
  api: Api,
  scope: readonly string[] | undefined,
  given: PodDefaults | undefined,
): Promise<KnownDefaults> {
  const all = given ? [{ webhooks: [], settings: given }] : await findSettings(api);
  if (all.every(({ settings }) => settings === undefined)) return { defaultsOf: undefined, isKnown: () => true };
  const isOpen = all.length > 1 || all.some(({ settings }) => settings?.hasNamespaceDefaults);
  const namespaces = isOpen ? await readNamespaces(api, scope) : new Map<string, Namespace>();
  return {
    defaultsOf: ({ namespace, labels, isJob }) => {
      const found = namespaces.get(namespace);
      const pod = { namespace, labels: readLabels(labels), namespaceLabels: found?.labels };
      const settings = findInstallationOf(all, pod, isJob)?.settings;
      return settings ? defaultsFor(settings, found?.annotations) : {};
    },
    isKnown: (namespace) => !isOpen || namespaces.has(namespace),
  };
}

// --- internal ---

type Settings = { webhooks: readonly Webhook[]; settings: PodDefaults | undefined };

type Namespace = { labels: Labels; annotations: Labels };

async function findSettings(api: Api): Promise<Settings[]> {
  const target = { group: 'admissionregistration.k8s.io', resource: 'mutatingwebhookconfigurations' };
  const { items, problem } = await api.list(target, { read: readWebhooks });
  if (!problem) return await readInstalled(api, items.flat(), () => {});
  // Who may not list webhooks may be allowed to list Deployments. Of several, none tells whose webhooks see a pod.
  const deployments = await api.list(
    { group: 'apps', resource: 'deployments' },
    { labelSelector: 'app.kubernetes.io/part-of=clockout', read: readOwnSettings },
  );
  return deployments.items.length === 1 ? deployments.items.map((settings) => ({ webhooks: [], settings })) : [];
}

async function readNamespaces(api: Api, scope: readonly string[] | undefined): Promise<Map<string, Namespace>> {
  if (scope === undefined) return new Map((await api.list({ resource: 'namespaces' }, { read: readNamespace })).items);
  const found = await Promise.all(scope.map((name) => api.get({ resource: 'namespaces', name })));
  return new Map(found.flatMap((each) => (each.ok ? [readNamespace(each.value)] : [])));
}

const readNamespace = (object: KubeObject) =>
  [
    textAt(object, 'metadata', 'name') ?? '',
    {
      labels: readLabels(findValue(object, 'metadata', 'labels')),
      annotations: pickOwn(readLabels(findValue(object, 'metadata', 'annotations'))),
    },
  ] as const;
