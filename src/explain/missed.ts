/** A pod of a cluster that should be wrapped by all that it shows, but is not: Clockout was not asked. Pure. */

import { decodePod } from '../admission/decode-pod.ts';
import type { Outcome } from '../admission/outcome.ts';
import { pointer } from '../inject/patch/operations.ts';
import { type PodTemplate, valueAt } from '../manifests/find-pods.ts';
import { injectLabel, isWrapped } from '../pod/names.ts';

/** Only the API server gives a pod its uid. */
export const isInCluster = ({ pod }: PodTemplate) => valueAt(pod, '/metadata/uid') !== undefined;

export function isWrappedPod({ pod }: PodTemplate): boolean {
  const decoded = decodePod(pod);
  return decoded.ok && decoded.pod.spec.containers.some(isWrapped);
}

type Labels = Record<string, string>;

/** Why, as far as can be told; undefined for a pod that Clockout was asked about. */
export function whyMissed(template: PodTemplate, outcome: Outcome, namespaceLabels: Labels = {}): string | undefined {
  if (outcome.kind !== 'patched' || !isInCluster(template) || isWrappedPod(template)) return undefined;
  const asks = valueAt(template.pod, pointer('metadata', 'labels', injectLabel)) === 'true';
  const causes = [
    ...(asks || namespaceLabels[injectLabel] === 'enabled'
      ? []
      : [`its namespace lacks the label ${injectLabel}: enabled`]),
    'the pod is older than Clockout',
    ...(outcome.plan.containers.some(({ entrypoint }) => entrypoint.source === 'image')
      ? ['the registry gave the webhook no answer']
      : []),
    'the webhook was not reached',
  ];
  return `nothing in the pod speaks against it: ${causes.slice(0, -1).join(', ')}, or ${causes.at(-1)}`;
}
