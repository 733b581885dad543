{{/* Arithmetic on durations and quantities. */}}

{{/* The seconds in a duration such as `7d`, or `1h30m` as Go writes it. */}}
{{- define "clockout.seconds" -}}
{{- $units := dict "s" 1 "m" 60 "h" 3600 "d" 86400 -}}
{{- $seconds := 0.0 -}}
{{- range regexFindAll "[0-9.]+[smhd]" . -1 -}}
{{- $seconds = addf $seconds (mulf (regexFind "^[0-9.]+" .) (get $units (regexFind "[smhd]$" .))) -}}
{{- end -}}
{{- $seconds -}}
{{- end -}}

{{/*
The memory limit in whole MiB, or empty if there is none.
https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
*/}}
{{- define "clockout.memoryLimit" -}}
{{- $limit := toString (dig "limits" "memory" "" .Values.resources) -}}
{{- $bytes := dict "" 1.0 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 -}}
{{- if regexMatch "^[0-9.]+([eE][+-]?[0-9]+)?([kMGT]|[KMGT]i)?$" $limit -}}
{{- $unit := regexFind "([kMGT]|[KMGT]i)?$" $limit -}}
{{- floor (divf (mulf (float64 (trimSuffix $unit $limit)) (get $bytes $unit)) 1048576.0) | int -}}
{{- end -}}
{{- end -}}
