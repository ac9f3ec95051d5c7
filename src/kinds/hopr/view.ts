/** The resources of HOPR for people. */
import type { Pod } from '../../kube/objects.ts';
import { PODS } from '../../kube/resource-types.ts';
import { type Health, type ResourceView, type ViewSource, viewContainer, viewResource } from '../node-view.ts';
import { COMPONENT_NODE, LABEL_COMPONENT, LABEL_INSTANCE, LABEL_NAME } from './desired/metadata.ts';
import { NODE_CONTAINER } from './desired/ports.ts';
import type { ClusterHoprd, Hoprd, HoprdStatus, IdentityHoprd, IdentityPool } from './schema.ts';

export async function viewPool(pool: IdentityPool): Promise<ResourceView> {
  const { size, locked } = pool.status ?? {};
  const value = size === undefined ? 'unknown' : `${size}, of which ${locked ?? 0} in use`;
  const facts = [
    { label: 'network', value: pool.spec.network },
    { label: 'identities', value },
  ];
  return viewResource(pool, { chain: pool.spec.network, facts });
}

export async function viewIdentity(identity: IdentityHoprd): Promise<ResourceView> {
  const { hoprdNodeName } = identity.status ?? {};
  const facts = [
    { label: 'pool', value: identity.spec.identityPoolName },
    { label: 'used by', value: hoprdNodeName ? `Hoprd ${hoprdNodeName}` : 'nobody' },
  ];
  return viewResource(identity, { facts });
}

export async function viewCluster(cluster: ClusterHoprd): Promise<ResourceView> {
  const facts = [
    { label: 'pool', value: cluster.spec.identityPoolName },
    { label: 'nodes', value: `${cluster.status?.currentNodes ?? 0} of ${cluster.spec.replicas}` },
  ];
  return viewResource(cluster, { facts });
}

const HEALTH: Record<HoprdStatus['phase'], Health> = {
  Initializing: 'busy',
  Running: 'good',
  Stopped: 'off',
  Failed: 'bad',
  Deleting: 'busy',
};

export async function viewHoprd(hoprd: Hoprd, { reader, options }: ViewSource): Promise<ResourceView> {
  const { metadata, spec, status } = hoprd;
  const labels = { [LABEL_INSTANCE]: metadata.name, [LABEL_COMPONENT]: COMPONENT_NODE };
  const pods =
    options.hopr === undefined
      ? []
      : await reader.list<Pod>(PODS, {
          namespace: metadata.namespace ?? '',
          labels: { ...labels, [LABEL_NAME]: options.hopr.instanceName },
        });
  const phase = status?.phase ?? 'Initializing';
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const pending = status?.conditions?.find(({ type }) => type === 'UpdatePending');
  const node = {
    name: metadata.name,
    role: 'node',
    state: phase,
    // It is asked for nothing: whether its pod is ready is all that is known.
    health: phase === 'Running' && ready?.status === 'False' ? 'bad' : HEALTH[phase],
    words: phase === 'Running' && ready?.status === 'True' ? undefined : ready?.message,
    updatePending: pending?.message,
    ...viewContainer(pods.at(-1), NODE_CONTAINER),
  };
  const identity = status?.identityName ?? undefined;
  const facts = [
    { label: 'pool', value: spec.identityPoolName },
    ...(identity === undefined ? [] : [{ label: 'identity', value: identity }]),
  ];
  return viewResource(hoprd, { nodes: [node], facts });
}
