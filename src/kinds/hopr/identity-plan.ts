/**
 * Spec and observation in, changes out, for one IdentityHoprd. Pure. It has a volume from the beginning, which no node takes away, and stays
 * as long as a node has it (spec hopr §4.2).
 */
import { type KubeObject, keyOf, type PersistentVolumeClaim } from '../../kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import type { ConditionInput } from '../../reconcile/conditions.ts';
import { diffObject } from '../../reconcile/diff.ts';
import { ANNOTATION_PAUSED } from '../../reconcile/labels.ts';
import type { HoprSettings } from '../hopr-settings.ts';
import type { Problem } from '../problem.ts';
import { conditionsOf } from './conditions.ts';
import { buildClaim } from './desired/claim.ts';
import { addFinalizer, removeFinalizer } from './finalizer.ts';
import { holderOf, releaseIdentity } from './identity-lock.ts';
import { findIdentityProblems, isUsable } from './identity-problems.ts';
import { withOwner } from './ownership.ts';
import {
  type Hoprd,
  IDENTITY_HOPRDS,
  type IdentityHoprd,
  type IdentityHoprdStatus,
  type IdentityPool,
} from './schema.ts';
import type { OwnStatus } from './status-writes.ts';

export type IdentityObserved = {
  pool: IdentityPool | undefined;
  claim: PersistentVolumeClaim | undefined;
  /**
   * The node that has the identity. Where a cache does not have it, all of this is asked of the API server itself: a cache may know the
   * lock of a node and not yet the node, and an identity that is given back in that moment is given to a second one.
   */
  holder: Hoprd | undefined;
  /** Pods that may have the volume open, and Deployments that may make some. */
  users: readonly KubeObject[];
  /** What the operator's configuration names and the cluster does not have. */
  missing?: readonly Problem[];
};

export type IdentityPlan = {
  pool: IdentityPool | undefined;
  changes: Change[];
  waits: Wait[];
  problems: Problem[];
  holder: string | undefined;
  paused: boolean;
  deleting: boolean;
};

export function planIdentity(
  identity: IdentityHoprd,
  observed: IdentityObserved,
  { now, settings }: { now: Date; settings: HoprSettings },
): IdentityPlan {
  const holder = holderOf(identity);
  const deleting = identity.metadata.deletionTimestamp !== undefined;
  const paused = identity.metadata.annotations?.[ANNOTATION_PAUSED] === 'true';
  const plan = { pool: observed.pool, changes: [] as Change[], waits: [] as Wait[], holder, paused, deleting };
  const stray = holder === undefined ? [] : planStrayLock(identity, holder, observed, now);
  const problems = deleting
    ? []
    : [...findIdentityProblems(identity), ...findMissingPool(identity, observed), ...(observed.missing ?? [])];
  if (deleting) {
    if (holder === undefined)
      return { ...plan, problems, changes: removeFinalizer(identity, IDENTITY_HOPRDS, 'no node has it') };
    const wait = { what: 'deletion', why: `node ${holder} uses it; delete that Hoprd first` };
    return { ...plan, problems, changes: stray, waits: stray.length > 0 ? [] : [wait] };
  }
  const claim = withOwner(identity, buildClaim(identity, settings));
  const changes = [
    ...addFinalizer(identity, IDENTITY_HOPRDS, 'finalizer, so that it stays as long as a node uses it'),
    ...adoptByPool(identity, observed.pool),
    ...diffObject(
      { type: PERSISTENT_VOLUME_CLAIMS, write: 'create', object: claim, purpose: 'volume of the identity' },
      observed.claim,
      new Map(),
    ),
    ...stray,
  ];
  return { ...plan, problems, changes: paused ? [] : changes };
}

/** Its size is decided by these, never counted up and down. */
export function isMemberOf(identity: IdentityHoprd, pool: IdentityPool): boolean {
  const { namespace } = identity.metadata;
  return identity.spec.identityPoolName === pool.metadata.name && namespace === pool.metadata.namespace;
}

/** Members of the status but for the lock, which nodes write. */
export function buildIdentityStatus(
  identity: IdentityHoprd,
  plan: IdentityPlan,
  failure: string | undefined,
): OwnStatus {
  const phase = phaseOf(identity, plan);
  const good: Omit<ConditionInput, 'type'> = {
    status: phase === 'Ready' || phase === 'InUse' ? 'True' : 'False',
    reason: phase,
    message: plan.holder === undefined ? `it is ${phase}` : `node ${plan.holder} uses it`,
  };
  return { phase, conditions: conditionsOf({ ...plan, failure }, good) };
}

function phaseOf(identity: IdentityHoprd, plan: IdentityPlan): IdentityHoprdStatus['phase'] {
  if (plan.holder !== undefined) return 'InUse';
  if (plan.deleting) return 'Deleting';
  const isPoolMissing = plan.problems.some(({ reason }) => reason === 'PoolMissing' || reason === 'PoolNotReady');
  return isUsable(identity) && !isPoolMissing ? 'Ready' : 'Failed';
}

/** The lock of a node that is gone, and whose pods are. A node that was made anew under the name of the old one goes on with it. */
function planStrayLock(identity: IdentityHoprd, holder: string, observed: IdentityObserved, now: Date): Change[] {
  if (observed.holder !== undefined || observed.users.length > 0) return [];
  return [releaseIdentity(identity, now, `node ${holder} is gone`)];
}

function findMissingPool({ spec }: IdentityHoprd, { pool }: IdentityObserved): Problem[] {
  const { identityPoolName } = spec;
  if (pool === undefined) {
    const message = `spec.identityPoolName: there is no IdentityPool ${identityPoolName}; make it`;
    return [{ reason: 'PoolMissing', message }];
  }
  if (pool.status?.phase === 'Ready') return [];
  return [{ reason: 'PoolNotReady', message: `IdentityPool ${identityPoolName} is not ready; its conditions say why` }];
}

/** The pool becomes an owner beside those that are there; the controller only where there is none. */
function adoptByPool(identity: IdentityHoprd, pool: IdentityPool | undefined): Change[] {
  const { uid, resourceVersion, ownerReferences = [] } = identity.metadata;
  if (pool?.metadata.uid === undefined || ownerReferences.some((owner) => owner.uid === pool.metadata.uid)) return [];
  const { apiVersion, kind, metadata } = pool;
  const hasController = ownerReferences.some(({ controller }) => controller === true);
  const owner = {
    ...{ apiVersion, kind, name: metadata.name, uid: metadata.uid },
    ...(hasController ? {} : { controller: true }),
  };
  // Of a pool that was made anew under the same name, the old one is no owner any more.
  const others = ownerReferences.filter((other) => other.kind !== kind || other.name !== metadata.name);
  return [
    {
      ...{ verb: 'patch', type: IDENTITY_HOPRDS, key: keyOf(identity), why: `it belongs to pool ${metadata.name}` },
      patch: { metadata: { uid, resourceVersion, ownerReferences: [...others, owner] } },
    },
  ];
}
