{{/* Parts of the alerts. Each takes the root and the name of an alert. */}}

{{- define "clockout.alert.labels" -}}
{{- $rule := (first .).Values.prometheusRule -}}
{{- $alert := get $rule.alerts (last .) -}}
{{- toYaml (merge (dict) $rule.alertLabels (dict "severity" $alert.severity)) -}}
{{- end -}}

{{/* Each alert has a page of its name in docs/runbooks/. */}}
{{- define "clockout.alert.runbook" -}}
{{- printf "%s/%s.md" (trimSuffix "/" (first .).Values.prometheusRule.runbookUrl) (last .) -}}
{{- end -}}
