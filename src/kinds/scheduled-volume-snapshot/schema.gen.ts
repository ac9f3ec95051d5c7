/** Made by gen/crd-types.ts from chart/crds/cosmos.strange.love_scheduledvolumesnapshots.yaml. To change it, change that file and run: npm run gen */
import type {
  Condition,
} from '../../kube/objects.ts';

export type FullNodeRef = {
  /** Name of a CosmosFullNode in the same namespace. */
  name: string;
  /** Has no effect: the namespace is that of this resource. */
  namespace?: string | undefined;
  /** Only the instance with this ordinal. Unset: the first one that is in sync. */
  ordinal?: number | undefined;
};

export type ScheduledVolumeSnapshotSpec = {
  /** Stop the node while its snapshot is taken, so that its data is consistent. */
  deletePod?: boolean | undefined;
  /** Whose volume. */
  fullNodeRef: FullNodeRef;
  /** So many snapshots are kept. Unset: 3. */
  limit?: number | undefined;
  /**
   * With deletePod: so many instances have to be in sync before one is stopped. Unset: 2. Without deletePod one is
   * enough.
   */
  minAvailable?: number | undefined;
  /**
   * When: the five fields of cron, a word such as @daily, or @every 12h. In UTC, unless CRON_TZ=Europe/Berlin stands in
   * front. Times that were missed are made up for by one run.
   */
  schedule: string;
  /** Take no snapshots. A run that is under way is broken off, and its pod given back. */
  suspend?: boolean | undefined;
  /** The VolumeSnapshotClass. */
  volumeSnapshotClassName: string;
  /**
   * How long a run may take once its node was chosen, such as 90m. After it the pod is given back whatever became of
   * the snapshot, which is left to become ready by itself. Unset: 1h with deletePod, otherwise 24h. After an error of
   * the snapshot, five minutes at most. Also how long a verification may take; unset: 1h. Not in the Cosmos Operator.
   */
  timeLimit?: string | undefined;
  /**
   * Start a throw-away node on a copy of each snapshot that is ready, and label the snapshot nodewright.dev/verified:
   * "true" or "false" by what becomes of it. Not in the Cosmos Operator.
   */
  verify?: boolean | undefined;
};

export type Candidate = {
  /** The height that it was last known to have when it was chosen. */
  height?: number | undefined;
  /** The image that it ran. */
  image?: string | undefined;
  /** The labels of its pod, which the snapshot gets. */
  podLabels?: Record<string, string> | undefined;
  /** Its pod. */
  podName: string;
  /** Its claim. */
  pvcName: string;
};

export type SnapshotError = {
  /** In words. */
  message?: string | undefined;
  /** When. */
  time?: string | undefined;
};

export type VolumeSnapshotStatus = {
  /** The VolumeSnapshotContent. */
  boundVolumeSnapshotContentName?: string | undefined;
  /** The time whose data it holds. */
  creationTime?: string | undefined;
  /** Why it could not be made, so far. */
  error?: SnapshotError | undefined;
  /** Whether a volume can be made from it. */
  readyToUse?: boolean | undefined;
  /** The least size of a volume made from it. */
  restoreSize?: number | string | undefined;
};

export type LastSnapshot = {
  /** Its name. */
  name: string;
  /** When it was made; the next run is the first time of the schedule after it. */
  startedAt: string;
  /** Its status, as it was last seen. */
  status?: VolumeSnapshotStatus | undefined;
};

export type Run = {
  /** The time of the schedule that the run is for. */
  scheduledFor: string;
  /** The VolumeSnapshot that the run makes; it follows from the time of the schedule. */
  snapshotName: string;
  /** The CosmosFullNode whose node it is. */
  fullNodeName: string;
  /** When a node was found for it; the time limit counts from here. */
  startedAt?: string | undefined;
  /** When it was over, well or not. */
  endedAt?: string | undefined;
  /** Why it ended without a snapshot that is ready. */
  failure?: string | undefined;
};

export type Verification = {
  /** The VolumeSnapshot. */
  snapshotName: string;
  /** When it began; the time limit counts from here. */
  startedAt: string;
  /** When the throw-away node answered for the first time. */
  openedAt?: string | undefined;
  /** The height that it had then. */
  openedHeight?: number | undefined;
  /** When it was over. */
  endedAt?: string | undefined;
  /** Good or Bad, as the label of the snapshot says; Unknown where nothing could be learned. */
  result?: string | undefined;
  /** Why. */
  message?: string | undefined;
};

export type ScheduledVolumeSnapshotStatus = {
  /** The node of the run. */
  candidate?: Candidate | undefined;
  /** When the resource was first seen; the first run is the first time of the schedule after it. */
  createdAt?: string | undefined;
  /** The VolumeSnapshot made last. */
  lastSnapshot?: LastSnapshot | undefined;
  /** The generation of the resource that the status is about. */
  observedGeneration: number;
  /**
   * WaitingForNext, FindingCandidate, DeletingPod, WaitingForPodDeletion, CreatingSnapshot, WaitingForSnapshotCreation,
   * RestoringPod, Suspended, MissingCRDs. It stays as it is while nothing can be done at all.
   */
  phase: string;
  /** The phase in words; what went wrong, if anything did. */
  status?: string | undefined;
  /** The run that is under way, or the last one. */
  run?: Run | undefined;
  /** The snapshot that a throw-away node is started on, or was last. */
  verification?: Verification | undefined;
  /** When the next run is due. */
  nextRunAt?: string | undefined;
  /** Namespace of the operator that looks after the resource; another one leaves it alone. */
  operatorNamespace?: string | undefined;
  /** When this status was last written. */
  observedAt?: string | undefined;
  /**
   * Ready: the last run ended well. Progressing: a run is under way. SpecValid: the schedule and everything else in the
   * spec can be followed. Verified, with verify: a node could work with the snapshot that was tried last.
   */
  conditions?: Condition[] | undefined;
};

