/** Does a pod belong to a Kubernetes Job? */
import type { PodMetadata } from './schema.ts';

/** Whether an API group is Kubernetes' own `batch`: other projects have a kind Job as well (batch.volcano.sh). */
export const isBatch = (apiVersion: string): boolean => apiVersion.startsWith('batch/');

const jobLabels = ['batch.kubernetes.io/job-name', 'job-name'];

/**
 * If a pod has a controller, only the controller counts: Kubeflow's training operators, for example, give their pods a label
 * `job-name`, too. Without a controller the labels decide.
 * @see https://kubernetes.io/docs/reference/labels-annotations-taints/#batchkubernetesio-job-name
 */
export function isJobPod(metadata: PodMetadata | null | undefined): boolean {
  const controllers = metadata?.ownerReferences?.filter(({ controller }) => controller) ?? [];
  if (controllers.length > 0) return controllers.some(({ kind, apiVersion }) => kind === 'Job' && isBatch(apiVersion));
  return jobLabels.some((label) => metadata?.labels?.[label] != null);
}
