/** The names and paths that Clockout takes in a pod, and how to recognise what it has put there before. */
import type { Container, Pod, VolumeMount } from './schema.ts';

/** Prefix of every label and annotation of Clockout's. */
export const prefix = 'clockout.dev/';

/** Label on pods ("true", "false") and namespaces ("enabled", "disabled"). */
export const injectLabel = `${prefix}inject`;

/** Annotation in which a wrapped pod says what was done to it. */
export const statusAnnotation = `${prefix}status`;

/** Holds busybox and the two scripts. */
export const toolsVolume = { name: 'clockout', mountPath: '/clockout' } as const;

/** Holds the steps and a FIFO of each wrapped container and each guard: see inject/PROTOCOL.md. */
export const stateVolume = { name: 'clockout-state', mountPath: '/clockout-state' } as const;

/** The steps of all containers; a container's own; its FIFO, or those of all. None is the volume's own path: see `firstVersionMount`. */
const stepsPath = '/clockout-steps';
const ownPath = '/clockout-own';
const alivePath = '/clockout-alive';

/** Where nothing but ours may be mounted. */
export const ourPaths: readonly string[] = [
  toolsVolume.mountPath,
  stateVolume.mountPath,
  stepsPath,
  ownPath,
  alivePath,
];

/**
 * The mounts of a container with a wrapper or a guard. It may write its own steps, and nothing else. A FIFO can be opened for
 * writing on a read-only mount, too: so a wrapper has its own alone.
 */
export const ourMounts = (container: string, role: 'wrapper' | 'guard'): VolumeMount[] => [
  { name: toolsVolume.name, mountPath: toolsVolume.mountPath, readOnly: true },
  { name: stateVolume.name, mountPath: stepsPath, subPath: 'steps', readOnly: true },
  { name: stateVolume.name, mountPath: ownPath, subPath: `steps/${container}` },
  {
    name: stateVolume.name,
    mountPath: alivePath,
    subPath: role === 'guard' ? 'alive' : `alive/${container}`,
    readOnly: true,
  },
];

/** What version 0.1.0 put into each container: all of the volume, to be written by all. A pod can be seen by both versions. */
export const firstVersionMount: VolumeMount = { name: stateVolume.name, mountPath: stateVolume.mountPath };

/** Alike in every field that there is: another mount of the same volume may lead elsewhere. */
export const sameMount = (a: VolumeMount, b: VolumeMount): boolean =>
  a.mountPath === b.mountPath &&
  a.name === b.name &&
  (a.readOnly ?? false) === (b.readOnly ?? false) &&
  (a.subPath || '') === (b.subPath || '') &&
  (a.subPathExpr || '') === (b.subPathExpr || '') &&
  (a.mountPropagation || '') === (b.mountPropagation || '') &&
  (a.recursiveReadOnly || '') === (b.recursiveReadOnly || '');

export const mountsOurVolume = ({ name }: VolumeMount): boolean =>
  name === toolsVolume.name || name === stateVolume.name;

export const volumeNames: readonly string[] = [toolsVolume.name, stateVolume.name];

export const initContainerName = 'clockout-init';

/** Istio's name for its sidecar; its injector finds it by this name, too. */
export const proxyContainerName = 'istio-proxy';

export const busyboxPath = '/clockout/busybox';
const shell = [busyboxPath, 'sh'] as const;
export const wrapperCommand: readonly string[] = [...shell, '/clockout/run'];
export const guardCommand: readonly string[] = [...shell, '/clockout/guard'];
export const initCommand: readonly string[] = ['/bin/busybox', 'sh', '-c'];

const startsWith = (argv: readonly string[] | null | undefined, start: readonly string[]) =>
  argv != null && start.every((word, i) => argv[i] === word);

/**
 * What stands before our wrapper in a container's command and args, and what it runs. Ours may stand anywhere in them: other
 * webhooks put programs of their own before it. Where that made an earlier version wrap twice, the inner wrapper goes. Undefined for a
 * wrapper with nothing to run, which is none of ours.
 */
export function splitWrapped({ command, args }: Container): { before: string[]; argv: string[] } | undefined {
  const words = [...(command ?? []), ...(args ?? [])];
  const wrapper = findWrapper(words, 0);
  if (!wrapper || wrapper.end === words.length) return undefined;
  const parts: string[][] = [];
  let from = wrapper.end;
  for (let inner = findWrapper(words, from); inner && inner.end < words.length; inner = findWrapper(words, from)) {
    parts.push(words.slice(from, inner.start));
    from = inner.end;
  }
  return { before: words.slice(0, wrapper.start), argv: [...parts, words.slice(from)].flat() };
}

/** The words of our wrapper, `--` included, from that place on. */
function findWrapper(words: readonly string[], from: number): { start: number; end: number } | undefined {
  const [first = ''] = wrapperCommand;
  for (let start = words.indexOf(first, from); start >= 0; start = words.indexOf(first, start + 1)) {
    if (!wrapperCommand.every((word, i) => words[start + i] === word)) continue;
    const end = words.indexOf('--', start);
    return end < 0 ? undefined : { start, end: end + 1 };
  }
  return undefined;
}

/** Judged by the command, not by a mark on the pod: a container that was added after a first call is wrapped, too. */
export const isWrapped = (container: Container) => splitWrapped(container) !== undefined;

export const isGuardHook = (command: readonly string[] | null | undefined) => startsWith(command, guardCommand);

/** Our init container in the pod, and where it stands. */
export function findOurInitContainer(pod: Pod): { index: number; container: Container } | undefined {
  const index = (pod.spec.initContainers ?? []).findIndex(
    ({ name, command }) => name === initContainerName && startsWith(command, initCommand),
  );
  const container = pod.spec.initContainers?.[index];
  return container && { index, container };
}
