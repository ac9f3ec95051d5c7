import { describe, expect, test } from 'vitest';
import { createRig, obeyAway, pass, planOf, podAway, type Rig, setSnapshot, setSync, settle } from './rig.ts';

const NAME = 'my-snapshot-202209010203';
const READY = { readyToUse: true, creationTime: '2022-09-01T02:03:05Z', restoreSize: '10Gi' };

const phaseOf = ({ resource }: Rig) => resource.status?.phase;
const at = (rig: Rig, time: string) => {
  rig.now = new Date(`2022-09-01T${time}Z`);
};

function setAll(rig: Rig, pods: string[], inSync: boolean, timestamp?: string): void {
  for (const pod of pods) setSync(rig, pod, inSync, timestamp);
}

/** With deletePod, at 02:03: the snapshot is made, and its node away. */
function rigWithPodAway(): Rig {
  const rig = createRig({ deletePod: true });
  settle(rig);
  at(rig, '02:03:00');
  settle(rig);
  obeyAway(rig);
  settle(rig);
  expect([phaseOf(rig), podAway(rig)]).toEqual(['WaitingForSnapshotCreation', 'hub-0']);
  return rig;
}

test('waits for its time, and makes a snapshot of the first node in sync', () => {
  const rig = createRig();
  expect(settle(rig)).toEqual(['WaitingForNext']);
  expect(rig.resource.status).toMatchObject({ createdAt: '2022-09-01T01:30:00Z', nextRunAt: '2022-09-01T02:03:00Z' });
  at(rig, '02:03:00');
  expect(settle(rig)).toEqual([
    'CreatingSnapshot',
    `create VolumeSnapshot ${NAME}: of the volume of hub-0`,
    'WaitingForSnapshotCreation',
  ]);
  expect(rig.snapshots?.get(NAME)).toMatchObject({
    metadata: {
      namespace: 'default',
      labels: {
        'app.kubernetes.io/name': 'hub',
        'app.kubernetes.io/component': 'ScheduledVolumeSnapshot',
        'app.kubernetes.io/created-by': 'cosmos-operator',
        'cosmos.strange.love/source': 'my-snapshot',
      },
    },
    spec: { source: { persistentVolumeClaimName: 'pvc-hub-0' }, volumeSnapshotClassName: 'csi' },
  });
  expect(rig.snapshots?.get(NAME)?.metadata.ownerReferences).toBeUndefined();
  setSnapshot(rig, NAME, READY);
  expect(settle(rig)).toEqual(['RestoringPod', 'WaitingForNext']);
  expect(rig.resource.status).toMatchObject({
    lastSnapshot: { name: NAME, startedAt: '2022-09-01T02:03:00Z', status: READY },
    nextRunAt: '2022-09-01T03:03:00Z',
  });
  expect(rig.resource.metadata.finalizers).toBeUndefined();
});

test('with deletePod the node is away meanwhile, under a finalizer', () => {
  const rig = createRig({ deletePod: true });
  settle(rig);
  at(rig, '02:03:00');
  expect(settle(rig)).toEqual(
    [
      'DeletingPod',
      'patch ScheduledVolumeSnapshot my-snapshot: finalizer, so that its pod comes back in any case',
      'DeletingPod',
      'patch CosmosFullNode hub: pod hub-0 is to be away for its snapshot',
      'WaitingForPodDeletion',
    ].filter((text, index, all) => text !== all[index - 1]),
  );
  expect(rig.resource.status?.status).toBe('pod hub-0 not deleted yet');
  obeyAway(rig);
  settle(rig);
  expect(phaseOf(rig)).toBe('WaitingForSnapshotCreation');
  setSnapshot(rig, NAME, READY);
  expect(settle(rig)).toEqual([
    'RestoringPod',
    'patch CosmosFullNode hub: pod hub-0 may come back: its snapshot was taken',
    'RestoringPod',
    'patch ScheduledVolumeSnapshot my-snapshot: no pod is away for it',
    'WaitingForNext',
  ]);
  expect([podAway(rig), rig.resource.metadata.finalizers]).toEqual([undefined, []]);
});

