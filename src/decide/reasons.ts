/**
 * Why a pod is skipped. The token is the label of the metric, the field in the log, the audit annotation, the word in the CLI's
 * report and the row in the docs. If several reasons hold, the first one here is given.
 */
export const reasons = {
  'not-a-job': 'the pod belongs to no Job, and does not have the label clockout.dev/inject: "true"',
  'opted-out': 'the label clockout.dev/inject of the pod or its namespace turns Clockout off',
  'not-opted-in': 'neither the pod nor its namespace asks for Clockout with the label clockout.dev/inject',
  'too-large': 'the pod has too many containers or annotations, or needs too large a patch (docs/limits.md)',
  'unknown-end':
    'the pod has no classic istio-proxy, and nothing in the pod can end its other sidecar with its current settings',
  'native-sidecar': 'istio-proxy is a native sidecar, which Kubernetes ends by itself, or the pod asks Istio for one',
  'no-sidecar': 'the pod has no istio-proxy, and does not ask Istio for one',
  'host-network': "the pod uses the node's network, where Istio injects no sidecar and 127.0.0.1 is the node",
  windows: 'the pod runs on Windows, which neither Istio nor the wrapper supports',
  'mirror-pod': 'the pod mirrors a static pod of the kubelet, which a webhook cannot change',
  'restart-policy-always': 'an app container has restartPolicy Always, so the pod does not end',
  'container-restart-rules':
    'an app container has restartPolicyRules, so its exit code does not show whether it has ended',
  'needs-pid-1': 'a container starts an init system (s6-overlay, systemd, …) that only works as process 1',
  'managed-command': "Argo Workflows or Tekton runs the pod's commands, and ends its sidecars",
  'watched-processes':
    "a container finds the app by its process id or its parent's, which the wrapper changes (Katib's metrics collector, Flyte's copilot); set sidecar.istio.io/inject: \"false\", or use a native sidecar for Katib",
  'name-collision':
    'the pod uses a name or path of Clockout (clockout, clockout-state, clockout-init) for something else; rename it',
  'no-app-container': 'every container of the pod is a sidecar or excluded, so there is no app to wrap',
  'invalid-annotation': 'a clockout.dev/ annotation or label has a value that Clockout does not accept',
  'native-unsupported':
    'the pod is to have native sidecars (clockout.dev/strategy: native), and its cluster, its mesh or its sidecars do not allow that',
  'no-entrypoint': 'a container has no command, and neither an annotation nor a registry says what its image runs',
} as const satisfies Record<string, string>;

export type SkipReason = keyof typeof reasons;

/** With these reasons, a pod that asks for Clockout can hang. It gets a warning, or is refused if the operator chose so. */
export const unwrappable: ReadonlySet<SkipReason> = new Set([
  'too-large',
  'unknown-end',
  'container-restart-rules',
  'needs-pid-1',
  'watched-processes',
  'name-collision',
  'no-app-container',
  'invalid-annotation',
  'native-unsupported',
  'no-entrypoint',
]);
