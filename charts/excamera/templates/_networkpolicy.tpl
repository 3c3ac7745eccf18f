{{/* Everything that may be a worker: pods of any namespace that are labelled so, and who values name. */}}
{{- define "excamera.workerPeers" -}}
- namespaceSelector: {}
  podSelector:
    matchLabels:
      app.kubernetes.io/name: {{ include "excamera.name" . }}
      app.kubernetes.io/component: worker
{{- with .Values.networkPolicy.workersFrom }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "excamera.metricsIngress" -}}
- ports:
    - port: metrics
  {{- with .Values.networkPolicy.metricsFrom }}
  from:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "excamera.nameEgress" -}}
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- end -}}
