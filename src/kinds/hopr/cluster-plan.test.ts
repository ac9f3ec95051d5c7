import { describe, expect, test } from 'vitest';
import { type Change, formatChange } from '../../reconcile/change.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import { planCluster } from './cluster-plan.ts';
import { buildClusterStatus } from './cluster-status.ts';
import { buildClusterNode } from './desired/cluster-node.ts';
import type { ClusterHoprd, ClusterHoprdSpec, Hoprd, HoprdStatus, IdentityHoprd } from './schema.ts';
import { checksumOf } from './status-writes.ts';
import { writtenCluster, writtenIdentity, writtenSettings } from './written-resources.ts';

const settings = writtenSettings();
const FINALIZER = 'hoprds.hoprnet.org/finalizer';
const updateTimestamp = '2026-01-01T00:00:00Z';

function cluster(changes: Partial<ClusterHoprdSpec> = {}, metadata: object = {}): ClusterHoprd {
  const written = writtenCluster(changes);
  return { ...written, metadata: { ...written.metadata, finalizers: [FINALIZER], ...metadata } };
}

/** A node as the cluster has made it. */
function node(index: number, of = cluster(), phase: HoprdStatus['phase'] = 'Running', metadata: object = {}): Hoprd {
  const hoprd = buildClusterNode(of, index, settings);
  const uid = `uid-of-${index}`;
  const status: HoprdStatus = { updateTimestamp, checksum: checksumOf(hoprd), phase, identityName: `pool-${index}` };
  return { ...hoprd, metadata: { ...hoprd.metadata, uid, resourceVersion: '1', ...metadata }, status };
}

const identities: IdentityHoprd[] = [1, 2, 3, 4, 5].map((index) => ({
  ...writtenIdentity({}, `pool-${index}`),
  status: { updateTimestamp, checksum: '', phase: 'InUse', hoprdNodeName: `node-${index}` },
}));

const plan = (of: ClusterHoprd, hoprds: Hoprd[], known = identities) =>
  planCluster(of, { hoprds, identities: known }, { settings });
const lines = (changes: Change[]) => changes.map((change) => formatChange(change).split(':')[0]);
const going = { deletionTimestamp: '2026-01-02T00:00:00Z' };

describe('how many nodes there are', () => {
  test.each<[string, number, number[], string[]]>([
    ['none yet', 3, [], ['create Hoprd node-1', 'create Hoprd node-2', 'create Hoprd node-3']],
    ['gaps are filled first', 4, [1, 3], ['create Hoprd node-2', 'create Hoprd node-4']],
    ['the highest go', 1, [1, 2, 3], ['delete Hoprd node-3', 'delete Hoprd node-2']],
    ['the highest go where there are gaps', 2, [1, 3, 7], ['delete Hoprd node-7']],
    ['none at all', 0, [2, 5], ['delete Hoprd node-5', 'delete Hoprd node-2']],
    ['enough', 2, [1, 2], []],
    ['numbers of two digits', 10, [1, 2, 3, 4, 5, 6, 7, 8, 10], ['create Hoprd node-9']],
  ])('%s', (_what, replicas, present, changes) => {
    const of = cluster({ replicas });
    const found = plan(
      of,
      present.map((index) => node(index, of)),
    );
    expect(lines(found.changes)).toEqual(changes);
    expect(found.currentNodes).toBe(present.length);
  });

  test('a number is free only when its node is gone', () => {
    const of = cluster({ replicas: 3 });
    expect(plan(of, [node(1, of), node(2, of, 'Deleting', going), node(3, of)]).changes).toEqual([]);
  });

  test('Hoprds whose names are none of the cluster count for nothing', () => {
    const foreign = { ...node(1), metadata: { ...node(1).metadata, name: 'node-x' } };
    expect(plan(cluster({ replicas: 1 }), [foreign]).currentNodes).toBe(0);
  });

  test('a new node says what was asked for, as kubectl does', () => {
    const [change] = plan(cluster({ replicas: 1, forceIdentityName: true }), []).changes;
    const { metadata, spec } = (change as unknown as { object: Hoprd }).object;
    expect(spec.identityName).toBe('pool-1');
    expect(metadata.ownerReferences?.[0]).not.toHaveProperty('blockOwnerDeletion');
    const applied = JSON.parse(metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'] ?? '{}');
    expect(applied.spec).toMatchObject({ identityName: 'pool-1', deployment: null, portsAllocation: null });
  });
});

describe('changes', () => {
  const before = cluster({ replicas: 3 });
  const after = cluster({ replicas: 3, version: '2.2.0' });

  test('reach one node at a time', () => {
    const found = plan(after, [node(1, before), node(2, before), node(3, before)]);
    expect(lines(found.changes)).toEqual(['patch Hoprd node-1']);
    expect(found.changes[0]).toMatchObject({
      patch: { metadata: { resourceVersion: '1' }, spec: { version: '2.2.0' } },
    });
    expect(found.changes[0]?.why).toContain('version 2.1.0 → 2.2.0');
  });

  test('wait until the one before runs again', () => {
    const found = plan(after, [node(1, after, 'Initializing'), node(2, before), node(3, before)]);
    expect(found.changes).toEqual([]);
    expect(found.waits[0]?.why).toContain('node-1');
  });

  test('a status from before the change is no sign that the node runs', () => {
    const stale = { ...node(1, after), status: node(1, before).status as HoprdStatus };
    expect(plan(after, [stale, node(2, before), node(3, before)]).changes).toEqual([]);
  });

  test('reach as many as may be down', () => {
    const budget = { strategy: { maxUnavailable: 2 } };
    const found = plan(cluster({ ...after.spec, ...budget }), [node(1, before), node(2, before), node(3, before)]);
    expect(lines(found.changes)).toEqual(['patch Hoprd node-1', 'patch Hoprd node-2']);
  });

  test('are held up by a node that has no identity only until it says that there is none for it', () => {
    const waiting = (reason: Reason) => {
      const { identityName: _, ...status } = node(2, after, 'Initializing').status as HoprdStatus;
      const ready = {
        type: 'Ready',
        status: 'False' as const,
        reason,
        message: '',
        lastTransitionTime: updateTimestamp,
      };
      return { ...node(2, after), status: { ...status, conditions: [ready] } };
    };
    expect(lines(plan(after, [node(1, before), waiting('NoFreeIdentity'), node(3, before)]).changes)).toEqual([
      'patch Hoprd node-1',
    ]);
    expect(plan(after, [node(1, before), waiting('IdentityInUse'), node(3, before)]).changes).toEqual([]);
  });

  test('reach all at once where they stop or start nodes because that is asked for', () => {
    const off = cluster({ replicas: 3, enabled: false });
    expect(plan(off, [node(1, before), node(2, before), node(3, before)]).changes).toHaveLength(3);
    expect(
      plan(
        before,
        [1, 2, 3].map((index) => node(index, off, 'Stopped')),
      ).changes,
    ).toHaveLength(3);
  });

  test('a wish of somebody for one node stays: that its database be deleted', () => {
    const wish = { ...node(1, before), spec: { ...node(1, before).spec, deleteDatabase: true } };
    expect(plan(before, [wish, node(2, before), node(3, before)]).changes).toEqual([]);
  });

  test('a member that is gone is taken away', () => {
    const own = cluster({ replicas: 1, deployment: { env: '[]', resources: '{}' } });
    const less = cluster({ replicas: 1, deployment: { env: '[]' } });
    expect(plan(less, [node(1, own)]).changes[0]).toMatchObject({
      patch: { spec: { deployment: { resources: null } } },
    });
  });

  test('are not made while the spec cannot be read, and running nodes run on', () => {
    const broken = cluster({ replicas: 3, config: '[' });
    const found = plan(broken, [node(1, before), node(2, before), node(3, before)]);
    expect(found.changes).toEqual([]);
    const { phase, conditions } = buildClusterStatus(broken, found, undefined);
    expect(phase).toBe('Failed');
    expect(conditions.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'ConfigInvalid' });
  });
});

