/** Is this the pod of a Kubernetes Job? */
import type { Pod } from './schema.ts';

// Other projects have a kind Job as well (batch.volcano.sh): the API group tells them apart.
const isBatch = (apiVersion: string) => apiVersion.startsWith('batch/');

const jobLabels = ['batch.kubernetes.io/job-name', 'job-name'];

/**
 * Where a pod has a controller, only that counts: others give their pods a label `job-name`, too (Kubeflow's training
 * operators do). A pod without one says what it belongs to by its labels.
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/#batchkubernetesio-job-name
 */
export function isJobPod({ metadata }: Pod): boolean {
  const controllers = metadata?.ownerReferences?.filter(({ controller }) => controller) ?? [];
  if (controllers.length > 0) return controllers.some(({ kind, apiVersion }) => kind === 'Job' && isBatch(apiVersion));
  return jobLabels.some((label) => metadata?.labels?.[label] != null);
}
