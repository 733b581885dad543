{{/*
A pod of `helm test`, which runs a script with the rights of the tests. Takes the root, a name, the path of the script, and variables of its
environment.
*/}}
{{- define "clockout.test.pod" -}}
{{- $root := .root -}}
{{- $account := printf "%s-test" (include "clockout.fullname" $root) -}}
{{- $labels := merge (dict "app.kubernetes.io/name" $account) (include "clockout.labels" (dict "root" $root) | fromYaml) -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ .name }}
  namespace: {{ $root.Release.Namespace }}
  # Another app.kubernetes.io/name than in the selectors, so that the Service sends no reviews to this pod.
  labels:
    {{- toYaml (merge (dict) $labels $root.Values.podLabels) | nindent 4 }}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
    # Helm 3.18 or newer prints the log.
    helm.sh/hook-output-log-policy: hook-succeeded,hook-failed
spec:
  restartPolicy: Never
  serviceAccountName: {{ $account }}
  automountServiceAccountToken: true
  enableServiceLinks: false
  activeDeadlineSeconds: 150
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.podSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: test
      image: {{ include "clockout.image" $root | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      # Node.js from Clockout's own image, so that the test needs no other image.
      command: [node, --input-type=module, --eval]
      args:
        - |
          {{- $root.Files.Get .script | trim | nindent 10 }}
      env:
        - name: NODE_EXTRA_CA_CERTS
          value: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
        {{- toYaml .env | nindent 8 }}
      resources:
        requests:
          cpu: 10m
          memory: 64Mi
        limits:
          memory: 128Mi
      {{- with $root.Values.securityContext }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
  {{- with $root.Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $root.Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
