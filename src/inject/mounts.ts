/** Volume mounts: ours, and the service account's token where the API server would add it after us. */
import type { Operation } from 'fast-json-patch';
import { initContainerName, stateVolume, toolsVolume } from '../ours.ts';
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
  const indexes = new Set(plan.containers.map(({ index }) => index));
  if (plan.guard.runs) indexes.add(plan.guard.index);
  const { containers, initContainers } = pod.spec;
  const token = tokenMount([...containers, ...(initContainers ?? [])]);
  const missing = (list: 'containers' | 'initContainers', index: number, container: Container) => {
    const wanted = [...(list === 'containers' && indexes.has(index) ? ours : []), ...(token ? [token] : [])];
    const lacking = wanted.filter(({ mountPath }) => !hasMount(container, mountPath));
    return append(pointer('spec', list, index, 'volumeMounts'), container.volumeMounts, lacking);
  };
  return [
    ...containers.flatMap((container, index) => missing('containers', index, container)),
    ...(initContainers ?? []).flatMap((container, index) =>
      container.name === initContainerName ? [] : missing('initContainers', index, container),
    ),
  ];
}

/**
 * The API server mounts the token before webhooks are called, so what Istio and we add has none yet. It would add it
 * afterwards and call us again: adding the same mount ourselves saves that second call.
 * @see https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/admission/serviceaccount/admission.go
 */
const tokenMount = (containers: Container[]): VolumeMount | undefined => {
  const isToken = (mount: VolumeMount) => mount.mountPath === tokenPath && mount.name.startsWith(tokenVolume);
  const mount = containers.flatMap(({ volumeMounts }) => volumeMounts ?? []).find(isToken);
  return mount && { name: mount.name, mountPath: tokenPath, readOnly: true };
};

const hasMount = ({ volumeMounts }: Container, path: string) =>
  (volumeMounts ?? []).some(({ mountPath }) => mountPath === path);
