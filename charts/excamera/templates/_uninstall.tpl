{{/* Objects that are there only while the chart is being uninstalled. What the job needs comes before it. */}}
{{- define "excamera.uninstallHook" -}}
helm.sh/hook: pre-delete
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}

{{/* What uninstalling may do in the namespaces whose jobs the operator runs. The chart's README says why. */}}
{{- define "excamera.uninstallRules" -}}
- apiGroups: [excamera.dev]
  resources: [encodejobs]
  verbs: [list, patch]
- apiGroups: [excamera.dev]
  resources: [encodejobs/status]
  verbs: [patch]
- apiGroups: [batch]
  resources: [jobs]
  verbs: [list, delete]
- apiGroups: [""]
  resources: [pods]
  verbs: [list, delete]
- apiGroups: [""]
  resources: [events]
  verbs: [create]
{{- end -}}
