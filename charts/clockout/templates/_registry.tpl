{{/* Environment variables for registry lookups. */}}
{{- define "clockout.registry.env" -}}
{{- $registry := .Values.registry -}}
- name: CLOCKOUT_REGISTRY_LOOKUP
  value: {{ ternary "on" "off" $registry.lookup | quote }}
{{- if $registry.lookup }}
- name: CLOCKOUT_REGISTRY_PULL_SECRETS
  value: {{ ternary "on" "off" $registry.pullSecrets | quote }}
{{- if $registry.dockerConfigSecret }}
- name: CLOCKOUT_REGISTRY_DOCKER_CONFIG
  value: /registry-credentials/.dockerconfigjson
{{- end }}
{{- with $registry.clouds }}
- name: CLOCKOUT_REGISTRY_CLOUDS
  value: {{ join "," . }}
{{- end }}
{{- if $registry.caBundle }}
- name: CLOCKOUT_REGISTRY_CA_FILE
  value: /registry-ca/ca.pem
{{- end }}
{{- with $registry.plainHttp }}
- name: CLOCKOUT_REGISTRY_PLAIN_HTTP
  value: {{ join "," . | quote }}
{{- end }}
{{- with $registry.mirrors }}
- name: CLOCKOUT_REGISTRY_MIRRORS
  value: {{ toJson . | quote }}
{{- end }}
{{- with $registry.trustedRealms }}
- name: CLOCKOUT_REGISTRY_TRUSTED_REALMS
  value: {{ join "," . | quote }}
{{- end }}
{{- with $registry.platforms }}
- name: CLOCKOUT_REGISTRY_PLATFORMS
  value: {{ join "," . }}
{{- end }}
- name: CLOCKOUT_REGISTRY_TIMEOUT
  value: {{ $registry.timeout }}
- name: CLOCKOUT_REGISTRY_TAG_LIFETIME
  value: {{ $registry.tagLifetime }}
- name: CLOCKOUT_REGISTRY_DIGEST_LIFETIME
  value: {{ $registry.digestLifetime }}
- name: CLOCKOUT_REGISTRY_FAILURE_LIFETIME
  value: {{ $registry.failureLifetime }}
- name: CLOCKOUT_REGISTRY_CACHE_ENTRIES
  value: {{ int $registry.cacheEntries | quote }}
- name: CLOCKOUT_REGISTRY_CACHE_MEBIBYTES
  value: {{ int $registry.cacheMebibytes | quote }}
- name: CLOCKOUT_REGISTRY_CONCURRENCY
  value: {{ int $registry.concurrency | quote }}
- name: CLOCKOUT_REGISTRY_WARM_UP
  value: {{ ternary (get (dict "opt-in" "opted-in" "cluster" "cluster") .Values.mode) "off" $registry.warmUp | quote }}
{{- end }}
{{- end -}}
