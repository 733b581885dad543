/** What the policies cannot do. The output of the command and docs/policy.md say so. */
export const policyLimits: readonly string[] = [
  'There is no wrapper, so every kubelet must be 1.29 or newer. Kubernetes 1.36 allows no kubelet older than 1.33.',
  'Annotations under clockout.dev/ have no effect. Only the label clockout.dev/inject has one.',
  'The policies find sidecars by the names of their containers. They find only those whose names are in the policies.',
  'If there are several sidecars to convert, their order is not defined.',
  'If a webhook is called again because of a policy, the policies do not run a third time. If the webhook then drops restartPolicy, or injects the sidecar again, Kubernetes refuses the pod.',
  'The proxy always stands right after the init container of its mesh. If a large init container comes after it, the pod can request more than before.',
  'The version of Istio is not checked: the CNI plugin of Istio 1.18 or older leaves converted pods out of the mesh.',
  'There are no warnings, log lines or metrics of Clockout. The API server counts its evaluations of policies in apiserver_mutating_admission_policy_check_total.',
];
