{{/* Rules of `egress` that more than one policy has. */}}
{{- define "clockout.network.dns" -}}
# OpenShift's DNS listens on 5353, and network plugins look at a packet after its Service's port, 53, has become that.
- ports:
    {{- range list 53 5353 }}
    - port: {{ . }}
      protocol: UDP
    - port: {{ . }}
      protocol: TCP
    {{- end }}
{{- end -}}

{{- define "clockout.network.apiServer" -}}
{{- /* A rule with an empty list of ports would open them all. */ -}}
{{- with .Values.networkPolicy.apiServerPorts -}}
- ports:
    {{- range . }}
    - port: {{ . }}
    {{- end }}
{{- end -}}
{{- end -}}
