{{/* Labels and annotations of the chart's objects. */}}

{{- define "clockout.selectorLabels" -}}
app.kubernetes.io/name: {{ include "clockout.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Labels that no selector uses. */}}
{{- define "clockout.otherLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/*
All labels of an object. Arguments: .root, and .labels for this object alone. Nothing overrides the selectors' labels, nor the one by
which `clockout doctor` and `clockout version` find an installation whatever its names are.
*/}}
{{- define "clockout.labels" -}}
{{- $selector := merge (include "clockout.selectorLabels" .root | fromYaml) (dict "app.kubernetes.io/part-of" "clockout") -}}
{{- $other := include "clockout.otherLabels" .root | fromYaml -}}
{{- merge $selector (.labels | default dict) .root.Values.commonLabels $other | toYaml -}}
{{- end -}}

{{/* Labels and annotations for an object's metadata. Arguments: .root, .labels and .annotations. */}}
{{- define "clockout.metadata" -}}
labels:
  {{- include "clockout.labels" . | nindent 2 }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Annotations of the pods that change with each file that Clockout reads only when it starts, so that they start again. */}}
{{- define "clockout.checksums" -}}
{{- with .Values.registry.caBundle -}}
checksum/registry-ca: {{ sha256sum . }}
{{- end -}}
{{- end -}}
