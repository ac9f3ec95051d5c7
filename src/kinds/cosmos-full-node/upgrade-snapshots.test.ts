import { describe, expect, test } from 'vitest';
import type { PersistentVolumeClaim, Pod } from '../../kube/objects.ts';
import { formatChange } from '../../reconcile/change.ts';
import type { VolumeSnapshot } from '../volume-snapshot.ts';
import type { CosmosFullNodeSpec, CosmosFullNodeStatus } from './schema.ts';
import {
  atHeight,
  carryOut,
  planOf,
  run,
  type SettledFullNode,
  sentencesOf,
  settledFullNode,
  statusOf,
} from './settled-full-node.ts';

const versions = [
  { height: 0, image: 'gaia:v1' },
  { height: 200, image: 'gaia:v2' },
];
const NAME = 'hub-0-upgrade-200';
const upgradeSnapshot = { volumeSnapshotClassName: 'csi' };

function upgrading(spec: Partial<CosmosFullNodeSpec> = { upgradeSnapshot }): SettledFullNode {
  const { chain } = settledFullNode().fullNode.spec;
  return settledFullNode({ chain: { ...chain, versions }, ...spec });
}

/** They have stopped at the height of the upgrade. */
function halt(settled: SettledFullNode, ...names: string[]): SettledFullNode {
  for (const name of names.length > 0 ? names : settled.observed.pods.keys()) run(settled, name, atHeight(200, 60_000));
  return settled;
}

/** One pass, with what it writes. */
function pass(settled: SettledFullNode): string[] {
  const { changes } = planOf(settled);
  const sentences = changes.map(formatChange);
  settled.fullNode.status = statusOf(settled) as CosmosFullNodeStatus;
  carryOut(settled, changes);
  return sentences;
}

/** hub-0 is gone for its snapshot. */
function stopped(spec?: Partial<CosmosFullNodeSpec>): SettledFullNode {
  const settled = halt(upgrading(spec));
  pass(settled);
  return settled;
}

function setSnapshot(settled: SettledFullNode, status: VolumeSnapshot['status'], name = NAME): void {
  const snapshots = settled.observed.upgradeSnapshots as Map<string, VolumeSnapshot>;
  const snapshot = snapshots.get(name) as VolumeSnapshot;
  snapshots.set(name, { ...snapshot, ...(status === undefined ? {} : { status }) });
}

function setSince(settled: SettledFullNode, since: string): void {
  const claims = settled.observed.claims as Map<string, PersistentVolumeClaim>;
  const claim = claims.get('pvc-hub-0') as PersistentVolumeClaim;
  const annotations = { ...claim.metadata.annotations, 'nodewright.dev/upgrade-snapshot': `200 since ${since}` };
  claims.set('pvc-hub-0', { ...claim, metadata: { ...claim.metadata, annotations } });
}

function addSnapshot(
  settled: SettledFullNode,
  height: number,
  status: object = { creationTime: LONG_AGO, readyToUse: true },
): void {
  const name = `hub-0-upgrade-${height}`;
  const labels = { 'nodewright.dev/upgrade-height': String(height) };
  (settled.observed.upgradeSnapshots as Map<string, VolumeSnapshot>).set(name, {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { name, namespace: 'chains', uid: `uid-of-${name}`, labels },
    spec: { source: { persistentVolumeClaimName: 'pvc-hub-0' } },
    status,
  });
}

const LONG_AGO = '2026-01-01T00:00:00Z';
const CUT = { creationTime: '2026-01-02T03:04:00Z' };
const upgradeCondition = (settled: SettledFullNode) =>
  statusOf(settled).conditions?.find(({ type }) => type === 'UpgradeSnapshot');
const about = (name: string, sentences: string[]) => sentences.filter((line) => line.includes(name));

