{{/* Parts of roles and role bindings. */}}

{{/* `yes` if the pods need a token: for their certificate, for pull secrets, to watch Jobs or namespaces, to count pods, for versions, or for Events. Otherwise empty. */}}
{{- define "clockout.asksApiServer" -}}
{{- if or (eq .Values.certs.mode "self") .Values.registry.pullSecrets .Values.registry.warmUp .Values.namespaceDefaults .Values.events (ne .Values.strategy "wrap") (gt (int .Values.sweep.minutes) 0) -}}yes{{- end -}}
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

{{- define "clockout.endHanging.serviceAccountName" -}}
{{- ternary (include "clockout.endHanging.name" .) "default" .Values.serviceAccount.create -}}
{{- end -}}

{{- define "clockout.endHanging.rules" -}}
- apiGroups: ['']
  resources: [pods]
  verbs: [get, list]
# A connection to the status port of the sidecar. Kubernetes cannot limit this to a port. A WebSocket needs `get`, and since 1.35
# `create` as well.
- apiGroups: ['']
  resources: [pods/portforward]
  verbs: [get, create]
# Which namespaces have opted in or out, and which the webhook leaves out.
- apiGroups: ['']
  resources: [namespaces]
  verbs: [get{{ if not .Values.endHanging.namespaces }}, list{{ end }}]
- apiGroups: [batch]
  resources: [jobs]
  verbs: [get]
{{- end -}}
