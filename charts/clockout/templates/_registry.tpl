{{/* The settings of how registries are asked, as environment variables. */}}
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

{{/* One object for whatever may be asked of the API server about registries, and for the Roles of some namespaces. */}}
{{- define "clockout.registry.roleName" -}}
{{- printf "%s-%s-registry" .Release.Namespace (include "clockout.fullname" .) -}}
{{- end -}}

{{/* What pull secrets need: a pod in a review has those of its service account in it, a template has not. */}}
{{- define "clockout.registry.pullSecretRules" -}}
- apiGroups: ['']
  resources: [secrets{{ if .Values.registry.warmUp }}, serviceaccounts{{ end }}]
  verbs: [get]
{{- end -}}

{{- define "clockout.registry.subjects" -}}
- kind: ServiceAccount
  name: {{ include "clockout.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}

{{/* Where the clouds give a pod its identity, as addresses and ports; Azure does that over https. */}}
{{- define "clockout.registry.metadataServers" -}}
{{- if has "google" .Values.registry.clouds }}
# Google's metadata server: with Dataplane V2, and with Calico.
- cidr: 169.254.169.254/32
  ports: [80, 8080]
- cidr: 169.254.169.252/32
  ports: [987, 988]
{{- end }}
{{- if has "ecr" .Values.registry.clouds }}
# Amazon's: the agent of EKS Pod Identity, and the node's.
- cidr: 169.254.170.23/32
  ports: [80]
- cidr: fd00:ec2::23/128
  ports: [80]
- cidr: 169.254.169.254/32
  ports: [80]
{{- end }}
{{- end -}}

{{/* What is right alone and wrong together. */}}
{{- define "clockout.registry.check" -}}
{{- $registry := .Values.registry -}}
{{- if not $registry.lookup -}}
{{- range $name := list "pullSecrets" "dockerConfigSecret" "clouds" "warmUp" -}}
{{- if get $registry $name -}}
{{- fail (printf "registry.%s is set, and registry.lookup is off; leave it out, or turn that on" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and $registry.pullSecretNamespaces (not $registry.pullSecrets) -}}
{{- fail "registry.pullSecretNamespaces is set, and registry.pullSecrets is off; leave it out, or turn that on" -}}
{{- end -}}
{{- with include "clockout.memoryLimit" . -}}
{{- if gt (mul 4 (int $registry.cacheMebibytes)) (int .) -}}
{{- fail (printf "registry.cacheMebibytes is %d; expected at most a quarter of resources.limits.memory, %s: raise that" (int $registry.cacheMebibytes) (toString $.Values.resources.limits.memory)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
