import { describe, expect, test } from 'vitest';
import type { KubeObject, PersistentVolumeClaim, Secret } from '../../kube/objects.ts';
import { type Change, formatChange } from '../../reconcile/change.ts';
import { buildPoolChildren } from './desired/children.ts';
import { buildIdentityStatus, type IdentityObserved, planIdentity } from './identity-plan.ts';
import { withOwner } from './ownership.ts';
import { buildPoolStatus, type PoolObserved, planPool } from './pool-plan.ts';
import type { IdentityHoprd, IdentityPool } from './schema.ts';
import { patchStatus } from './status-writes.ts';
import { writtenHoprd, writtenIdentity, writtenPool, writtenSettings } from './written-resources.ts';

const settings = writtenSettings();
const now = new Date('2026-01-02T03:04:05Z');
const FINALIZER = 'hoprds.hoprnet.org/finalizer';
const stamp = { updateTimestamp: '2026-01-01T00:00:00Z', checksum: 'x' };
const lines = (changes: Change[]) => changes.map((change) => formatChange(change).split(':')[0]);
const going = { deletionTimestamp: '2026-01-02T00:00:00Z', finalizers: ['x/y', FINALIZER] };

function pool(metadata: object = {}, spec: Partial<IdentityPool['spec']> = {}): IdentityPool {
  const written = writtenPool(spec);
  return {
    ...written,
    metadata: { ...written.metadata, ...metadata },
    status: { ...stamp, phase: 'Ready', size: 0, locked: 0 },
  };
}

function identity(holder?: string, metadata: object = {}, name = 'pool-1'): IdentityHoprd {
  const written = writtenIdentity({}, name);
  const phase = holder === undefined ? 'Ready' : 'InUse';
  return {
    ...written,
    metadata: { ...written.metadata, finalizers: [FINALIZER], ...metadata },
    status: { ...stamp, phase, hoprdNodeName: holder },
  };
}

describe('a pool', () => {
  const wallet = {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'wallet', namespace: 'team' } },
    data: { DEPLOYER_PRIVATE_KEY: 'c2VjcmV0', IDENTITY_PASSWORD: 'c2VjcmV0', HOPRD_API_TOKEN: 'c2VjcmV0' },
  } as Secret;
  const observed = (changes: Partial<PoolObserved> = {}): PoolObserved => ({
    ...{ wallet, identities: [], children: [], hasServiceMonitors: true },
    ...changes,
  });
  const plan = (of: IdentityPool, state: PoolObserved) => planPool(of, state, { settings, residues: new Map() });
  const children = (of: IdentityPool): KubeObject[] =>
    buildPoolChildren(of, settings).map((child) =>
      withOwner(of, { ...child, metadata: { ...child.metadata, uid: child.kind } }),
    );

  test('is made in the order of the HOPR operator', () => {
    expect(lines(plan(pool(), observed()).changes)).toEqual([
      'patch IdentityPool pool',
      'create ServiceMonitor pool',
      'create ServiceAccount pool',
      'create Role pool',
      'create RoleBinding pool',
      'create CronJob auto-funding-pool',
    ]);
  });

  test('has its ServiceMonitor as soon as the cluster knows such', () => {
    const kinds = (has: boolean) => lines(plan(pool(), observed({ hasServiceMonitors: has })).changes).join();
    expect(kinds(false)).not.toContain('ServiceMonitor');
    expect(kinds(true)).toContain('ServiceMonitor');
  });

  test.each<[string, Secret | undefined, RegExp]>([
    ['without a Secret', undefined, /there is no Secret team\/wallet; make it with the keys DEPLOYER_PRIVATE_KEY, /],
    [
      'without two of its keys',
      { ...wallet, data: { IDENTITY_PASSWORD: 'c2VjcmV0' } },
      /lacks DEPLOYER_PRIVATE_KEY, HOPRD_API_TOKEN$/,
    ],
    ['with an empty key', { ...wallet, data: { ...wallet.data, HOPRD_API_TOKEN: '' } }, /lacks HOPRD_API_TOKEN$/],
  ])('%s makes nothing, and says why without a value', (_what, secret, message) => {
    const found = plan(pool(), observed({ wallet: secret }));
    expect(found.changes).toEqual([]);
    const { phase, conditions } = buildPoolStatus(found, undefined);
    expect(phase).toBe('Failed');
    expect(conditions.find(({ type }) => type === 'PreflightPassed')?.message).toMatch(message);
    expect(JSON.stringify(conditions)).not.toContain('c2VjcmV0');
  });

  test('says that no node will start without the variables of all of them', () => {
    const found = plan(pool(), observed({ hasEnvironment: false }));
    const { phase, conditions } = buildPoolStatus(found, undefined);
    expect(phase).toBe('Ready');
    expect(conditions.find(({ type }) => type === 'PreflightPassed')?.message).toContain(
      'there is no Secret team/pool-default-env',
    );
  });

  test('counts its identities as they are', () => {
    const found = plan(pool(), observed({ identities: [identity(), identity('a', {}, 'b'), identity('c', {}, 'd')] }));
    expect(buildPoolStatus(found, undefined)).toMatchObject({ phase: 'Ready', size: 3, locked: 2 });
  });

  test('loses its job with its funding, and makes none for a schedule that is none', () => {
    const { funding: _funding, ...unfunded } = pool().spec;
    const state = observed({ children: children(pool()) });
    const { changes } = plan({ ...pool({ finalizers: [FINALIZER] }), spec: unfunded }, state);
    expect(lines(changes).filter((line) => line?.includes('CronJob'))).toEqual(['delete CronJob auto-funding-pool']);
    const wrong = pool({}, { funding: { schedule: '0 25 * * *', nativeAmount: '1' } });
    const found = plan(wrong, observed());
    expect(lines(found.changes).join()).not.toContain('CronJob');
    expect(found.problems[0]?.reason).toBe('FundingInvalid');
  });

  test('ends when it has no identity any more; the finalizers of others stay', () => {
    const of = pool(going);
    const held = plan(of, observed({ identities: [identity()], children: children(of) }));
    expect(held.changes).toEqual([]);
    expect(held.waits[0]?.why).toContain('pool-1');
    expect(lines(plan(of, observed({ children: children(of) })).changes)).toEqual([
      'delete ServiceMonitor pool',
      'delete CronJob auto-funding-pool',
    ]);
    expect(plan(of, observed()).changes).toMatchObject([{ patch: { metadata: { finalizers: ['x/y'] } } }]);
  });
});

