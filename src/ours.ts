/** The names and paths that Clockout takes in a pod, and how to recognise what it has put there before. */
import type { Container, Pod } from './types.ts';

/** Prefix of every label and annotation of Clockout's. */
export const prefix = 'clockout.dev/';

/** Label on pods ("true", "false") and namespaces ("enabled", "disabled"). */
export const injectLabel = `${prefix}inject`;

/** Annotation in which a wrapped pod says what was done to it. */
export const statusAnnotation = `${prefix}status`;

/** Holds busybox and the two scripts. */
export const toolsVolume = { name: 'clockout', mountPath: '/clockout' } as const;

/** Holds a FIFO and an exit code for each wrapped container. */
export const stateVolume = { name: 'clockout-state', mountPath: '/clockout-state' } as const;

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

/** Judged by the command, not by a mark on the pod: a container that was added after a first call is wrapped, too. */
export const isWrapped = (container: Container) => startsWith(container.command, wrapperCommand);

export const isGuardHook = (command: readonly string[] | null | undefined) => startsWith(command, guardCommand);

/** Our init container in the pod, and where it stands. */
export function findOurInitContainer(pod: Pod): { index: number; container: Container } | undefined {
  const index = (pod.spec.initContainers ?? []).findIndex(
    ({ name, command }) => name === initContainerName && startsWith(command, initCommand),
  );
  const container = pod.spec.initContainers?.[index];
  return container && { index, container };
}
