{{/*
Generated from src/config/ by `npm run generate`: change that. Environment variables of the server that are values of the chart.
*/}}
{{- define "clockout.settings" -}}
- name: CLOCKOUT_LISTEN_PORT
  value: {{ int .Values.ports.webhook | quote }}
- name: CLOCKOUT_METRICS_LISTEN_PORT
  value: {{ int .Values.ports.metrics | quote }}
{{- if eq .Values.certs.mode "self" }}
- name: CLOCKOUT_TLS_LIFETIME
  value: {{ .Values.certs.self.lifetime | quote }}
- name: CLOCKOUT_TLS_CA_LIFETIME
  value: {{ .Values.certs.self.caLifetime | quote }}
- name: CLOCKOUT_TLS_CA_OVERLAP
  value: {{ .Values.certs.self.caOverlap | quote }}
{{- end }}
{{- with .Values.webhook.clientNames }}
- name: CLOCKOUT_CLIENT_NAMES
  value: {{ join "," . | quote }}
{{- end }}
- name: CLOCKOUT_WRAPPER_IMAGE
  value: {{ .Values.wrapper.image | quote }}
{{- with .Values.wrapper.pullPolicy }}
- name: CLOCKOUT_WRAPPER_PULL_POLICY
  value: {{ . | quote }}
{{- end }}
{{- with .Values.wrapper.resources }}
- name: CLOCKOUT_WRAPPER_RESOURCES
  value: {{ toJson . | quote }}
{{- end }}
- name: CLOCKOUT_STRATEGY
  value: {{ .Values.strategy | quote }}
- name: CLOCKOUT_NATIVE_FROM
  value: {{ int .Values.native.from | quote }}
{{- if eq .Values.strategy "auto" }}
- name: CLOCKOUT_NATIVE_NODES
  value: {{ .Values.native.nodes | quote }}
{{- end }}
- name: CLOCKOUT_ON_UNWRAPPABLE
  value: {{ .Values.onUnwrappable | quote }}
- name: CLOCKOUT_ALLOWED_ANNOTATIONS
  value: {{ join "," .Values.allowedAnnotations | quote }}
{{- with .Values.defaults }}
- name: CLOCKOUT_DEFAULTS
  value: {{ toJson . | quote }}
{{- end }}
- name: CLOCKOUT_NAMESPACE_DEFAULTS
  value: {{ ternary "on" "off" .Values.namespaceDefaults | quote }}
- name: CLOCKOUT_EVENTS
  value: {{ ternary "on" "off" .Values.events | quote }}
- name: CLOCKOUT_METRICS_NAMESPACES
  value: {{ int .Values.metricsNamespaces | quote }}
- name: CLOCKOUT_REGISTRY_LOOKUP
  value: {{ ternary "on" "off" .Values.registry.lookup | quote }}
{{- if .Values.registry.lookup }}
- name: CLOCKOUT_REGISTRY_PULL_SECRETS
  value: {{ ternary "on" "off" .Values.registry.pullSecrets | quote }}
{{- with .Values.registry.clouds }}
- name: CLOCKOUT_REGISTRY_CLOUDS
  value: {{ join "," . | quote }}
{{- end }}
- name: CLOCKOUT_REGISTRY_TIMEOUT
  value: {{ .Values.registry.timeout | quote }}
- name: CLOCKOUT_REGISTRY_TAG_LIFETIME
  value: {{ .Values.registry.tagLifetime | quote }}
- name: CLOCKOUT_REGISTRY_DIGEST_LIFETIME
  value: {{ .Values.registry.digestLifetime | quote }}
- name: CLOCKOUT_REGISTRY_FAILURE_LIFETIME
  value: {{ .Values.registry.failureLifetime | quote }}
- name: CLOCKOUT_REGISTRY_CACHE_ENTRIES
  value: {{ int .Values.registry.cacheEntries | quote }}
- name: CLOCKOUT_REGISTRY_CACHE_MEBIBYTES
  value: {{ int .Values.registry.cacheMebibytes | quote }}
- name: CLOCKOUT_REGISTRY_CONCURRENCY
  value: {{ int .Values.registry.concurrency | quote }}
{{- with .Values.registry.plainHttp }}
- name: CLOCKOUT_REGISTRY_PLAIN_HTTP
  value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.registry.mirrors }}
- name: CLOCKOUT_REGISTRY_MIRRORS
  value: {{ toJson . | quote }}
{{- end }}
{{- with .Values.registry.trustedRealms }}
- name: CLOCKOUT_REGISTRY_TRUSTED_REALMS
  value: {{ join "," . | quote }}
{{- end }}
{{- with .Values.registry.platforms }}
- name: CLOCKOUT_REGISTRY_PLATFORMS
  value: {{ join "," . | quote }}
{{- end }}
{{- end }}
- name: CLOCKOUT_DRAIN_SECONDS
  value: {{ int .Values.drainSeconds | quote }}
- name: CLOCKOUT_LOG_LEVEL
  value: {{ .Values.logLevel | quote }}
{{- end -}}