describe('an identity', () => {
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'pool-1', namespace: 'team' },
  } as PersistentVolumeClaim;
  const owned = {
    ownerReferences: [
      { apiVersion: 'hoprnet.org/v1alpha2', kind: 'IdentityPool', name: 'pool', uid: 'uid-of-pool', controller: true },
    ],
  };
  const observed = (changes: Partial<IdentityObserved> = {}): IdentityObserved => ({
    ...{ pool: pool(), claim, holder: undefined, users: [] },
    ...changes,
  });
  const plan = (of: IdentityHoprd, state: IdentityObserved) => planIdentity(of, state, { now, settings });

  test('gets a volume from the beginning, and its pool as owner beside those that it has', () => {
    const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'mine', uid: 'u', controller: true };
    const { changes } = plan(
      identity(undefined, { finalizers: [], ownerReferences: [other] }),
      observed({ claim: undefined }),
    );
    expect(lines(changes)).toEqual([
      'patch IdentityHoprd pool-1',
      'patch IdentityHoprd pool-1',
      'create PersistentVolumeClaim pool-1',
    ]);
    const { ownerReferences } = (changes[1] as { patch: { metadata: { ownerReferences: object[] } } }).patch.metadata;
    expect(ownerReferences[0]).toEqual(other);
    // An object has one controller at most.
    expect(ownerReferences[1]).not.toHaveProperty('controller');
  });

  test('is left alone when it is as it should be', () => {
    expect(plan(identity(undefined, owned), observed()).changes).toEqual([]);
  });

  test.each<[string, Partial<IdentityObserved>, number]>([
    ['is given back when its node is gone', {}, 1],
    ['stays with a node that is there', { holder: writtenHoprd() }, 0],
    ['stays as long as something may use its volume', { users: [claim] }, 0],
  ])('%s', (_what, changes, count) => {
    const found = plan(identity('node-1', owned), observed(changes));
    expect(found.changes).toHaveLength(count);
  });

  test('that a node uses is not deleted', () => {
    const found = plan(identity('node-1', { ...owned, ...going }), observed({ holder: writtenHoprd() }));
    expect(found.changes).toEqual([]);
    expect(found.waits[0]?.why).toContain('node-1');
    expect(buildIdentityStatus(identity('node-1', going), found, undefined).phase).toBe('InUse');
    expect(plan(identity(undefined, going), observed()).changes).toMatchObject([
      { patch: { metadata: { finalizers: ['x/y'] } } },
    ]);
  });

  test('says what is wrong with it and is ready all the same, unless no node could start with it', () => {
    const wrong = { ...identity(undefined, owned), spec: writtenIdentity({ nativeAddress: '0xa1' }).spec };
    const status = buildIdentityStatus(wrong, plan(wrong, observed()), undefined);
    expect(status.phase).toBe('Ready');
    expect(status.conditions.find(({ type }) => type === 'SpecValid')?.status).toBe('False');
    const broken = { ...wrong, spec: writtenIdentity({ identityFile: '{' }).spec };
    expect(buildIdentityStatus(broken, plan(broken, observed()), undefined).phase).toBe('Failed');
  });

  test('never writes the lock with its status', () => {
    const of = identity('node-1', owned);
    expect(buildIdentityStatus(of, plan(of, observed({ holder: writtenHoprd() })), undefined)).not.toHaveProperty(
      'hoprdNodeName',
    );
  });
});

describe('a status without a subresource', () => {
  const own = { phase: 'Ready', conditions: [] };
  const written = (generation: number): IdentityHoprd => {
    const of = identity();
    const patch = patchStatus({ ...of, metadata: { ...of.metadata, generation } }, own, now, 60_000) as {
      status: object;
    };
    return { ...of, metadata: { ...of.metadata, generation: generation + 1 }, status: patch.status } as IdentityHoprd;
  };

  test('is about the generation that its own write makes, and is not written again for that', () => {
    const of = written(4);
    expect(of.status).toMatchObject({ observedGeneration: 5 });
    expect(patchStatus(of, own, now, 60_000)).toBeUndefined();
  });

  test.each<[string, (of: IdentityHoprd) => IdentityHoprd, Date]>([
    ['somebody has written the resource since', (of) => ({ ...of, metadata: { ...of.metadata, generation: 6 } }), now],
    [
      'there is something new',
      (of) => ({ ...of, status: { ...of.status, phase: 'Failed' } as IdentityHoprd['status'] & object }),
      now,
    ],
    ['it is old', (of) => of, new Date(now.getTime() + 61_000)],
  ])('is written again when %s', (_what, change, at) => {
    expect(patchStatus(change(written(4)), own, at, 60_000)).toMatchObject({ metadata: { resourceVersion: '1' } });
  });

  test('leaves members of other writers alone', () => {
    const of = written(4);
    const locked = { ...of, status: { ...of.status, hoprdNodeName: 'n' } as IdentityHoprd['status'] & object };
    expect(patchStatus(locked, own, now, 60_000)).toBeUndefined();
  });
});
