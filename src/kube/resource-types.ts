/** The REST coordinates of the API types Nodewright reads or writes. */
export type ResourceType = {
  /** '' for the core group. */
  group: string;
  version: string;
  kind: string;
  /** Lower-case plural as it stands in the URL. */
  plural: string;
  namespaced: boolean;
};

function resourceType(apiVersion: string, kind: string, plural: string, namespaced = true): ResourceType {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return { group: group as string, version: version as string, kind, plural, namespaced };
}

export const CONFIG_MAPS = resourceType('v1', 'ConfigMap', 'configmaps');
export const EVENTS = resourceType('events.k8s.io/v1', 'Event', 'events');
export const NAMESPACES = resourceType('v1', 'Namespace', 'namespaces', false);
export const NODES = resourceType('v1', 'Node', 'nodes', false);
export const PERSISTENT_VOLUME_CLAIMS = resourceType('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims');
export const PERSISTENT_VOLUMES = resourceType('v1', 'PersistentVolume', 'persistentvolumes', false);
export const PODS = resourceType('v1', 'Pod', 'pods');
export const SECRETS = resourceType('v1', 'Secret', 'secrets');
export const SERVICES = resourceType('v1', 'Service', 'services');
export const DEPLOYMENTS = resourceType('apps/v1', 'Deployment', 'deployments');
export const STATEFUL_SETS = resourceType('apps/v1', 'StatefulSet', 'statefulsets');
export const INGRESSES = resourceType('networking.k8s.io/v1', 'Ingress', 'ingresses');
export const JOBS = resourceType('batch/v1', 'Job', 'jobs');
export const CRON_JOBS = resourceType('batch/v1', 'CronJob', 'cronjobs');
export const LEASES = resourceType('coordination.k8s.io/v1', 'Lease', 'leases');
export const POD_DISRUPTION_BUDGETS = resourceType('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets');
export const SERVICE_ACCOUNTS = resourceType('v1', 'ServiceAccount', 'serviceaccounts');
export const ROLES = resourceType('rbac.authorization.k8s.io/v1', 'Role', 'roles');
export const ROLE_BINDINGS = resourceType('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings');
export const CLUSTER_ROLES = resourceType('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', false);
export const CLUSTER_ROLE_BINDINGS = resourceType(
  'rbac.authorization.k8s.io/v1',
  'ClusterRoleBinding',
  'clusterrolebindings',
  false,
);
export const VOLUME_SNAPSHOTS = resourceType('snapshot.storage.k8s.io/v1', 'VolumeSnapshot', 'volumesnapshots');
/** Of the Prometheus operator; a cluster may be without it. */
export const SERVICE_MONITORS = resourceType('monitoring.coreos.com/v1', 'ServiceMonitor', 'servicemonitors');
export const PROMETHEUS_RULES = resourceType('monitoring.coreos.com/v1', 'PrometheusRule', 'prometheusrules');
export const STORAGE_CLASSES = resourceType('storage.k8s.io/v1', 'StorageClass', 'storageclasses', false);
export const INGRESS_CLASSES = resourceType('networking.k8s.io/v1', 'IngressClass', 'ingressclasses', false);
export const VOLUME_SNAPSHOT_CLASSES = resourceType(
  'snapshot.storage.k8s.io/v1',
  'VolumeSnapshotClass',
  'volumesnapshotclasses',
  false,
);
export const ENDPOINT_SLICES = resourceType('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices');
export const MUTATING_WEBHOOK_CONFIGURATIONS = resourceType(
  'admissionregistration.k8s.io/v1',
  'MutatingWebhookConfiguration',
  'mutatingwebhookconfigurations',
  false,
);
export const VALIDATING_WEBHOOK_CONFIGURATIONS = resourceType(
  'admissionregistration.k8s.io/v1',
  'ValidatingWebhookConfiguration',
  'validatingwebhookconfigurations',
  false,
);
/** Questions that the API server answers as they are created; nothing is kept. */
export const SUBJECT_ACCESS_REVIEWS = resourceType(
  'authorization.k8s.io/v1',
  'SubjectAccessReview',
  'subjectaccessreviews',
  false,
);
export const SELF_SUBJECT_ACCESS_REVIEWS = resourceType(
  'authorization.k8s.io/v1',
  'SelfSubjectAccessReview',
  'selfsubjectaccessreviews',
  false,
);
export const CUSTOM_RESOURCE_DEFINITIONS = resourceType(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  'customresourcedefinitions',
  false,
);

export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}
