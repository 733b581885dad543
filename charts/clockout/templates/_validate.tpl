{{/*
Values that values.schema.json accepts, but that do not work together. Each error says what was expected, what was found, and what to
do. The Deployment includes this template first.
*/}}
{{- define "clockout.validate" -}}
{{- include "clockout.validate.habits" . -}}
{{- include "clockout.validate.image" . -}}
{{- include "clockout.validate.dependencies" . -}}
{{- include "clockout.validate.allowedAnnotations" . -}}
{{- include "clockout.validate.defaults" . -}}
{{- include "clockout.validate.callers" . -}}
{{- include "clockout.validate.memory" . -}}
{{- include "clockout.validate.certificates" . -}}
{{- include "clockout.validate.ports" . -}}
{{- include "clockout.validate.lists" . -}}
{{- include "clockout.validate.updateStrategy" . -}}
{{- end -}}

{{/* Values that other charts have. */}}
{{- define "clockout.validate.habits" -}}
{{- range $path, $instead := .Files.Get "files/habits.yaml" | fromYaml -}}
{{- $value := $.Values -}}
{{- range splitList "." $path -}}
{{- $value = ternary (get $value .) nil (and (kindIs "map" $value) (hasKey $value .)) -}}
{{- end -}}
{{- if not (kindIs "invalid" $value) -}}
{{- fail (printf "%s: expected a value of this chart, and it has none of that name. %s" $path $instead) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "clockout.validate.image" -}}
{{- $repository := .Values.image.repository -}}
{{- if not $repository -}}
{{- fail "image.repository: expected a repository such as registry.example.com/clockout, found nothing. Set it to where you pushed Clockout's image" -}}
{{- end -}}
{{- if contains "://" $repository -}}
{{- $scheme := regexFind "^.*?://" $repository -}}
{{- fail (printf "image.repository: expected a repository without %s, found %s. Set image.repository=%s" $scheme $repository (trimPrefix $scheme $repository)) -}}
{{- end -}}
{{- if contains "@" $repository -}}
{{- $bare := regexFind "^[^@]*" $repository -}}
{{- $digest := trimPrefix (printf "%s@" $bare) $repository -}}
{{- fail (printf "image.repository: expected a repository without a digest, found %s. Set image.repository=%s and image.digest=%s" $repository $bare $digest) -}}
{{- end -}}
{{- if regexMatch ":[^/]*$" $repository -}}
{{- $tag := regexFind "[^:]*$" $repository -}}
{{- $bare := trimSuffix (printf ":%s" $tag) $repository -}}
{{- fail (printf "image.repository: expected a repository without a tag, found %s. Set image.repository=%s and image.tag=%s" $repository $bare $tag) -}}
{{- end -}}
{{- end -}}

