{{/* What values.schema.json cannot say, or not in words: each refusal is a sentence about values of the user's. */}}
{{- define "excamera.checks" -}}
{{- include "excamera.checkResources" (list "operator.resources" .Values.operator.resources) -}}
{{- include "excamera.checkResources" (list "rendezvous.resources" .Values.rendezvous.resources) -}}
{{- include "excamera.checkResources" (list "workers.resources" .Values.workers.resources) -}}
{{- include "excamera.checkResources" (list "workers.knative.resources" .Values.workers.knative.resources) -}}
{{- include "excamera.checkResources" (list "uninstall.resources" .Values.uninstall.resources) -}}
{{- include "excamera.checkMessageMemory" .Values.rendezvous -}}
{{- end -}}

{{/* As Kubernetes would refuse the pods, after the installation has succeeded: (list NAME RESOURCES). */}}
{{- define "excamera.checkResources" -}}
{{- $limits := (index . 1).limits | default dict -}}
{{- range $resource, $asked := (index . 1).requests -}}
{{- if hasKey $limits $resource -}}
{{- $limit := get $limits $resource -}}
{{- if gt (include "excamera.amount" $asked | float64) (include "excamera.amount" $limit | float64) -}}
{{- fail (printf "%s: the request of %s, %v, is above its limit, %v; raise the limit, or lower the request" (index $ 0) $resource $asked $limit) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The other half of the memory is for what is on its way, and for the process itself. */}}
{{- define "excamera.checkMessageMemory" -}}
{{- $limit := dig "limits" "memory" "" .resources -}}
{{- if $limit -}}
{{- if gt (mulf 2 (include "excamera.amount" .messageMemory | float64)) (include "excamera.amount" $limit | float64) -}}
{{- fail (printf "rendezvous.messageMemory, %v, is above half of rendezvous.resources.limits.memory, %v; raise that limit, or lower messageMemory" .messageMemory $limit) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A quantity of Kubernetes as bytes, for programs that read sizes otherwise: 10G is less there than here. */}}
{{- define "excamera.bytes" -}}
{{- include "excamera.amount" . | float64 | int64 -}}
{{- end -}}

{{/* A quantity of Kubernetes as a number: "1.5Gi" is 1610612736, "500m" is 0.5. */}}
{{- define "excamera.amount" -}}
{{- if kindIs "string" . -}}
{{- $unit := regexFind "[^0-9.]*$" . -}}
{{- $units := dict "" 1.0 "n" 1e-9 "u" 1e-6 "m" 1e-3 "k" 1e3 "K" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18 -}}
{{- range $power, $prefix := list "Ki" "Mi" "Gi" "Ti" "Pi" "Ei" -}}
{{- $factor := 1024.0 -}}
{{- range until $power -}}
{{- $factor = mulf $factor 1024 -}}
{{- end -}}
{{- $units = set $units $prefix $factor -}}
{{- end -}}
{{- mulf (trimSuffix $unit . | float64) (get $units $unit) -}}
{{- else -}}
{{- float64 . -}}
{{- end -}}
{{- end -}}
