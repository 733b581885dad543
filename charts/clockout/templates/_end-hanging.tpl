{{/* What the CronJob that ends pods shares with the webhook: which namespaces it leaves out, and what holds for annotations. */}}

{{/* The requirements on namespaces that all webhooks have, as a selector of kubectl. */}}
{{- define "clockout.endHanging.namespaceSelector" -}}
{{- $parts := list (printf "kubernetes.io/metadata.name notin (%s)" (append .Values.webhook.excludedNamespaces .Release.Namespace | uniq | join ",")) -}}
{{- range .Values.webhook.namespaceMatchExpressions -}}
{{- $part := get (dict "Exists" .key "DoesNotExist" (printf "!%s" .key)) .operator -}}
{{- $parts = append $parts (default (printf "%s %s (%s)" .key (lower .operator) (join "," .values)) $part) -}}
{{- end -}}
{{- join "," $parts -}}
{{- end -}}

{{/* The settings that `clockout end` has, too: generated ones, then those of the value `env`, which take precedence. */}}
{{- define "clockout.endHanging.env" -}}
{{- $wanted := list "CLOCKOUT_ALLOWED_ANNOTATIONS" "CLOCKOUT_DEFAULTS" "CLOCKOUT_NAMESPACE_DEFAULTS" -}}
{{- $found := dict -}}
{{- range concat (include "clockout.settings" . | fromYamlArray) .Values.env -}}
{{- if has .name $wanted -}}{{- $_ := set $found .name . -}}{{- end -}}
{{- end -}}
{{- range $wanted -}}
{{- with get $found . }}
- {{ toYaml . | nindent 2 | trim }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Those of the value `extraArgs`, as one word or as two. */}}
{{- define "clockout.endHanging.flags" -}}
{{- $wanted := list "--allowed-annotations" "--defaults" "--namespace-defaults" -}}
{{- $isValue := false -}}
{{- range .Values.extraArgs }}
{{- $isFlag := has (splitList "=" . | first) $wanted -}}
{{- if or $isFlag $isValue }}
- {{ quote . }}
{{- end -}}
{{- $isValue = and (not $isValue) (has . $wanted) -}}
{{- end -}}
{{- end -}}