describe('the pod comes back', () => {
  test.each(['DeletingPod', 'WaitingForPodDeletion', 'WaitingForSnapshotCreation'])(
    'when the resource is deleted in phase %s',
    (phase) => {
      const rig = createRig({ deletePod: true });
      settle(rig);
      at(rig, '02:03:00');
      for (let count = 0; phaseOf(rig) !== phase && count < 20; count++) {
        pass(rig);
        if (phase === 'WaitingForSnapshotCreation') obeyAway(rig);
      }
      expect(phaseOf(rig)).toBe(phase);
      rig.resource.metadata.deletionTimestamp = '2022-09-01T02:04:00Z';
      settle(rig);
      expect([podAway(rig), rig.resource.metadata.finalizers ?? []]).toEqual([undefined, []]);
    },
  );

  test.each([
    ['after an error of the snapshot that lasts', { error: { message: 'quota' } }, '02:07:59', '02:08:00', 'quota'],
    ['after the time limit of a snapshot that never ends', {}, '03:02:59', '03:03:00', 'is not ready 60 minutes'],
  ])('%s', (_what, status, before, after, why) => {
    const rig = rigWithPodAway();
    setSnapshot(rig, NAME, status);
    at(rig, before);
    settle(rig);
    expect([phaseOf(rig), podAway(rig)]).toEqual(['WaitingForSnapshotCreation', 'hub-0']);
    at(rig, after);
    pass(rig);
    expect(podAway(rig)).toBeUndefined();
    obeyAway(rig);
    pass(rig);
    pass(rig);
    expect(rig.resource.status?.run?.failure).toContain(why);
    expect(rig.resource.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'SnapshotFailed',
    });
  });

  test('after the time limit of a pod that does not stop; the next run is at the next time, not at once', () => {
    const rig = createRig({ deletePod: true, timeLimit: '10m' });
    settle(rig);
    at(rig, '02:03:00');
    settle(rig);
    at(rig, '02:13:00');
    settle(rig);
    expect([phaseOf(rig), podAway(rig), rig.snapshots?.size]).toEqual(['WaitingForNext', undefined, 0]);
    expect(rig.resource.status?.nextRunAt).toBe('2022-09-01T03:03:00Z');
  });

  test.each<[string, (rig: Rig) => void, string, string]>([
    ['suspend', (rig) => void Object.assign(rig.resource.spec, { suspend: true }), 'Suspended', 'spec.suspend was set'],
    [
      'another node set',
      (rig) => void Object.assign(rig.resource.spec, { fullNodeRef: { name: 'other' } }),
      'WaitingForNext',
      'no longer hub',
    ],
    ['a snapshot that somebody deletes', (rig) => void rig.snapshots?.delete(NAME), 'WaitingForNext', 'was deleted'],
    [
      'no more VolumeSnapshots',
      (rig) => void Object.assign(rig, { snapshots: undefined }),
      'MissingCRDs',
      'no VolumeSnapshots any more',
    ],
  ])('after %s', (_what, happen, phase, why) => {
    const rig = rigWithPodAway();
    happen(rig);
    settle(rig);
    expect([phaseOf(rig), podAway(rig), rig.resource.metadata.finalizers]).toEqual([phase, undefined, []]);
    expect(rig.resource.status?.run?.failure).toContain(why);
  });

  test.each<[string, (rig: Rig) => void, string | undefined]>([
    ['when its snapshot is ready', (rig) => setSnapshot(rig, NAME, READY), undefined],
    ['when its snapshot was deleted', (rig) => void rig.snapshots?.delete(NAME), 'was deleted'],
    ['after the time limit', (rig) => at(rig, '03:03:00'), 'is not ready 60 minutes'],
    ['when it is suspended, too', (rig) => void Object.assign(rig.resource.spec, { suspend: true }), 'suspend'],
  ])('while it is paused: %s', (_what, happen, why) => {
    const rig = rigWithPodAway();
    rig.resource.metadata.annotations = { 'nodewright.dev/paused': 'true' };
    expect([settle(rig), podAway(rig)]).toEqual([['WaitingForSnapshotCreation'], 'hub-0']);
    happen(rig);
    settle(rig);
    expect([podAway(rig), rig.resource.metadata.finalizers]).toEqual([undefined, []]);
    expect(rig.resource.status?.run?.failure ?? '').toContain(why ?? '');
    const { size } = rig.snapshots ?? {};
    at(rig, '09:00:00');
    settle(rig);
    expect(rig.snapshots?.size).toBe(size);
  });

  test('after a failure that nobody could write down in a phase of its own', () => {
    const rig = rigWithPodAway();
    Object.assign(rig.resource.status ?? {}, { phase: 'Error' });
    expect(settle(rig)).toEqual(['WaitingForSnapshotCreation']);
    setSnapshot(rig, NAME, READY);
    settle(rig);
    expect([phaseOf(rig), podAway(rig)]).toEqual(['WaitingForNext', undefined]);
  });
});

