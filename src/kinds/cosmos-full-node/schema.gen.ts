/** Made by gen/crd-types.ts from chart/crds/cosmos.strange.love_cosmosfullnodes.yaml. To change it, change that file and run: npm run gen */
import type {
  Affinity,
  Condition,
  Container,
  LocalObjectReference,
  PodSpec,
  ResourceRequirements,
  ServicePort,
  Toleration,
  TypedLocalObjectReference,
  Volume,
} from '../../kube/objects.ts';

export type Ordinals = {
  start?: number | undefined;
};

export type CometConfig = {
  rpcListenAddress?: string | undefined;
  p2pListenAddress?: string | undefined;
  peers?: string | undefined;
  seeds?: string | undefined;
  privatePeerIDs?: string | undefined;
  unconditionalPeerIDs?: string | undefined;
  maxInboundPeers?: number | undefined;
  maxOutboundPeers?: number | undefined;
  corsAllowedOrigins?: string[] | undefined;
  overrides?: string | undefined;
};

export type Pruning = {
  strategy: 'default' | 'nothing' | 'everything' | 'custom';
  interval?: number | undefined;
  keepEvery?: number | undefined;
  keepRecent?: number | undefined;
  minRetainBlocks?: number | undefined;
};

export type AppConfig = {
  minGasPrice: string;
  apiEnableUnsafeCORS?: boolean | undefined;
  grpcWebEnableUnsafeCORS?: boolean | undefined;
  pruning?: Pruning | undefined;
  haltHeight?: number | undefined;
  overrides?: string | undefined;
};

export type Version = {
  height: number;
  image: string;
  initContainers?: Record<string, string> | undefined;
  containers?: Record<string, string> | undefined;
  setHaltHeight?: boolean | undefined;
};

export type Chain = {
  chainID: string;
  network: string;
  binary: string;
  homeDir?: string | undefined;
  config?: CometConfig | undefined;
  app?: AppConfig | undefined;
  logLevel?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'panic' | undefined;
  logFormat?: 'plain' | 'json' | undefined;
  genesisURL?: string | undefined;
  genesisSHA256?: string | undefined;
  genesisScript?: string | undefined;
  addrbookURL?: string | undefined;
  addrbookScript?: string | undefined;
  snapshotURL?: string | undefined;
  snapshotSHA256?: string | undefined;
  snapshotScript?: string | undefined;
  versions?: Version[] | undefined;
  additionalInitArgs?: string[] | undefined;
  additionalStartArgs?: string[] | undefined;
  skipInvariants?: boolean | undefined;
  privvalSleepSeconds?: number | undefined;
  databaseBackend?: string | undefined;
};

export type TemplateMetadata = {
  annotations?: Record<string, string> | undefined;
  labels?: Record<string, string> | undefined;
};

export type Probes = {
  strategy?: 'None' | 'Reachable' | 'InSync' | undefined;
};

export type PodTemplate = {
  image?: string | undefined;
  imagePullPolicy?: string | undefined;
  imagePullSecrets?: LocalObjectReference[] | undefined;
  resources?: ResourceRequirements | undefined;
  metadata?: TemplateMetadata | undefined;
  nodeSelector?: Record<string, string> | undefined;
  affinity?: Affinity | undefined;
  tolerations?: Toleration[] | undefined;
  priorityClassName?: string | undefined;
  priority?: number | undefined;
  terminationGracePeriodSeconds?: number | undefined;
  probes?: Probes | undefined;
  initContainers?: Container[] | undefined;
  containers?: Container[] | undefined;
  volumes?: Volume[] | undefined;
};

export type AutoDataSource = {
  volumeSnapshotSelector?: Record<string, string> | undefined;
  matchInstance?: boolean | undefined;
};

export type VolumeClaimTemplate = {
  storageClassName: string;
  resources: ResourceRequirements;
  accessModes?: string[] | undefined;
  volumeMode?: string | undefined;
  dataSource?: TypedLocalObjectReference | undefined;
  autoDataSource?: AutoDataSource | undefined;
  metadata?: TemplateMetadata | undefined;
};

export type Strategy = {
  maxUnavailable?: number | string | undefined;
};

export type ServiceTemplate = {
  type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName' | undefined;
  externalTrafficPolicy?: 'Cluster' | 'Local' | undefined;
  clusterIP?: string | undefined;
  ports?: ServicePort[] | undefined;
  metadata?: TemplateMetadata | undefined;
};

export type ServiceSettings = {
  maxP2PExternalAddresses?: number | undefined;
  p2pTemplate?: ServiceTemplate | undefined;
  rpcTemplate?: ServiceTemplate | undefined;
  clusterDomain?: string | undefined;
};

export type InstanceVolumeClaimTemplate = {
  storageClassName?: string | undefined;
  resources?: ResourceRequirements | undefined;
  accessModes?: string[] | undefined;
  volumeMode?: string | undefined;
  dataSource?: TypedLocalObjectReference | undefined;
  autoDataSource?: AutoDataSource | undefined;
  metadata?: TemplateMetadata | undefined;
};

export type InstanceOverride = {
  disable?: 'Pod' | 'All' | undefined;
  image?: string | undefined;
  externalAddress?: string | undefined;
  nodeSelector?: Record<string, string> | undefined;
  volumeClaimTemplate?: InstanceVolumeClaimTemplate | undefined;
};

export type AdditionalPod = PodSpec & {
  name: string;
  metadata?: TemplateMetadata | undefined;
  preferSameNode?: boolean | undefined;
};

export type PvcAutoScale = {
  usedSpacePercentage: number;
  increaseQuantity: string;
  maxSize?: number | string | undefined;
};

export type HeightDriftMitigation = {
  threshold: number;
};

export type SelfHeal = {
  pvcAutoScale?: PvcAutoScale | undefined;
  heightDriftMitigation?: HeightDriftMitigation | undefined;
};

export type CosmosFullNodeSpec = {
  replicas: number;
  ordinals?: Ordinals | undefined;
  type?: 'FullNode' | 'Sentry' | undefined;
  chain: Chain;
  podTemplate: PodTemplate;
  volumeClaimTemplate: VolumeClaimTemplate;
  volumeRetentionPolicy?: 'Retain' | 'Delete' | undefined;
  strategy?: Strategy | undefined;
  service?: ServiceSettings | undefined;
  instanceOverrides?: Record<string, InstanceOverride> | undefined;
  additionalVersionedPods?: AdditionalPod[] | undefined;
  selfHeal?: SelfHeal | undefined;
  serviceAccountName?: string | undefined;
};

export type InstanceSync = {
  timestamp: string;
  height?: number | undefined;
  inSync?: boolean | undefined;
  peers?: number | undefined;
  error?: string | undefined;
};

export type RequestedClaimSize = {
  requestedSize: number | string;
  requestedAt: string;
};

export type SelfHealingStatus = {
  pvcAutoScaler?: Record<string, RequestedClaimSize> | undefined;
};

export type SnapshotCandidate = {
  podCandidate: string;
};

export type CosmosFullNodeStatus = {
  observedGeneration: number;
  phase: string;
  status?: string | undefined;
  conditions?: Condition[] | undefined;
  height?: Record<string, number> | undefined;
  sync?: Record<string, InstanceSync> | undefined;
  peers?: string[] | undefined;
  replicas?: number | undefined;
  selector?: string | undefined;
  selfHealing?: SelfHealingStatus | undefined;
  scheduledSnapshotStatus?: Record<string, SnapshotCandidate> | undefined;
};

