import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { ApiError } from '../kube/api-error.ts';
import type { KubeObject, Lease, ObjectKey } from '../kube/objects.ts';
import type { ResourceType } from '../kube/resource-types.ts';
import { LeaderElector, type LeaderOptions } from './leader.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';

const log = pino({ level: 'silent' });

/** One lease with the API server's rules for resourceVersion; it can be cut off. The real one is in test/apiserver. */
function leaseStore() {
  let lease: Lease | undefined;
  let version = 0;
  let writes = 0;
  let reachable: 'yes' | 'no' | 'hangs' = 'yes';
  async function reach(): Promise<void> {
    if (reachable === 'hangs') await new Promise(() => {});
    if (reachable === 'no') throw new ApiError('connection refused', 0, 'Unreachable');
  }
  function save<T extends KubeObject>(object: T): T {
    writes++;
    lease = structuredClone({
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(++version) },
    }) as Lease;
    return structuredClone(lease) as KubeObject as T;
  }
  const kube: LeaderOptions['kube'] = {
    async get<T extends KubeObject>(_: ResourceType, __: ObjectKey) {
      await reach();
      return structuredClone(lease) as KubeObject as T | undefined;
    },
    async create(_, object) {
      await reach();
      if (lease) throw new ApiError('exists', 409, 'AlreadyExists');
      return save(object);
    },
    async replace(_, object) {
      await reach();
      if (!lease) throw new ApiError('gone', 404, 'NotFound');
      if (object.metadata.resourceVersion !== lease.metadata.resourceVersion)
        throw new ApiError('changed', 409, 'Conflict');
      return save(object);
    },
  };
  return {
    kube,
    set: (state: typeof reachable) => {
      reachable = state;
    },
    get lease() {
      return lease;
    },
    get writes() {
      return writes;
    },
    remove: () => {
      lease = undefined;
    },
  };
}

function candidate(store: ReturnType<typeof leaseStore>, identity: string, clock: ManualClock, monotonic = clock.now) {
  const elector = new LeaderElector({
    kube: store.kube,
    namespace: 'nodewright',
    name: 'operator',
    identity,
    log,
    clock,
    monotonic,
    random: () => 0,
  });
  const state = { acquired: false, lost: undefined as string | undefined };
  void elector.acquired.then(() => {
    state.acquired = true;
  });
  void elector.lost.then((reason) => {
    state.lost = reason;
  });
  elector.start();
  return { elector, state };
}

test('the first candidate leads and renews every two seconds, the second waits', async () => {
  const clock = manualClock();
  const store = leaseStore();
  const one = candidate(store, 'one', clock);
  await clock.advance(0);
  const two = candidate(store, 'two', clock);
  await clock.advance(60_000);
  expect([one.elector.isLeader(), two.elector.isLeader()]).toEqual([true, false]);
  expect(two.elector.holder()).toBe('one');
  expect(store.writes).toBe(31);
  expect(store.lease?.spec).toMatchObject({
    holderIdentity: 'one',
    leaseDurationSeconds: 15,
    leaseTransitions: 0,
    acquireTime: '1970-01-01T00:00:00.000000Z',
    renewTime: '1970-01-01T00:01:00.000000Z',
  });
});

test('a lease that is given back is taken at the next try', async () => {
  const clock = manualClock();
  const store = leaseStore();
  const one = candidate(store, 'one', clock);
  await clock.advance(0);
  const two = candidate(store, 'two', clock);
  await clock.advance(5000);
  const stopped = one.elector.stop({ release: true });
  await clock.advance(0);
  await stopped;
  expect(one.elector.isLeader()).toBe(false);
  await clock.advance(2000);
  expect(two.elector.isLeader()).toBe(true);
  expect(store.lease?.spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1 });
  expect(one.state.lost).toBeUndefined();
});

