/** Volume mounts: ours, and the service account's token where the API server would add it after us. */
import type { Operation } from 'fast-json-patch';
import { initContainerName, mountsOurVolume, ourMounts, proxyContainerName, sameMount } from '../../pod/names.ts';
import type { Container, Pod, VolumeMount } from '../../pod/schema.ts';
import type { Plan } from '../plan.ts';
import { append, pointer, set } from './operations.ts';

export const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const tokenVolume = 'kube-api-access-';

/** Also takes away what is not as planned: see `firstVersionMount`. A mount of ours that nobody planned is a name-collision. */
export function mounts(pod: Pod, plan: Plan): Operation[] {
  const roles = new Map<number, 'wrapper' | 'guard'>([
    ...plan.sidecars.flatMap(({ index, guard }) => (guard.runs ? [[index, 'guard'] as const] : [])),
    ...plan.containers.map(({ index }) => [index, 'wrapper'] as const),
  ]);
  const token = tokenMount(pod);
  const tokenFor = ({ name }: Container) => (token && istioContainers.includes(name) ? [token] : []);
  const change = (list: 'containers' | 'initContainers', container: Container, index: number) => {
    const role = list === 'containers' ? roles.get(index) : undefined;
    const ours = role ? ourMounts(container.name, role) : [];
    const before = container.volumeMounts ?? [];
    const isOurs = list === 'initContainers' && container.name === initContainerName;
    const kept = isOurs
      ? before
      : before.filter((mount) => !mountsOurVolume(mount) || ours.some((each) => sameMount(mount, each)));
    const lacking = [...ours, ...tokenFor(container)].filter(
      ({ mountPath }) => !kept.some((mount) => mount.mountPath === mountPath),
    );
    if (lacking.length === 0 && kept.length === before.length) return [];
    const path = pointer('spec', list, index, 'volumeMounts');
    return kept.length < before.length
      ? set(path, before, [...kept, ...lacking])
      : append(path, container.volumeMounts, lacking);
  };
  const { containers, initContainers } = pod.spec;
  return [
    ...containers.flatMap((container, index) => change('containers', container, index)),
    ...(initContainers ?? []).flatMap((container, index) => change('initContainers', container, index)),
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