{{/* Values that have an effect only if another value is true. */}}
{{- define "clockout.validate.dependencies" -}}
{{- $dependencies := list
  (list "registry.pullSecrets" "registry.lookup")
  (list "registry.dockerConfigSecret" "registry.lookup")
  (list "registry.clouds" "registry.lookup")
  (list "registry.warmUp" "registry.lookup")
  (list "registry.pullSecretNamespaces" "registry.pullSecrets")
  (list "networkPolicy.webhookFrom" "networkPolicy.enabled")
  (list "endHanging.namespaces" "endHanging.enabled")
-}}
{{- range $dependencies -}}
{{- $path := first . -}}
{{- $needed := last . -}}
{{- $value := $.Values -}}
{{- range splitList "." $path -}}{{- $value = get $value . -}}{{- end -}}
{{- $isOn := $.Values -}}
{{- range splitList "." $needed -}}{{- $isOn = get $isOn . -}}{{- end -}}
{{- if and $value (not $isOn) -}}
{{- fail (printf "%[1]s: expected %[2]s to be true, found false. Set %[2]s=true, or remove %[1]s" $path $needed) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "clockout.validate.allowedAnnotations" -}}
{{- range list "all" "none" -}}
{{- if and (has . $.Values.allowedAnnotations) (gt (len $.Values.allowedAnnotations) 1) -}}
{{- fail (printf "allowedAnnotations: expected {all}, {none} or a list of names, found %[1]s together with names. Remove %[1]s, or the names" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The server does not start with these: `withoutEffect` in src/pod/annotations/table.ts, and a container that is both. */}}
{{- define "clockout.validate.defaults" -}}
{{- $defaults := .Values.defaults -}}
{{- range list
  (list "quit" "never" (list "quit-timeout" "quit-delay" "start-timeout"))
  (list "wait-for-proxy" "false" (list "wait-timeout" "on-wait-timeout"))
  (list "guard" "false" (list "start-timeout"))
-}}
{{- $by := first . -}}
{{- $value := index . 1 -}}
{{- range $useless := last . -}}
{{- if and (eq (toString (get $defaults $by)) $value) (hasKey $defaults $useless) -}}
{{- fail (printf "defaults.%[1]s: expected none with defaults.%[2]s=%[3]s, found %[4]s, which has no effect. Remove one of them" $useless $by $value (get $defaults $useless)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $excluded := get $defaults "exclude-containers" | nospace | splitList "," -}}
{{- range get $defaults "sidecars" | nospace | splitList "," -}}
{{- if and . (has . $excluded) -}}
{{- fail (printf "defaults.sidecars: expected containers that defaults.exclude-containers does not have, found %s in both. Remove one of them" .) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "clockout.validate.callers" -}}
{{- $webhook := .Values.webhook -}}
{{- if and $webhook.clientCA (not $webhook.clientNames) -}}
{{- fail "webhook.clientNames: expected the common names in the API servers' client certificates, found none. Set them, such as {kube-apiserver}, or remove webhook.clientCA" -}}
{{- end -}}
{{- if and $webhook.clientNames (not $webhook.clientCA) -}}
{{- fail "webhook.clientCA: expected the CA of webhook.clientNames in PEM, found nothing. Set it with --set-file webhook.clientCA=ca.pem, or remove webhook.clientNames" -}}
{{- end -}}
{{- if and $webhook.anyPodMayAsk $webhook.clientCA -}}
{{- fail "webhook.anyPodMayAsk: expected false with webhook.clientCA, found true. Remove one of them: with webhook.clientCA, only some callers get an answer" -}}
{{- end -}}
{{- /* A review does not prove who sent it, and network policies do not apply to the node's network. */ -}}
{{- $found := "none" -}}
{{- range .Values.networkPolicy.webhookFrom -}}
{{- if or (hasSuffix "/0" (dig "ipBlock" "cidr" "" .)) (and (hasKey . "namespaceSelector") (not .namespaceSelector) (not .podSelector)) -}}
{{- $found = "networkPolicy.webhookFrom with all addresses or all pods" -}}
{{- end -}}
{{- end -}}
{{- $isPoliced := and .Values.networkPolicy.webhookFrom (not .Values.hostNetwork) (eq $found "none") -}}
{{- if not (or $webhook.clientCA $isPoliced $webhook.anyPodMayAsk) -}}
{{- $policy := ternary "hostNetwork=false and networkPolicy.webhookFrom (which has no effect on the node's network)" "networkPolicy.webhookFrom" .Values.hostNetwork -}}
{{- if $.Values.events -}}
{{- fail (printf "events: expected a limit on who may call the webhook, found %s, so that any pod could make Clockout write Events in any namespace. Set webhook.clientCA or %s. Or, if you trust every pod in the cluster, set webhook.anyPodMayAsk=true (docs/callers.md)" $found $policy) -}}
{{- end -}}
{{- range $name := list "pullSecrets" "dockerConfigSecret" "clouds" -}}
{{- if get $.Values.registry $name -}}
{{- fail (printf "registry.%s: expected a limit on who may call the webhook, found %s, so that any pod could make Clockout use these credentials. Set webhook.clientCA or %s. Or, if you trust every pod in the cluster, set webhook.anyPodMayAsk=true (docs/callers.md)" $name $found $policy) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "clockout.validate.memory" -}}
{{- $limit := include "clockout.memoryLimit" . -}}
{{- if $limit -}}
{{- $found := toString .Values.resources.limits.memory -}}
{{- if lt (int $limit) 192 -}}
{{- fail (printf "resources.limits.memory: expected at least 192Mi, found %s. Raise the limit, or remove it: Clockout is tested under attack with 192Mi (docs/limits.md)" $found) -}}
{{- end -}}
{{- $cache := int .Values.registry.cacheMebibytes -}}
{{- if gt (mul 4 $cache) (int $limit) -}}
{{- fail (printf "registry.cacheMebibytes: expected at most a quarter of resources.limits.memory (%s), found %d. Lower it, or raise the limit" $found $cache) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "clockout.validate.certificates" -}}
{{- $existing := .Values.certs.existing -}}
{{- if eq .Values.certs.mode "existing" -}}
{{- if not $existing.secretName -}}
{{- fail "certs.existing.secretName: expected the name of a Secret with tls.crt and tls.key, found nothing. Set it, or set another certs.mode" -}}
{{- end -}}
{{- /* Such as cert-manager.io/inject-ca-from and service.beta.openshift.io/inject-cabundle. */ -}}
{{- $isInjected := regexMatch "inject|ca-?bundle" (.Values.webhook.annotations | keys | join " ") -}}
{{- if not (or $existing.caBundle $isInjected) -}}
{{- fail "certs.existing.caBundle: expected a CA in PEM, found nothing. Set it with --set-file certs.existing.caBundle=ca.pem, or let an injector fill it in: name it in webhook.annotations, such as cert-manager.io/inject-ca-from" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "clockout.validate.ports" -}}
{{- $webhook := int .Values.ports.webhook -}}
{{- $metrics := int .Values.ports.metrics -}}
{{- if eq $webhook $metrics -}}
{{- fail (printf "ports.webhook and ports.metrics: expected two different ports, found %d twice. Change one of them" $webhook) -}}
{{- end -}}
{{- if eq 443 (int .Values.service.metricsPort) -}}
{{- fail "service.metricsPort: expected another port than that of the webhook, found 443, which is the webhook's. Choose another port" -}}
{{- end -}}
{{- if and .Values.hostNetwork (has 10250 (list $webhook $metrics)) -}}
{{- fail (printf "ports.%s: expected a port that is free on the nodes, as hostNetwork is true, found 10250, which the kubelet uses. Choose another port" (ternary "webhook" "metrics" (eq $webhook 10250))) -}}
{{- end -}}
{{- end -}}

{{/* The API server refuses two entries of one key. Some lists of the user join one of the chart. */}}
{{- define "clockout.validate.lists" -}}
{{- $conditions := include "clockout.webhook.conditions" . | fromYamlArray -}}
{{- range list "belongs-to-a-job" "belongs-to-no-job" -}}
{{- $conditions = prepend $conditions (dict "name" .) -}}
{{- end -}}
{{- range list
  (list "env" .Values.env "name")
  (list "volumes" (include "clockout.volumes" . | fromYamlArray) "name")
  (list "volumeMounts" (include "clockout.volumeMounts" . | fromYamlArray) "mountPath")
  (list "webhook.matchConditions" $conditions "name")
-}}
{{- $path := first . -}}
{{- $key := last . -}}
{{- $found := list -}}
{{- range index . 1 -}}
{{- $value := get . $key -}}
{{- if has $value $found -}}
{{- fail (printf "%[1]s: expected each %[2]s once, in the chart's own entries and in yours, found %[3]s twice. Change the %[2]s, or remove the entry" $path $key $value) -}}
{{- end -}}
{{- $found = append $found $value -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The API server refuses a strategy that never allows a replica to be replaced. */}}
{{- define "clockout.validate.updateStrategy" -}}
{{- $strategy := .Values.updateStrategy | default dict -}}
{{- $surge := dig "rollingUpdate" "maxSurge" "25%" $strategy | toString -}}
{{- $unavailable := dig "rollingUpdate" "maxUnavailable" "25%" $strategy | toString -}}
{{- $zero := "^0+%?$" -}}
{{- if and (ne (toString $strategy.type) "Recreate") (regexMatch $zero $surge) (regexMatch $zero $unavailable) -}}
{{- fail "updateStrategy.rollingUpdate: expected maxSurge or maxUnavailable to be more than 0, found 0 for both. Raise one of them, such as maxUnavailable=1" -}}
{{- end -}}
{{- end -}}
