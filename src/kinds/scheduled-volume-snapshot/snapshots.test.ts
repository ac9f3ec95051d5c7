import { describe, expect, test } from 'vitest';
import { formatChange } from '../../reconcile/change.ts';
import type { VolumeSnapshot } from '../volume-snapshot.ts';
import { awayKey } from './away.ts';
import { checkScheduledVolumeSnapshot, warnOfScheduledVolumeSnapshot } from './check.ts';
import { createRig } from './rig.ts';
import { pruneSnapshots, snapshotLabels, snapshotName } from './snapshots.ts';

const { resource } = createRig();

test('a snapshot is named by its time', () => {
  expect(snapshotName(resource, new Date('2022-09-01T02:03:59Z'))).toBe('my-snapshot-202209010203');
  const long = { ...resource, metadata: { ...resource.metadata, name: 'x'.repeat(253) } };
  expect(snapshotName(long, new Date('2022-09-01T02:03:00Z'))).toMatch(/^x{126}x{114}-202209010203$/);
  expect(snapshotLabels(long)['cosmos.strange.love/source']).toHaveLength(63);
});

test('the entry in the status of the CosmosFullNode has the key that the Cosmos Operator gives it', () => {
  const inNamespace = { ...resource, metadata: { ...resource.metadata, namespace: 'default/' } };
  expect(awayKey(inNamespace)).toBe('default.my-snapshot.v1alpha1.cosmos.strange.love');
});

const snapshot = (
  name: string,
  creationTime: string | undefined,
  createdAt = creationTime,
  readyToUse = true,
): VolumeSnapshot => ({
  apiVersion: 'snapshot.storage.k8s.io/v1',
  kind: 'VolumeSnapshot',
  metadata: {
    name,
    namespace: 'default',
    uid: `uid-of-${name}`,
    ...(createdAt === undefined ? {} : { creationTimestamp: createdAt }),
  },
  status: creationTime === undefined ? {} : { creationTime, readyToUse },
});
const days = [3, 1, 8, 5, 2, 7, 4, 6].map((day) => snapshot(`s${day}`, `2022-09-0${day}T00:00:00Z`));
const deleted = (limit: number | undefined, snapshots: VolumeSnapshot[]) =>
  pruneSnapshots({ ...resource, spec: { ...resource.spec, limit } }, snapshots).map(({ key }) => key.name);

test.each([
  [5, ['s3', 's2', 's1']],
  [undefined, ['s5', 's4', 's3', 's2', 's1']],
  [8, []],
])('with limit %j of eight go %j', (limit, gone) => {
  expect(deleted(limit, days)).toEqual(gone);
});

test('snapshots that were never cut do not count, and go when all that are kept are newer', () => {
  const uncut = [
    snapshot('new', undefined, '2022-09-07T12:00:00Z'),
    snapshot('old', undefined, '2022-09-01T12:00:00Z'),
  ];
  expect(deleted(2, [...days.slice(0, 3), ...uncut])).toEqual(['s1', 'old']);
  expect(deleted(4, [...days.slice(0, 3), ...uncut, snapshot('unknown', undefined)])).toEqual([]);
});

describe('snapshots that are cut, but not ready to use,', () => {
  const unready = (day: number) => snapshot(`u${day}`, `2022-09-0${day}T12:00:00Z`, undefined, false);
  test.each<[string, number, VolumeSnapshot[], string[]]>([
    ['push none out that is', 3, [...days.slice(0, 1), unready(5), unready(6), unready(7)], []],
    ['do not count beside those that are', 3, [...days.slice(0, 3), unready(4), unready(5)], []],
    ['go when all that are kept are newer', 2, [...days.slice(0, 3), unready(1), unready(4)], ['s1', 'u1']],
    ['stay while they may be the last', 3, [unready(4), unready(5), unready(6)], []],
    ['do not become more and more', 3, [3, 4, 5, 6, 7].map(unready), ['u4', 'u3']],
  ])('%s', (_what, limit, snapshots, gone) => {
    expect(deleted(limit, snapshots)).toEqual(gone);
  });
});

test('a snapshot that cannot be deleted keeps no other from it', () => {
  const changes = pruneSnapshots(resource, days.slice(0, 5));
  expect(changes.map(({ node }) => node)).toEqual(['s2', 's1']);
  expect(changes.map(formatChange)[0]).toBe('delete VolumeSnapshot s2: 3 newer ones are there, as spec.limit says');
});

test('files are held against schema and schedule', () => {
  const check = (spec: object) => checkScheduledVolumeSnapshot({ ...resource, spec } as typeof resource);
  expect(check(resource.spec)).toEqual([]);
  expect(check({ ...resource.spec, limit: 0, fullNodeRef: {} })).toEqual([
    'ScheduledVolumeSnapshot my-snapshot: spec.fullNodeRef.name: must be set',
    'ScheduledVolumeSnapshot my-snapshot: spec.limit: must be at least 1, not 0',
  ]);
  expect(check({ ...resource.spec, schedule: '@never', timeLimit: '5' })).toEqual([
    expect.stringContaining('spec.schedule: "@never" is no schedule'),
    expect.stringContaining('spec.timeLimit: "5" is no duration above 0'),
  ]);
  const elsewhere = { ...resource, spec: { ...resource.spec, fullNodeRef: { name: 'hub', namespace: 'other' } } };
  expect(warnOfScheduledVolumeSnapshot(elsewhere)).toEqual([expect.stringContaining('has no effect')]);
});
