/** Which of all that happened is worth an event. Reasons, notes and actions are those of the HOPR operator (event-notes.ts). */
import type { KubeObject } from '../../kube/objects.ts';
import { DEPLOYMENTS } from '../../kube/resource-types.ts';
import { describeFailure, isLostRace, type Outcome } from '../../reconcile/act.ts';
import type { Change } from '../../reconcile/change.ts';
import type { ReconcilerContext } from '../kind.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { describeEvent, type EventText } from './event-notes.ts';
import type { IdentityPlan } from './identity-plan.ts';
import type { NodePlan } from './node-plan.ts';
import type { PoolPlan } from './pool-plan.ts';
import {
  CLUSTER_HOPRDS,
  type ClusterHoprd,
  HOPR_API_VERSION,
  HOPRDS,
  type Hoprd,
  IDENTITY_HOPRDS,
  type IdentityHoprd,
  type IdentityPool,
} from './schema.ts';

type Events = ReconcilerContext['events'];
type Resource = KubeObject & { status?: { phase: string } | null };
/** What a pass over a resource has come to. */
type Pass<Plan> = { plan: Plan; outcome: Outcome; phase: string };

export function reportPoolEvents(events: Events, pool: IdentityPool, { outcome, phase }: Pass<PoolPlan>): void {
  if (isBegun(pool, outcome)) record(events, pool, describeEvent('IdentityPool', 'Initialized'));
  if (isNew(pool, phase) && (phase === 'Ready' || phase === 'Failed' || phase === 'Deleting'))
    record(events, pool, describeEvent('IdentityPool', phase));
  reportFailures(events, pool, outcome);
}

export function reportIdentityEvents(
  events: Events,
  identity: IdentityHoprd,
  { plan, outcome, phase }: Pass<IdentityPlan>,
): void {
  const { name } = identity.metadata;
  const tellPool = (reason: 'IdentityCreated' | 'IdentityDeleted') => {
    if (plan.pool !== undefined) record(events, plan.pool, describeEvent('IdentityPool', reason, name));
  };
  if (isBegun(identity, outcome)) {
    record(events, identity, describeEvent('IdentityHoprd', 'Initialized'));
    tellPool('IdentityCreated');
  }
  // That it is in use is told by the node that takes it.
  const isRelease = phase === 'Ready' && identity.status?.phase === 'InUse';
  if (isNew(identity, phase) && !isRelease && (phase === 'Ready' || phase === 'Failed' || phase === 'Deleting'))
    record(events, identity, describeEvent('IdentityHoprd', phase));
  reportLocks(events, plan.pool, outcome);
  if (hasEnded(identity, outcome)) tellPool('IdentityDeleted');
  reportFailures(events, identity, outcome);
}

export function reportNodeEvents(events: Events, hoprd: Hoprd, { plan, outcome, phase }: Pass<NodePlan>): void {
  const say = (reason: Parameters<typeof describeEvent<'Hoprd'>>[1]) =>
    record(events, hoprd, describeEvent('Hoprd', reason));
  if (phase === 'Initializing' && !hoprd.status?.phase) say('Initializing');
  reportLocks(events, plan.pool, outcome);
  if (outcome.done.some((change) => change.verb === 'apply' && change.type === DEPLOYMENTS && !change.isNew))
    say('Modified');
  if (isNew(hoprd, phase) && phase !== 'Initializing') say(phase as 'Running');
  if (hasEnded(hoprd, outcome)) {
    say('Deleted');
    const cluster = hoprd.metadata.ownerReferences?.find(({ kind }) => kind === CLUSTER_HOPRDS.kind);
    if (cluster !== undefined) {
      const { apiVersion, kind, name, uid } = cluster;
      const { namespace } = hoprd.metadata;
      const object = { apiVersion, kind, metadata: { name, uid, namespace } } as KubeObject;
      record(events, object, describeEvent('ClusterHoprd', 'NodeDeleted', hoprd.metadata.name));
    }
  }
  reportFailures(events, hoprd, outcome);
}

export function reportClusterEvents(
  events: Events,
  cluster: ClusterHoprd,
  { plan, outcome, phase }: Pass<ClusterPlan>,
): void {
  const say = (reason: Parameters<typeof describeEvent<'ClusterHoprd'>>[1], about?: string) =>
    record(events, cluster, describeEvent('ClusterHoprd', reason, about));
  if (isBegun(cluster, outcome)) say('Initialized');
  if (isNew(cluster, phase)) say(phase as 'Ready', String(Math.abs(cluster.spec.replicas - plan.settledNodes)));
  for (const { verb, type, key } of outcome.done) {
    if (type !== HOPRDS || (verb !== 'create' && verb !== 'delete')) continue;
    say(verb === 'create' ? 'CreatingNode' : 'DeletingNode', key.name);
    if (verb === 'create') say('NodeCreated', key.name);
  }
  reportFailures(events, cluster, outcome);
}

/** Identities that a node was given or has given back. */
function reportLocks(events: Events, pool: IdentityPool | undefined, { done }: Outcome): void {
  for (const change of done) {
    const lock = lockOf(change);
    if (lock === undefined) continue;
    const { name, namespace } = change.key;
    const { uid } = lock.metadata;
    const identity = {
      ...{ apiVersion: HOPR_API_VERSION, kind: IDENTITY_HOPRDS.kind },
      metadata: { name, namespace, uid },
    } as KubeObject;
    const holder = lock.status.hoprdNodeName;
    record(
      events,
      identity,
      holder === null ? describeEvent('IdentityHoprd', 'Ready') : describeEvent('IdentityHoprd', 'InUse', holder),
    );
    if (pool !== undefined)
      record(events, pool, describeEvent('IdentityPool', holder === null ? 'Unlocked' : 'Locked', name));
  }
}

type Lock = { metadata: { uid?: string }; status: { hoprdNodeName: string | null } };

function lockOf(change: Change): Lock | undefined {
  if (change.verb !== 'patch' || change.type !== IDENTITY_HOPRDS) return undefined;
  const { status } = change.patch as Partial<Lock>;
  return status?.hoprdNodeName === undefined ? undefined : (change.patch as Lock);
}

/** The operator has just taken it in hand. */
function isBegun(resource: Resource, outcome: Outcome): boolean {
  return finalizersIn(resource, outcome) !== undefined && resource.metadata.deletionTimestamp === undefined;
}

/** The operator has just let it go. */
function hasEnded(resource: Resource, outcome: Outcome): boolean {
  return finalizersIn(resource, outcome) !== undefined && resource.metadata.deletionTimestamp !== undefined;
}

function finalizersIn({ metadata }: Resource, { done }: Outcome): unknown {
  const own = done.find(
    (change) =>
      change.verb === 'patch' &&
      change.key.name === metadata.name &&
      'metadata' in change.patch &&
      'finalizers' in (change.patch.metadata as object),
  );
  return own;
}

function isNew({ status }: Resource, phase: string): boolean {
  return status?.phase !== phase;
}

function reportFailures(events: Events, resource: KubeObject, { failures }: Outcome): void {
  for (const failure of failures)
    if (!isLostRace(failure.error))
      events.record(resource, 'Warning', 'ReconcileFailed', describeFailure(failure), 'Reconcile');
}

function record(events: Events, object: KubeObject, { type, reason, note, action }: EventText): void {
  events.record(object, type, reason, note, action);
}
