{{/* Who may ask: the settings, and where the CA of callers comes from. It is read again when it changes, so nothing restarts. */}}
{{- define "clockout.callers.env" -}}
{{- if .Values.webhook.clientCA }}
- name: CLOCKOUT_CLIENT_CA_FILE
  value: /client-ca/ca.pem
- name: CLOCKOUT_CLIENT_NAMES
  value: {{ join "," .Values.webhook.clientNames | quote }}
{{- end }}
{{- end -}}
