/**
 * Kubernetes objects as they are on the wire: plain JSON, times as RFC 3339 strings. client-node's models say `Date` and make every
 * member optional; `Wire` undoes the first, and the named types below make the identity of an object certain.
 */
import type {
  V1Affinity,
  V1ConfigMap,
  V1Container,
  V1CronJob,
  V1CustomResourceDefinition,
  V1Deployment,
  V1Ingress,
  V1Job,
  V1Lease,
  V1LocalObjectReference,
  V1ObjectMeta,
  V1OwnerReference,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1PodSpec,
  V1ResourceRequirements,
  V1Role,
  V1RoleBinding,
  V1Secret,
  V1Service,
  V1ServiceAccount,
  V1ServicePort,
  V1StatefulSet,
  V1Toleration,
  V1TypedLocalObjectReference,
  V1Volume,
} from '@kubernetes/client-node';

/** A client-node model as the API server sends it: `Date` is a string. */
type Wire<T> = T extends Date
  ? string
  : T extends (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T]: Wire<T[Key]> }
      : T;

export type ObjectMeta = Wire<V1ObjectMeta> & { name: string };
export type OwnerReference = Wire<V1OwnerReference>;

/** Any object of any API: identified, otherwise open. */
export type KubeObject = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
};

type Identified<T> = Omit<Wire<T>, 'apiVersion' | 'kind' | 'metadata'> & KubeObject;

export type PodSpec = Wire<V1PodSpec>;
export type Container = Wire<V1Container>;
export type Volume = Wire<V1Volume>;
export type Affinity = Wire<V1Affinity>;
export type Toleration = Wire<V1Toleration>;
/** Quantities are strings here; in a custom resource they may be numbers too. */
export type ResourceRequirements = Wire<V1ResourceRequirements>;
export type ServicePort = Wire<V1ServicePort>;
export type LocalObjectReference = Wire<V1LocalObjectReference>;
export type TypedLocalObjectReference = Wire<V1TypedLocalObjectReference>;

export type ConfigMap = Identified<V1ConfigMap>;
export type CronJob = Identified<V1CronJob>;
export type CustomResourceDefinition = Identified<V1CustomResourceDefinition>;
export type Deployment = Identified<V1Deployment>;
export type Ingress = Identified<V1Ingress>;
export type Job = Identified<V1Job>;
export type Lease = Identified<V1Lease>;
export type PersistentVolume = Identified<V1PersistentVolume>;
export type PersistentVolumeClaim = Identified<V1PersistentVolumeClaim>;
export type Pod = Identified<V1Pod>;
export type PodDisruptionBudget = Identified<V1PodDisruptionBudget>;
export type Role = Identified<V1Role>;
export type RoleBinding = Identified<V1RoleBinding>;
export type Secret = Identified<V1Secret>;
export type Service = Identified<V1Service>;
export type ServiceAccount = Identified<V1ServiceAccount>;
export type StatefulSet = Identified<V1StatefulSet>;

export type Condition = {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastTransitionTime: string;
  observedGeneration?: number;
};

/** Where an object is; `namespace` is absent for cluster-scoped ones. */
export type ObjectKey = { namespace?: string | undefined; name: string };

/** One version of one object. */
export type ObjectVersion = ObjectKey & { uid: string; resourceVersion: string };

export function keyOf(object: KubeObject): ObjectKey {
  return { namespace: object.metadata.namespace, name: object.metadata.name };
}

/** Empty for an object that no API server has seen. */
export function uidOf({ metadata }: KubeObject): string {
  return metadata.uid ?? '';
}

/** As the kubelet says. */
export function isPodReady(pod: Pod | undefined): boolean {
  return pod?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}
