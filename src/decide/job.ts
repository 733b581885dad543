/** Is this the pod of a Kubernetes Job? */
import type { Pod } from '../types.ts';

// Other projects have a kind Job as well (batch.volcano.sh): the API group tells them apart.
const isBatch = (apiVersion: string) => apiVersion.startsWith('batch/');

const jobLabels = ['batch.kubernetes.io/job-name', 'job-name'];

/** @see https://kubernetes.io/docs/reference/labels-annotations-taints/#batchkubernetesio-job-name */
export function isJobPod({ metadata }: Pod): boolean {
  const owned = metadata?.ownerReferences?.some((o) => o.controller && o.kind === 'Job' && isBatch(o.apiVersion));
  return owned || jobLabels.some((label) => metadata?.labels?.[label] != null);
}
