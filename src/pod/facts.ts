/**
 * What Clockout knows of a pod, read once for each review. `decide`, `entrypoint` and `inject` work from these facts instead of
 * the pod. What takes a pass over annotations or containers is read when it is first used: most pods are skipped before.
 */

import type { AllowedAnnotations, AnnotationProblem } from './annotations/parse.ts';
import type { DefaultLevels } from './annotations/read-defaults.ts';
import { readOptions, selectApps } from './annotations/select-containers.ts';
import { defaultOptions, type Options } from './annotations/table.ts';
import { type BoundProblem, findOverBound } from './bounds.ts';
import { type ProxyFacts, readProxy } from './istio.ts';
import { injectLabel } from './names.ts';
import { findOwnInitContainer, splitWrapped, type Wrapped } from './own-parts.ts';
import { isJobPod } from './owner.ts';
import type { Container, ContainerAt, Pod, PodMetadata, PodSpec } from './schema.ts';
import type { KnownContainer } from './sidecars/end.ts';
import {
  lookUpSidecars,
  readSharedProcesses,
  type SharedProcesses,
  type Sidecar,
  selectSidecars,
} from './sidecars/read.ts';
import { readStatus, type Status } from './status.ts';
import { readStatusPort } from './status-port.ts';
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

/**
 * @param allowed the annotations that the operator allows pods to set
 * @param defaults what holds for options that the pod does not set. `annotations` has only those that it sets
 */
export const createFacts = (pod: Pod, allowed?: AllowedAnnotations, defaults?: DefaultLevels): Facts =>
  new PodFacts(pod, allowed, defaults);

// --- internal ---

/**
 * A class, because V8 gives each object literal with getters a hidden class of its own, in the old generation. That would keep the
 * pod until the next full garbage collection: three times the memory, and a third more CPU for each review.
 */
class PodFacts implements Facts {
  readonly metadata;
  readonly labels;
  readonly annotations;
  readonly spec;
  readonly initContainers;
  readonly inject;
  readonly isJobPod;
  readonly proxy;
  readonly sharedProcesses;
  readonly #pod;
  readonly #allowed;
  readonly #defaults;
  #overBound: { problem: BoundProblem | undefined } | undefined;
  #known: KnownContainer[] | undefined;
  #options: ReturnType<typeof readOptions> | undefined;
  #apps: App[] | undefined;
  #sidecars: Sidecar[] | undefined;
  #stripped: ContainerAt[] | undefined;
  #own: Facts['own'] | undefined;
  #statusPort: number | undefined;

  constructor(pod: Pod, allowed: AllowedAnnotations | undefined, defaults: DefaultLevels | undefined) {
    const { metadata, spec } = pod;
    this.metadata = metadata;
    this.labels = metadata?.labels ?? {};
    this.annotations = metadata?.annotations ?? {};
    this.spec = spec;
    this.initContainers = spec.initContainers ?? [];
    this.inject = this.labels[injectLabel];
    this.isJobPod = isJobPod(metadata);
    this.proxy = readProxy(pod);
    this.sharedProcesses = readSharedProcesses(spec);
    this.#pod = pod;
    this.#allowed = allowed;
    this.#defaults = defaults;
  }

  get overBound() {
    this.#overBound ??= { problem: findOverBound(this.#pod) };
    return this.#overBound.problem;
  }
  get #containers() {
    this.#known ??= this.overBound ? [] : lookUpSidecars(this.spec.containers);
    return this.#known;
  }
  get #read() {
    this.#options ??= this.overBound
      ? { options: defaultOptions, problems: [] }
      : readOptions(this.metadata, this.#containers, this.#allowed, this.#defaults);
    return this.#options;
  }
  get options(): Options {
    return this.#read.options;
  }
  get optionProblems() {
    return this.#read.problems;
  }
  get apps() {
    this.#apps ??= selectApps(this.#containers, this.options).map((app) => readApp(app, this.spec));
    return this.#apps;
  }
  get sidecars() {
    this.#sidecars ??= selectSidecars(this.#containers, this.options, this.annotations, this.sharedProcesses);
    return this.#sidecars;
  }
  get stripped() {
    if (this.#stripped) return this.#stripped;
    const found = findStripped(this.#pod);
    this.#stripped = found.length > 0 && this.overBound ? [] : found;
    return this.#stripped;
  }
  get own() {
    this.#own ??= {
      initContainer: findOwnInitContainer(this.initContainers),
      status: readStatus(this.annotations),
      native: findNative(this.initContainers, this.stripped, this.annotations),
    };
    return this.#own;
  }
  get statusPort() {
    this.#statusPort ??= readStatusPort(this.annotations, this.proxy.classic?.container);
    return this.#statusPort;
  }
}

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
