{{/* Parts of the alerts. Each takes the root and the name of an alert. */}}

{{- define "clockout.alert.labels" -}}
{{- $rule := (first .).Values.prometheusRule -}}
{{- $alert := get $rule.alerts (last .) -}}
{{- toYaml (merge (dict) $rule.alertLabels (dict "severity" $alert.severity)) -}}
{{- end -}}

{{/*
The annotation that leads to the page of the alert in docs/runbooks/: a URL, if the chart is told where these pages are published. A path
alone is no link, so without a URL it says whose path it is.
*/}}
{{- define "clockout.alert.runbook" -}}
{{- $root := first . -}}
{{- with $root.Values.prometheusRule.runbookUrl -}}
runbook_url: {{ printf "%s/%s.md" (trimSuffix "/" .) (last $) | quote }}
{{- else -}}
runbook: docs/runbooks/{{ last . }}.md in the repository of Clockout v{{ $root.Chart.AppVersion }}
{{- end -}}
{{- end -}}
