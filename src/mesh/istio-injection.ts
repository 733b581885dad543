/**
 * Whether Istio injects its sidecar into a pod, by the webhooks that are in the cluster: by which of them, for which label, or why
 * not. Pure. What the settings of istiod itself decide (neverInjectSelector, autoInject) is not known here.
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
 */
import { findNearest } from '../util/nearest.ts';
import { type Labels, listAsked, readLabel } from './label-selector.ts';
import { type Caller, findCallers, labelsOfNamespace, type SeenPod, type Webhook } from './webhooks.ts';

export type MeshPod = SeenPod & { annotations: Labels; hostNetwork: boolean };

/** A label that decides, and what has it. */
export type DecidingLabel = { of: 'pod' | 'namespace'; key: string; value: string };

export type Injection =
  | {
      injects: true;
      webhook: Webhook;
      /** Of Istio, and the tag by which the webhook is chosen, if it is chosen by one. */
      revision: string;
      tag?: string;
      /** Why the webhook sees the pod; none for a webhook that sees every pod. */
      because: DecidingLabel[];
      /** False if labels of the namespace decide that are not known. */
      isSure: boolean;
      /** Other revisions whose webhooks see the pod, too. */
      also: string[];
    }
  | ({ injects: false; ambient?: DecidingLabel } & NoInjection);

/**
 * - `no-istio`: no MutatingWebhookConfiguration is Istio's
 * - `declined`: a label of the pod or its namespace, or an annotation, declines
 * - `no-revision`: a label names a revision for which there is no webhook
 * - `not-asked`: neither the pod nor its namespace asks
 * - `host-network`, `system-namespace`: Istio leaves such pods out
 */
export type NoInjection =
  | { why: 'no-istio' | 'not-asked' | 'host-network' | 'system-namespace' }
  | { why: 'declined'; by: DecidingLabel; isAnnotation?: true }
  | { why: 'no-revision'; by: DecidingLabel; revisions: string[]; nearest?: string };

export function findInjection(webhooks: readonly Webhook[], pod: MeshPod): Injection {
  const injectors = webhooks.filter(isIstio);
  const [first, ...others] = findCallers(injectors, pod);
  const no = first ? whyCalledInVain(pod) : whyNotCalled(injectors, pod);
  if (!first || no) {
    const ambient = findAmbient(pod);
    return { injects: false, ...(no ?? { why: 'not-asked' }), ...(ambient && { ambient }) };
  }
  const { webhook, isSure } = first;
  const [revision, tag] = [revisionOf(webhook), tagOf(webhook)];
  const also = new Set(others.map((other) => revisionOf(other.webhook)).filter((other) => other !== revision));
  return {
    injects: true,
    webhook,
    revision,
    ...(tag && { tag }),
    because: findBecause(first, pod),
    isSure,
    also: [...also],
  };
}

/** Istio's charts and istioctl name its webhooks so, whatever their configurations are called. */
export const isIstio = ({ name }: Webhook): boolean => name.endsWith('sidecar-injector.istio.io');

/** The revision of istiod that is called. Before 1.10, the default one had no label. */
export const revisionOf = ({ labels }: Webhook): string => readLabel(labels, revisionLabel) || defaultRevision;

// --- internal ---

const revisionLabel = 'istio.io/rev';
const injectionLabel = 'istio-injection';
const podLabel = 'sidecar.istio.io/inject';
const defaultRevision = 'default';

/** @see https://istio.io/latest/docs/setup/upgrade/canary/#stable-revision-labels */
const tagOf = ({ labels }: Webhook): string | undefined => readLabel(labels, 'istio.io/tag');

/** @see https://github.com/istio/istio/blob/1.29.0/pkg/kube/inject/initializer.go (IgnoredNamespaces) */
const systemNamespaces: readonly string[] = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'];

const findBecause = ({ webhook }: Caller, pod: SeenPod): DecidingLabel[] => [
  ...listAsked(webhook.namespaces, labelsOfNamespace(pod)).map(([key, value]) => ({
    of: 'namespace' as const,
    key,
    value,
  })),
  ...listAsked(webhook.objects, pod.labels).map(([key, value]) => ({ of: 'pod' as const, key, value })),
];

/** istiod's own rules, for a pod that its webhook sees. */
function whyCalledInVain({ namespace, labels, annotations, hostNetwork }: MeshPod): NoInjection | undefined {
  if (hostNetwork) return { why: 'host-network' };
  if (systemNamespaces.includes(namespace)) return { why: 'system-namespace' };
  const [label, annotation] = [readLabel(labels, podLabel), readLabel(annotations, podLabel)];
  if (label === 'false') return { why: 'declined', by: { of: 'pod', key: podLabel, value: label } };
  if (label === undefined && annotation === 'false')
    return { why: 'declined', by: { of: 'pod', key: podLabel, value: annotation }, isAnnotation: true };
  return undefined;
}

function whyNotCalled(injectors: readonly Webhook[], { labels, namespaceLabels = {} }: MeshPod): NoInjection {
  if (injectors.length === 0) return { why: 'no-istio' };
  const ofPod = (key: string) => readLabel(labels, key);
  const ofNamespace = (key: string) => readLabel(namespaceLabels, key);
  const asks = ofPod(podLabel);
  if (asks === 'false') return { why: 'declined', by: { of: 'pod', key: podLabel, value: asks } };
  const injection = ofNamespace(injectionLabel);
  if (injection === 'enabled')
    return noRevision(injectors, { of: 'namespace', key: injectionLabel, value: injection }, defaultRevision);
  if (injection !== undefined)
    return { why: 'declined', by: { of: 'namespace', key: injectionLabel, value: injection } };
  const revision = ofNamespace(revisionLabel);
  if (revision !== undefined)
    return noRevision(injectors, { of: 'namespace', key: revisionLabel, value: revision }, revision);
  const own = ofPod(revisionLabel);
  if (own !== undefined) return noRevision(injectors, { of: 'pod', key: revisionLabel, value: own }, own);
  if (asks === 'true') return noRevision(injectors, { of: 'pod', key: podLabel, value: asks }, defaultRevision);
  return { why: 'not-asked' };
}

function noRevision(injectors: readonly Webhook[], by: DecidingLabel, wanted: string): NoInjection {
  const revisions = [...new Set(injectors.map((webhook) => tagOf(webhook) ?? revisionOf(webhook)))];
  const nearest = findNearest(wanted, revisions);
  return { why: 'no-revision', by, revisions, ...(nearest !== undefined && nearest !== wanted && { nearest }) };
}

/** @see https://istio.io/latest/docs/ambient/usage/add-workloads/ */
function findAmbient({ labels, namespaceLabels = {} }: MeshPod): DecidingLabel | undefined {
  const key = 'istio.io/dataplane-mode';
  const own = readLabel(labels, key);
  const [of, value] =
    own === undefined ? (['namespace', readLabel(namespaceLabels, key)] as const) : (['pod', own] as const);
  return value === 'ambient' ? { of, key, value } : undefined;
}
