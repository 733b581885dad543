{{/*
Environment variables of the server that the chart works out: names of its own objects, and files that it mounts (_volumes.tpl). Those
that are values of the chart are in _settings.tpl.
*/}}
{{- define "clockout.env" -}}
{{- $service := include "clockout.fullname" . -}}
{{- $namespace := .Release.Namespace -}}
{{- if eq .Values.certs.mode "self" -}}
- name: CLOCKOUT_TLS_CA_SECRET
  value: {{ $namespace }}/{{ include "clockout.caSecretName" . }}
- name: CLOCKOUT_WEBHOOK_CONFIGURATION
  value: {{ include "clockout.webhookName" . }}
{{- if .Values.native.askIstio }}
- name: CLOCKOUT_ASK_ISTIO_CONFIGURATION
  value: {{ include "clockout.askIstioName" . }}
{{- end }}
- name: CLOCKOUT_TLS_HOSTS
  value: {{ printf "%[1]s,%[1]s.%[2]s,%[1]s.%[2]s.svc,%[1]s.%[2]s.svc.cluster.local" $service $namespace }}
{{- else -}}
- name: CLOCKOUT_TLS_CERT_FILE
  value: /tls/{{ include "clockout.tlsSecretName" . }}/tls.crt
- name: CLOCKOUT_TLS_KEY_FILE
  value: /tls/{{ include "clockout.tlsSecretName" . }}/tls.key
# By which the API server calls it: the certificate must be for that.
- name: CLOCKOUT_TLS_HOSTS
  value: {{ $service }}.{{ $namespace }}.svc
{{- end }}
{{- /* Clockout reads a changed CA again without a restart. */}}
{{- if .Values.webhook.clientCA }}
- name: CLOCKOUT_CLIENT_CA_FILE
  value: /client-ca/{{ include "clockout.clientCaName" . }}/ca.pem
{{- end }}
{{- with .Values.registry }}
{{- if .lookup }}
{{- if .dockerConfigSecret }}
- name: CLOCKOUT_REGISTRY_DOCKER_CONFIG
  value: /registry-credentials/{{ .dockerConfigSecret }}/.dockerconfigjson
{{- end }}
{{- if .caBundle }}
- name: CLOCKOUT_REGISTRY_CA_FILE
  value: /registry-ca/{{ include "clockout.registryCaName" $ }}/ca.pem
{{- end }}
- name: CLOCKOUT_REGISTRY_WARM_UP
  value: {{ ternary (get (dict "opt-in" "opted-in" "cluster" "cluster" "observe" "cluster") $.Values.mode) "off" .warmUp | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* With those of the value `env`, which replace the chart's own: server-side apply refuses two of one name. */}}
{{- define "clockout.allEnv" -}}
{{- $replaced := list -}}
{{- range .Values.env }}{{ $replaced = append $replaced .name }}{{ end -}}
{{- range concat (include "clockout.settings" . | fromYamlArray) (include "clockout.env" . | fromYamlArray) }}
{{- if not (has .name $replaced) }}
- {{ toYaml . | nindent 2 | trim }}
{{- end }}
{{- end }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end }}
