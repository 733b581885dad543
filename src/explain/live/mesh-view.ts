/** What the webhooks of a cluster make of the pods of a template: the field `mesh` of `-o json`. Pure. */
import { findValue, type PodTemplate } from '../../manifests/find-pods.ts';
import { findInjection, type Injection, isIstio, type MeshPod, revisionOf } from '../../mesh/istio-injection.ts';
import { readLabel, readLabels } from '../../mesh/label-selector.ts';
import { chooseNative } from '../../mesh/native-choice.ts';
import { findOwnCaller, isAsking, isFor, isOwn, readMode } from '../../mesh/own-webhooks.ts';
import { type DecidingLabel, findCallers, labelsOfJobPod, type Webhook, whySeen } from '../../mesh/webhooks.ts';
import { injectLabel, istioNative } from '../../pod/names.ts';
import { type ClusterView, istiodKey } from './cluster-view.ts';

/** How a pod has istio-proxy. */
export type SidecarForm = 'classic' | 'native' | 'none';

/** If the webhooks of the cluster cannot be read, only pods that are there tell something. */
export type MeshView = {
  /** Of a Pod: what it has. */
  present?: SidecarForm;
  istio?: NamedInjection;
  /** What a new pod gets, and why. */
  expected?: { sidecar: SidecarForm | 'unknown'; because: string };
  /** Those that see a new pod, in the order of their calls. */
  webhooks?: SeenWebhook[];
  clockout?: ClockoutView;
};

type Named = { configuration: string; webhook: string };

export type NamedInjection =
  | (Omit<Extract<Injection, { injects: true }>, 'webhook'> & Named)
  | Extract<Injection, { injects: false }>;

export type SeenWebhook = Named & {
  is: 'istio' | 'clockout' | 'other';
  failurePolicy: Webhook['failurePolicy'];
  isReinvoked: boolean;
  /** Names of matchConditions, which Clockout does not evaluate; its own about Jobs are known. */
  conditions: readonly string[];
  isSure: boolean;
};

type ClockoutView = {
  installed: boolean;
  mode?: 'opt-in' | 'cluster';
  /** The label clockout.dev/inject of the pod, or else of its namespace. */
  label?: DecidingLabel;
  /** The one that is called for a new pod, if any is. */
  caller?: Named & {
    failurePolicy: Webhook['failurePolicy'];
    because: DecidingLabel[];
    isSure: boolean;
    /** When its configuration was created. */
    created?: string;
  };
};

/** A pod that is there already: what it has tells more of the next one than the settings of Istio that cannot be read. */
export type Witness = { name: string; form: SidecarForm };

/** @param isJob whether its pods belong to a Job */
export function viewMesh(
  template: PodTemplate,
  { isJob, witness }: { isJob: boolean; witness?: Witness | undefined },
  view: ClusterView,
): MeshView {
  const present = template.kind === 'Pod' ? { present: readForm(template.pod) } : {};
  if (!view.webhooks)
    return {
      ...present,
      ...(witness && { expected: { sidecar: witness.form, because: `as in the pod ${witness.name}` } }),
    };
  const pod = asNew(template, view);
  const injection = findInjection(view.webhooks, pod);
  const callers = findCallers(view.webhooks, pod).filter(({ webhook }) => !isOwn(webhook) || isFor(webhook, isJob));
  return {
    ...present,
    istio: nameInjection(injection),
    expected: orWitness(
      expectSidecar(
        injection,
        pod,
        view,
        callers.map(({ webhook }) => webhook),
      ),
      witness,
    ),
    webhooks: callers.map(({ webhook, isSure }) => ({
      ...nameOf(webhook),
      is: isIstio(webhook) ? 'istio' : isOwn(webhook) || isAsking(webhook) ? 'clockout' : 'other',
      failurePolicy: webhook.failurePolicy,
      isReinvoked: webhook.isReinvoked,
      conditions: webhook.conditions,
      isSure,
    })),
    clockout: viewClockout(view.webhooks, pod, isJob),
  };
}

/** @param pods those of a template, unchecked */
export function findWitness(pods: readonly unknown[]): Witness | undefined {
  const witnesses = pods.map((pod) => ({ name: String(findValue(pod, 'metadata', 'name')), form: readForm(pod) }));
  return witnesses.find(({ form }) => form !== 'none') ?? witnesses[0];
}

