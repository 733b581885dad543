/** All values of an injection, settled: no lookups, no defaults, no annotations are left to read after this. */
import type { Resources } from '../types.ts';

/** Where a container's entrypoint was learnt: its manifest, our annotation, or its image's config. */
export type EntrypointSource = 'pod' | 'annotation' | 'image';

/** What counts as the end of a container: any exit, or only exit 0 (the kubelet restarts it otherwise). */
export type EndRule = 'any' | 'zero';

export type WrappedContainer = {
  name: string;
  /** Position in spec.containers. */
  index: number;
  /** What the wrapper runs, as it stands in `args`: strings from an image have each `$` doubled. */
  args: string[];
  entrypoint: EntrypointSource;
  /** Digest of the image's config, where the registry was asked. */
  image?: string;
  /** Seconds to wait for the proxy to be ready; 0 = start at once. */
  wait: number;
  onWaitTimeout: 'start' | 'fail';
  end: EndRule;
  /** Seconds after which a container that never started is given up; 0 = never. */
  startTimeout: number;
  /** Fields of the container to add exec probes in. */
  probes: ('readinessProbe' | 'livenessProbe' | 'startupProbe')[];
};

export type Plan = {
  /** `injected`: istio-proxy is in the pod. `expected`: Istio will add it after us, classic or native. */
  sidecar: 'injected' | 'expected';
  /** Pilot-agent's status port; 0 = it has none. */
  port: number;
  /** Whether anybody tells the proxy to quit: false for `quit: never`. */
  quit: boolean;
  /** Seconds. */
  quitTimeout: number;
  /** Seconds, with fractions. */
  quitDelay: number;
  /** Loopback URLs to POST to when all have ended, beside the proxy's own. */
  quitUrls: string[];
  /** Whether the guard runs beside the proxy: `absent` says why not. */
  guard:
    | { runs: true; index: number; hook: string[] }
    | { runs: false; absent: 'expected' | 'annotation' | 'hook' | 'quit-never' };
  containers: WrappedContainer[];
  initContainer: { image: string; pullPolicy?: string; runAsUser: number; resources: Resources };
  version: string;
};
