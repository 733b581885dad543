/** Does something else in the pod use a name or path of Clockout? */
import type { Facts } from '../pod/facts.ts';
import { initContainerName, reservedPaths, volumeNames } from '../pod/names.ts';
import { firstVersionMount, mountsOwnVolume, ownMounts, sameMount } from '../pod/own-mounts.ts';
import type { Container, VolumeMount } from '../pod/schema.ts';

export function hasCollision(facts: Facts): boolean {
  const { spec, initContainers, own } = facts;
  const wasInjected = own.initContainer !== undefined;
  const named = [...spec.containers, ...initContainers].filter(({ name }) => name === initContainerName);
  const volumes = (spec.volumes ?? []).filter(({ name }) => volumeNames.includes(name));
  if (named.length > (wasInjected ? 1 : 0) || (!wasInjected && volumes.length > 0)) return true;
  if (volumes.some(({ emptyDir }) => emptyDir == null) || hasTwice(volumes, ({ name }) => name)) return true;
  // Any container can get a wrapper or a guard, and with it Clockout's mounts.
  return hasForeignMount(facts) || spec.containers.some(usesReservedPath);
}

// --- internal ---

/** Does a container mount a volume of Clockout in a way that Clockout never makes? Others trust what it could write there. */
function hasForeignMount({ spec, initContainers, own, apps }: Facts): boolean {
  const wasInjected = own.initContainer !== undefined;
  const others = initContainers.filter(({ name }) => !(wasInjected && name === initContainerName));
  if ([...others, ...(spec.ephemeralContainers ?? [])].some((container) => ownMountsIn(container).length > 0))
    return true;
  const wrapped = new Set(apps.map(({ index }) => index));
  return spec.containers.some((container, index) => {
    const found = ownMountsIn(container);
    if (found.length === 0) return false;
    if (hasTwice(found, ({ mountPath }) => mountPath)) return true;
    const roles = wrapped.has(index) ? (['wrapper'] as const) : (['wrapper', 'guard'] as const);
    const allowed = wasInjected ? [...roles.flatMap((role) => ownMounts(container.name, role)), firstVersionMount] : [];
    return !found.every((mount) => allowed.some((each) => sameMount(mount, each)));
  });
}

const hasTwice = <T>(items: readonly T[], key: (item: T) => string): boolean =>
  new Set(items.map(key)).size < items.length;

const ownMountsIn = ({ volumeMounts }: { volumeMounts?: VolumeMount[] | null }) =>
  volumeMounts?.filter(mountsOwnVolume) ?? [];

const usesReservedPath = ({ volumeMounts, volumeDevices }: Container) =>
  (volumeMounts ?? []).some((mount) => !mountsOwnVolume(mount) && isReserved(mount.mountPath)) ||
  (volumeDevices ?? []).some(({ devicePath }) => isReserved(devicePath));

function isReserved(path: string): boolean {
  // True for nearly all paths; the rest takes ten times as long.
  if (!path.includes('clockout')) return false;
  const folder = `${cleaned(path)}/`;
  return reservedPaths.some((reserved) => folder.startsWith(`${reserved}/`));
}

/** As the kubelet sees it: absolute, without empty parts, `.` and `..`. */
function cleaned(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
