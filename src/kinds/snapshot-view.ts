/** VolumeSnapshots for people. */
import type { SnapshotView } from './node-view.ts';
import { LABEL_VERIFIED, type VolumeSnapshot } from './volume-snapshot.ts';

/** The newest first; what has not been cut yet before all others. */
export function viewSnapshots(snapshots: readonly VolumeSnapshot[]): SnapshotView[] {
  const timeOf = ({ status, metadata }: VolumeSnapshot) => status?.creationTime ?? metadata.creationTimestamp ?? '';
  return [...snapshots].sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1)).map(viewSnapshot);
}

function viewSnapshot({ metadata, status }: VolumeSnapshot): SnapshotView {
  const verified = metadata.labels?.[LABEL_VERIFIED];
  return {
    name: metadata.name,
    state: status?.readyToUse === true ? 'Ready' : status?.error === undefined ? 'Pending' : 'Failed',
    at: status?.creationTime,
    size: status?.restoreSize,
    verified: verified === undefined ? undefined : verified === 'true',
    words: status?.readyToUse === true ? undefined : status?.error?.message,
  };
}
