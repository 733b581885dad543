/** What a known sidecar needs, besides `restartPolicy: Always`, to be a native sidecar. Kubernetes ends any native sidecar. */

/**
 * The first minor version of Kubernetes with native sidecars by default.
 * @see https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
 */
export const firstWithNative = 29;

/** The first without known bugs of native sidecars that fail before they have started; Istio's own bound, too. */
export const firstWithSafeNative = 33;

/**
 * The first that allows a resizePolicy in a native sidecar. Before, the API server refuses one in any init container.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/apis/core/validation/validation.go (AllowSidecarResizePolicy)
 */
export const firstWithSidecarResize = 33;

/** When a sidecar starts among the others of its pod, the earliest first. Kubernetes ends them in the opposite order. */
export const stages = ['mesh', 'secrets', 'telemetry', 'database', 'runtime', 'other'] as const;

/** For the docs: what a stage is. */
export const stageTitles: Record<(typeof stages)[number], string> = {
  mesh: 'mesh proxies, each right after its own init container',
  secrets: 'agents that fetch secrets or certificates',
  telemetry: 'logs, metrics and traces',
  database: 'database proxies',
  runtime: 'Dapr',
  other: 'all others',
};

export type NativeForm = {
  stage: (typeof stages)[number];
  /** Its injector's own init containers; a name that ends in * is the start of a name. It stands right after the last of them. */
  after?: readonly string[];
  /** Whether the app starts only when its readiness probe has succeeded: the probe becomes a startup probe, too. */
  gate?: true;
  /** The program of a postStart hook that waits for the same, and is dropped then. */
  waitHook?: RegExp;
  /** Where `after`, `gate` and `waitHook` come from. */
  source?: string;
};

/** Of a sidecar that Clockout does not know. No gate: a probe of its own could wait for the app, which waits for it. */
export const otherForm: NativeForm = { stage: 'other' };
