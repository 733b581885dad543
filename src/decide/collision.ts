import type { AppContainer } from '../pod/annotations/select-containers.ts';
import {
  findOurInitContainer,
  firstVersionMount,
  initContainerName,
  mountsOurVolume,
  ourMounts,
  ourPaths,
  sameMount,
  volumeNames,
} from '../pod/names.ts';
import type { Container, Pod, VolumeMount } from '../pod/schema.ts';

/** Is a name or path of ours taken by something that is not ours? */
export function collides(pod: Pod, containers: AppContainer[]): boolean {
  const { spec } = pod;
  const ours = findOurInitContainer(pod) !== undefined;
  const named = [...spec.containers, ...(spec.initContainers ?? [])].filter(({ name }) => name === initContainerName);
  const volumes = (spec.volumes ?? []).filter(({ name }) => volumeNames.includes(name));
  if (named.length > (ours ? 1 : 0) || (!ours && volumes.length > 0)) return true;
  if (volumes.some(({ emptyDir }) => emptyDir == null) || hasTwice(volumes, ({ name }) => name)) return true;
  if (hasStrayMount(pod, ours, new Set(containers.map(({ index }) => index)))) return true;
  // Any container may get a wrapper or a guard, and with it our mounts.
  return spec.containers.some(mountsOverOurs);
}

/** Is one of our volumes mounted by a container that has no such mount from us? What it could write there, others trust. */
function hasStrayMount({ spec }: Pod, ours: boolean, apps: ReadonlySet<number>): boolean {
  const others = (spec.initContainers ?? []).filter(({ name }) => !(ours && name === initContainerName));
  if ([...others, ...(spec.ephemeralContainers ?? [])].some((container) => mountsOfOurs(container).length > 0))
    return true;
  return spec.containers.some((container, index) => {
    const found = mountsOfOurs(container);
    if (found.length === 0) return false;
    if (hasTwice(found, ({ mountPath }) => mountPath)) return true;
    const roles = apps.has(index) ? (['wrapper'] as const) : (['wrapper', 'guard'] as const);
    const allowed = ours ? [...roles.flatMap((role) => ourMounts(container.name, role)), firstVersionMount] : [];
    return !found.every((mount) => allowed.some((each) => sameMount(mount, each)));
  });
}

const hasTwice = <T>(items: readonly T[], key: (item: T) => string): boolean =>
  new Set(items.map(key)).size < items.length;

const mountsOfOurs = ({ volumeMounts }: { volumeMounts?: VolumeMount[] | null }) =>
  volumeMounts?.filter(mountsOurVolume) ?? [];

const mountsOverOurs = ({ volumeMounts, volumeDevices }: Container) =>
  (volumeMounts ?? []).some((mount) => !mountsOurVolume(mount) && takesOver(mount.mountPath)) ||
  (volumeDevices ?? []).some(({ devicePath }) => takesOver(devicePath));

function takesOver(path: string): boolean {
  // Nearly all paths end here: the rest takes ten times as long.
  if (!path.includes('clockout')) return false;
  const place = `${cleaned(path)}/`;
  return ourPaths.some((taken) => place.startsWith(`${taken}/`));
}

/** Absolute and without empty steps, as the kubelet makes it. */
function cleaned(path: string): string {
  const steps: string[] = [];
  for (const step of path.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return `/${steps.join('/')}`;
}
