/**
 * What Clockout knows of a pod, read once for each review. `decide`, `entrypoint` and `inject` work from these facts instead of
 * the pod. What takes a pass over annotations or containers is read when it is first used: most pods are skipped before.
 */
import { readOptions, selectApps } from './annotations/select-containers.ts';
import { type AllowedAnnotations, type AnnotationProblem, defaultOptions, type Options } from './annotations/table.ts';
import { type BoundProblem, findOverBound } from './bounds.ts';
import { type ProxyFacts, readProxy, readStatusPort } from './istio.ts';
import { injectLabel } from './names.ts';
import { findOwnInitContainer, splitWrapped, type Wrapped } from './own-parts.ts';
import { isJobPod } from './owner.ts';
import type { Container, ContainerAt, Pod, PodMetadata, PodSpec } from './schema.ts';
import {
  lookUpSidecars,
  readSharedProcesses,
  type SharedProcesses,
  type Sidecar,
  selectSidecars,
} from './sidecars/read.ts';
import { readStatus, type Status } from './status.ts';
import { findStripped, readNativeNames } from './stripped.ts';

/** A container that the pod exists for. */
export type App = ContainerAt & {
  /** Its own restart policy, or else the pod's. */
  restartPolicy: string;
  /** Set if an earlier call of Clockout wrapped it. */
  wrapped: Wrapped | undefined;
};

export type Facts = {
  /** Metadata and spec as they are in the pod. `labels` and `annotations` are empty if the pod has none. */
  metadata: PodMetadata | null | undefined;
  labels: Readonly<Record<string, string | null>>;
  annotations: Readonly<Record<string, string | null>>;
  spec: PodSpec;
  initContainers: readonly Container[];
  /** The pod's own label clockout.dev/inject. */
  inject: string | null | undefined;
  isJobPod: boolean;
  proxy: ProxyFacts;
  /** The port of pilot-agent's status server; 0 = it has none. */
  statusPort: number;
  sharedProcesses: SharedProcesses;
  /** A bound that the pod is over: then it has default options, and neither apps nor sidecars are read. */
  overBound: BoundProblem | undefined;
  options: Options;
  optionProblems: readonly AnnotationProblem[];
  apps: readonly App[];
  sidecars: readonly Sidecar[];
  /** Init containers that were native sidecars until another webhook dropped their restartPolicy. */
  stripped: readonly ContainerAt[];
  /** What earlier calls of Clockout left in the pod. `native` are the names of the native sidecars that they made. */
  own: { initContainer: ContainerAt | undefined; status: Status | undefined; native: readonly string[] };
};

/** @param allowed the annotations that the operator allows pods to set */
export function createFacts(pod: Pod, allowed?: AllowedAnnotations): Facts {
  const { metadata, spec } = pod;
  const labels = metadata?.labels ?? {};
  const annotations = metadata?.annotations ?? {};
  const initContainers = spec.initContainers ?? [];
  const proxy = readProxy(pod);
  const sharedProcesses = readSharedProcesses(spec);
  const overBound = once(() => findOverBound(pod));
  const known = once(() => (overBound() ? [] : lookUpSidecars(spec.containers)));
  const read = once(() =>
    overBound() ? { options: defaultOptions, problems: [] } : readOptions(metadata, known(), allowed),
  );
  const apps = once(() => selectApps(known(), read().options).map((app) => readApp(app, spec)));
  const sidecars = once(() => selectSidecars(known(), read().options, annotations, sharedProcesses));
  const stripped = once(() => {
    const found = findStripped(pod);
    return found.length > 0 && overBound() ? [] : found;
  });
  const own = once(() => ({
    initContainer: findOwnInitContainer(initContainers),
    status: readStatus(annotations),
    native: findNative(initContainers, stripped(), annotations),
  }));
  const statusPort = once(() => readStatusPort(annotations, proxy.classic?.container));
  return {
    metadata,
    labels,
    annotations,
    spec,
    initContainers,
    inject: labels[injectLabel],
    isJobPod: isJobPod(metadata),
    proxy,
    sharedProcesses,
    get statusPort() {
      return statusPort();
    },
    get overBound() {
      return overBound();
    },
    get options() {
      return read().options;
    },
    get optionProblems() {
      return read().problems;
    },
    get apps() {
      return apps();
    },
    get sidecars() {
      return sidecars();
    },
    get stripped() {
      return stripped();
    },
    get own() {
      return own();
    },
  };
}

// --- internal ---

/** A pod's author can write the annotation, too: only native sidecars count. */
function findNative(
  initContainers: readonly Container[],
  stripped: readonly ContainerAt[],
  annotations: Facts['annotations'],
): string[] {
  const natives = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const names = new Set([...natives, ...stripped.map(({ container }) => container)].map(({ name }) => name));
  return [...new Set(readNativeNames(annotations))].filter((name) => names.has(name));
}

/** Kubernetes' default for the pod's restart policy is Always. */
const readApp = ({ index, container }: ContainerAt, { restartPolicy }: PodSpec): App => ({
  index,
  container,
  restartPolicy: container.restartPolicy ?? restartPolicy ?? 'Always',
  wrapped: splitWrapped(container),
});

/** Calls `make` when its value is first needed, and keeps the value. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
