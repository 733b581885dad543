/** Reads what of a cluster decides about its pods, as far as the caller may. */
import type { Api, KubeObject } from '../../kubernetes/api/api.ts';
import { readKubeletMinor } from '../../kubernetes/minor-version.ts';
import { isIstio, revisionOf } from '../../mesh/istio-injection.ts';
import { type Istiod, readIstiod } from '../../mesh/istiod.ts';
import { readLabels } from '../../mesh/label-selector.ts';
import { needsNodes, type OldestNode } from '../../mesh/native-choice.ts';
import { readWebhooks, type Webhook } from '../../mesh/webhooks.ts';
import { pickOwn } from '../../pod/annotations/read-defaults.ts';
import { findValue } from '../../util/find-value.ts';
import { inParallel } from '../../util/parallel.ts';
import { ok } from '../../util/result.ts';
import { type ClusterView, istiodKey, type Unread } from './cluster-view.ts';
import { readInstalled } from './read-installed.ts';

/** @param namespaces whose labels count */
export async function readView(api: Api, namespaces: Iterable<string>): Promise<ClusterView> {
  const unread: Unread[] = [];
  const [webhooks, namespaced] = await Promise.all([
    readAllWebhooks(api, unread),
    readNamespaces(api, [...new Set(namespaces)], unread),
  ]);
  const istiods = await readIstiods(api, webhooks ?? [], unread);
  const installations = await readInstalled(api, webhooks ?? [], (problem) =>
    unread.push({ what: 'installation', problem }),
  );
  const isByNodes =
    installations.some(({ settings }) => settings?.strategy === 'auto') || [...istiods.values()].some(needsNodes);
  const oldestNode = isByNodes ? await readOldestNode(api, unread) : undefined;
  return { webhooks, istiods, oldestNode, installations, ...namespaced, unread };
}

// --- internal ---

type Labels = Record<string, string>;

async function readAllWebhooks(api: Api, unread: Unread[]): Promise<Webhook[] | undefined> {
  const target = { group: 'admissionregistration.k8s.io', resource: 'mutatingwebhookconfigurations' };
  const { items, problem } = await api.list(target, { read: readWebhooks });
  if (!problem) return items.flat();
  unread.push({ what: 'webhooks', problem });
  return undefined;
}

async function readNamespaces(api: Api, names: readonly string[], unread: Unread[]) {
  const [labels, annotations] = [new Map<string, Labels>(), new Map<string, Labels>()];
  await inParallel(names, 8, async (name) => {
    const got = await api.get({ resource: 'namespaces', name });
    if (got.ok) {
      labels.set(name, readLabels(findValue(got.value, 'metadata', 'labels')));
      annotations.set(name, pickOwn(readLabels(findValue(got.value, 'metadata', 'annotations'))));
    } else unread.push({ what: 'namespace', name, problem: got.problem });
    return ok(undefined);
  });
  return { namespaces: labels, annotations };
}

/** The Deployment of each revision whose webhooks name a Service; another istiod runs elsewhere. */
async function readIstiods(api: Api, webhooks: readonly Webhook[], unread: Unread[]) {
  const istiods = new Map<string, Istiod>();
  const wanted = webhooks.filter(isIstio);
  const namespaces = wanted.flatMap(({ server }) => ('service' in server ? [server.namespace] : []));
  for (const namespace of new Set(namespaces)) {
    const target = { group: 'apps', resource: 'deployments', namespace };
    const { items, problem } = await api.list(target, { labelSelector: 'app=istiod', read: (object) => object });
    if (problem) unread.push({ what: 'istiod', problem });
    for (const webhook of wanted) {
      const revision = revisionOf(webhook);
      const key = istiodKey(webhook.server, revision);
      const deployment = items.find((each) => findValue(each, 'metadata', 'labels', 'istio.io/rev') === revision);
      if (key?.startsWith(`${namespace}/`) && deployment) istiods.set(key, readIstiod(deployment));
    }
  }
  return istiods;
}

async function readOldestNode(api: Api, unread: Unread[]): Promise<OldestNode | null | undefined> {
  const { items, problem } = await api.list({ resource: 'nodes' }, { read: readNode });
  if (problem) {
    unread.push({ what: 'nodes', problem });
    return undefined;
  }
  return items.toSorted((a, b) => (a.minor ?? 0) - (b.minor ?? 0))[0] ?? null;
}

function readNode(node: KubeObject): OldestNode {
  const version = String(findValue(node, 'status', 'nodeInfo', 'kubeletVersion'));
  return { name: String(findValue(node, 'metadata', 'name')), version, minor: readKubeletMinor(version) };
}
