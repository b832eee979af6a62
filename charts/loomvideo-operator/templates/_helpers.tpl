{{- define "loomvideo.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* 50: longer names are made of it, and a Service's has 63 at most. */}}
{{- define "loomvideo.fullname" -}}
{{- $name := include "loomvideo.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "loomvideo.selectorLabels" -}}
app.kubernetes.io/name: {{ include "loomvideo.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: controller
{{- end }}

{{/* Without a component: the objects around the controller. managed-by tells them from what the controller makes. */}}
{{- define "loomvideo.labels" -}}
{{- $own := dict
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_")
  "app.kubernetes.io/name" (include "loomvideo.name" .)
  "app.kubernetes.io/instance" .Release.Name
  "app.kubernetes.io/version" .Chart.AppVersion
  "app.kubernetes.io/part-of" "loomvideo-operator"
  "app.kubernetes.io/managed-by" .Release.Service }}
{{- merge $own .Values.commonLabels | toYaml }}
{{- end }}

{{- define "loomvideo.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "loomvideo.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name: name the ServiceAccount to use, or set serviceAccount.create=true" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* An image by its parts: dict "image" … "root" … */}}
{{- define "loomvideo.imageName" -}}
{{- $repository := required "image.repository: name where the operator's image was pushed, such as registry.example.com/loomvideo-operator" .image.repository }}
{{- $repository }}
{{- if .image.digest }}{{ with .image.tag }}:{{ . }}{{ end }}@{{ .image.digest }}
{{- else }}:{{ default .root.Chart.AppVersion .image.tag }}
{{- end }}
{{- end }}

{{- define "loomvideo.image" -}}
{{- include "loomvideo.imageName" (dict "image" .Values.image "root" .) }}
{{- end }}

{{- define "loomvideo.jobImage" -}}
{{- $image := .Values.image }}
{{- with .Values.job.image }}
{{- if .repository }}
{{- $image = . }}
{{- else if or .tag .digest }}
{{- $image = dict "repository" $.Values.image.repository "tag" .tag "digest" .digest }}
{{- end }}
{{- end }}
{{- include "loomvideo.imageName" (dict "image" $image "root" .) }}
{{- end }}

{{- define "loomvideo.embeddedNamespace" -}}
{{- default .Release.Namespace .Values.embedded.namespace }}
{{- end }}

{{- define "loomvideo.claimName" -}}
{{- default (printf "%s-data" (include "loomvideo.fullname" .)) .Values.embedded.existingClaim }}
{{- end }}

{{/* The namespaces that are watched, as JSON; [] is all of them. Fails where the values contradict each other. */}}
{{- define "loomvideo.watchNamespaces" -}}
{{- $namespaces := uniq .Values.watchNamespaces }}
{{- if .Values.embedded.enabled }}
{{- $own := include "loomvideo.embeddedNamespace" . }}
{{- if and $namespaces (ne (toJson $namespaces) (toJson (list $own))) }}
{{- fail (printf "embedded.enabled: the volume serves one namespace, %s. Leave watchNamespaces empty, or set embedded.namespace." $own) }}
{{- end }}
{{- if .Values.credentialsSecret }}
{{- fail "embedded.enabled and credentialsSecret contradict each other: LoomVideos that name no Secret use one or the other." }}
{{- end }}
{{- $namespaces = list $own }}
{{- end }}
{{- toJson $namespaces }}
{{- end }}

{{/* How Jobs are made, as JSON; the schema of the file: controller/kubernetes/job/settings.ts. */}}
{{- define "loomvideo.jobSettings" -}}
{{- $job := .Values.job }}
{{- $settings := dict
  "image" (include "loomvideo.jobImage" .)
  "runAsUser" .Values.runAsUser
  "runAsGroup" .Values.runAsGroup
  "cpuRequest" $job.cpuRequest
  "startAllowanceSeconds" $job.startAllowanceSeconds
  "ttlSecondsAfterFinished" $job.ttlSecondsAfterFinished
  "terminationGracePeriodSeconds" $job.terminationGracePeriodSeconds }}
{{- range $key, $value := dict
  "imagePullPolicy" (default .Values.image.pullPolicy $job.image.pullPolicy)
  "imagePullSecrets" $job.imagePullSecrets
  "credentialsSecret" .Values.credentialsSecret
  "env" $job.env
  "volumes" $job.volumes
  "volumeMounts" $job.volumeMounts
  "labels" $job.labels
  "annotations" $job.annotations
  "nodeSelector" $job.nodeSelector
  "tolerations" $job.tolerations
  "affinity" $job.affinity
  "priorityClassName" $job.priorityClassName
  "runtimeClassName" $job.runtimeClassName
  "serviceAccountName" $job.serviceAccountName
  "cpuLimit" $job.cpuLimit
  "ephemeralStorageRequest" $job.ephemeralStorageRequest }}
{{- if $value }}{{ $_ := set $settings $key $value }}{{ end }}
{{- end }}
{{- if .Values.embedded.enabled }}
{{- $_ := set $settings "embedded" (dict "claimName" (include "loomvideo.claimName" .)) }}
{{- end }}
{{- with .Values.caBundle }}
{{- if .configMap }}{{ $_ := set $settings "caBundle" (dict "configMap" .configMap "key" .key) }}{{ end }}
{{- end }}
{{- $proxy := dict }}
{{- range $key, $value := dict "http" .Values.proxy.http "https" .Values.proxy.https "no" .Values.proxy.noProxy }}
{{- if $value }}{{ $_ := set $proxy $key $value }}{{ end }}
{{- end }}
{{- if $proxy }}{{ $_ := set $settings "proxy" $proxy }}{{ end }}
{{- toPrettyJson $settings }}
{{- end }}