// --- internal ---

type Expected = NonNullable<MeshView['expected']>;

const orWitness = (expected: Expected, witness: Witness | undefined): Expected =>
  expected.sidecar === 'unknown' && witness && witness.form !== 'none'
    ? { sidecar: witness.form, because: `as in the pod ${witness.name} (${expected.because})` }
    : expected;

const nameOf = ({ configuration, name }: Webhook): Named => ({ configuration, webhook: name });

/** A pod of the template as it is sent to the API server. Of a Pod, what webhooks have added is there already. */
function asNew({ kind, name, namespace = 'default', pod }: PodTemplate, { namespaces }: ClusterView): MeshPod {
  const labels = readLabels(findValue(pod, 'metadata', 'labels'));
  return {
    namespace,
    namespaceLabels: namespaces.get(namespace),
    labels: kind === 'Pod' ? labels : { ...labels, ...labelsOfJobPod(name) },
    annotations: readLabels(findValue(pod, 'metadata', 'annotations')),
    hostNetwork: findValue(pod, 'spec', 'hostNetwork') === true,
  };
}

function readForm(pod: unknown): SidecarForm {
  const has = (list: string, fits: (container: unknown) => boolean) => {
    const containers = findValue(pod, 'spec', list);
    return (
      Array.isArray(containers) && containers.some((each) => findValue(each, 'name') === 'istio-proxy' && fits(each))
    );
  };
  if (has('containers', () => true)) return 'classic';
  return has('initContainers', (each) => findValue(each, 'restartPolicy') === 'Always') ? 'native' : 'none';
}

function nameInjection(injection: Injection): NamedInjection {
  if (!injection.injects) return injection;
  const { webhook, ...rest } = injection;
  return { ...rest, ...nameOf(webhook) };
}

function expectSidecar(
  injection: Injection,
  pod: MeshPod,
  { istiods, oldestNode }: ClusterView,
  callers: readonly Webhook[],
): Expected {
  if (!injection.injects) return { sidecar: 'none', because: 'Istio does not inject it' };
  const key = istiodKey(injection.webhook.server, revisionOf(injection.webhook));
  const istiod = key === undefined ? undefined : istiods.get(key);
  const isAsked = callers.some(isAsking) && readLabel(pod.annotations, istioNative) === undefined;
  const annotations = isAsked ? { ...pod.annotations, [istioNative]: 'true' } : pod.annotations;
  const { native, because } = chooseNative({ annotations, istiod, oldestNode });
  if (native === undefined && !istiod) return { sidecar: 'unknown', because: whyNoIstiod(injection.webhook) };
  const sidecar = native === undefined ? 'unknown' : native ? 'native' : 'classic';
  return { sidecar, because: isAsked && native ? 'Clockout asks Istio for it, if the nodes can have it' : because };
}

const whyNoIstiod = ({ server }: Webhook): string =>
  'url' in server
    ? 'istiod is called by an address, so its settings are not known'
    : `the Deployment of istiod in the namespace ${server.namespace} cannot be read`;

function viewClockout(webhooks: readonly Webhook[], pod: MeshPod, isJob: boolean): ClockoutView {
  const own = webhooks.filter(isOwn);
  if (own.length === 0) return { installed: false };
  const mode = readMode(own);
  const found = findOwnCaller(own, pod, isJob);
  const label = findInjectLabel(pod);
  const installed = { installed: true, ...(mode && { mode }), ...(label && { label }) };
  if (!found) return installed;
  const { webhook, isSure } = found;
  const { failurePolicy, created } = webhook;
  const caller = {
    ...nameOf(webhook),
    failurePolicy,
    because: whySeen(webhook, pod),
    isSure,
    ...(created && { created }),
  };
  return { ...installed, caller };
}

/** The pod's own beats that of its namespace. */
function findInjectLabel({ labels, namespaceLabels = {} }: MeshPod): DecidingLabel | undefined {
  const [own, shared] = [readLabel(labels, injectLabel), readLabel(namespaceLabels, injectLabel)];
  if (own !== undefined) return { of: 'pod', key: injectLabel, value: own };
  return shared === undefined ? undefined : { of: 'namespace', key: injectLabel, value: shared };
}
