{{/* Who may ask: the settings, and where the CA of callers comes from. It is read again when it changes, so nothing restarts. */}}
{{- define "clockout.callers.env" -}}
{{- if .Values.webhook.clientCA }}
- name: CLOCKOUT_CLIENT_CA_FILE
  value: /client-ca/ca.pem
- name: CLOCKOUT_CLIENT_NAMES
  value: {{ join "," .Values.webhook.clientNames | quote }}
{{- end }}
{{- end -}}

{{- define "clockout.callers.volume" -}}
{{- if .Values.webhook.clientCA }}
- name: client-ca
  configMap:
    name: {{ include "clockout.fullname" . }}-client-ca
{{- end }}
{{- end -}}

{{- define "clockout.callers.volumeMount" -}}
{{- if .Values.webhook.clientCA }}
- name: client-ca
  mountPath: /client-ca
  readOnly: true
{{- end }}
{{- end -}}

{{/* What is right alone and wrong together. */}}
{{- define "clockout.callers.check" -}}
{{- $webhook := .Values.webhook -}}
{{- if and $webhook.clientCA (not $webhook.clientNames) -}}
{{- fail "webhook.clientCA is set, and webhook.clientNames is empty; expected the common names of the API server's certificate, such as {kube-apiserver}" -}}
{{- end -}}
{{- if and $webhook.clientNames (not $webhook.clientCA) -}}
{{- fail "webhook.clientNames is set, and webhook.clientCA is empty; expected the CA in PEM (--set-file webhook.clientCA=ca.pem)" -}}
{{- end -}}
{{- if and $webhook.anyPodMayAsk $webhook.clientCA -}}
{{- fail "webhook.anyPodMayAsk is true, and webhook.clientCA lets only some callers ask; leave one of them out" -}}
{{- end -}}
{{- /* A review does not prove who sends it, and no network policy covers the node's network. */ -}}
{{- $isPoliced := and .Values.networkPolicy.webhookFrom (not .Values.hostNetwork) -}}
{{- if not (or $webhook.clientCA $isPoliced $webhook.anyPodMayAsk) -}}
{{- range $name := list "pullSecrets" "dockerConfigSecret" "clouds" -}}
{{- if get $.Values.registry $name -}}
{{- fail (printf "registry.%s is set, and any pod that reaches the webhook could have it use those credentials; set webhook.clientCA or %s, or, if you trust every pod of the cluster, webhook.anyPodMayAsk=true (docs/install.md, \"Who may ask\")" $name (ternary "take the pods off the node's network, where networkPolicy.webhookFrom has no effect" "networkPolicy.webhookFrom" $.Values.hostNetwork)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
