/** Volume mounts: ours, and the service account's token where the API server would add it after us. */
import type { Operation } from 'fast-json-patch';
import { initContainerName, proxyContainerName, stateVolume, toolsVolume } from '../ours.ts';
import type { Container, Pod, VolumeMount } from '../types.ts';
import { append, pointer } from './operations.ts';
import type { Plan } from './plan.ts';

export const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const tokenVolume = 'kube-api-access-';

const ours: VolumeMount[] = [
  { name: toolsVolume.name, mountPath: toolsVolume.mountPath, readOnly: true },
  { name: stateVolume.name, mountPath: stateVolume.mountPath },
];

export function mounts(pod: Pod, plan: Plan): Operation[] {
  const guarded = plan.sidecars.filter(({ guard }) => guard.runs);
  const indexes = new Set([...plan.containers, ...guarded].map(({ index }) => index));
  const token = tokenMount(pod);
  const missing = (list: 'containers' | 'initContainers', container: Container, index: number) => {
    const wanted = [
      ...(list === 'containers' && indexes.has(index) ? ours : []),
      ...(token && istioContainers.includes(container.name) ? [token] : []),
    ];
    const lacking = wanted.filter(({ mountPath }) => !hasMount(container, mountPath));
    return append(pointer('spec', list, index, 'volumeMounts'), container.volumeMounts, lacking);
  };
  const { containers, initContainers } = pod.spec;
  return [
    ...containers.flatMap((container, index) => missing('containers', container, index)),
    ...(initContainers ?? []).flatMap((container, index) => missing('initContainers', container, index)),
  ];
}

/** What Istio's injector adds: after the API server has mounted the token. */
const istioContainers: readonly string[] = [proxyContainerName, 'istio-init', 'istio-validation'];

/**
 * The API server mounts the service account's token before webhooks are called, so what Istio adds has none yet. It would
 * add it afterwards and call us again: adding the same mount ourselves saves that second call. Only where all others have
 * the token is it sure that the API server would; a pod may also keep it from some containers by means of its own.
 * @see https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/admission/serviceaccount/admission.go
 */
function tokenMount({ spec }: Pod): VolumeMount | undefined {
  if (spec.automountServiceAccountToken === false) return undefined;
  const added = [...istioContainers, initContainerName];
  const others = [...spec.containers, ...(spec.initContainers ?? [])].filter(({ name }) => !added.includes(name));
  if (!others.every((container) => hasMount(container, tokenPath))) return undefined;
  const mounted = others.flatMap(({ volumeMounts }) => volumeMounts ?? []);
  const mount = mounted.find(({ name, mountPath }) => mountPath === tokenPath && name.startsWith(tokenVolume));
  return mount && { name: mount.name, mountPath: tokenPath, readOnly: true };
}

const hasMount = ({ volumeMounts }: Container, path: string) =>
  (volumeMounts ?? []).some(({ mountPath }) => mountPath === path);
