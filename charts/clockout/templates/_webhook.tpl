{{/* What all entries share. */}}
{{- define "clockout.webhook.shared" -}}
clientConfig:
  service:
    name: {{ include "clockout.fullname" . }}
    namespace: {{ .Release.Namespace }}
    path: /mutate
    port: 443
  {{- /* Otherwise the field is left out: whoever fills it in keeps it, and no tool sees a difference. */}}
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
{{- /* A lookup at a registry only reads, also in a dry run: docs/entrypoints.md says why that is none. */}}
sideEffects: None
timeoutSeconds: {{ .Values.webhook.timeoutSeconds }}
reinvocationPolicy: {{ .Values.webhook.reinvocationPolicy }}
{{- end -}}

{{/* Which namespaces no entry looks at. */}}
{{- define "clockout.webhook.namespaces" -}}
- key: kubernetes.io/metadata.name
  operator: NotIn
  values:
    {{- range append .Values.webhook.excludedNamespaces .Release.Namespace | uniq }}
    - {{ . }}
    {{- end }}
{{- with .Values.webhook.namespaceMatchExpressions }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
As in src/pod/owner.ts. Like all conditions, only about what holds before anything is injected: a webhook that was not called in
the first round is not called in the second.
*/}}
{{- define "clockout.webhook.isJob" -}}
(has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(owner, has(owner.controller) && owner.controller)) ? object.metadata.ownerReferences.exists(owner, has(owner.controller) && owner.controller && owner.kind == 'Job' && owner.apiVersion.startsWith('batch/')) : (has(object.metadata.labels) && ('batch.kubernetes.io/job-name' in object.metadata.labels || 'job-name' in object.metadata.labels))
{{- end -}}

{{- define "clockout.webhook.conditions" -}}
- name: is-no-mirror-pod
  expression: "!(has(object.metadata.annotations) && 'kubernetes.io/config.mirror' in object.metadata.annotations)"
- name: is-not-for-windows
  expression: "!(has(object.spec.os) && object.spec.os.name == 'windows') && !(has(object.spec.nodeSelector) && 'kubernetes.io/os' in object.spec.nodeSelector && object.spec.nodeSelector['kubernetes.io/os'] == 'windows')"
{{- with .Values.webhook.matchConditions }}
{{ toYaml . }}
{{- end }}
{{- end -}}
