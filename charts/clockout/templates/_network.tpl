{{/* Egress rules of the network policies. */}}

{{- define "clockout.network.dns" -}}
# OpenShift's DNS pods listen on 5353. Network plugins check a packet after the Service's port, 53, has been replaced by that.
- ports:
    {{- range list 53 5353 }}
    - port: {{ . }}
      protocol: UDP
    - port: {{ . }}
      protocol: TCP
    {{- end }}
{{- end -}}

{{- define "clockout.network.apiServer" -}}
{{- /* Not for an empty list: a rule without ports opens all of them. */ -}}
{{- with .Values.networkPolicy.apiServerPorts -}}
- ports:
    {{- range . }}
    - port: {{ . }}
    {{- end }}
{{- end -}}
{{- end -}}

{{/* Addresses at which a pod gets its identity in a cloud. Azure needs none: its pods get theirs over https. */}}
{{- define "clockout.network.metadataServers" -}}
{{- if has "google" .Values.registry.clouds }}
# Google's metadata server: with Dataplane V2, and with Calico.
- cidr: 169.254.169.254/32
  ports: [80, 8080]
- cidr: 169.254.169.252/32
  ports: [987, 988]
{{- end }}
{{- if has "ecr" .Values.registry.clouds }}
# The agent of EKS Pod Identity, and the metadata server of an EC2 node.
- cidr: 169.254.170.23/32
  ports: [80]
- cidr: fd00:ec2::23/128
  ports: [80]
- cidr: 169.254.169.254/32
  ports: [80]
{{- end }}
{{- end -}}
