{{/* Parts of the MutatingWebhookConfiguration. */}}

{{/* Fields that all webhooks share. Takes the root and the strategy of the namespaces, empty for those without one. */}}
{{- define "clockout.webhook.shared" -}}
{{- $strategy := last . -}}
{{- with first . -}}
clientConfig:
  service:
    name: {{ include "clockout.fullname" . }}
    namespace: {{ .Release.Namespace }}
    path: /mutate{{ with $strategy }}/{{ . }}{{ end }}
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
timeoutSeconds: {{ .Values.webhook.timeoutSeconds }}
reinvocationPolicy: {{ .Values.webhook.reinvocationPolicy }}
{{- end -}}
{{- end -}}

{{/*
Requirements on the namespace that all webhooks share: the excluded namespaces, what you add, and the strategy. Takes the root and
the strategy, empty for namespaces without one, or with a label that is none.
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
  {{- if $strategy }}
  operator: In
  values: [{{ $strategy }}]
  {{- else }}
  operator: NotIn
  values: [wrap, native, auto]
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
