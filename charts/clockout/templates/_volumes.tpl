{{/*
Files that the server reads: its certificate, the CA of callers, and the credentials and CA of registries. The path names the Secret or
ConfigMap, so a message about a file says where it comes from.
*/}}

{{- define "clockout.clientCaName" -}}
{{ include "clockout.fullname" . }}-client-ca
{{- end -}}

{{- define "clockout.registryCaName" -}}
{{ include "clockout.fullname" . }}-registry-ca
{{- end -}}

{{- define "clockout.volumes" -}}
{{- if ne .Values.certs.mode "self" }}
- name: tls
  secret:
    secretName: {{ include "clockout.tlsSecretName" . }}
{{- end }}
{{- if .Values.webhook.clientCA }}
- name: client-ca
  configMap:
    name: {{ include "clockout.clientCaName" . }}
{{- end }}
{{- with .Values.registry.dockerConfigSecret }}
- name: registry-credentials
  secret:
    secretName: {{ . }}
{{- end }}
{{- if .Values.registry.caBundle }}
- name: registry-ca
  configMap:
    name: {{ include "clockout.registryCaName" . }}
{{- end }}
{{- with .Values.volumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "clockout.volumeMounts" -}}
{{- if ne .Values.certs.mode "self" }}
- name: tls
  mountPath: /tls/{{ include "clockout.tlsSecretName" . }}
  readOnly: true
{{- end }}
{{- if .Values.webhook.clientCA }}
- name: client-ca
  mountPath: /client-ca/{{ include "clockout.clientCaName" . }}
  readOnly: true
{{- end }}
{{- with .Values.registry.dockerConfigSecret }}
- name: registry-credentials
  mountPath: /registry-credentials/{{ . }}
  readOnly: true
{{- end }}
{{- if .Values.registry.caBundle }}
- name: registry-ca
  mountPath: /registry-ca/{{ include "clockout.registryCaName" . }}
  readOnly: true
{{- end }}
{{- with .Values.volumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}
