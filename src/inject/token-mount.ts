/** The mount of the service account's token, which containers that Istio injects do not have yet. */
import { initContainerName, proxyContainerName } from '../pod/names.ts';
import type { Container, PodSpec, VolumeMount } from '../pod/schema.ts';

export const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const tokenVolume = 'kube-api-access-';

/** What Istio's injector adds, after the API server has mounted the token in the other containers. */
export const istioContainers: readonly string[] = [proxyContainerName, 'istio-init', 'istio-validation'];

/**
 * The API server mounts the token before it calls webhooks. It would mount it in Istio's containers after Clockout's patch, and
 * call Clockout a second time. Clockout saves that call if it adds the same mount. Only if all other containers have the token
 * is it certain that the API server would add it; a pod can also keep the token from some containers.
 * @see https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/admission/serviceaccount/admission.go
 */
export function findTokenMount({
  automountServiceAccountToken,
  containers,
  initContainers,
}: PodSpec): VolumeMount | undefined {
  if (automountServiceAccountToken === false) return undefined;
  const added = [...istioContainers, initContainerName];
  const others = [...containers, ...(initContainers ?? [])].filter(({ name }) => !added.includes(name));
  if (!others.every(hasToken)) return undefined;
  const mounted = others.flatMap(({ volumeMounts }) => volumeMounts ?? []);
  const mount = mounted.find(({ name, mountPath }) => mountPath === tokenPath && name.startsWith(tokenVolume));
  return mount && { name: mount.name, mountPath: tokenPath, readOnly: true };
}

const hasToken = ({ volumeMounts }: Container) => (volumeMounts ?? []).some(({ mountPath }) => mountPath === tokenPath);
