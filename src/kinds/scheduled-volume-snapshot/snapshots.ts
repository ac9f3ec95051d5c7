/** The VolumeSnapshots of a ScheduledVolumeSnapshot: their name and labels, and which of them are too many (spec cosmos §3.8). */
import { keyOf } from '../../kube/objects.ts';
import { apiVersionOf, VOLUME_SNAPSHOTS } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import { newestFirst, type VolumeSnapshot } from '../volume-snapshot.ts';
import type { Candidate, ScheduledVolumeSnapshot } from './schema.ts';

/** On every snapshot; the operator's cache holds what carries them. */
export const CHILDREN = {
  'app.kubernetes.io/created-by': 'cosmos-operator',
  'app.kubernetes.io/component': 'ScheduledVolumeSnapshot',
};
export const LABEL_SOURCE = 'cosmos.strange.love/source';

const DEFAULT_LIMIT = 3;
const NAME_LENGTH = 253;
const LABEL_LENGTH = 63;

/**
 * By the time of the schedule, and not of the call: whoever tries again finds what there is already.
 * @param everyMs of the schedule, where it has one: below a minute, names need seconds
 */
export function snapshotName({ metadata }: ScheduledVolumeSnapshot, time: Date, everyMs = 60_000): string {
  const digits = time.toISOString().replace(/\D/g, '');
  return trimMiddle(`${metadata.name}-${digits.slice(0, everyMs < 60_000 ? 14 : 12)}`, NAME_LENGTH);
}

/** All that are of a resource. */
export function snapshotLabels({ metadata }: ScheduledVolumeSnapshot): Record<string, string> {
  return { ...CHILDREN, [LABEL_SOURCE]: trimMiddle(metadata.name, LABEL_LENGTH) };
}

/** Without an owner: snapshots outlive the resource. */
export function buildSnapshot(
  resource: ScheduledVolumeSnapshot,
  name: string,
  { podLabels, pvcName }: Candidate,
): VolumeSnapshot {
  const { namespace } = resource.metadata;
  return {
    apiVersion: apiVersionOf(VOLUME_SNAPSHOTS),
    kind: VOLUME_SNAPSHOTS.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...podLabels, ...snapshotLabels(resource) },
    },
    spec: {
      source: { persistentVolumeClaimName: pvcName },
      volumeSnapshotClassName: resource.spec.volumeSnapshotClassName,
    },
  };
}

/**
 * Deletes what is beyond the limit, oldest first to go. Snapshots that were never cut do not count; those of them that are older than all
 * that are kept will not come to anything any more, and go too.
 */
export function pruneSnapshots({ spec }: ScheduledVolumeSnapshot, snapshots: readonly VolumeSnapshot[]): Change[] {
  const limit = spec.limit ?? DEFAULT_LIMIT;
  const present = snapshots.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const cut = newestFirst(present);
  const oldestKept = cut.length < limit ? undefined : cut[limit - 1]?.status?.creationTime;
  const abandoned = present.filter(
    ({ metadata, status }) =>
      status?.creationTime === undefined &&
      oldestKept !== undefined &&
      Date.parse(metadata.creationTimestamp ?? '') < Date.parse(oldestKept),
  );
  return [
    ...cut.slice(limit).map((snapshot) => remove(snapshot, `${limit} newer ones are there, as spec.limit says`)),
    ...abandoned.map((snapshot) => remove(snapshot, `it never held data, and ${limit} newer ones are there`)),
  ];
}

function remove(snapshot: VolumeSnapshot, why: string): Change {
  const { uid = '', name } = snapshot.metadata;
  const change = { verb: 'delete', type: VOLUME_SNAPSHOTS, key: keyOf(snapshot), uid, why, disrupts: false } as const;
  // One that cannot be deleted keeps no other.
  return { ...change, node: name };
}

function trimMiddle(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = Math.floor(length / 2);
  return text.slice(0, head) + text.slice(text.length - (length - head));
}
