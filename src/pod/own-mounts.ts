/** The mounts of Clockout's volumes in the containers of a pod. */
import { statePaths, stateVolume, toolsVolume, volumeNames } from './names.ts';
import type { VolumeMount } from './schema.ts';

/** What runs in a container: the wrapper of an app, or the guard of a sidecar. */
export type Role = 'wrapper' | 'guard';

/**
 * The mounts of a container with a wrapper or a guard. It can write its own steps, and nothing else. A FIFO can be opened for
 * writing even on a read-only mount, so a wrapper sees only its own.
 */
export const ownMounts = (container: string, role: Role): VolumeMount[] => [
  { name: toolsVolume.name, mountPath: toolsVolume.mountPath, readOnly: true },
  { name: stateVolume.name, mountPath: statePaths.steps, subPath: 'steps', readOnly: true },
  { name: stateVolume.name, mountPath: statePaths.own, subPath: `steps/${container}` },
  {
    name: stateVolume.name,
    mountPath: statePaths.alive,
    subPath: role === 'guard' ? 'alive' : `alive/${container}`,
    readOnly: true,
  },
];

/** Version 0.1.0 mounted the whole state volume, writable, in each container. During an update both versions can see a pod. */
export const firstVersionMount: VolumeMount = { name: stateVolume.name, mountPath: stateVolume.mountPath };

/** Whether two mounts are alike in every field. With a different field, the same volume can lead elsewhere. */
export const sameMount = (a: VolumeMount, b: VolumeMount): boolean =>
  a.mountPath === b.mountPath &&
  a.name === b.name &&
  (a.readOnly ?? false) === (b.readOnly ?? false) &&
  (a.subPath || '') === (b.subPath || '') &&
  (a.subPathExpr || '') === (b.subPathExpr || '') &&
  (a.mountPropagation || '') === (b.mountPropagation || '') &&
  (a.recursiveReadOnly || '') === (b.recursiveReadOnly || '');

export const mountsOwnVolume = ({ name }: VolumeMount): boolean => volumeNames.includes(name);
