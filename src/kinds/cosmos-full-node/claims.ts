/** The claims of a CosmosFullNode: made, grown, kept or deleted (spec cosmos §3.6). */
import { keyOf, type PersistentVolumeClaim } from '../../kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import { describeDifference, differences } from '../../reconcile/difference.ts';
import { compareQuantities } from '../../reconcile/quantity.ts';
import type { Problem } from '../problem.ts';
import { buildClaim } from './desired/claims.ts';
import { claimWanted, type Instance } from './instances.ts';
import type { Observed } from './observe.ts';
import { adjustOwner, isRetained, withOwner } from './ownership.ts';
import type { CosmosFullNode } from './schema.ts';

export type ClaimPlan = { changes: Change[]; waits: Wait[]; problems: Problem[] };

/** @param busy names of instances whose claim is being recovered, which is nobody else's business */
export function planClaims(
  fullNode: CosmosFullNode,
  instances: readonly Instance[],
  observed: Observed,
  busy: ReadonlyMap<string, string> = new Map(),
): ClaimPlan {
  const plan: ClaimPlan = { changes: [], waits: [], problems: [] };
  const wanted = instances.filter(claimWanted);
  for (const instance of wanted) {
    if (!busy.has(instance.name)) planClaim(fullNode, instance, observed, plan);
  }
  const names = new Set(wanted.map(({ claimName }) => claimName));
  for (const claim of observed.claims.values()) {
    if (names.has(claim.metadata.name) || claim.metadata.deletionTimestamp !== undefined) continue;
    plan.changes.push(...dismissClaim(fullNode, claim));
  }
  return plan;
}

function planClaim(fullNode: CosmosFullNode, instance: Instance, observed: Observed, plan: ClaimPlan): void {
  const live = observed.claims.get(instance.claimName);
  const requestedSize = fullNode.status?.selfHealing?.pvcAutoScaler?.[instance.claimName]?.requestedSize;
  if (live === undefined) {
    const { problem, dataSource, size } = observed.dataSources.get(instance.claimName) ?? {};
    if (problem !== undefined) plan.problems.push(problem);
    const source = dataSource === undefined ? undefined : { dataSource, ...(size === undefined ? {} : { size }) };
    const claim = buildClaim(fullNode, instance, source === undefined ? {} : { source });
    const from = dataSource === undefined ? '' : `, from ${dataSource.kind} ${dataSource.name}`;
    plan.changes.push({
      verb: 'create',
      type: PERSISTENT_VOLUME_CLAIMS,
      key: keyOf(claim),
      why: `data of ${instance.name}${from}`,
      object: withOwner(fullNode, claim, !isRetained(fullNode)),
    });
    return;
  }
  if (live.metadata.deletionTimestamp !== undefined) {
    plan.waits.push({
      what: `claim ${live.metadata.name}`,
      why: 'it is being deleted, and is made anew when it is gone',
    });
    return;
  }
  plan.changes.push(...adjustOwner(fullNode, live));
  const capacity = live.status?.phase === 'Bound' ? live.status.capacity?.storage : undefined;
  const claim = buildClaim(fullNode, instance, {
    ...(capacity === undefined ? {} : { current: { capacity } }),
    ...(requestedSize === undefined ? {} : { requestedSize: String(requestedSize) }),
  });
  plan.changes.push(...relabelClaim(live, claim), ...growClaim(live, claim, plan));
}

/** Labels and annotations; everything else of a claim but its size can't be changed. */
function relabelClaim(live: PersistentVolumeClaim, desired: PersistentVolumeClaim): Change[] {
  const { labels = {}, annotations = {} } = desired.metadata;
  const found = differences(
    { labels, annotations },
    { labels: live.metadata.labels, annotations: live.metadata.annotations },
  );
  if (found.length === 0) return [];
  const why = found
    .slice(0, 3)
    .map((difference) => describeDifference(difference))
    .join(', ');
  return [
    {
      verb: 'patch',
      type: PERSISTENT_VOLUME_CLAIMS,
      key: keyOf(live),
      why,
      patch: { metadata: { uid: live.metadata.uid, labels, annotations } },
    },
  ];
}

function growClaim(live: PersistentVolumeClaim, desired: PersistentVolumeClaim, plan: ClaimPlan): Change[] {
  const wanted = desired.spec?.resources?.requests?.storage;
  const found = live.spec?.resources?.requests?.storage;
  if (wanted === undefined || found === undefined || (compareQuantities(wanted, found) ?? 0) <= 0) return [];
  if (live.status?.phase !== 'Bound') {
    plan.waits.push({ what: `size of claim ${live.metadata.name}`, why: 'it is not bound to a volume yet' });
    return [];
  }
  return [
    {
      verb: 'patch',
      type: PERSISTENT_VOLUME_CLAIMS,
      key: keyOf(live),
      why: `size ${found} → ${wanted}`,
      patch: {
        metadata: { uid: live.metadata.uid },
        spec: { resources: { requests: { storage: wanted } } },
      },
    },
  ];
}

/** Of an instance that is no longer wanted: kept without an owner, or deleted. */
function dismissClaim(fullNode: CosmosFullNode, claim: PersistentVolumeClaim): Change[] {
  if (isRetained(fullNode)) return adjustOwner(fullNode, claim);
  // Without an owner it was kept from an earlier time: only a resource that owned it may delete it.
  if (claim.metadata.ownerReferences === undefined) return [];
  return [
    {
      verb: 'delete',
      type: PERSISTENT_VOLUME_CLAIMS,
      key: keyOf(claim),
      uid: claim.metadata.uid as string,
      why: 'its instance is no longer wanted, and spec.volumeRetentionPolicy is Delete',
      disrupts: false,
    },
  ];
}
