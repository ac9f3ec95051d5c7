/** Everything about one node that is decided upon, as a plain value. */
import type { ConfigMap, Deployment, Ingress, Job, Pod, PodSpec, Service } from '../../kube/objects.ts';
import type { Problem } from '../problem.ts';
import { COMPONENT_NODE, LABEL_COMPONENT } from './desired/metadata.ts';
import { DATABASE_VOLUME } from './desired/node-files.ts';
import type { IdentityHoprd, IdentityPool } from './schema.ts';

export type NodeObserved = {
  pool: IdentityPool | undefined;
  /** All of the namespace. */
  identities: readonly IdentityHoprd[];
  /** Children. */
  deployment: Deployment | undefined;
  ingress: Ingress | undefined;
  services: readonly Service[];
  jobs: readonly Job[];
  /** Of its Deployment and its Jobs, also when those are gone. */
  pods: readonly Pod[];
  /** The ConfigMaps of the ingress controller; absent where they do not exist. */
  nginx: { tcp?: ConfigMap | undefined; udp?: ConfigMap | undefined };
  /** Ports of all other nodes that are behind the ingress controller, whatever its ConfigMaps say. */
  foreignPorts: ReadonlySet<number>;
  /** The resource itself has been changed since it was read, or is another one: a newer state of it is on its way. */
  isOutdated: boolean;
  /** What the operator's configuration names and the cluster does not have. */
  missing?: readonly Problem[];
};

/** Its containers run no more, and never will. */
export function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** Pods that may have the volume of the identity open; those of the node alone, or of its Jobs too. */
export function openPods({ pods }: NodeObserved, which: 'node' | 'all'): Pod[] {
  return pods.filter(
    (pod) => !hasEnded(pod) && (which === 'all' || pod.metadata.labels?.[LABEL_COMPONENT] === COMPONENT_NODE),
  );
}

/** The volume of an identity that a pod has. */
export function claimOf(spec: PodSpec | undefined): string | undefined {
  return spec?.volumes?.find(({ name }) => name === DATABASE_VOLUME)?.persistentVolumeClaim?.claimName;
}

/** A cluster in which there is nothing of the node yet. */
export function observeNothing(): NodeObserved {
  return {
    pool: undefined,
    identities: [],
    deployment: undefined,
    ingress: undefined,
    services: [],
    jobs: [],
    pods: [],
    nginx: {},
    foreignPorts: new Set(),
    isOutdated: false,
  };
}