describe('no run begins', () => {
  test.each<[string, (rig: Rig) => void, string]>([
    [
      'with one node in sync and deletePod',
      (rig) => setAll(rig, ['hub-1', 'hub-2'], false),
      '2 or more pods must be in-sync to prevent downtime, found 1 in-sync',
    ],
    ['with no node in sync', (rig) => setAll(rig, ['hub-0', 'hub-1', 'hub-2'], false), 'found 0 in-sync'],
    [
      'where the status is old',
      (rig) => setAll(rig, ['hub-0', 'hub-1', 'hub-2'], true, '2022-09-01T01:59:00Z'),
      'found 0 in-sync',
    ],
    [
      'without the node',
      (rig) => void Object.assign(rig.resource.spec.fullNodeRef, { ordinal: 7 }),
      'in-sync pod with index 7 not found',
    ],
    ['without the CosmosFullNode', (rig) => void rig.fullNodes.clear(), 'CosmosFullNode hub does not exist'],
  ])('%s', (_what, happen, why) => {
    const rig = createRig({ deletePod: true });
    settle(rig);
    happen(rig);
    at(rig, '02:03:00');
    expect(settle(rig)).toEqual(['FindingCandidate']);
    expect(rig.resource.status?.status).toContain(why);
    expect(planOf(rig)).toMatchObject({ trouble: { reason: 'FindCandidateError' }, lookAgainMs: 10_000 });
  });

  test('minAvailable is for pods that are stopped: without deletePod one in sync is enough', () => {
    const rig = createRig({ minAvailable: 3 });
    for (const pod of ['hub-0', 'hub-1']) setSync(rig, pod, false);
    settle(rig);
    at(rig, '02:03:00');
    settle(rig);
    expect(rig.snapshots?.get(NAME)?.spec?.source.persistentVolumeClaimName).toBe('pvc-hub-2');
  });

  test('and a node that falls out of sync before it is stopped is let be', () => {
    const rig = createRig({ deletePod: true });
    settle(rig);
    at(rig, '02:03:00');
    pass(rig);
    expect(phaseOf(rig)).toBe('DeletingPod');
    for (const pod of ['hub-0', 'hub-1']) setSync(rig, pod, false);
    settle(rig);
    expect([phaseOf(rig), podAway(rig)]).toEqual(['FindingCandidate', undefined]);
  });

  test.each([
    ['bogus', 'five fields'],
    ['CRON_TZ=Mars/Olympus 0 * * * *', 'is no time zone'],
    ['0 0 30 2 *', 'a date that never comes'],
  ])('with the schedule %j', (schedule, why) => {
    const rig = createRig({ schedule });
    expect(settle(rig)).toEqual(['WaitingForNext']);
    expect(rig.resource.status?.status).toContain(why);
    expect(rig.resource.status?.conditions?.find(({ type }) => type === 'SpecValid')).toMatchObject({
      status: 'False',
      reason: 'ScheduleInvalid',
    });
  });

  test('where an older CRD keeps no notes of it', () => {
    const rig = createRig({ deletePod: true });
    rig.resource.status = { observedGeneration: 1, phase: 'WaitingForNext', createdAt: '2022-09-01T00:00:00Z' };
    at(rig, '02:03:00');
    expect(planOf(rig)).toMatchObject({ phase: 'WaitingForNext', changes: [], lookAgainMs: 2000 });
    pass(rig);
    settle(rig);
    expect(podAway(rig)).toBe('hub-0');
  });

  test('without VolumeSnapshots; they are seen when they come', () => {
    const rig = createRig();
    const { snapshots } = rig;
    rig.snapshots = undefined;
    expect(settle(rig)).toEqual(['MissingCRDs']);
    rig.snapshots = snapshots;
    expect(settle(rig)).toEqual(['WaitingForNext']);
  });

  test('while it is paused or suspended', () => {
    const rig = createRig({ suspend: true });
    expect(settle(rig)).toEqual(['Suspended']);
    rig.resource.metadata.annotations = { 'nodewright.dev/paused': 'true' };
    rig.resource.spec.suspend = false;
    at(rig, '02:03:00');
    expect(settle(rig)).toEqual(['Suspended']);
    rig.resource.metadata.annotations = {};
    settle(rig);
    expect(phaseOf(rig)).toBe('WaitingForSnapshotCreation');
  });
});

test('a run that the Cosmos Operator began is brought to its end', () => {
  const rig = rigWithPodAway();
  const { run: _run, observedAt: _at, ...theirs } = rig.resource.status ?? { observedGeneration: 1, phase: '' };
  rig.resource.status = theirs;
  rig.resource.metadata.finalizers = [];
  at(rig, '02:04:00');
  expect(settle(rig)).toEqual(['WaitingForSnapshotCreation']);
  setSnapshot(rig, NAME, READY);
  settle(rig);
  expect([phaseOf(rig), podAway(rig), rig.snapshots?.size]).toEqual(['WaitingForNext', undefined, 1]);
});
