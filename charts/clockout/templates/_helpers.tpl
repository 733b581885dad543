{{- define "clockout.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 50 characters, so that each suffix fits into the 63 of a name. */}}
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

{{- define "clockout.selectorLabels" -}}
app.kubernetes.io/name: {{ include "clockout.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Labels that are no selector's. */}}
{{- define "clockout.otherLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: clockout
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* All labels of an object. Arguments: the root as .root; its own as .labels. Selectors' labels cannot be overridden. */}}
{{- define "clockout.labels" -}}
{{- $selector := include "clockout.selectorLabels" .root | fromYaml -}}
{{- $other := include "clockout.otherLabels" .root | fromYaml -}}
{{- merge $selector (.labels | default dict) .root.Values.commonLabels $other | toYaml -}}
{{- end -}}

{{/* Labels and annotations, to stand in an object's metadata. Arguments as above, and .annotations. */}}
{{- define "clockout.metadata" -}}
labels:
  {{- include "clockout.labels" . | nindent 2 }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "clockout.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "clockout.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/*
Sorts after istio-sidecar-injector and the like. Each mode of certificates has a name of its own: the replicas of mode self, while they
are replaced, put their own CA back into the configuration that they know.
*/}}
{{- define "clockout.webhookName" -}}
{{- $suffix := get (dict "self" "" "certManager" "-cert-manager" "existing" "-existing") .Values.certs.mode -}}
{{- default (printf "zz-%s%s" (include "clockout.fullname" .) $suffix) .Values.webhook.name -}}
{{- end -}}

{{- define "clockout.caSecretName" -}}
{{- default (printf "%s-ca" (include "clockout.fullname" .)) .Values.certs.self.secretName -}}
{{- end -}}

{{- define "clockout.tlsSecretName" -}}
{{- if eq .Values.certs.mode "existing" -}}
{{- .Values.certs.existing.secretName -}}
{{- else -}}
{{- include "clockout.fullname" . }}-tls
{{- end -}}
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

{{- define "clockout.testNamespace" -}}
{{- default "default" .Values.test.namespace -}}
{{- end -}}

{{/* `yes` where the pods need a token: for their certificate, for pull secrets, or for the Jobs to come. */}}
{{- define "clockout.asksApiServer" -}}
{{- if or (eq .Values.certs.mode "self") .Values.registry.pullSecrets .Values.registry.warmUp -}}yes{{- end -}}
{{- end -}}

{{/* Annotations that restart the pods when a file changes that is read at the start only. */}}
{{- define "clockout.checksums" -}}
{{- with .Values.registry.caBundle -}}
checksum/registry-ca: {{ sha256sum . }}
{{- end -}}
{{- end -}}

{{- define "clockout.volumes" -}}
{{- if ne .Values.certs.mode "self" }}
- name: tls
  secret:
    secretName: {{ include "clockout.tlsSecretName" . }}
{{- end }}
{{- include "clockout.callers.volume" . }}
{{- with .Values.registry.dockerConfigSecret }}
- name: registry-credentials
  secret:
    secretName: {{ . }}
{{- end }}
{{- if .Values.registry.caBundle }}
- name: registry-ca
  configMap:
    name: {{ include "clockout.fullname" . }}-registry-ca
{{- end }}
{{- with .Values.volumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "clockout.volumeMounts" -}}
{{- if ne .Values.certs.mode "self" }}
- name: tls
  mountPath: /tls
  readOnly: true
{{- end }}
{{- include "clockout.callers.volumeMount" . }}
{{- if .Values.registry.dockerConfigSecret }}
- name: registry-credentials
  mountPath: /registry-credentials
  readOnly: true
{{- end }}
{{- if .Values.registry.caBundle }}
- name: registry-ca
  mountPath: /registry-ca
  readOnly: true
{{- end }}
{{- with .Values.volumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Of a period such as `7d` or, as Go writes them, `1h30m`. */}}
{{- define "clockout.seconds" -}}
{{- $units := dict "s" 1 "m" 60 "h" 3600 "d" 86400 -}}
{{- $seconds := 0.0 -}}
{{- range regexFindAll "[0-9.]+[smhd]" . -1 -}}
{{- $seconds = addf $seconds (mulf (regexFind "^[0-9.]+" .) (get $units (regexFind "[smhd]$" .))) -}}
{{- end -}}
{{- $seconds -}}
{{- end -}}

{{- /*
The limit of memory in whole MiB; empty where there is none.
https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
*/ -}}
{{- define "clockout.memoryLimit" -}}
{{- $limit := toString (dig "limits" "memory" "" .Values.resources) -}}
{{- $bytes := dict "" 1.0 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 -}}
{{- if regexMatch "^[0-9.]+([eE][+-]?[0-9]+)?([kMGT]|[KMGT]i)?$" $limit -}}
{{- $unit := regexFind "([kMGT]|[KMGT]i)?$" $limit -}}
{{- floor (divf (mulf (float64 (trimSuffix $unit $limit)) (get $bytes $unit)) 1048576.0) | int -}}
{{- end -}}
{{- end -}}

{{/* What is right alone and wrong together, and so beyond a schema. */}}
{{- define "clockout.check" -}}
{{- $v := .Values -}}
{{- with include "clockout.memoryLimit" . -}}
{{- if lt (int .) 192 -}}
{{- fail (printf "resources.limits.memory is %s; expected at least 192Mi, which attacks were measured with (docs/limits.md), or no limit" (toString $v.resources.limits.memory)) -}}
{{- end -}}
{{- end -}}
{{- if eq (int $v.ports.webhook) (int $v.ports.metrics) -}}
{{- fail (printf "ports.webhook and ports.metrics are both %d; expected two ports" (int $v.ports.webhook)) -}}
{{- end -}}
{{- if and $v.hostNetwork (has 10250 (list (int $v.ports.webhook) (int $v.ports.metrics))) -}}
{{- fail "ports: 10250 is the kubelet's on the node's network; expected another port with hostNetwork: true" -}}
{{- end -}}
{{- if eq $v.certs.mode "existing" -}}
{{- if not $v.certs.existing.secretName -}}
{{- fail "certs.existing.secretName is empty; expected the name of a Secret with tls.crt and tls.key, as certs.mode is existing" -}}
{{- end -}}
{{- /* As cert-manager.io/inject-ca-from and service.beta.openshift.io/inject-cabundle: other annotations fill nothing in. */ -}}
{{- $isInjected := regexMatch "inject|ca-?bundle" ($v.webhook.annotations | keys | join " ") -}}
{{- if not (or $v.certs.existing.caBundle $isInjected) -}}
{{- fail "certs.existing.caBundle is empty; expected the CA in PEM (--set-file certs.existing.caBundle=ca.pem), or an annotation in webhook.annotations that lets an injector fill it in, such as cert-manager.io/inject-ca-from" -}}
{{- end -}}
{{- end -}}
{{- if and $v.networkPolicy.webhookFrom (not $v.networkPolicy.enabled) -}}
{{- fail "networkPolicy.webhookFrom is set, and networkPolicy.enabled is off; leave it out, or turn that on" -}}
{{- end -}}
{{- range list "all" "none" -}}
{{- if and (has . $v.allowedAnnotations) (gt (len $v.allowedAnnotations) 1) -}}
{{- fail (printf "allowedAnnotations has %s beside other names; expected {all}, {none} or a list of names" .) -}}
{{- end -}}
{{- end -}}
{{- /* As the API server does: the two mean that no replica may ever be replaced. */ -}}
{{- $zero := "^0+%?$" -}}
{{- $strategy := $v.strategy | default dict -}}
{{- $surge := dig "rollingUpdate" "maxSurge" "25%" $strategy | toString -}}
{{- $unavailable := dig "rollingUpdate" "maxUnavailable" "25%" $strategy | toString -}}
{{- if and (ne (toString $strategy.type) "Recreate") (regexMatch $zero $surge) (regexMatch $zero $unavailable) -}}
{{- fail "strategy.rollingUpdate: maxSurge and maxUnavailable are both 0; expected one of them to be more, such as maxUnavailable: 1" -}}
{{- end -}}
{{- end -}}