test('one instance has its snapshot taken, step by step; the others go on at once', () => {
  const settled = halt(upgrading());
  expect(upgradeCondition(settled)).toBeUndefined();
  const first = pass(settled);
  expect(first.filter((line) => line.startsWith('replace Pod'))).toHaveLength(4);
  expect(first[0]).toBe(
    'patch PersistentVolumeClaim pvc-hub-0: a snapshot of it comes before the upgrade at height 200',
  );
  expect(first.filter((line) => line.includes('PersistentVolumeClaim'))).toHaveLength(1);

  const second = pass(settled);
  expect(second).toEqual([
    `create VolumeSnapshot ${NAME}: data of hub-0 from before the upgrade at height 200`,
    ...['hub-1', 'hub-2', 'hub-3'].map((name) => `create Pod ${name}: instance ${name}`),
  ]);
  const made = settled.observed.upgradeSnapshots?.get(NAME);
  expect(made?.spec).toEqual({
    source: { persistentVolumeClaimName: 'pvc-hub-0' },
    volumeSnapshotClassName: 'csi',
  });
  expect(made?.metadata.labels).toMatchObject({
    'app.kubernetes.io/created-by': 'cosmos-operator',
    'app.kubernetes.io/component': 'UpgradeSnapshot',
    'app.kubernetes.io/name': 'hub',
    'app.kubernetes.io/instance': 'hub-0',
    'nodewright.dev/upgrade-height': '200',
  });
  expect(made?.metadata.ownerReferences).toBeUndefined();

  expect(pass(settled)).toEqual([]);
  expect(upgradeCondition(settled)).toMatchObject({ status: 'False', reason: 'Pending' });
  setSnapshot(settled, CUT);
  expect(pass(settled)).toEqual(['create Pod hub-0: instance hub-0']);
  expect(settled.observed.pods.get('hub-0')?.spec?.containers[0]?.image).toBe('gaia:v2');
  expect(pass(settled)).toEqual(['patch PersistentVolumeClaim pvc-hub-0: its node runs the next version']);
  for (const name of settled.observed.pods.keys()) run(settled, name, atHeight(205));
  expect(pass(settled)).toEqual([]);
  expect(upgradeCondition(settled)).toMatchObject({
    status: 'True',
    reason: 'Taken',
    message: `VolumeSnapshot ${NAME} has the data from before the upgrade at height 200; it is not ready to use yet`,
  });
});

test('the operator ends before the status has the height: the mark has it, and the snapshot is taken all the same', () => {
  const settled = upgrading();
  for (const name of settled.observed.pods.keys()) run(settled, name, atHeight(150));
  const before = statusOf(settled) as CosmosFullNodeStatus;
  halt(settled, 'hub-0');
  const stopping = settled.observed.pods.get('hub-0') as Pod;
  expect(about('hub-0', pass(settled))).toHaveLength(2);
  settled.fullNode.status = before;
  (settled.observed.readings as Map<string, unknown>).clear();
  const going = { ...stopping, metadata: { ...stopping.metadata, deletionTimestamp: LONG_AGO } };
  (settled.observed.pods as Map<string, Pod>).set('hub-0', going);
  expect(about('hub-0', sentencesOf(settled))).toEqual([]);
  (settled.observed.pods as Map<string, Pod>).delete('hub-0');
  expect(about('hub-0', sentencesOf(settled))).toEqual([
    `create VolumeSnapshot ${NAME}: data of hub-0 from before the upgrade at height 200`,
  ]);
});

describe('whose', () => {
  test('the first that has stopped, whichever that is; not one more', () => {
    const settled = halt(upgrading(), 'hub-2');
    expect(about('pvc', pass(settled))).toHaveLength(1);
    expect(sentencesOf(settled)).toEqual([
      'create VolumeSnapshot hub-2-upgrade-200: data of hub-2 from before the upgrade at height 200',
    ]);
    halt(settled);
    expect(about('pvc', sentencesOf(settled))).toEqual([]);
  });

  test('of as many instances as are asked for', () => {
    const settled = halt(upgrading({ upgradeSnapshot: { ...upgradeSnapshot, instances: 3 } }));
    expect(about('pvc', sentencesOf(settled)).map((line) => line.slice(0, 37))).toEqual(
      [0, 1, 2].map((index) => `patch PersistentVolumeClaim pvc-hub-${index}`),
    );
  });

  test('none where one of this upgrade is there, or nobody asked for any', () => {
    const settled = halt(upgrading());
    addSnapshot(settled, 200);
    expect(about('pvc', sentencesOf(settled))).toEqual([]);
    expect(about('pvc', sentencesOf(halt(upgrading({}))))).toEqual([]);
  });

  test('a node that is long past the height rolls as for any other change', () => {
    const settled = upgrading();
    for (const name of settled.observed.pods.keys()) run(settled, name, atHeight(900));
    expect(about('pvc', sentencesOf(settled))).toEqual([]);
  });

  test('nothing of a node that still runs towards the height', () => {
    const settled = upgrading();
    for (const name of settled.observed.pods.keys()) run(settled, name, atHeight(200));
    expect(sentencesOf(settled)).toEqual([]);
  });
});

