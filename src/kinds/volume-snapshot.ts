/** VolumeSnapshots, as kinds read them. Their API may not be installed. */
import { isNotFound } from '../kube/api-error.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Reader } from '../kube/reader.ts';
import { VOLUME_SNAPSHOTS } from '../kube/resource-types.ts';

export type VolumeSnapshot = KubeObject & {
  spec?: { source: { persistentVolumeClaimName: string }; volumeSnapshotClassName?: string };
  status?: {
    boundVolumeSnapshotContentName?: string;
    /** The time whose data it holds, RFC 3339. */
    creationTime?: string;
    readyToUse?: boolean;
    restoreSize?: string;
    error?: { message?: string; time?: string };
  };
};

/** Undefined where the cluster has no such API. */
export async function listVolumeSnapshots(
  reader: Reader,
  namespace: string,
  labels: Record<string, string>,
): Promise<VolumeSnapshot[] | undefined> {
  try {
    return await reader.list<VolumeSnapshot>(VOLUME_SNAPSHOTS, { namespace, labels });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Those that have been cut, the newest first. */
export function newestFirst(snapshots: readonly VolumeSnapshot[]): VolumeSnapshot[] {
  const timeOf = ({ status }: VolumeSnapshot) => Date.parse(status?.creationTime ?? '');
  return snapshots
    .filter(({ status }) => status?.creationTime !== undefined)
    .sort((a, b) => timeOf(b) - timeOf(a) || (a.metadata.name < b.metadata.name ? 1 : -1));
}

/**
 * On a VolumeSnapshot: what became of starting a node on a copy of it (`verify` of a ScheduledVolumeSnapshot), "true" or "false". Without it
 * nobody has looked, or nobody could tell.
 */
export const LABEL_VERIFIED = 'nodewright.dev/verified';

/** A node could not work with its data: nothing is ever made from it. */
export function isBad({ metadata }: VolumeSnapshot): boolean {
  return metadata.labels?.[LABEL_VERIFIED] === 'false';
}

/**
 * Those that something can be made from, the best first: those that a node was started on, then those that nobody has looked at; the newest
 * first among each.
 */
export function bestFirst(snapshots: readonly VolumeSnapshot[]): VolumeSnapshot[] {
  const usable = newestFirst(snapshots).filter(
    (snapshot) =>
      snapshot.status?.readyToUse === true && snapshot.metadata.deletionTimestamp === undefined && !isBad(snapshot),
  );
  const isVerified = ({ metadata }: VolumeSnapshot) => metadata.labels?.[LABEL_VERIFIED] === 'true';
  return [...usable.filter(isVerified), ...usable.filter((snapshot) => !isVerified(snapshot))];
}
