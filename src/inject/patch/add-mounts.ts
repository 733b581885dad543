/** Adds volume mounts: Clockout's, which pod/own-mounts.ts lists, and the service account's token where the API server would add it later. */
import type { Operation } from 'fast-json-patch';
import { initContainerName } from '../../pod/names.ts';
import { mountsOwnVolume, ownMounts, type Role, sameMount } from '../../pod/own-mounts.ts';
import type { Container, VolumeMount } from '../../pod/schema.ts';
import type { WrapPlan } from '../plan.ts';
import { istioContainers } from '../token-mount.ts';
import { append, pointer, set } from './operations.ts';

/** Also removes mounts of Clockout's volumes that are not planned: see `firstVersionMount`. Others are a name-collision. */
export function addMounts(
  list: 'containers' | 'initContainers',
  containers: readonly Container[],
  plan: WrapPlan,
): Operation[] {
  const roles = list === 'containers' ? planRoles(plan) : undefined;
  return containers.flatMap((container, index) => {
    const role = roles?.get(index);
    const own = role ? ownMounts(container.name, role) : [];
    const before = container.volumeMounts ?? [];
    const kept = before.some(mountsOwnVolume) ? before.filter((mount) => isKept(mount, container, own)) : before;
    const token = plan.tokenMount && istioContainers.includes(container.name) ? [plan.tokenMount] : [];
    const missing = [...own, ...token].filter(({ mountPath }) => !kept.some((mount) => mount.mountPath === mountPath));
    const path = pointer('spec', list, index, 'volumeMounts');
    return kept.length < before.length
      ? set(path, before, [...kept, ...missing])
      : append(path, container.volumeMounts, missing);
  });
}

// --- internal ---

/** What runs in each container, by its index. */
const planRoles = ({ sidecars, containers }: WrapPlan): ReadonlyMap<number, Role> =>
  new Map<number, Role>([
    ...sidecars.flatMap(({ index, guard }) => (guard.runs ? [[index, 'guard'] as const] : [])),
    ...containers.map(({ index }) => [index, 'wrapper'] as const),
  ]);

const isKept = (mount: VolumeMount, { name }: Container, own: readonly VolumeMount[]) =>
  name === initContainerName || !mountsOwnVolume(mount) || own.some((each) => sameMount(mount, each));
