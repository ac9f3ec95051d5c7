/** Made by gen/crd-types.ts from chart/crds/cosmos.strange.love_statefuljobs.yaml. To change it, change that file and run: npm run gen */
import type {
  Condition,
  PodSpec,
} from '../../kube/objects.ts';

export type JobTemplate = {
  /** The Job fails after this time. Unset: 86400. */
  activeDeadlineSeconds?: number | undefined;
  /** How often its pod is tried again. Unset: 5. */
  backoffLimit?: number | undefined;
  /** How long the Job, its logs and its volume stay when it has finished. Unset: 900. */
  ttlSecondsAfterFinished?: number | undefined;
};

export type PodMetadata = {
  /** Of the pod. Dropped by the CRD of the Cosmos Operator. */
  labels?: Record<string, string> | undefined;
  /** Of the pod. Dropped by the CRD of the Cosmos Operator. */
  annotations?: Record<string, string> | undefined;
};

export type PodTemplate = {
  metadata?: PodMetadata | undefined;
  spec?: PodSpec | undefined;
};

export type VolumeClaimTemplate = {
  /** Unset: ReadWriteOnce. */
  accessModes?: string[] | undefined;
  /** A StorageClass of the driver that made the snapshot. */
  storageClassName: string;
};

export type StatefulJobSpec = {
  /**
   * Time from the start of one Job to the start of the next, such as 6h30m. Unset, 0 or less: 24h. The next one also
   * waits until the last one is gone, ttlSecondsAfterFinished after its end.
   */
  interval?: string | undefined;
  /** Of the Job. */
  jobTemplate?: JobTemplate | undefined;
  /**
   * Of the pod of the Job. It has a volume named snapshot, which its containers have to mount. Its restartPolicy is
   * Never unless OnFailure is asked for.
   */
  podTemplate: PodTemplate;
  /** Labels of the VolumeSnapshots in the same namespace; the newest one that is ready is taken. */
  selector: Record<string, string>;
  /** Of the claim that is made from the snapshot. Its size is that of the snapshot. */
  volumeClaimTemplate: VolumeClaimTemplate;
};

export type JobCondition = {
  lastProbeTime?: string | undefined;
  lastTransitionTime?: string | undefined;
  message?: string | undefined;
  reason?: string | undefined;
  status: string;
  type: string;
};

export type UncountedTerminatedPods = {
  failed?: string[] | undefined;
  succeeded?: string[] | undefined;
};

export type JobStatus = {
  active?: number | undefined;
  completedIndexes?: string | undefined;
  completionTime?: string | undefined;
  conditions?: JobCondition[] | undefined;
  failed?: number | undefined;
  ready?: number | undefined;
  startTime?: string | undefined;
  succeeded?: number | undefined;
  uncountedTerminatedPods?: UncountedTerminatedPods | undefined;
};

export type StatefulJobStatus = {
  /** The status of the last five Jobs, newest first. */
  jobHistory?: JobStatus[] | undefined;
  /** The generation of the resource that the status is about. */
  observedGeneration: number;
  /** What is being done, or has gone wrong. */
  status?: string | undefined;
  /** WaitingForNext, Running; Error when nothing can be done at all. */
  phase?: string | undefined;
  /** When the next Job is due. */
  nextRunAt?: string | undefined;
  /** Namespace of the operator that looks after the resource; another one leaves it alone. */
  operatorNamespace?: string | undefined;
  /** When this status was last written. */
  observedAt?: string | undefined;
  /** Ready: jobs can be made, and the last one did not fail. SpecValid: everything in the spec can be done. */
  conditions?: Condition[] | undefined;
};

