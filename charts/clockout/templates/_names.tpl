{{/* Names of the chart's objects, and of those that it refers to. */}}

{{- define "clockout.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 50 characters: with the longest suffix, a name may have 63. */}}
{{- define "clockout.fullname" -}}
{{- $name := include "clockout.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "clockout.serviceAccountName" -}}
{{- default (ternary (include "clockout.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name -}}
{{- end -}}

{{/*
Sorts after istio-sidecar-injector, so that the API server calls Clockout after Istio. Each certificate mode has its own name: during
a change of the mode, the replicas of mode self keep writing their CA into the configuration that they know.
*/}}
{{- define "clockout.webhookName" -}}
{{- $suffix := get (dict "self" "" "certManager" "-cert-manager" "existing" "-existing") .Values.certs.mode -}}
{{- default (printf "zz-%s%s" (include "clockout.fullname" .) $suffix) .Values.webhook.name -}}
{{- end -}}

{{/* The one whose webhooks ask Istio. Sorts before istio-sidecar-injector. */}}
{{- define "clockout.askIstioName" -}}
{{- $suffix := get (dict "self" "" "certManager" "-cert-manager" "existing" "-existing") .Values.certs.mode -}}
{{- printf "aa-%s%s" (include "clockout.fullname" .) $suffix -}}
{{- end -}}

{{/* The Secret in which the replicas of mode self share their CA. */}}
{{- define "clockout.caSecretName" -}}
{{- default (printf "%s-ca" (include "clockout.fullname" .)) .Values.certs.self.secretName -}}
{{- end -}}

{{/* The Secret with the certificate in the other modes. */}}
{{- define "clockout.tlsSecretName" -}}
{{- if eq .Values.certs.mode "existing" -}}
{{- .Values.certs.existing.secretName -}}
{{- else -}}
{{- include "clockout.fullname" . }}-tls
{{- end -}}
{{- end -}}

{{/* The roles for registries. It contains the namespace, because some of these roles are in other namespaces or in none. */}}
{{- define "clockout.registry.roleName" -}}
{{- printf "%s-%s-registry" .Release.Namespace (include "clockout.fullname" .) -}}
{{- end -}}

{{/* The role for nodes, which are in no namespace. */}}
{{- define "clockout.nodes.roleName" -}}
{{- printf "%s-%s-nodes" .Release.Namespace (include "clockout.fullname" .) -}}
{{- end -}}

{{/* At most 52 characters, which is what a CronJob may have. */}}
{{- define "clockout.endHanging.name" -}}
{{- printf "%s-end-hanging" (include "clockout.fullname" . | trunc 40 | trimSuffix "-") -}}
{{- end -}}

{{/* The role to count the pods that hang, in all namespaces. */}}
{{- define "clockout.sweep.roleName" -}}
{{- printf "%s-%s-sweep" .Release.Namespace (include "clockout.fullname" .) -}}
{{- end -}}

{{/* The same for the annotations of namespaces, and for Events. */}}
{{- define "clockout.namespaces.roleName" -}}
{{- printf "%s-%s-namespaces" .Release.Namespace (include "clockout.fullname" .) -}}
{{- end -}}

{{- define "clockout.events.roleName" -}}
{{- printf "%s-%s-events" .Release.Namespace (include "clockout.fullname" .) -}}
{{- end -}}

{{- define "clockout.testNamespace" -}}
{{- default "default" .Values.test.namespace -}}
{{- end -}}

{{- define "clockout.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{- .repository }}@{{ .digest -}}
{{- else -}}
{{- .repository }}:{{ default $.Chart.AppVersion .tag -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The pod of `helm test` that pulls the wrapper image: a name that fits into a label. */}}
{{- define "clockout.testWrapperImageName" -}}
{{ include "clockout.fullname" . | trunc 44 | trimSuffix "-" }}-test-wrapper-image
{{- end -}}
