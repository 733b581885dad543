{{/* Parts of the MutatingWebhookConfigurations. */}}

{{/* Annotations of a configuration, as YAML. */}}
{{- define "clockout.webhook.annotations" -}}
{{- $annotations := .Values.webhook.annotations -}}
{{- if eq .Values.certs.mode "certManager" -}}
{{- $certificate := printf "%s/%s" .Release.Namespace (include "clockout.fullname" .) -}}
{{- $annotations = merge (dict "cert-manager.io/inject-ca-from" $certificate) $annotations -}}
{{- end -}}
{{- toYaml $annotations -}}
{{- end -}}

{{/*
Fields that the webhooks after Istio's share. Takes the root, the path that they are called at, and the strategy of the namespaces,
empty for those without one.
*/}}
{{- define "clockout.webhook.shared" -}}
{{- $path := index . 1 -}}
{{- $strategy := last . -}}
{{- with first . -}}
{{ include "clockout.webhook.call" (list . (printf "%s%s" $path (ternary "" (printf "/%s" $strategy) (empty $strategy)))) }}
timeoutSeconds: {{ .Values.webhook.timeoutSeconds }}
reinvocationPolicy: {{ .Values.webhook.reinvocationPolicy }}
{{- end -}}
{{- end -}}

{{/* The same for the webhooks before Istio's: without an answer, the pod goes on its way, and Clockout converts its sidecar. */}}
{{- define "clockout.webhook.askIstio" -}}
{{- $strategy := last . -}}
{{- with first . -}}
{{ include "clockout.webhook.call" (list . (printf "/mutate/ask-istio%s" (ternary "" (printf "/%s" $strategy) (empty $strategy)))) }}
timeoutSeconds: {{ min 2 .Values.webhook.timeoutSeconds }}
reinvocationPolicy: Never
failurePolicy: Ignore
{{- end -}}
{{- end -}}

{{/* Whom the API server calls, and for which requests. Takes the root and a path. */}}
{{- define "clockout.webhook.call" -}}
{{- $path := last . -}}
{{- with first . -}}
clientConfig:
  service:
    name: {{ include "clockout.fullname" . }}
    namespace: {{ .Release.Namespace }}
    path: {{ $path }}
    port: 443
  {{- /* In the other modes the chart leaves the field out, so that an upgrade does not change it and GitOps tools see no difference. */}}
  {{- if eq .Values.certs.mode "existing" }}
  {{- with .Values.certs.existing.caBundle }}
  caBundle: {{ b64enc . }}
  {{- end }}
  {{- end }}
rules:
  - operations: [CREATE]
    apiGroups: ['']
    apiVersions: [v1]
    resources: [pods]
    scope: Namespaced
admissionReviewVersions: [v1]
matchPolicy: Equivalent
{{- /* A lookup only reads, also in a dry run: docs/entrypoints.md, "Dry runs". */}}
sideEffects: None
{{- end -}}
{{- end -}}

{{/* Requirement on the label of a namespace whose pods have none. */}}
{{- define "clockout.webhook.optedIn" -}}
- key: clockout.dev/inject
  {{- if eq .Values.mode "cluster" }}
  operator: NotIn
  values: [disabled, observe]
  {{- else }}
  operator: In
  values: [enabled]
  {{- end }}
{{- end -}}

{{/* The same for namespaces that Clockout only observes. The mode is what holds for namespaces without the label. */}}
{{- define "clockout.webhook.observed" -}}
- key: clockout.dev/inject
  {{- if eq .Values.mode "observe" }}
  operator: NotIn
  values: [enabled, disabled]
  {{- else }}
  operator: In
  values: [observe]
  {{- end }}
{{- end -}}

{{/*
Requirements on the namespace that all webhooks share: the excluded namespaces, what you add, and the strategy. Takes the root and
the strategy: empty for namespaces without one, `unknown` for namespaces whose label is none, `other` for both.
*/}}
{{- define "clockout.webhook.namespaces" -}}
{{- $strategy := last . -}}
{{- with first . -}}
- key: kubernetes.io/metadata.name
  operator: NotIn
  values:
    {{- range append .Values.webhook.excludedNamespaces .Release.Namespace | uniq }}
    - {{ . }}
    {{- end }}
- key: clockout.dev/strategy
  {{- if eq $strategy "unknown" }}
  operator: Exists
- key: clockout.dev/strategy
  operator: NotIn
  values: [wrap, native, auto]
  {{- else if eq $strategy "other" }}
  operator: NotIn
  values: [wrap, native, auto]
  {{- else if $strategy }}
  operator: In
  values: [{{ $strategy }}]
  {{- else }}
  operator: DoesNotExist
  {{- end }}
{{- with .Values.webhook.namespaceMatchExpressions }}
{{ toYaml . }}
{{- end }}
{{- end -}}
{{- end -}}

{{/*
Whether the pod belongs to a Job, as isJobPod in src/pod/owner.ts decides: by its controller, or by its labels if it has none. A
condition must not depend on what other webhooks inject: the API server reinvokes only webhooks that it called in the first round.
*/}}
{{- define "clockout.webhook.isJob" -}}
(has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(owner, has(owner.controller) && owner.controller)) ? object.metadata.ownerReferences.exists(owner, has(owner.controller) && owner.controller && owner.kind == 'Job' && owner.apiVersion.startsWith('batch/')) : (has(object.metadata.labels) && ('batch.kubernetes.io/job-name' in object.metadata.labels || 'job-name' in object.metadata.labels))
{{- end -}}

{{/* Match conditions that all webhooks share. */}}
{{- define "clockout.webhook.conditions" -}}
- name: is-no-mirror-pod
  expression: "!(has(object.metadata.annotations) && 'kubernetes.io/config.mirror' in object.metadata.annotations)"
- name: is-not-for-windows
  expression: "!(has(object.spec.os) && object.spec.os.name == 'windows') && !(has(object.spec.nodeSelector) && 'kubernetes.io/os' in object.spec.nodeSelector && object.spec.nodeSelector['kubernetes.io/os'] == 'windows')"
{{- with .Values.webhook.matchConditions }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* For Job pods. */}}
{{- define "clockout.failurePolicy" -}}
{{- default (ternary "Ignore" "Fail" (eq .Values.mode "cluster")) .Values.webhook.failurePolicy.jobs -}}
{{- end -}}
