import {
  findOurInitContainer,
  initContainerName,
  proxyContainerName,
  stateVolume,
  toolsVolume,
  volumeNames,
} from '../ours.ts';
import type { Container, Pod } from '../types.ts';
import type { AppContainer } from './options.ts';

/** Is a name or path of ours taken by something that is not ours? */
export function collides(pod: Pod, containers: AppContainer[]): boolean {
  const { spec } = pod;
  const ours = findOurInitContainer(pod) !== undefined;
  const named = [...spec.containers, ...(spec.initContainers ?? [])].filter(({ name }) => name === initContainerName);
  const volumes = (spec.volumes ?? []).filter(({ name }) => volumeNames.includes(name));
  if (named.length > (ours ? 1 : 0) || (!ours && volumes.length > 0)) return true;
  if (volumes.some(({ emptyDir }) => emptyDir == null)) return true;
  const proxy = spec.containers.filter(({ name }) => name === proxyContainerName);
  return [...containers.map(({ container }) => container), ...proxy].some(mountsOverOurs);
}

const mountsOverOurs = ({ volumeMounts, volumeDevices }: Container) =>
  (volumeMounts ?? []).some(({ name, mountPath }) => takesOver(mountPath, name)) ||
  (volumeDevices ?? []).some(({ devicePath }) => takesOver(devicePath));

function takesOver(path: string, volumeName?: string): boolean {
  // Nearly all paths end here: the rest takes ten times as long.
  if (!path.includes('clockout')) return false;
  const place = `${cleaned(path)}/`;
  return [toolsVolume, stateVolume].some((v) => volumeName !== v.name && place.startsWith(`${v.mountPath}/`));
}

/** Absolute and without empty steps, as the kubelet makes it. */
const cleaned = (path: string) =>
  `/${path
    .split('/')
    .filter((step) => step !== '' && step !== '.')
    .join('/')}`;
