/** What the operator's metrics say of pools and nodes. */
import type { Measurement } from '../../runtime/resource-gauges.ts';
import type { NodePlan } from './node-plan.ts';
import type { PoolPlan } from './pool-plan.ts';
import type { Hoprd, IdentityPool } from './schema.ts';

export function measurePool({ metadata }: IdentityPool, { size, locked }: PoolPlan): Measurement[] {
  const labels = { namespace: metadata.namespace ?? '', pool: metadata.name };
  const total = { name: 'nodewright_hopr_pool_identities', help: 'Identities of a HOPR pool' };
  const inUse = { name: 'nodewright_hopr_pool_identities_in_use', help: 'Identities of a HOPR pool that a node has' };
  return [
    { ...total, labels, value: size },
    { ...inUse, labels, value: locked },
  ];
}

/** A node that is not to run is neither ready nor not. */
export function measureNode({ metadata, spec }: Hoprd, plan: NodePlan): Measurement[] {
  const labels = { namespace: metadata.namespace ?? '', pool: spec.identityPoolName, node: metadata.name };
  const ready = { name: 'nodewright_hopr_node_ready', help: 'Whether a HOPR node that should run is ready' };
  const pending = {
    name: 'nodewright_hopr_node_update_pending',
    help: 'Whether a change of a HOPR node waits for its next restart',
  };
  return [
    ...(plan.deleting || spec.enabled === false ? [] : [{ ...ready, labels, value: plan.ready ? 1 : 0 }]),
    { ...pending, labels, value: plan.pending === undefined ? 0 : 1 },
  ];
}
