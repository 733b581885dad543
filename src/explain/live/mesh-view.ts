/** What the webhooks of a cluster make of the pods of a template: the field `mesh` of `-o json`. Pure. */
import type { PodTemplate } from '../../manifests/find-pods.ts';
import { findInjection, type Injection, isIstio, type MeshPod } from '../../mesh/istio-injection.ts';
import { readLabels } from '../../mesh/label-selector.ts';
import { isAsking, isFor, isOwn } from '../../mesh/own-webhooks.ts';
import { findCallers, labelsOfJobPod, type Webhook } from '../../mesh/webhooks.ts';
import { findValue } from '../../util/find-value.ts';
import { type ClockoutView, type Named, nameOf, viewClockout } from './clockout-view.ts';
import type { ClusterView } from './cluster-view.ts';
import { type Expected, expectSidecar, readForm, type SidecarForm, type Witness } from './expected-sidecar.ts';

/** If the webhooks of the cluster cannot be read, only pods that are there tell something. */
export type MeshView = {
  /** Of a Pod: what it has. */
  present?: SidecarForm;
  istio?: NamedInjection;
  /** What a new pod gets, and why. */
  expected?: Expected;
  /** Those that see a new pod, in the order of their calls. */
  webhooks?: SeenWebhook[];
  clockout?: ClockoutView;
};

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
    expected: expectSidecar(injection, pod, {
      view,
      isAsked: callers.some(({ webhook }) => isAsking(webhook)),
      witness,
    }),
    webhooks: callers.map(({ webhook, isSure }) => ({
      ...nameOf(webhook),
      is: isIstio(webhook) ? 'istio' : isOwn(webhook) || isAsking(webhook) ? 'clockout' : 'other',
      failurePolicy: webhook.failurePolicy,
      isReinvoked: webhook.isReinvoked,
      conditions: webhook.conditions,
      isSure,
    })),
    clockout: viewClockout(view.installations, pod, isJob),
  };
}

/** A pod of the template as it is sent to the API server. Of a Pod, what webhooks have added is there already. */
export function asNew({ kind, name, namespace = 'default', pod }: PodTemplate, { namespaces }: ClusterView): MeshPod {
  const labels = readLabels(findValue(pod, 'metadata', 'labels'));
  return {
    namespace,
    namespaceLabels: namespaces.get(namespace),
    labels: kind === 'Pod' ? labels : { ...labels, ...labelsOfJobPod(name) },
    annotations: readLabels(findValue(pod, 'metadata', 'annotations')),
    hostNetwork: findValue(pod, 'spec', 'hostNetwork') === true,
  };
}

// --- internal ---

function nameInjection(injection: Injection): NamedInjection {
  if (!injection.injects) return injection;
  const { webhook, ...rest } = injection;
  return { ...rest, ...nameOf(webhook) };
}
