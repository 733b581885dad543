{{/* Environment variables that limit who may call the webhook. Clockout reads a changed CA again without a restart. */}}
{{- define "clockout.callers.env" -}}
{{- if .Values.webhook.clientCA }}
- name: CLOCKOUT_CLIENT_CA_FILE
  value: /client-ca/ca.pem
- name: CLOCKOUT_CLIENT_NAMES
  value: {{ join "," .Values.webhook.clientNames | quote }}
{{- end }}
{{- end -}}
