{{/* A constraint of the user replaces the chart's own of the same topologyKey: the API server refuses two that are alike. */}}
{{- define "clockout.topologySpread" -}}
{{- $replaced := list -}}
{{- range .Values.topologySpreadConstraints }}{{ $replaced = append $replaced .topologyKey }}{{ end -}}
{{- range ternary (list "topology.kubernetes.io/zone" "kubernetes.io/hostname") list .Values.topologySpread }}
{{- if not (has . $replaced) }}
- topologyKey: {{ . }}
  maxSkew: 1
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "clockout.selectorLabels" $ | nindent 6 }}
  # During a rollout, do not count the old replicas.
  matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end }}
{{- with .Values.topologySpreadConstraints }}
{{ toYaml . }}
{{- end }}
{{- end -}}
