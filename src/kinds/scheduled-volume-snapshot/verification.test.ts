import { describe, expect, test } from 'vitest';
import { pass, planOf, type Rig, settle } from './rig.ts';
import {
  at,
  markOf,
  NAME,
  READY,
  rigWithSnapshot,
  rigWithTrial,
  runTrial,
  TRIAL,
  trials,
  verified,
} from './trial-rig.ts';

test('a snapshot that a node goes on from is good', () => {
  const rig = rigWithSnapshot();
  expect(settle(rig)).toEqual([
    'RestoringPod',
    `create PersistentVolumeClaim ${TRIAL}: to verify VolumeSnapshot ${NAME}`,
    `create Pod ${TRIAL}: to verify VolumeSnapshot ${NAME}`,
    'WaitingForNext',
  ]);
  expect(rig.snapshots?.get(NAME)?.metadata.annotations).toEqual({
    'nodewright.dev/height': '100',
    'nodewright.dev/image': 'gaia:v1',
  });
  expect(rig.trialClaims.get(TRIAL)?.spec).toEqual({
    storageClassName: 'fast',
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '20Gi' } },
    dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: NAME },
  });
  expect(verified(rig)).toMatchObject({ status: 'Unknown', reason: 'Verifying' });
  runTrial(rig, { height: 105 });
  expect(settle(rig)).toEqual(['WaitingForNext']);
  expect(rig.resource.status?.verification).toMatchObject({ openedAt: '2022-09-01T02:04:00Z', openedHeight: 105 });
  runTrial(rig, { height: 106 });
  expect(settle(rig)).toEqual([
    'WaitingForNext',
    `patch VolumeSnapshot ${NAME}: a node went on from height 105 to 106`,
    'WaitingForNext',
    `delete Pod ${TRIAL}: no snapshot is to be verified with it`,
    `delete PersistentVolumeClaim ${TRIAL}: no snapshot is to be verified with it`,
    'WaitingForNext',
  ]);
  expect(markOf(rig)).toEqual(['true', 'Good: a node went on from height 105 to 106']);
  expect(verified(rig)).toMatchObject({ status: 'True', reason: 'SnapshotGood' });
  expect(trials(rig)).toEqual([]);
});

describe('no throw-away node is left', () => {
  test.each<[string, (rig: Rig) => void]>([
    ['verify is taken back', (rig) => void Object.assign(rig.resource.spec, { verify: false })],
    ['the resource is suspended', (rig) => void Object.assign(rig.resource.spec, { suspend: true })],
    ['the snapshot is deleted', (rig) => void rig.snapshots?.delete(NAME)],
    ['the resource is deleted', (rig) => void Object.assign(rig.resource.metadata, { deletionTimestamp: 'now' })],
    ['somebody else labels the snapshot', (rig) => label(rig, NAME, 'true')],
  ])('when %s', (_what, happen) => {
    const rig = rigWithTrial();
    happen(rig);
    settle(rig);
    expect(trials(rig)).toEqual([]);
  });

  test('while it is paused it stays, and nothing is written', () => {
    const rig = rigWithTrial();
    rig.resource.metadata.annotations = { 'nodewright.dev/paused': 'true' };
    at(rig, '05:00:00');
    expect(planOf(rig).changes).toEqual([]);
  });
});

describe('what somebody deletes is made again', () => {
  test.each<[string, (rig: Rig) => void]>([
    ['the pod', (rig) => rig.trialPods.clear()],
    ['the claim', (rig) => rig.trialClaims.clear()],
    ['both', (rig) => [rig.trialPods, rig.trialClaims].map((map) => map.clear())],
    ['a pod that the kubelet has ended', (rig) => runTrial(rig, { phase: 'Failed' })],
    ['a claim that a pod holds', (rig) => setDeleting(rig.trialClaims)],
  ])('%s', (_what, happen) => {
    const rig = rigWithTrial();
    happen(rig);
    for (let count = 0; count < 4; count++) {
      pass(rig);
      for (const [name, claim] of rig.trialClaims)
        if (claim.metadata.deletionTimestamp !== undefined && rig.trialPods.size === 0) rig.trialClaims.delete(name);
    }
    expect(trials(rig)).toEqual([TRIAL, TRIAL]);
    runTrial(rig, { height: 105 });
    settle(rig);
    runTrial(rig, { height: 106 });
    settle(rig);
    expect(markOf(rig)[0]).toBe('true');
  });
});

describe('the operator ends at any write', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7].flatMap((lost) => [[lost, 'writes'] as const, [lost, 'status'] as const]))(
    'pass %i loses its %s',
    (lost, what) => {
      const rig = rigWithSnapshot();
      for (let count = 0; count < 16; count++) {
        pass(rig, count === lost ? what : undefined);
        rig.now = new Date(rig.now.getTime() + 1000);
        if (rig.trialPods.size > 0) runTrial(rig, { height: 105 + count });
      }
      expect(markOf(rig)[0]).toBe('true');
      expect(trials(rig)).toEqual([]);
      expect(rig.snapshots?.size).toBe(1);
    },
  );
});

describe('snapshots that are to be verified', () => {
  test('push no other out before they are, and bad ones never do', () => {
    const rig = rigWithTrial({ limit: 2 });
    for (const [index, name] of ['old-1', 'old-2', 'old-3'].entries()) {
      const status = { readyToUse: true, creationTime: `2022-08-3${index % 2}T0${index}:00:00Z` };
      const snapshot = rig.snapshots?.get(NAME);
      if (snapshot === undefined) throw new Error('no snapshot');
      rig.snapshots?.set(name, { ...snapshot, metadata: { name, namespace: 'default', uid: name }, status });
    }
    const left = () => [...(rig.snapshots?.keys() ?? [])].sort();
    settle(rig);
    expect(left()).toEqual([NAME, 'old-1', 'old-2', 'old-3']);
    runTrial(rig, { height: 1 });
    settle(rig);
    expect([markOf(rig)[0], left()]).toEqual(['false', [NAME, 'old-2', 'old-3']]);
  });

  test('the newest is taken, but a verification that is under way goes on', () => {
    const rig = rigWithTrial();
    const [first] = [...(rig.snapshots?.values() ?? [])];
    const newer = { ...READY, creationTime: '2022-09-01T02:03:30Z' };
    rig.snapshots?.set('newer', {
      ...(first as object),
      metadata: { name: 'newer', namespace: 'default' },
      status: newer,
    } as never);
    settle(rig);
    expect(trials(rig)).toEqual([TRIAL, TRIAL]);
    runTrial(rig, { height: 105 });
    settle(rig);
    runTrial(rig, { height: 106 });
    settle(rig);
    expect(trials(rig)).toEqual(['newer-verify', 'newer-verify']);
  });
});

function label(rig: Rig, name: string, value: string): void {
  const labels = rig.snapshots?.get(name)?.metadata.labels ?? {};
  labels['nodewright.dev/verified'] = value;
}

function setDeleting(objects: Rig['trialClaims']): void {
  for (const { metadata } of objects.values()) metadata.deletionTimestamp = '2022-09-01T02:04:00Z';
}