describe('what cannot be changed in place', () => {
  const before = cluster({ replicas: 2 });
  const kaunas = { replicas: 2, supportedRelease: 'kaunas' as const };
  const noted = { annotations: { 'nodewright.dev/replacing': '1=pool-1' } };
  const free = identities.map((identity) => ({
    ...identity,
    status: { updateTimestamp, checksum: '', phase: 'Ready' as const },
  }));

  test('is noted first, with the identity that the node must have again', () => {
    const { changes } = plan(cluster(kaunas), [node(1, before), node(2, before)]);
    expect(changes).toMatchObject([
      { verb: 'patch', patch: { metadata: { annotations: { 'nodewright.dev/replacing': '1=pool-1' } } } },
    ]);
  });

  test('then the node is deleted, and the others wait until it is back', () => {
    const of = cluster(kaunas, noted);
    expect(lines(plan(of, [node(1, before), node(2, before)]).changes)).toEqual(['replace Hoprd node-1']);
    expect(plan(of, [node(1, before, 'Deleting', going), node(2, before)]).changes).toEqual([]);
  });

  test('and made anew with its identity', () => {
    const { changes } = plan(cluster(kaunas, noted), [node(2, before)], free);
    expect((changes[0] as unknown as { object: Hoprd }).object.spec).toMatchObject({
      identityName: 'pool-1',
      supportedRelease: 'kaunas',
    });
    expect(changes).toHaveLength(1);
  });

  test('or with another one where that is gone', () => {
    const { changes } = plan(cluster(kaunas, noted), [node(2, before)], free.slice(1));
    expect((changes[0] as unknown as { object: Hoprd }).object.spec).not.toHaveProperty('identityName');
  });
});

describe('status', () => {
  const of = cluster({ replicas: 2 });
  test.each<[string, Hoprd[], string, number]>([
    ['all nodes run', [node(1, of), node(2, of)], 'Ready', 2],
    ['one is missing', [node(1, of)], 'Scaling', 1],
    ['one starts', [node(1, of), node(2, of, 'Initializing')], 'Scaling', 2],
    ['one ends', [node(1, of), node(2, of), node(3, of, 'Deleting', going)], 'Ready', 2],
    [
      'one has no identity',
      [node(1, of), { ...node(2, of), status: { updateTimestamp, checksum: '', phase: 'Initializing' } }],
      'NotScaled',
      2,
    ],
  ])('%s', (_what, hoprds, phase, currentNodes) => {
    const found = plan(of, hoprds);
    expect(buildClusterStatus(of, found, undefined)).toMatchObject({ phase, currentNodes });
  });
});

test('a cluster ends with its nodes', () => {
  const of = cluster({}, { ...going, finalizers: ['x/y', FINALIZER] });
  expect(lines(plan(of, [node(1), node(2)]).changes)).toEqual(['delete Hoprd node-1', 'delete Hoprd node-2']);
  expect(plan(of, [node(1, of, 'Deleting', going)]).changes).toEqual([]);
  expect(plan(of, []).changes).toMatchObject([{ patch: { metadata: { finalizers: ['x/y'] } } }]);
});
