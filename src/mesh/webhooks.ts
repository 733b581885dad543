/** The mutating webhooks of a cluster, as far as they are about new pods: what each one is for, and where it is called. Pure. */
import { isObject } from '../util/json-object.ts';
import { type Labels, listAsked, readLabels, readSelector, type Selector, selects } from './label-selector.ts';

/** One webhook of a MutatingWebhookConfiguration. */
export type Webhook = {
  /** The name of the MutatingWebhookConfiguration, and its labels. */
  configuration: string;
  labels: Labels;
  /** When the configuration was created, as its metadata says it. */
  created?: string;
  name: string;
  namespaces: Selector;
  objects: Selector;
  /** The names of its matchConditions, which are CEL and are not evaluated here. */
  conditions: readonly string[];
  failurePolicy: 'Fail' | 'Ignore';
  /** Whether the API server calls it again for a pod that a later webhook has changed. */
  isReinvoked: boolean;
  /** In seconds. */
  timeout: number;
  server: WebhookServer;
};

/** Who is called: a Service of the cluster, or an address. */
export type WebhookServer = { namespace: string; service: string; path: string } | { url: string };

/** What decides which webhooks see a pod. */
export type SeenPod = {
  namespace: string;
  /** Of the pod, when it is created. */
  labels: Labels;
  /** Of its namespace; undefined if they are not known. */
  namespaceLabels: Labels | undefined;
};

/** A webhook that sees a pod; `isSure` unless that depends on labels of the namespace that are not known. */
export type Caller = { webhook: Webhook; isSure: boolean };

/** A label that decides, and what has it. */
export type DecidingLabel = { of: 'pod' | 'namespace'; key: string; value: string };

/** @param configuration a MutatingWebhookConfiguration, unchecked. @returns those of its webhooks that are for new pods */
export function readWebhooks(configuration: unknown): Webhook[] {
  const { metadata, webhooks } = isObject(configuration) ? configuration : {};
  const { name, labels, creationTimestamp: created } = isObject(metadata) ? metadata : {};
  if (typeof name !== 'string' || !Array.isArray(webhooks)) return [];
  return webhooks
    .filter(isObject)
    .filter(isForPods)
    .map((webhook) => ({
      configuration: name,
      labels: readLabels(labels),
      ...(typeof created === 'string' && { created }),
      name: String(webhook.name),
      namespaces: readSelector(webhook.namespaceSelector),
      objects: readSelector(webhook.objectSelector),
      conditions: readList(webhook.matchConditions).map((each) => (isObject(each) ? String(each.name) : '')),
      failurePolicy: webhook.failurePolicy === 'Ignore' ? 'Ignore' : 'Fail',
      isReinvoked: webhook.reinvocationPolicy === 'IfNeeded',
      timeout: typeof webhook.timeoutSeconds === 'number' ? webhook.timeoutSeconds : defaultTimeout,
      server: readServer(webhook.clientConfig),
    }));
}

/**
 * The webhooks that see a pod, in the order in which the API server calls them: by the name of their configuration, then as they
 * stand in it. Their matchConditions are not evaluated.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#reinvocation-policy
 */
export const findCallers = (webhooks: readonly Webhook[], pod: SeenPod): Caller[] =>
  inOrder(webhooks).flatMap((webhook) => {
    const sees = judge(webhook, pod);
    return sees === 'no' ? [] : [{ webhook, isSure: sees === 'yes' }];
  });

/** The labels for which a webhook sees a pod; none for a webhook that asks for no label. */
export const whySeen = ({ namespaces, objects }: Webhook, pod: SeenPod): DecidingLabel[] => [
  ...listAsked(namespaces, labelsOfNamespace(pod)).map(([key, value]) => ({ of: 'namespace' as const, key, value })),
  ...listAsked(objects, pod.labels).map(([key, value]) => ({ of: 'pod' as const, key, value })),
];

/** As the API server calls them: it compares names byte by byte. */
export const inOrder = (webhooks: readonly Webhook[]): Webhook[] =>
  webhooks.toSorted((a, b) =>
    a.configuration === b.configuration
      ? 0
      : Buffer.compare(Buffer.from(a.configuration), Buffer.from(b.configuration)),
  );

/** The labels that the API server gives each namespace, and those that it has. */
export const labelsOfNamespace = ({ namespace, namespaceLabels = {} }: SeenPod): Labels => ({
  ...namespaceLabels,
  [nameLabel]: namespace,
});

/**
 * The labels that the Job controller adds to the pods of a Job. Their values do not matter to anybody's selector.
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/#job-name
 */
export const labelsOfJobPod = (job: string): Labels => ({
  'batch.kubernetes.io/job-name': job,
  'job-name': job,
  'batch.kubernetes.io/controller-uid': '',
  'controller-uid': '',
});

// --- internal ---

/** The API server sets it. */
const nameLabel = 'kubernetes.io/metadata.name';

/** In seconds, of admissionregistration.k8s.io/v1. */
const defaultTimeout = 10;

const readList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const isForPods = ({ rules }: Record<string, unknown>): boolean => readList(rules).some(isRuleForPods);

/** @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules */
function isRuleForPods(rule: unknown): boolean {
  const { operations, apiGroups, apiVersions, resources, scope = '*' } = isObject(rule) ? rule : {};
  const has = (list: unknown, ...wanted: string[]) => readList(list).some((each) => wanted.includes(String(each)));
  return (
    has(operations, 'CREATE', '*') &&
    has(apiGroups, '', '*') &&
    has(apiVersions, 'v1', '*') &&
    has(resources, 'pods', '*', '*/*', 'pods/*') &&
    scope !== 'Cluster'
  );
}

function readServer(clientConfig: unknown): WebhookServer {
  const { service, url } = isObject(clientConfig) ? clientConfig : {};
  if (!isObject(service)) return { url: typeof url === 'string' ? url : '' };
  const { namespace, name, path = '' } = service;
  return { namespace: String(namespace), service: String(name), path: String(path) };
}

function judge({ namespaces, objects }: Webhook, pod: SeenPod): 'yes' | 'no' | 'unknown' {
  if (!selects(objects, pod.labels)) return 'no';
  const known = labelsOfNamespace(pod);
  if (pod.namespaceLabels) return selects(namespaces, known) ? 'yes' : 'no';
  const decided = namespaces.filter(({ key }) => key === nameLabel);
  if (!selects(decided, known)) return 'no';
  return decided.length === namespaces.length ? 'yes' : 'unknown';
}
