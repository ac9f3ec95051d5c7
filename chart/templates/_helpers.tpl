{{- define "nodewright.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What the Deployment finds its pods by: never changed. */}}
{{- define "nodewright.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end -}}

{{- define "nodewright.labels" -}}
{{ include "nodewright.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "nodewright.serviceAccountName" -}}
{{- default (include "nodewright.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "nodewright.image" -}}
{{- with .Values.image -}}
{{- if .registry }}{{ trimSuffix "/" .registry }}/{{ end -}}
{{- .repository -}}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ default $.Chart.AppVersion .tag }}{{ end -}}
{{- end -}}
{{- end -}}

{{- define "nodewright.agentImage" -}}
{{- default (include "nodewright.image" .) .Values.agentImage -}}
{{- end -}}

{{/* "true" where it is said how HOPR nodes are run. */}}
{{- define "nodewright.runsHopr" -}}
{{- $ways := list -}}
{{- if .Values.hopr.config }}{{ $ways = append $ways "hopr.config" }}{{ end -}}
{{- if .Values.hopr.existingSecret }}{{ $ways = append $ways "hopr.existingSecret" }}{{ end -}}
{{- if .Values.hopr.existingConfigMap }}{{ $ways = append $ways "hopr.existingConfigMap" }}{{ end -}}
{{- if gt (len $ways) 1 -}}
{{- fail (printf "%s are given: the configuration of HOPR comes from one of them" (join " and " $ways)) -}}
{{- end -}}
{{- if $ways }}true{{ end -}}
{{- end -}}

{{/* The names of the controllers that run, sorted, as a YAML list: those of files/rbac. */}}
{{- define "nodewright.kinds" -}}
{{- $kinds := list -}}
{{- range $name, $kind := .Values.kinds -}}
{{- if $kind.enabled }}{{ $kinds = append $kinds (kebabcase $name) }}{{ end -}}
{{- end -}}
{{- if include "nodewright.runsHopr" . -}}
{{- $kinds = concat $kinds (list "identity-pool" "identity-hoprd" "cluster-hoprd" "hoprd") -}}
{{- end -}}
{{- if not $kinds }}{{ fail "kinds: all are switched off; nothing would run" }}{{ end -}}
{{- sortAlpha $kinds | toYaml -}}
{{- end -}}

{{/* The rights of the controllers in every namespace that is watched. */}}
{{- define "nodewright.rules" -}}
{{- $files := .Files -}}
rules:
  # all kinds
  {{- (fromYaml ($files.Get "files/rbac/common.yaml")).rules | toYaml | nindent 2 }}
  {{- range fromYamlArray (include "nodewright.kinds" .) }}
  # {{ . }}
  {{- (fromYaml ($files.Get (printf "files/rbac/%s.yaml" .))).rules | toYaml | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "nodewright.subject" -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "nodewright.serviceAccountName" . }}
    namespace: {{ .Release.Namespace }}
{{- end -}}

{{/* What the profile "restricted" asks of a pod, and of a container. */}}
{{- define "nodewright.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "nodewright.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "nodewright.placement" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "nodewright.crdsHook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}
