{{/* What pod security "restricted" asks of a pod, and what ours can do without. */}}
{{- define "excamera.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "excamera.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Where a component's pods go, and before which others: (list $ VALUES). */}}
{{- define "excamera.placement" -}}
{{- $root := index . 0 -}}
{{- with index . 1 -}}
{{- with .priorityClassName | default (ternary (include "excamera.priorityClass" $root) "" (not (empty (include "excamera.ownPriority" $root)))) }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* "true" if the chart makes a PriorityClass, or nothing. Values that an older chart was installed with, and that
     are reused, do not say so. */}}
{{- define "excamera.ownPriority" -}}
{{- if dig "create" true (.Values.priorityClass | default dict) }}true{{ end -}}
{{- end -}}

{{- define "excamera.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}
