/** What a pod belongs to, and whether that is a Kubernetes Job. */
import type { OwnerReference, PodMetadata } from './schema.ts';

/** Whether an API group is Kubernetes' own `batch`: other projects have a kind Job as well (batch.volcano.sh). */
export const isBatch = (apiVersion: string): boolean => apiVersion.startsWith('batch/');

/** The object that creates the pod again, such as a Job. */
export const findController = (metadata: PodMetadata | null | undefined): OwnerReference | undefined =>
  metadata?.ownerReferences?.find(({ controller }) => controller);

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