describe('a leader that cannot renew', () => {
  test.each(['no', 'hangs'] as const)(
    'stops leading before the lease ends (API server reachable: %s)',
    async (reachable) => {
      const clock = manualClock();
      const store = leaseStore();
      const one = candidate(store, 'one', clock);
      await clock.advance(4000);
      const renewed = clock.now();
      store.set(reachable);
      await clock.advance(9999);
      expect(one.elector.isLeader()).toBe(true);
      await clock.advance(1);
      expect([clock.now() - renewed, one.elector.isLeader()]).toEqual([10_000, false]);
      await clock.advance(10_000);
      expect(one.state.lost).toContain('could not be renewed within 10 s');
      expect(one.elector.isLeader()).toBe(false);
    },
  );

  test('a standby takes over 15 s after the last renewal it saw, not before', async () => {
    const clock = manualClock();
    const store = leaseStore();
    const one = candidate(store, 'one', clock);
    await clock.advance(0);
    await one.elector.stop({ release: false });
    const two = candidate(store, 'two', clock);
    await clock.advance(14_000);
    expect(two.elector.isLeader()).toBe(false);
    await clock.advance(2000);
    expect(two.elector.isLeader()).toBe(true);
  });
});

test('a process that was stopped does not lead when it goes on, before any timer runs', async () => {
  const clock = manualClock();
  let frozenFor = 0;
  const store = leaseStore();
  const one = candidate(store, 'one', clock, () => clock.now() + frozenFor);
  await clock.advance(3000);
  expect(one.elector.isLeader()).toBe(true);
  frozenFor = 20_000;
  expect(one.elector.isLeader()).toBe(false);
  await clock.advance(2000);
  expect(one.state.lost).toBeDefined();
});

test('a machine that slept shows on the wall clock alone', async () => {
  const clock = manualClock();
  let slept = 0;
  const store = leaseStore();
  const one = candidate(store, 'one', { ...clock, now: () => clock.now() + slept }, clock.now);
  await clock.advance(3000);
  slept = 3_600_000;
  expect(one.elector.isLeader()).toBe(false);
});

test('clocks that differ by an hour take nothing away from the leader', async () => {
  const clock = manualClock();
  const store = leaseStore();
  const one = candidate(store, 'one', clock);
  await clock.advance(0);
  const two = candidate(store, 'two', { ...clock, now: () => clock.now() + 3_600_000 }, clock.now);
  await clock.advance(60_000);
  expect([one.elector.isLeader(), two.elector.isLeader()]).toEqual([true, false]);
});

test('a lease that another process took is lost at once', async () => {
  const clock = manualClock();
  const store = leaseStore();
  const one = candidate(store, 'one', clock);
  await clock.advance(0);
  const taken = structuredClone(store.lease) as Lease;
  await store.kube.replace({} as ResourceType, { ...taken, spec: { ...taken.spec, holderIdentity: 'thief' } });
  await clock.advance(2000);
  expect(one.elector.isLeader()).toBe(false);
  expect(one.state.lost).toContain('held by thief');
});

test('somebody who edits or deletes the lease does not end our leadership', async () => {
  const clock = manualClock();
  const store = leaseStore();
  const one = candidate(store, 'one', clock);
  await clock.advance(0);
  const edited = structuredClone(store.lease) as Lease;
  await store.kube.replace({} as ResourceType, { ...edited, metadata: { ...edited.metadata, labels: { a: 'b' } } });
  await clock.advance(10_000);
  store.remove();
  await clock.advance(10_000);
  expect([one.elector.isLeader(), one.state.lost]).toEqual([true, undefined]);
});

test('of many candidates that start together one leads', async () => {
  const clock = manualClock();
  const store = leaseStore();
  const all = Array.from({ length: 20 }, (_, index) => candidate(store, `candidate-${index}`, clock));
  for (let second = 0; second < 30; second++) {
    await clock.advance(1000);
    expect(all.filter(({ elector }) => elector.isLeader()).length).toBe(1);
  }
});
