/** Reads what an installation of Clockout sets for pods, for a command that can do without it. */
import type { Api } from '../../kubernetes/api/api.ts';
import { readLabels } from '../../mesh/label-selector.ts';
import { defaultsFor, ownSelector, readOwnSettings } from '../../mesh/own-settings.ts';
import type { DefaultLevels } from '../../pod/annotations/defaults.ts';
import { pickOwn } from '../../pod/annotations/defaults.ts';
import { findValue } from '../../util/find-value.ts';

/** @returns those of a namespace; undefined without an installation, or without the right to read its Deployment */
export async function readInstalledDefaults(
  api: Api,
  scope: readonly string[] | undefined,
): Promise<((namespace: string) => DefaultLevels) | undefined> {
  const { items } = await api.list(
    { group: 'apps', resource: 'deployments' },
    { labelSelector: ownSelector, read: readOwnSettings },
  );
  const [settings] = items;
  if (!settings) return undefined;
  const annotations = settings.hasNamespaceDefaults ? await readAnnotations(api, scope) : new Map();
  return (namespace) => defaultsFor(settings, annotations.get(namespace));
}

// --- internal ---

async function readAnnotations(api: Api, scope: readonly string[] | undefined) {
  const read = (object: unknown) =>
    [
      `${findValue(object, 'metadata', 'name')}`,
      pickOwn(readLabels(findValue(object, 'metadata', 'annotations'))),
    ] as const;
  if (scope === undefined) return new Map((await api.list({ resource: 'namespaces' }, { read })).items);
  const found = await Promise.all(scope.map((name) => api.get({ resource: 'namespaces', name })));
  return new Map(found.flatMap((each) => (each.ok ? [read(each.value)] : [])));
}
