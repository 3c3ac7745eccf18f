{{/* The chart's name, as in the label app.kubernetes.io/name. */}}
{{- define "excamera.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* What names of objects begin with: short, as suffixes follow. */}}
{{- define "excamera.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "excamera.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "excamera.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* That of the chart's PriorityClass. No name of a namespace has a dot, so no two releases share one. */}}
{{- define "excamera.priorityClass" -}}
{{- printf "%s.%s" (include "excamera.fullname" .) .Release.Namespace -}}
{{- end -}}

{{/* Labels by which objects of one component are selected: (list $ "operator"). They never change. */}}
{{- define "excamera.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "excamera.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* All labels of an object of one component: (list $ "operator"). */}}
{{- define "excamera.labels" -}}
{{- $root := index . 0 -}}
{{ include "excamera.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: excamera
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end -}}

{{- define "excamera.image" -}}
{{- $repository := required "image.repository is not set, and no registry has the image for everybody: build it from the Dockerfile, push it to a registry that the cluster can pull from, and add --set image.repository=REGISTRY/excamera (docs/kind.md does it with kind)" .Values.image.repository -}}
{{- if not (regexMatch "^([A-Za-z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*$" $repository) -}}
{{- fail (printf "image.repository must be HOST[:PORT]/NAME, the name in lower case and without a tag or digest, which image.tag and image.digest say; %s is not" $repository) -}}
{{- end -}}
{{- if not (regexMatch "^([A-Za-z0-9_][A-Za-z0-9_.-]*)?$" .Values.image.tag) -}}
{{- fail (printf "image.tag must be of letters, digits, '_', '.' and '-', such as 0.1.0; %s is not, and a digest goes into image.digest" .Values.image.tag) -}}
{{- end -}}
{{- if .Values.image.digest -}}
{{ $repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* Where workers dial the coordinator. */}}
{{- define "excamera.coordinatorAddress" -}}
{{- .Values.operator.externalAddress | default (printf "%s-operator.%s.svc:7000" (include "excamera.fullname" .) .Release.Namespace) -}}
{{- end -}}

{{/* Where workers dial the rendezvous: one address for each shard, with commas. */}}
{{- define "excamera.rendezvousAddresses" -}}
{{- $addresses := .Values.rendezvous.externalAddresses -}}
{{- if $addresses -}}
{{- if ne (len $addresses) (int .Values.rendezvous.shards) -}}
{{- fail "rendezvous.externalAddresses must have one address for each of rendezvous.shards" -}}
{{- end -}}
{{- else -}}
{{- range $shard := until (int .Values.rendezvous.shards) -}}
{{- $addresses = append $addresses (printf "%s-rendezvous-%d.%s.svc:7100" (include "excamera.fullname" $) $shard $.Release.Namespace) -}}
{{- end -}}
{{- end -}}
{{- join "," $addresses -}}
{{- end -}}
