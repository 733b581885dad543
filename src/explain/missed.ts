/** Finds pods in a cluster that Clockout would wrap, but did not, because it was not called for them. Pure. */
import { decodePod } from '../admission/decode-pod.ts';
import type { Outcome } from '../admission/outcome.ts';
import type { Plan } from '../inject/plan.ts';
import { findValue, type PodTemplate } from '../manifests/find-pods.ts';
import { injectLabel } from '../pod/names.ts';
import { isWrapped } from '../pod/own-parts.ts';

/** Only the API server gives a pod its uid. */
export const isInCluster = ({ pod }: PodTemplate) => findValue(pod, 'metadata', 'uid') !== undefined;

export function isWrappedPod({ pod }: PodTemplate): boolean {
  const decoded = decodePod(pod);
  return decoded.ok && decoded.value.spec.containers.some(isWrapped);
}

type Labels = Record<string, string>;

/** @returns the likely causes, as a sentence; undefined for a pod that Clockout was called for */
export function whyMissed(template: PodTemplate, outcome: Outcome, namespaceLabels: Labels = {}): string | undefined {
  if (outcome.kind !== 'patched' || !isInCluster(template) || isWrappedPod(template)) return undefined;
  const { plan } = outcome;
  const asks = findValue(template.pod, 'metadata', 'labels', injectLabel) === 'true';
  const causes = [
    ...(asks || namespaceLabels[injectLabel] === 'enabled'
      ? []
      : [`its namespace does not have the label ${injectLabel}: enabled`]),
    'the pod is older than Clockout',
    ...(plan.strategy === 'wrap' && plan.containers.some(({ entrypoint }) => entrypoint.source === 'image')
      ? ['the lookup in the registry failed']
      : []),
    'the webhook was not reached',
  ];
  return `Clockout would ${describeWould(plan)}, but was not called for it; likely causes: ${causes.slice(0, -1).join(', ')}, or ${causes.at(-1)}`;
}

/** Completes the sentence "Clockout would …". */
export const describeWould = ({ strategy }: Plan): string => verbs[strategy];

// --- internal ---

const verbs: Record<Plan['strategy'], string> = {
  wrap: 'wrap the pod',
  native: 'make its sidecars native',
  none: 'repair its native sidecars',
};
