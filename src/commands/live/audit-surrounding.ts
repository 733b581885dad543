/** Reads what Jobs are judged by: namespaces, webhooks, Istio's control planes, nodes, and Clockout's own settings. */

import { readControlPlane } from '../../audit/expect-sidecar.ts';
import { describeInstallation, type Planned } from '../../audit/installation.ts';
import { type KnownNode, readKubeletVersion, readTag, type Tag } from '../../audit/native.ts';
import { readText } from '../../audit/read-text.ts';
import type { Surrounding } from '../../audit/records.ts';
import { createNextRun } from '../../audit/runs.ts';
import { readInstalled } from '../../explain/live/read-installed.ts';
import type { Api, ApiProblem, KubeObject, ListOptions, Target } from '../../kubernetes/api/api.ts';
import { describeMissingNamespace } from '../../kubernetes/api/describe-missing.ts';
import { readKubeletMinor, readMinor } from '../../kubernetes/minor-version.ts';
import { readLabels } from '../../mesh/label-selector.ts';
import { readWebhooks } from '../../mesh/webhooks.ts';
import { pickOwn } from '../../pod/annotations/read-defaults.ts';
import { findValue } from '../../util/find-value.ts';

export type SurroundingFound = {
  around: Surrounding;
  nodes: readonly KnownNode[] | undefined;
  tags: readonly Tag[];
  /** What went wrong other than that a right is missing. */
  problems: readonly ApiProblem[];
  /** A sentence for each right that is missing. */
  notKnown: string[];
  /** That a namespace is not there that was asked for, as a sentence. */
  missing: string | undefined;
};

/** @param scope the namespaces that are looked at; undefined: all */
export async function readSurrounding(
  api: Api,
  { scope, planned, now }: { scope: readonly string[] | undefined; planned: Planned | undefined; now: number },
): Promise<SurroundingFound> {
  const problems: ApiProblem[] = [];
  const notKnown: string[] = [];
  const missing: string[] = [];
  const fail = (problem: ApiProblem, what: string) => {
    if (problem.kind === 'forbidden') notKnown.push(`${problem.message.replace(/ \(.*\)$/s, '')}: ${what} not known`);
    else problems.push(problem);
    return undefined;
  };
  /** @returns undefined if not all could be read */
  const listAll = async <T>(
    target: Target,
    what: string,
    read: (object: KubeObject) => T,
    more: Partial<ListOptions<T>> = {},
  ) => {
    const { items, problem } = await api.list(target, { read, ...more });
    return problem ? fail(problem, what) : items;
  };
  const deployments = { group: 'apps', resource: 'deployments' };
  const configurations = { group: 'admissionregistration.k8s.io', resource: 'mutatingwebhookconfigurations' };
  const [version, namespaces, webhooks, nodes, controlPlanes] = await Promise.all([
    api.getPath('/version'),
    readNamespaces(api, scope, fail, missing),
    listAll(configurations, 'whom webhooks call, and whether Clockout is installed, is', (each) => ({
      webhooks: readWebhooks(each),
      tag: readTag(each),
    })),
    listAll({ resource: 'nodes' }, 'the versions of kubelets are', readNode, {
      labelSelector: 'kubernetes.io/os=linux',
    }),
    listAll(deployments, "Istio's versions and settings are", readControlPlane, { labelSelector: 'app=istiod' }),
  ]);
  if (!version.ok) fail(version.problem, "the API server's version is");
  const { major, minor } = version.ok ? version.value : {};
  const apiServer = readMinor({ major: `${major}`, minor: `${minor}` });
  const oldestNode = nodes && findOldest(nodes);
  const versions = { apiServer, oldestNode: oldestNode?.minor };
  const found = webhooks?.flatMap((each) => each.webhooks);
  const installed = await readInstalled(api, found ?? [], (problem) =>
    fail(problem, "Clockout's strategy and defaults are"),
  );
  const mesh = { webhooks: found, controlPlanes, oldestNode };
  return {
    around: {
      mesh,
      installations: installed.map((each) => describeInstallation(each, each.settings, versions)),
      versions,
      ...splitNamespaces(namespaces),
      planned,
      now,
      nextRun: createNextRun(now),
    },
    nodes,
    tags: webhooks?.flatMap(({ tag }) => tag ?? []) ?? [],
    problems,
    notKnown: [...new Set(notKnown)],
    missing: missing[0],
  };
}

// --- internal ---

type Fail = (problem: ApiProblem, what: string) => undefined;

type NamespaceEntry = readonly [name: string, of: Record<'labels' | 'annotations', Record<string, string>>];

const readNamespace = (object: KubeObject): NamespaceEntry => [
  readText(object, 'metadata', 'name') ?? '',
  {
    labels: readLabels(findValue(object, 'metadata', 'labels')),
    annotations: pickOwn(readLabels(findValue(object, 'metadata', 'annotations'))),
  },
];

/** Who may not list namespaces may be allowed to read one. */
async function readNamespaces(
  api: Api,
  scope: readonly string[] | undefined,
  fail: Fail,
  missing: string[],
): Promise<NamespaceEntry[] | undefined> {
  if (scope === undefined) {
    const { items, problem } = await api.list({ resource: 'namespaces' }, { read: readNamespace });
    return problem ? fail(problem, 'the labels of namespaces are') : items;
  }
  const found: NamespaceEntry[] = [];
  for (const name of scope) {
    const got = await api.get({ resource: 'namespaces', name });
    if (!got.ok && got.problem.kind === 'missing') missing.push((await describeMissingNamespace(api, name)) ?? name);
    if (!got.ok) return fail(got.problem, 'its labels are');
    found.push(readNamespace(got.value));
  }
  return found;
}

const splitNamespaces = (entries: readonly NamespaceEntry[] | undefined) => ({
  namespaces: entries && new Map(entries.map(([name, { labels }]) => [name, labels])),
  annotations: new Map(
    (entries ?? []).flatMap(([name, { annotations }]) =>
      Object.keys(annotations).length > 0 ? [[name, annotations] as const] : [],
    ),
  ),
});

const readNode = (node: KubeObject): KnownNode => {
  const version = readKubeletVersion(node);
  return { name: readText(node, 'metadata', 'name') ?? '', version, minor: readKubeletMinor(version) };
};

/** A version that cannot be read counts as the oldest. */
const findOldest = (nodes: readonly KnownNode[]): KnownNode | null =>
  nodes.reduce<KnownNode | null>(
    (oldest, node) => (oldest && (oldest.minor ?? 0) <= (node.minor ?? 0) ? oldest : node),
    null,
  );
