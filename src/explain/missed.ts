/** Finds pods in a cluster that Clockout would wrap, but did not, because it was not called for them. Pure. */
import { decodePod } from '../admission/decode-pod.ts';
import type { Outcome } from '../admission/outcome.ts';
import type { Plan } from '../inject/plan.ts';
import { readTime } from '../live-status/times.ts';
import type { PodTemplate } from '../manifests/find-pods.ts';
import { injectLabel } from '../pod/names.ts';
import { isWrapped } from '../pod/own-parts.ts';
import { findValue } from '../util/find-value.ts';
import type { MeshView } from './live/mesh-view.ts';

/** Only the API server gives a pod its uid. */
export const isInCluster = ({ pod }: PodTemplate) => findValue(pod, 'metadata', 'uid') !== undefined;

export function isWrappedPod({ pod }: PodTemplate): boolean {
  const decoded = decodePod(pod);
  return decoded.ok && decoded.value.spec.containers.some(isWrapped);
}

type Labels = Record<string, string>;

/**
 * @param mesh what the webhooks of the cluster are, if they can be read: a template then is missed, too, if none of them is called
 * @returns the likely causes, as a sentence; undefined for a pod that Clockout was called for
 */
export function whyMissed(
  template: PodTemplate,
  outcome: Outcome,
  namespaceLabels: Labels = {},
  mesh?: MeshView,
): string | undefined {
  if (outcome.kind !== 'patched' || isWrappedPod(template)) return undefined;
  const would = `Clockout would ${describeWould(outcome.plan)}`;
  const { clockout } = mesh ?? {};
  if (clockout?.installed === false) return `${would}, but is not installed`;
  if (clockout && !clockout.caller) return `${would}, but none of its webhooks is called for it`;
  if (!isInCluster(template)) return undefined;
  if (mesh && !clockout)
    return `${would}, if it is installed: that is not known, because the webhooks of the cluster cannot be read`;
  const causes = listCauses(template, outcome.plan, namespaceLabels, clockout);
  const likely = causes.length > 1 ? `${causes.slice(0, -1).join(', ')}, or ${causes.at(-1)}` : causes.join('');
  return `${would}, but was not called for it; likely ${causes.length > 1 ? 'causes' : 'cause'}: ${likely}`;
}

/** Completes the sentence "Clockout would …". */
export const describeWould = ({ strategy }: Plan): string => verbs[strategy];

// --- internal ---

const verbs: Record<Plan['strategy'], string> = {
  wrap: 'wrap the pod',
  native: 'make its sidecars native',
  none: 'repair its native sidecars',
};

function listCauses(
  { pod }: PodTemplate,
  plan: Plan,
  namespaceLabels: Labels,
  clockout: MeshView['clockout'],
): readonly string[] {
  const isOptedIn =
    clockout?.caller?.isSure === true ||
    findValue(pod, 'metadata', 'labels', injectLabel) === 'true' ||
    namespaceLabels[injectLabel] === 'enabled';
  const { created, failurePolicy } = clockout?.caller ?? {};
  const isOlder = compareTimes(findValue(pod, 'metadata', 'creationTimestamp'), created);
  if (isOlder === true) return ['the pod is older than the webhook'];
  return [
    ...(isOptedIn ? [] : [`its namespace does not have the label ${injectLabel}: enabled`]),
    isOlder === false ? 'the label that selects it is younger than the pod' : 'the pod is older than Clockout',
    ...(plan.strategy === 'wrap' && plan.containers.some(({ entrypoint }) => entrypoint.source === 'image')
      ? ['the lookup in the registry failed']
      : []),
    // With Fail, the API server would have refused the pod.
    ...(failurePolicy === 'Fail' ? [] : ['the webhook was not reached']),
  ];
}

/** @returns whether the pod is older than the webhook's configuration; undefined if that is not known */
function compareTimes(pod: unknown, webhook: string | undefined): boolean | undefined {
  const [ofPod, ofWebhook] = [readTime(pod), readTime(webhook)];
  return ofPod === undefined || ofWebhook === undefined ? undefined : ofPod < ofWebhook;
}
