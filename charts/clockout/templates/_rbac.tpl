{{/* Parts of roles and role bindings. */}}

{{/* `yes` if the pods need a token: for their certificate, for pull secrets, to watch Jobs or namespaces, for versions, or for Events. Otherwise empty. */}}
{{- define "clockout.asksApiServer" -}}
{{- if or (eq .Values.certs.mode "self") .Values.registry.pullSecrets .Values.registry.warmUp .Values.namespaceDefaults .Values.events (ne .Values.strategy "wrap") -}}yes{{- end -}}
{{- end -}}

{{/* A pod in a review already has the pull secrets of its service account. A pod template, which the warm-up reads, does not. */}}
{{- define "clockout.rbac.pullSecretRules" -}}
- apiGroups: ['']
  resources: [secrets{{ if .Values.registry.warmUp }}, serviceaccounts{{ end }}]
  verbs: [get]
{{- end -}}

{{- define "clockout.rbac.subjects" -}}
- kind: ServiceAccount
  name: {{ include "clockout.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}
