/**
 * The resource type of a ScheduledVolumeSnapshot; its members are generated from the CRD (schema.gen.ts). And what it needs to know of a
 * CosmosFullNode, which is the business of another kind.
 */
import type { KubeObject } from '../../kube/objects.ts';
import type { ScheduledVolumeSnapshotSpec, ScheduledVolumeSnapshotStatus } from './schema.gen.ts';

export { COSMOS_FULL_NODES, SCHEDULED_VOLUME_SNAPSHOTS } from '../cosmos-resource-types.ts';
export type { Candidate, LastSnapshot, Run, ScheduledVolumeSnapshotStatus, Verification } from './schema.gen.ts';

export type ScheduledVolumeSnapshot = KubeObject & {
  spec: ScheduledVolumeSnapshotSpec;
  status?: ScheduledVolumeSnapshotStatus;
};

export type FullNode = KubeObject & {
  status?: {
    /** By name of the pod. */
    sync?: Record<string, { inSync?: boolean; timestamp?: string; height?: number }>;
    /** Pods that are to be away while a snapshot is taken, by the key of who takes it. */
    scheduledSnapshotStatus?: Record<string, { podCandidate: string }>;
  };
};

export type Phase =
  | 'WaitingForNext'
  | 'FindingCandidate'
  | 'DeletingPod'
  | 'WaitingForPodDeletion'
  | 'CreatingSnapshot'
  | 'WaitingForSnapshotCreation'
  | 'RestoringPod'
  | 'Suspended'
  | 'MissingCRDs';
