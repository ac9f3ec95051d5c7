import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../kube/objects.ts';
import type { Outcome } from '../../reconcile/act.ts';
import type { Change } from '../../reconcile/change.ts';
import type { ReconcilerContext } from '../kind.ts';
import { planCluster } from './cluster-plan.ts';
import { reportClusterEvents, reportIdentityEvents, reportNodeEvents, reportPoolEvents } from './events.ts';
import { addFinalizer, removeFinalizer } from './finalizer.ts';
import { lockIdentity, releaseIdentity } from './identity-lock.ts';
import { planIdentity } from './identity-plan.ts';
import { observeNothing } from './node-observed.ts';
import { planNode } from './node-plan.ts';
import { planPool } from './pool-plan.ts';
import { HOPRDS, IDENTITY_HOPRDS, IDENTITY_POOLS } from './schema.ts';
import { writtenCluster, writtenHoprd, writtenIdentity, writtenPool, writtenSettings } from './written-resources.ts';

const now = new Date('2026-01-02T03:04:05Z');
const context = { now, settings: writtenSettings(), residues: new Map<string, string>() };
const outcome = (...done: Change[]): Outcome => ({ done, failures: [], skipped: [] });

/** What is told, as `kind name reason: note`. */
function told(report: (events: ReconcilerContext['events']) => void): string[] {
  const lines: string[] = [];
  report({
    record: ({ kind, metadata }: KubeObject, _type, reason, note) =>
      lines.push(`${kind} ${metadata.name} ${reason}: ${note}`),
  });
  return lines;
}

describe('events', () => {
  const pool = writtenPool();
  const identity = writtenIdentity();
  const hoprd = writtenHoprd();
  const going = {
    ...hoprd.metadata,
    deletionTimestamp: '2026-01-02T00:00:00Z',
    finalizers: ['hoprds.hoprnet.org/finalizer'],
  };
  const nodePlan = planNode(hoprd, { ...observeNothing(), pool }, context);

  test('of a pool that is begun', () => {
    const plan = planPool(
      pool,
      { wallet: undefined, identities: [], children: [], hasServiceMonitors: false },
      context,
    );
    const done = outcome(...addFinalizer(pool, IDENTITY_POOLS, 'test'));
    expect(told((events) => reportPoolEvents(events, pool, { plan, outcome: done, phase: 'Ready' }))).toEqual([
      'IdentityPool pool Initialized: Initializing identity pool',
      'IdentityPool pool Ready: Identity pool ready to be used',
    ]);
  });

  test('of an identity that is begun', () => {
    const plan = planIdentity(identity, { pool, claim: undefined, holder: undefined, users: [] }, context);
    const done = outcome(...addFinalizer(identity, IDENTITY_HOPRDS, 'test'));
    expect(told((events) => reportIdentityEvents(events, identity, { plan, outcome: done, phase: 'Ready' }))).toEqual([
      'IdentityHoprd pool-1 Initialized: Starting the process of creating a new identity',
      'IdentityPool pool IdentityCreated: Identity pool created identity pool-1',
      'IdentityHoprd pool-1 Ready: Identity is ready to be used by a Hoprd node',
    ]);
  });

  test('of a node that gets its identity', () => {
    const done = outcome(lockIdentity(identity, hoprd, now));
    expect(
      told((events) => reportNodeEvents(events, hoprd, { plan: nodePlan, outcome: done, phase: 'Initializing' })),
    ).toEqual([
      'Hoprd node-1 Initializing: Starting the process of creating a new node',
      'IdentityHoprd pool-1 InUse: Identity being used by Hoprd node node-1',
      'IdentityPool pool Locked: Identity pool-1 locked from pool',
    ]);
  });

  test('of a node of a cluster that ends', () => {
    const owner = { apiVersion: 'hoprnet.org/v1alpha2', kind: 'ClusterHoprd', name: 'node', uid: 'u' };
    const last = {
      ...hoprd,
      metadata: { ...going, ownerReferences: [owner] },
      status: { updateTimestamp: '', checksum: '', phase: 'Deleting' as const },
    };
    const done = outcome(releaseIdentity(identity, now, 'test'), ...removeFinalizer(last, HOPRDS, 'test'));
    expect(
      told((events) => reportNodeEvents(events, last, { plan: nodePlan, outcome: done, phase: 'Deleting' })),
    ).toEqual([
      'IdentityHoprd pool-1 Ready: Identity is ready to be used by a Hoprd node',
      'IdentityPool pool Unlocked: Identity pool-1 unlocked from pool',
      'Hoprd node-1 Deleted: Hoprd node is deleted',
      'ClusterHoprd node NodeDeleted: Node node-1 is deleted from the cluster',
    ]);
  });

  test('of a cluster that makes a node', () => {
    const cluster = {
      ...writtenCluster({ replicas: 1 }),
      metadata: { ...writtenCluster().metadata, finalizers: going.finalizers },
    };
    const plan = planCluster(cluster, { hoprds: [], identities: [] }, context);
    expect(
      told((events) =>
        reportClusterEvents(events, cluster, { plan, outcome: outcome(...plan.changes), phase: 'NotScaled' }),
      ),
    ).toEqual([
      'ClusterHoprd node NotScaled: ClusterHoprd is not scaled. There are 1 nodes pending to be synchronized',
      'ClusterHoprd node CreatingNode: Node node-1 is being created in the cluster',
      'ClusterHoprd node NodeCreated: Node node-1 is created in the cluster',
    ]);
  });
});