describe('a snapshot that does not come', () => {
  test.each<[string, 'Wait' | 'Continue' | undefined, string, VolumeSnapshot['status'], string[], string]>([
    ['in time', undefined, '2026-01-02T02:30:00Z', {}, [], 'Pending'],
    ['too late, and it waits', undefined, LONG_AGO, { error: { message: 'quota' } }, [], 'TimedOut'],
    ['in time, although it may go on', 'Continue', '2026-01-02T02:30:00Z', {}, [], 'Pending'],
    ['too late, and it goes on', 'Continue', LONG_AGO, {}, [`delete VolumeSnapshot ${NAME}: `], 'TimedOut'],
    ['cut after all', undefined, LONG_AGO, CUT, ['create Pod hub-0: '], 'Taken'],
  ])('%s', (_name, whenLate, since, status, expected, reason) => {
    const settled = stopped({ upgradeSnapshot: { ...upgradeSnapshot, ...(whenLate ? { whenLate } : {}) } });
    pass(settled);
    setSnapshot(settled, status);
    setSince(settled, since);
    expect(sentencesOf(settled).map((line) => line.slice(0, line.indexOf(':') + 2))).toEqual(expected);
    expect(upgradeCondition(settled)?.reason).toBe(reason);
  });

  test('goes on without one that was deleted for coming too late, and never makes it again', () => {
    const settled = stopped({ upgradeSnapshot: { ...upgradeSnapshot, whenLate: 'Continue' } });
    pass(settled);
    setSince(settled, LONG_AGO);
    pass(settled);
    expect(pass(settled)).toEqual(['create Pod hub-0: instance hub-0']);
    expect(pass(settled)).toEqual(['patch PersistentVolumeClaim pvc-hub-0: its node runs the next version']);
  });

  test.each<['Wait' | 'Continue', boolean]>([
    ['Wait', false],
    ['Continue', true],
  ])('the cluster has no snapshots: %s', (whenLate, goesOn) => {
    const settled = halt(upgrading({ upgradeSnapshot: { ...upgradeSnapshot, whenLate } }));
    settled.observed = { ...settled.observed, upgradeSnapshots: undefined };
    expect(about('replace Pod hub-0', sentencesOf(settled))).toHaveLength(goesOn ? 1 : 0);
    expect(about('replace Pod hub-1', sentencesOf(settled))).toHaveLength(1);
    expect(upgradeCondition(settled)).toMatchObject({ status: 'False', reason: 'MissingCRDs' });
  });

  test('the wish is taken back: what was not cut goes, and so does the wait', () => {
    const settled = stopped();
    pass(settled);
    delete settled.fullNode.spec.upgradeSnapshot;
    expect(pass(settled)[0]).toContain(`delete VolumeSnapshot ${NAME}`);
    expect(pass(settled)).toEqual(['create Pod hub-0: instance hub-0']);
    expect(upgradeCondition(settled)).toBeUndefined();
  });
});

describe('old ones', () => {
  const deleted = (settled: SettledFullNode) => about('delete VolumeSnapshot', sentencesOf(settled));

  test('of more upgrades than are kept are deleted', () => {
    const settled = upgrading();
    for (const height of [50, 60, 70, 80]) addSnapshot(settled, height);
    expect(deleted(settled)).toEqual(['delete VolumeSnapshot hub-0-upgrade-50: those of 3 later upgrades are there']);
    settled.fullNode.spec.upgradeSnapshot = { ...upgradeSnapshot, limit: 1 };
    expect(deleted(settled)).toHaveLength(3);
  });

  test.each<[string, object]>([
    ['have no data', {}],
    ['are cut, but cannot be used', { creationTime: LONG_AGO, readyToUse: false }],
    ['failed after they were cut', { creationTime: LONG_AGO, error: { message: 'upload failed' } }],
  ])('do not count while they %s, and go when all that are kept are later', (_name, status) => {
    const settled = upgrading({ upgradeSnapshot: { ...upgradeSnapshot, limit: 2 } });
    for (const height of [60, 70]) addSnapshot(settled, height);
    addSnapshot(settled, 80, status);
    expect(deleted(settled)).toEqual([]);
    addSnapshot(settled, 50, {});
    expect(deleted(settled)).toHaveLength(1);
  });

  test('stay when nobody asks for snapshots any more', () => {
    const settled = upgrading({});
    for (const height of [50, 60, 70, 80]) addSnapshot(settled, height);
    expect(deleted(settled)).toEqual([]);
  });
});
