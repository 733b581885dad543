{{/* Files that the server reads: its certificate, the CA of callers, and the credentials and CA of registries. */}}

{{- define "clockout.volumes" -}}
{{- if ne .Values.certs.mode "self" }}
- name: tls
  secret:
    secretName: {{ include "clockout.tlsSecretName" . }}
{{- end }}
{{- if .Values.webhook.clientCA }}
- name: client-ca
  configMap:
    name: {{ include "clockout.fullname" . }}-client-ca
{{- end }}
{{- with .Values.registry.dockerConfigSecret }}
- name: registry-credentials
  secret:
    secretName: {{ . }}
{{- end }}
{{- if .Values.registry.caBundle }}
- name: registry-ca
  configMap:
    name: {{ include "clockout.fullname" . }}-registry-ca
{{- end }}
{{- with .Values.volumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "clockout.volumeMounts" -}}
{{- if ne .Values.certs.mode "self" }}
- name: tls
  mountPath: /tls
  readOnly: true
{{- end }}
{{- if .Values.webhook.clientCA }}
- name: client-ca
  mountPath: /client-ca
  readOnly: true
{{- end }}
{{- if .Values.registry.dockerConfigSecret }}
- name: registry-credentials
  mountPath: /registry-credentials
  readOnly: true
{{- end }}
{{- if .Values.registry.caBundle }}
- name: registry-ca
  mountPath: /registry-ca
  readOnly: true
{{- end }}
{{- with .Values.volumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}
