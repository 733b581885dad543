/**
 * Why a pod is left alone. The token is the metric label, the log field, the audit annotation, the word in the CLI's
 * report and the row in the docs; where several reasons hold, the first one here wins.
 */
export const reasons = {
  'not-a-job': 'the pod belongs to no Job, and has no label clockout.dev/inject: "true"',
  'opted-out': 'the label clockout.dev/inject on the pod or its namespace says no',
  'not-opted-in': 'neither the pod nor its namespace asks for Clockout with the label clockout.dev/inject',
  'too-large': 'the pod has more containers, annotations or text to change than Clockout reads (docs/limits.md)',
  'unknown-end': "the pod has a sidecar other than Istio's, and as that is set up, nothing in the pod can end it",
  'native-sidecar': 'istio-proxy is a native sidecar here: Kubernetes ends it, and nothing is needed from Clockout',
  'no-sidecar': 'the pod has no istio-proxy, and does not ask Istio for one itself',
  'host-network': "the pod uses the node's network, where Istio injects nothing and 127.0.0.1 is the node",
  windows: 'the pod runs on Windows, where neither Istio nor the wrapper does',
  'mirror-pod': 'the pod mirrors a static pod of the kubelet, which no webhook can change',
  'restart-policy-always': 'a container of the pod is always restarted, so the pod is not meant to end',
  'container-restart-rules': 'a container has restartPolicyRules, so its exit code does not say whether it has ended',
  'needs-pid-1': 'a container starts an init system (s6-overlay, systemd, …) that only works as process 1',
  'managed-command': "Argo Workflows or Tekton runs the pod's commands and ends its sidecars itself",
  'watched-processes':
    'Katib\'s metrics collector finds the app by its process id and its parent\'s, which a wrapper changes; use a native sidecar for this pod, or sidecar.istio.io/inject: "false"',
  'name-collision':
    "the pod uses a name or path of Clockout's (clockout, clockout-state, clockout-init) for something else",
  'no-app-container': 'every container of the pod is a sidecar or excluded, so none is left to wrap',
  'invalid-annotation': 'a clockout.dev/ annotation or label has a value that cannot be used, or is not allowed here',
  'no-entrypoint': 'a container does not say its command, and nothing else tells what its image runs',
} as const satisfies Record<string, string>;

export type SkipReason = keyof typeof reasons;

/** Reasons for which a pod that asked for Clockout may hang: its owner gets a warning, or a refusal where chosen. */
export const unwrappable: ReadonlySet<SkipReason> = new Set([
  'too-large',
  'unknown-end',
  'container-restart-rules',
  'needs-pid-1',
  'watched-processes',
  'name-collision',
  'no-app-container',
  'invalid-annotation',
  'no-entrypoint',
]);
