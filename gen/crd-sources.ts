/** The CRDs that are written by hand, and what their types are called in TypeScript. */
export type CrdSource = {
  /** In chart/crds/. */
  file: string;
  /** Folder of the kind. */
  folder: string;
  /** In front of the names of the files, such as `hoprd-`, where kinds share a folder. */
  prefix?: string;
  /**
   * Structures of Kubernetes' own, by path ("spec.podTemplate.containers[]"): type of src/kube/objects.ts. `besides`: members that the kind
   * has beside those of the type.
   */
  coreTypes: Record<string, { type: string; besides?: string[] }>;
  /** Names of types, by path, where the last part of the path says too little. */
  typeNames: Record<string, string>;
};

const cosmosFullNode: CrdSource = {
  file: 'cosmos.strange.love_cosmosfullnodes.yaml',
  folder: 'src/kinds/cosmos-full-node',
  coreTypes: {
    'spec.podTemplate.imagePullSecrets[]': { type: 'LocalObjectReference' },
    'spec.podTemplate.resources': { type: 'ResourceRequirements' },
    'spec.podTemplate.affinity': { type: 'Affinity' },
    'spec.podTemplate.tolerations[]': { type: 'Toleration' },
    'spec.podTemplate.initContainers[]': { type: 'Container' },
    'spec.podTemplate.containers[]': { type: 'Container' },
    'spec.podTemplate.volumes[]': { type: 'Volume' },
    'spec.volumeClaimTemplate.resources': { type: 'ResourceRequirements' },
    'spec.volumeClaimTemplate.dataSource': { type: 'TypedLocalObjectReference' },
    'spec.instanceOverrides{}.volumeClaimTemplate.resources': { type: 'ResourceRequirements' },
    'spec.instanceOverrides{}.volumeClaimTemplate.dataSource': { type: 'TypedLocalObjectReference' },
    'spec.service.p2pTemplate.ports[]': { type: 'ServicePort' },
    'spec.service.rpcTemplate.ports[]': { type: 'ServicePort' },
    'spec.additionalVersionedPods[]': { type: 'PodSpec', besides: ['name', 'metadata', 'preferSameNode'] },
    'spec.additionalVersionedPods[].containers[]': { type: 'Container' },
    'status.conditions[]': { type: 'Condition' },
  },
  typeNames: {
    'spec.chain.config': 'CometConfig',
    'spec.chain.app': 'AppConfig',
    'spec.chain.versions[]': 'Version',
    'spec.podTemplate.metadata': 'TemplateMetadata',
    'spec.podTemplate.probes': 'Probes',
    'spec.service': 'ServiceSettings',
    'spec.service.p2pTemplate': 'ServiceTemplate',
    'spec.instanceOverrides{}': 'InstanceOverride',
    'spec.instanceOverrides{}.volumeClaimTemplate': 'InstanceVolumeClaimTemplate',
    'spec.additionalVersionedPods[]': 'AdditionalPod',
    'spec.selfHeal.pvcAutoScale': 'PvcAutoScale',
    'spec.selfHeal.corruptDataRecovery': 'CorruptDataRecovery',
    'spec.upgradeSnapshot': 'UpgradeSnapshot',
    'status.sync{}': 'InstanceSync',
    'status.selfHealing': 'SelfHealingStatus',
    'status.selfHealing.pvcAutoScaler{}': 'RequestedClaimSize',
    'status.scheduledSnapshotStatus{}': 'SnapshotCandidate',
  },
};

const scheduledVolumeSnapshot: CrdSource = {
  file: 'cosmos.strange.love_scheduledvolumesnapshots.yaml',
  folder: 'src/kinds/scheduled-volume-snapshot',
  coreTypes: { 'status.conditions[]': { type: 'Condition' } },
  typeNames: {
    'status.lastSnapshot.status': 'VolumeSnapshotStatus',
    'status.lastSnapshot.status.error': 'SnapshotError',
  },
};

const statefulJob: CrdSource = {
  file: 'cosmos.strange.love_statefuljobs.yaml',
  folder: 'src/kinds/stateful-job',
  coreTypes: { 'spec.podTemplate.spec': { type: 'PodSpec' }, 'status.conditions[]': { type: 'Condition' } },
  typeNames: {
    'status.jobHistory[]': 'JobStatus',
    'status.jobHistory[].conditions[]': 'JobCondition',
    'spec.podTemplate.metadata': 'PodMetadata',
  },
};

const hopr = Object.entries({
  identitypools: 'identity-pool',
  identityhoprds: 'identity-hoprd',
  hoprds: 'hoprd',
  clusterhoprds: 'cluster-hoprd',
}).map(([plural, kind]) => ({
  file: `hoprnet.org_${plural}.yaml`,
  folder: 'src/kinds/hopr',
  prefix: `${kind}-`,
  coreTypes: { 'status.conditions[]': { type: 'Condition' } },
  typeNames: { 'spec.deployment': 'DeploymentTexts', 'spec.service': 'NodeService' },
}));

export const CRD_SOURCES: readonly CrdSource[] = [cosmosFullNode, scheduledVolumeSnapshot, statefulJob, ...hopr];
