/** The VolumeSnapshots of a ScheduledVolumeSnapshot: their name and labels, and which of them are too many (spec cosmos §3.8). */
import { keyOf } from '../../kube/objects.ts';
import { apiVersionOf, VOLUME_SNAPSHOTS } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import { isBad, LABEL_VERIFIED, newestFirst, type VolumeSnapshot } from '../volume-snapshot.ts';
import type { Candidate, ScheduledVolumeSnapshot } from './schema.ts';

/** On every snapshot; the operator's cache holds what carries them. */
export const CHILDREN = {
  'app.kubernetes.io/created-by': 'cosmos-operator',
  'app.kubernetes.io/component': 'ScheduledVolumeSnapshot',
};
export const LABEL_SOURCE = 'cosmos.strange.love/source';

/** Of snapshots that are to be verified: what their node was like before. */
export const ANNOTATION_HEIGHT = 'nodewright.dev/height';
export const ANNOTATION_IMAGE = 'nodewright.dev/image';
/** Of a snapshot that was: what came of it, in words. Where there is no such, and no label, it is still to be done. */
export const ANNOTATION_VERIFICATION = 'nodewright.dev/verification';

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

/** Of the throw-away node for a snapshot, and of its claim. */
export function trialName(snapshotName: string): string {
  return trimMiddle(`${snapshotName}-verify`, NAME_LENGTH);
}

/** All that are of a resource. */
export function snapshotLabels({ metadata }: ScheduledVolumeSnapshot): Record<string, string> {
  return { ...CHILDREN, [LABEL_SOURCE]: trimMiddle(metadata.name, LABEL_LENGTH) };
}

/** Without an owner: snapshots outlive the resource. */
export function buildSnapshot(
  resource: ScheduledVolumeSnapshot,
  name: string,
  { podLabels, pvcName, height, image }: Candidate,
): VolumeSnapshot {
  const { namespace } = resource.metadata;
  const before = {
    ...(height === undefined ? {} : { [ANNOTATION_HEIGHT]: String(height) }),
    ...(image === undefined ? {} : { [ANNOTATION_IMAGE]: image }),
  };
  return {
    apiVersion: apiVersionOf(VOLUME_SNAPSHOTS),
    kind: VOLUME_SNAPSHOTS.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...podLabels, ...snapshotLabels(resource) },
      ...(resource.spec.verify === true ? { annotations: before } : {}),
    },
    spec: {
      source: { persistentVolumeClaimName: pvcName },
      volumeSnapshotClassName: resource.spec.volumeSnapshotClassName,
    },
  };
}

/**
 * The snapshot that a throw-away node is to be started on: the one that a pod of these names is there for, or else the newest, if nobody has
 * looked at it yet.
 */
export function findUnverified(
  { spec, metadata }: ScheduledVolumeSnapshot,
  snapshots: readonly VolumeSnapshot[],
  trialPods: ReadonlySet<string>,
): VolumeSnapshot | undefined {
  if (spec.verify !== true || spec.suspend === true || metadata.deletionTimestamp !== undefined) return undefined;
  const ready = newestFirst(snapshots).filter((one) => isPresent(one) && isReady(one));
  const underWay = ready.find((one) => trialPods.has(trialName(one.metadata.name)) && !isJudged(one));
  const [newest] = ready;
  return underWay ?? (newest === undefined || isJudged(newest) ? undefined : newest);
}

/**
 * Deletes what is beyond the limit, oldest first to go. Snapshots that are not ready to use do not count, since they may never be, nor those
 * that no node could work with; of them go those that are older than all that are kept, and of those that take up room (the bad ones, and
 * the ones that were cut) those beyond the limit, too. One that is still to be verified pushes no other out.
 */
export function pruneSnapshots({ spec }: ScheduledVolumeSnapshot, snapshots: readonly VolumeSnapshot[]): Change[] {
  const limit = spec.limit ?? DEFAULT_LIMIT;
  const present = snapshots.filter(isPresent);
  const cut = newestFirst(present);
  const judged = cut.findIndex(isJudged);
  const settled = spec.verify === true ? (judged === -1 ? [] : cut.slice(judged)) : cut;
  const counted = settled.filter((snapshot) => isReady(snapshot) && !isBad(snapshot));
  const oldestKept = counted.length < limit ? undefined : counted[limit - 1]?.status?.creationTime;
  const isSpent = (time: string | undefined) =>
    oldestKept !== undefined && Date.parse(time ?? '') < Date.parse(oldestKept);
  const abandoned = present.filter(
    ({ metadata, status }) => status?.creationTime === undefined && isSpent(metadata.creationTimestamp),
  );
  const isTooMany = ({ status }: VolumeSnapshot, index: number) => index >= limit || isSpent(status?.creationTime);
  const bad = cut.filter(isBad).filter(isTooMany);
  const unready = cut.filter((snapshot) => !isReady(snapshot) && !isBad(snapshot)).filter(isTooMany);
  return [
    ...counted.slice(limit).map((snapshot) => remove(snapshot, `${limit} newer ones are there, as spec.limit says`)),
    ...abandoned.map((snapshot) => remove(snapshot, `it never held data, and ${limit} newer ones are there`)),
    ...unready.map((snapshot) => remove(snapshot, `it is not ready to use, and ${limit} newer ones are there`)),
    ...bad.map((snapshot) => remove(snapshot, `no node could work with it, and ${limit} newer ones are there`)),
  ];
}

function isReady({ status }: VolumeSnapshot): boolean {
  return status?.readyToUse === true;
}

function isPresent({ metadata }: VolumeSnapshot): boolean {
  return metadata.deletionTimestamp === undefined;
}

function isJudged({ metadata }: VolumeSnapshot): boolean {
  return (
    metadata.annotations?.[ANNOTATION_VERIFICATION] !== undefined || metadata.labels?.[LABEL_VERIFIED] !== undefined
  );
}

function remove(snapshot: VolumeSnapshot, why: string): Change {
  const { uid = '', name } = snapshot.metadata;
  const change = { verb: 'delete', type: VOLUME_SNAPSHOTS, key: keyOf(snapshot), uid, why, disrupts: false } as const;
  // One that cannot be deleted keeps no other.
  return { ...change, node: name };
}

/** Cuts out what is in the middle: names differ at their ends. */
function trimMiddle(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = Math.floor(length / 2);
  return text.slice(0, head) + text.slice(text.length - (length - head));
}
