/** The names and paths that Clockout uses in a pod. */

/** Starts the name of every label and annotation of Clockout. */
export const prefix = 'clockout.dev/';

/** A label on pods ("true", "false") and namespaces ("enabled", "disabled"). */
export const injectLabel = `${prefix}inject`;

/** The annotation that records what Clockout did to a pod: see status.ts. */
export const statusAnnotation = `${prefix}status`;

/** An annotation on pods, and a label on namespaces: see `Strategy`. */
export const strategyKey = `${prefix}strategy`;

/** The annotation that names the sidecars that Clockout has made native, separated by commas. */
export const nativeAnnotation = `${prefix}native`;

/** The annotation in which `clockout inject` records what it replaced in a file, so that `uninject` can put it back. */
export const undoAnnotation = `${prefix}undo`;

/** Annotations that Clockout writes, and that are no options. */
export const writtenAnnotations: readonly string[] = [statusAnnotation, nativeAnnotation, undoAnnotation];

/** Holds busybox and the scripts. */
export const toolsVolume = { name: 'clockout', mountPath: '/clockout' } as const;

/** Holds the steps and a FIFO of each wrapped container and each guard: see wrapper/PROTOCOL.md. */
export const stateVolume = { name: 'clockout-state', mountPath: '/clockout-state' } as const;

export const volumeNames: readonly string[] = [toolsVolume.name, stateVolume.name];

/** Where containers see parts of the state volume: all steps, their own steps, and their FIFO or all FIFOs. */
export const statePaths = { steps: '/clockout-steps', own: '/clockout-own', alive: '/clockout-alive' } as const;

/** Nothing but Clockout's volumes may be mounted here. */
export const reservedPaths: readonly string[] = [
  toolsVolume.mountPath,
  stateVolume.mountPath,
  ...Object.values(statePaths),
];

export const initContainerName = 'clockout-init';

/** The annotation in which Istio records what it injected. */
export const istioStatus = 'sidecar.istio.io/status';

/** The annotation that asks Istio 1.24 or newer for a native sidecar. */
export const istioNative = 'sidecar.istio.io/nativeSidecar';

/** Istio's name for its sidecar. Istio's injector also finds the sidecar by this name. */
export const proxyContainerName = 'istio-proxy';

export const busyboxPath = '/clockout/busybox';
const shell = [busyboxPath, 'sh'] as const;
export const wrapperCommand: readonly string[] = [...shell, '/clockout/run'];
export const guardCommand: readonly string[] = [...shell, '/clockout/guard'];
export const initCommand: readonly string[] = ['/bin/busybox', 'sh', '-c'];
