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
  /**
   * The first ordinal; instances have the numbers from here to start+replicas-1. Moving it moves nodes from one
   * resource, namespace or cluster to another one by one. Default 0.
   */
  start?: number | undefined;
};

export type CometConfig = {
  /**
   * Where the RPC listens. The port after the last colon is the port of the container, of the probes and of the rpc
   * Service. Default tcp://0.0.0.0:26657.
   */
  rpcListenAddress?: string | undefined;
  /**
   * Where the node listens for peers. The port after the last colon is the port of the container and of the p2p
   * Services. Default tcp://0.0.0.0:26656.
   */
  p2pListenAddress?: string | undefined;
  /**
   * Persistent peers outside of this resource, <node id>@<host>:<port>, separated by commas. The other instances are
   * always peers and need not be listed.
   */
  peers?: string | undefined;
  /** Seed nodes, <node id>@<host>:<port>, separated by commas. */
  seeds?: string | undefined;
  /**
   * Node ids, separated by commas, whose addresses are not told to other peers. The other instances are always among
   * them.
   */
  privatePeerIDs?: string | undefined;
  /**
   * Node ids, separated by commas, that may connect whatever the limits say. The other instances are always among them.
   */
  unconditionalPeerIDs?: string | undefined;
  /** Peers that may connect to the node. Default 20. */
  maxInboundPeers?: number | undefined;
  /** Peers that the node connects to. Default 20. */
  maxOutboundPeers?: number | undefined;
  /** Origins that browsers may use the RPC from; ["*"] for any. Default none. */
  corsAllowedOrigins?: string[] | undefined;
  /**
   * Further config.toml settings, in TOML. They come last and win over everything above. Text that is no TOML is
   * reported with its line, and no pod is restarted for it.
   */
  overrides?: string | undefined;
};

export type Pruning = {
  /**
   * default keeps the last 362,880 states, nothing keeps every state (an archive node), everything keeps only the
   * latest states, custom does as the numbers here say. What the first three mean exactly is up to the release of the
   * SDK.
   */
  strategy: 'default' | 'nothing' | 'everything' | 'custom';
  /** Old states are removed every so many blocks. Counts with strategy custom. Default 0. */
  interval?: number | undefined;
  /**
   * Besides the recent states, every so-manyth is kept. Counts with strategy custom and releases of the SDK that know
   * it. Default 0.
   */
  keepEvery?: number | undefined;
  /** The number of recent states that are kept. Counts with strategy custom. Default 0. */
  keepRecent?: number | undefined;
  /** Blocks older than this many may be removed, whatever the strategy. 0 keeps all. Default 0. */
  minRetainBlocks?: number | undefined;
};

export type AppConfig = {
  /** The least gas price of transactions that the node accepts, such as 0.025uatom. */
  minGasPrice: string;
  /** Let browsers use the REST API from any origin. Default false. */
  apiEnableUnsafeCORS?: boolean | undefined;
  /** Let browsers use gRPC-Web from any origin. Default false. */
  grpcWebEnableUnsafeCORS?: boolean | undefined;
  /** Which old states are thrown away. Without it app.toml keeps what the chain's init command wrote. */
  pruning?: Pruning | undefined;
  /**
   * The node stops by itself at this height; 0 for never. Of no effect beside versions, which say when a node has to
   * halt.
   */
  haltHeight?: number | undefined;
  /**
   * Further app.toml settings, in TOML. They come last and win over everything above. Text that is no TOML is reported
   * with its line, and no pod is restarted for it.
   */
  overrides?: string | undefined;
};

export type Version = {
  /** The first height of this version. Use 0 for the version that new nodes begin with. */
  height: number;
  /** Image of the containers node and chain-init. */
  image: string;
  /** Images of other init containers, by name of the container. */
  initContainers?: Record<string, string> | undefined;
  /** Images of other containers, by name of the container. */
  containers?: Record<string, string> | undefined;
  /**
   * Let the node of the version before halt by itself at this height, for upgrades that the chain does not halt for.
   * Default false.
   */
  setHaltHeight?: boolean | undefined;
};

export type Chain = {
  /** Chain id, such as cosmoshub-4. It is given to the chain's init command. */
  chainID: string;
  /**
   * Which network of the chain it is, such as mainnet or testnet. Only the label cosmos.strange.love/network shows it.
   */
  network: string;
  /** The chain's program in the image, such as gaiad. */
  binary: string;
  /**
   * The chain's home directory, relative to /home/operator; a leading slash changes nothing. A few chains expect a
   * certain name, such as .gaia. Default cosmos.
   */
  homeDir?: string | undefined;
  /**
   * CometBFT settings. They are merged into the config.toml that the chain's init command writes, anew at each start of
   * a pod; what is edited by hand on the volume is lost.
   */
  config?: CometConfig | undefined;
  /**
   * Settings of the Cosmos SDK application. They are merged into the app.toml that the chain's init command writes,
   * anew at each start of a pod.
   */
  app?: AppConfig | undefined;
  /** The least level that is logged. Default info. */
  logLevel?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'panic' | undefined;
  /** The form of log lines. Default plain. */
  logFormat?: 'plain' | 'json' | undefined;
  /**
   * Where the genesis is downloaded from before the first start (http or https): JSON, or JSON inside gz, zip, tar or
   * tar.gz. With neither a URL nor a script the node keeps the genesis that its init command wrote.
   */
  genesisURL?: string | undefined;
  /** SHA-256 of the file at genesisURL as it is downloaded, 64 hexadecimal digits. Another file is refused. */
  genesisSHA256?: string | undefined;
  /**
   * A script for sh that writes the genesis to $GENESIS_FILE, instead of genesisURL. Also set are HOME, CHAIN_HOME,
   * CONFIG_DIR, DATA_DIR and ADDRBOOK_FILE.
   */
  genesisScript?: string | undefined;
  /**
   * Where an address book of peers is downloaded from before the first start (http or https), in the forms that
   * genesisURL takes.
   */
  addrbookURL?: string | undefined;
  /**
   * A script for sh that writes the address book to $ADDRBOOK_FILE, instead of addrbookURL. Environment as for
   * genesisScript.
   */
  addrbookScript?: string | undefined;
  /**
   * An archive of the chain's data (http or https) that is unpacked into the chain's home directory before the first
   * start: tar, alone or in lz4, zst, gz or xz. A node that has data already keeps it.
   */
  snapshotURL?: string | undefined;
  /**
   * SHA-256 of the file at snapshotURL as it is downloaded, 64 hexadecimal digits. A node does not start from another
   * file.
   */
  snapshotSHA256?: string | undefined;
  /**
   * A script for sh that fills $CHAIN_HOME with the chain's data, instead of snapshotURL. Environment as for
   * genesisScript. A node that has data already does not run it.
   */
  snapshotScript?: string | undefined;
  /**
   * Images by height, ascending. A node runs the last entry whose height it has reached and is restarted with the next
   * one when it gets there; before the first, it runs podTemplate.image. So an upgrade, or syncing through all upgrades
   * from the genesis on, needs no hand.
   */
  versions?: Version[] | undefined;
  /** Arguments added to the chain's init command, as words of a shell line. */
  additionalInitArgs?: string[] | undefined;
  /** Arguments added to the chain's start command, as they are. */
  additionalStartArgs?: string[] | undefined;
  /** Start with --x-crisis-skip-assert-invariants; without it some chains need hours to start. Default false. */
  skipInvariants?: boolean | undefined;
  /**
   * Seconds that a Sentry waits before it starts the chain, so that its address is known to the remote signer by then.
   * 0 for no wait. Default 10.
   */
  privvalSleepSeconds?: number | undefined;
  /**
   * The chain's database, such as goleveldb or pebbledb. Taken over from manifests of the Cosmos Operator, which needed
   * it; what runs here finds out by itself. To choose a database, set db_backend in config.overrides.
   */
  databaseBackend?: string | undefined;
};

export type TemplateMetadata = {
  /** Annotations by name. */
  annotations?: Record<string, string> | undefined;
  /** Labels by name. */
  labels?: Record<string, string> | undefined;
};

export type Probes = {
  /**
   * InSync: the RPC answers and the node has caught up. Reachable: the RPC answers. None: pods have no probes. Default
   * InSync.
   */
  strategy?: 'None' | 'Reachable' | 'InSync' | undefined;
};

export type PodTemplate = {
  /**
   * Image of the chain. It needs sh and has to run as user 1025; a Sentry needs sleep besides. May be left out where
   * versions or instanceOverrides name an image for every node.
   */
  image?: string | undefined;
  /** When the images of the pods are pulled, those of the helper containers included. Default as in any pod. */
  imagePullPolicy?: string | undefined;
  /** Secrets for pulling images. */
  imagePullSecrets?: LocalObjectReference[] | undefined;
  /** CPU and memory of the container node. */
  resources?: ResourceRequirements | undefined;
  /** Labels and annotations of the pods. Those that the operator sets itself win. */
  metadata?: TemplateMetadata | undefined;
  /** Labels that a machine must have. */
  nodeSelector?: Record<string, string> | undefined;
  /** Affinity rules, as in a pod. */
  affinity?: Affinity | undefined;
  /** Taints that the pods tolerate, as in a pod. */
  tolerations?: Toleration[] | undefined;
  /** Priority class of the pods. */
  priorityClassName?: string | undefined;
  /** Priority of the pods, where no priority class sets it. */
  priority?: number | undefined;
  /** Seconds that a node has to stop. Default 30. */
  terminationGracePeriodSeconds?: number | undefined;
  /** What makes a pod ready. */
  probes?: Probes | undefined;
  /**
   * Merged into the pod's init containers by name, as "kubectl patch --type=strategic" would. The operator's own:
   * clean-init, chain-init, genesis-init, addrbook-init, config-merge, snapshot-restore, version-check. One that is
   * none of them runs before those that follow it here.
   */
  initContainers?: Container[] | undefined;
  /**
   * Merged into the pod's containers by name, as "kubectl patch --type=strategic" would. The operator's own: node,
   * healthcheck, version-check-interval.
   */
  containers?: Container[] | undefined;
  /**
   * Merged into the pod's volumes by name, as "kubectl patch --type=strategic" would. The operator's own:
   * vol-chain-home, vol-tmp, vol-config, vol-system-tmp.
   */
  volumes?: Volume[] | undefined;
};

export type AutoDataSource = {
  /**
   * Labels of the VolumeSnapshots; the newest one that is ready to use is taken. Without a ready one the volume begins
   * empty.
   */
  volumeSnapshotSelector?: Record<string, string> | undefined;
  /** Take only snapshots of the same instance, by their label app.kubernetes.io/instance. Default false. */
  matchInstance?: boolean | undefined;
};

export type VolumeClaimTemplate = {
  /** Storage class of the claims. Existing claims keep theirs. */
  storageClassName: string;
  /** Size of the volumes, as requests.storage. A larger size grows existing volumes; they never shrink. */
  resources: ResourceRequirements;
  /** How the volumes may be mounted. Default [ReadWriteOnce]. */
  accessModes?: string[] | undefined;
  /** Filesystem or Block. Default Filesystem. */
  volumeMode?: string | undefined;
  /**
   * What new volumes are filled from: a VolumeSnapshot (apiGroup snapshot.storage.k8s.io) or a PersistentVolumeClaim of
   * the same namespace. The new volume is as large as its source.
   */
  dataSource?: TypedLocalObjectReference | undefined;
  /** Fill new volumes from the newest VolumeSnapshot there is. Of no effect beside dataSource. */
  autoDataSource?: AutoDataSource | undefined;
  /** Labels and annotations of the claims. Those that the operator sets itself win. */
  metadata?: TemplateMetadata | undefined;
};

export type Strategy = {
  /**
   * How many instances may be out of sync at a time while others are being restarted: a number, or a percentage of
   * replicas, rounded down. At least one is always allowed. Default 25%.
   */
  maxUnavailable?: number | string | undefined;
};

export type ServiceTemplate = {
  /** Type of the Services. Only a LoadBalancer gives an address that is announced to peers. Default LoadBalancer. */
  type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName' | undefined;
  /**
   * Local keeps the addresses of clients and sends traffic only to the machine of the pod; Cluster spreads it. Of no
   * effect with type ClusterIP. Default Local.
   */
  externalTrafficPolicy?: 'Cluster' | 'Local' | undefined;
  /** Address of the p2p Services that have no external address, as in a Service; None makes them headless. */
  clusterIP?: string | undefined;
  /** Of no effect; a p2p Service has the one port p2p. */
  ports?: ServicePort[] | undefined;
  /** Labels and annotations of the Services. Those that the operator sets itself win. */
  metadata?: TemplateMetadata | undefined;
};

export type RpcTemplate = {
  /** Type of the Service. Default ClusterIP. */
  type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName' | undefined;
  /**
   * Local keeps the addresses of clients and sends traffic only to pods of the machine that it reached; Cluster spreads
   * it. For types NodePort and LoadBalancer.
   */
  externalTrafficPolicy?: 'Cluster' | 'Local' | undefined;
  /** Address of the Service in the cluster; None makes it headless. */
  clusterIP?: string | undefined;
  /** Ports besides api 1317, rosetta 8080, grpc 9090, rpc and grpc-web 9091. */
  ports?: ServicePort[] | undefined;
  /** Labels and annotations of the Service. Those that the operator sets itself win. */
  metadata?: TemplateMetadata | undefined;
};

export type ServiceSettings = {
  /**
   * The first so many instances get a p2p Service as p2pTemplate says, by default a LoadBalancer; its address is
   * announced to peers. The others can be reached in the cluster only. Default 1.
   */
  maxP2PExternalAddresses?: number | undefined;
  /** The p2p Services that have external addresses. */
  p2pTemplate?: ServiceTemplate | undefined;
  /** The Service <name>-rpc, which leads to every ready instance. */
  rpcTemplate?: RpcTemplate | undefined;
  /** Domain of the cluster, in the addresses by which the instances know each other. Default cluster.local. */
  clusterDomain?: string | undefined;
};

export type InstanceVolumeClaimTemplate = {
  /** Storage class of the claim. An existing claim keeps its own. */
  storageClassName?: string | undefined;
  /** Size of the volume, as requests.storage. */
  resources?: ResourceRequirements | undefined;
  /** How the volume may be mounted. Default [ReadWriteOnce]. */
  accessModes?: string[] | undefined;
  /** Filesystem or Block. Default Filesystem. */
  volumeMode?: string | undefined;
  /** What a new volume is filled from, such as a VolumeSnapshot of a healthy instance. */
  dataSource?: TypedLocalObjectReference | undefined;
  /** Fill a new volume from the newest VolumeSnapshot there is. Of no effect beside dataSource. */
  autoDataSource?: AutoDataSource | undefined;
  /** Labels and annotations of the claim. Those that the operator sets itself win. */
  metadata?: TemplateMetadata | undefined;
};

export type InstanceOverride = {
  /**
   * Pod takes the pod away and keeps its volume, for work on the data by hand. All takes both away;
   * volumeRetentionPolicy says what becomes of the volume.
   */
  disable?: 'Pod' | 'All' | undefined;
  /** Image of the containers node and chain-init. It wins over versions. */
  image?: string | undefined;
  /** The address that is announced to peers, <host>:<port>, instead of that of the p2p Service. */
  externalAddress?: string | undefined;
  /** Labels that a machine must have, instead of those of podTemplate.nodeSelector. */
  nodeSelector?: Record<string, string> | undefined;
  /**
   * The volume of this instance, instead of spec.volumeClaimTemplate as a whole. Where storageClassName or resources is
   * left out, everything that is left out is taken from spec.volumeClaimTemplate; so an empty one changes nothing.
   */
  volumeClaimTemplate?: InstanceVolumeClaimTemplate | undefined;
};

export type AdditionalPod = PodSpec & {
  /** The pods are called <name>-<ordinal>. Names are shared with all other pods of the namespace. */
  name: string;
  /** Labels and annotations of the pods. Those that the operator sets itself win. */
  metadata?: TemplateMetadata | undefined;
  /** Prefer the machine that the pod of the instance runs on. It takes the place of affinity. Default false. */
  preferSameNode?: boolean | undefined;
};

export type PvcAutoScale = {
  /** A volume that is as full as this, in percent, is grown. */
  usedSpacePercentage: number;
  /** By how much it is grown, as a percentage of its size such as 20%, or as a quantity such as 100Gi. */
  increaseQuantity: string;
  /** No volume is made larger than this. Left out or 0 for no bound. */
  maxSize?: number | string | undefined;
};

export type HeightDriftMitigation = {
  /** Blocks that a node may be behind the highest instance. */
  threshold: number;
};

export type CorruptDataRecovery = {
  /** So many starts in a row have to fail, without a height from the node between them. Default: 5. */
  failedStarts?: number | undefined;
  /** Labels of the VolumeSnapshots that may be taken. Default: all of this resource, by app.kubernetes.io/name. */
  volumeSnapshotSelector?: Record<string, string> | undefined;
  /**
   * An instance is recovered no more while it has so many claims with broken data; delete them to allow more. Default:
   * 2.
   */
  limit?: number | undefined;
  /**
   * Recover also nodes that sign with a validator key of their own. What they signed after the snapshot is forgotten,
   * and they may sign a height twice, for which chains punish them.
   */
  acceptSignStateLoss?: boolean | undefined;
};

export type SelfHeal = {
  /** Grow volumes that become full. */
  pvcAutoScale?: PvcAutoScale | undefined;
  /** Restart nodes that say they are in sync and fall behind all the same. */
  heightDriftMitigation?: HeightDriftMitigation | undefined;
  /**
   * Give a node whose databases cannot be opened the data of the best VolumeSnapshot. Its old volume is kept, under the
   * claim <claim>-broken-<n>. The operator needs rights on PersistentVolumes for it. Not in the Cosmos Operator.
   */
  corruptDataRecovery?: CorruptDataRecovery | undefined;
};

export type UpgradeSnapshot = {
  /** The VolumeSnapshotClass. */
  volumeSnapshotClassName: string;
  /** Of how many instances at each upgrade; the others go on at once. Default: 1. */
  instances?: number | undefined;
  /** Snapshots of so many upgrades are kept. Default: 3. */
  limit?: number | undefined;
  /** How long a snapshot may take, such as 90m. Default: 1h. */
  timeLimit?: string | undefined;
  /**
   * What becomes of the instance when its snapshot takes longer, or the cluster cannot make any: Wait (default) until
   * there is one, or Continue with the upgrade without it.
   */
  whenLate?: 'Wait' | 'Continue' | undefined;
};

export type CosmosFullNodeSpec = {
  /**
   * Number of instances. They are called <name>-<ordinal> and differ only where instanceOverrides says so. This is what
   * "kubectl scale" and a HorizontalPodAutoscaler change.
   */
  replicas: number;
  /** Which numbers the instances have. */
  ordinals?: Ordinals | undefined;
  /**
   * FullNode follows the chain. Sentry is a full node in front of a validator key that a remote signer holds: it waits
   * for the signer on port 1234 (a Service <name>-privval-<ordinal> leads there) and has no transaction index. Default
   * FullNode.
   */
  type?: 'FullNode' | 'Sentry' | undefined;
  /** The chain and how its nodes are configured. */
  chain: Chain;
  /** The pods of the instances. */
  podTemplate: PodTemplate;
  /** The volume of each instance, a claim pvc-<name>-<ordinal>. */
  volumeClaimTemplate: VolumeClaimTemplate;
  /**
   * What becomes of the claim and the node key of an instance that is scaled away or disabled with All. Retain keeps
   * both, also when the resource is deleted, and a new instance of that name resumes them. Default Delete.
   */
  volumeRetentionPolicy?: 'Retain' | 'Delete' | undefined;
  /** How changes are rolled out. */
  strategy?: Strategy | undefined;
  /** The Services in front of the instances. */
  service?: ServiceSettings | undefined;
  /**
   * What differs at single instances, by name of the pod, such as <name>-1. A name that no instance has is of no
   * effect. Pods of additionalVersionedPods have names too; of an override, disable and image count for them.
   */
  instanceOverrides?: Record<string, InstanceOverride> | undefined;
  /**
   * Further pods, one for each instance, whose images follow versions as the instance does; a program beside the node
   * that has to fit its release. Besides the members here, each is a pod spec.
   */
  additionalVersionedPods?: AdditionalPod[] | undefined;
  /** What is mended without being asked. */
  selfHeal?: SelfHeal | undefined;
  /**
   * Take a VolumeSnapshot of an instance that has stopped for an entry of chain.versions, before it gets the next
   * image. Its pod is stopped meanwhile. Not in the Cosmos Operator.
   */
  upgradeSnapshot?: UpgradeSnapshot | undefined;
  /**
   * A service account of yours for the pods. The operator then makes none, and no role; it must be allowed to get this
   * resource and to patch its status. Default: <name>-vc-sa, made by the operator.
   */
  serviceAccountName?: string | undefined;
};

export type InstanceSync = {
  /** When the node was asked. */
  timestamp: string;
  /** Latest height of the node. */
  height?: number | undefined;
  /** Whether it is in sync. */
  inSync?: boolean | undefined;
  /** Number of peers. */
  peers?: number | undefined;
  /** Why it is not in sync, or cannot be asked. */
  error?: string | undefined;
};

export type RequestedClaimSize = {
  /** Size that was asked for. */
  requestedSize: number | string;
  /** When it was asked for. */
  requestedAt: string;
};

export type SelfHealingStatus = {
  /** Volumes that are to grow, by name of the claim. */
  pvcAutoScaler?: Record<string, RequestedClaimSize> | undefined;
};

export type SnapshotCandidate = {
  /** Name of the pod. */
  podCandidate: string;
};

export type CosmosFullNodeStatus = {
  /** The generation of the resource that this status is about. */
  observedGeneration: number;
  /**
   * Complete when everything is as asked, Progressing on the way there, WaitingForP2PServices while a LoadBalancer has
   * no address yet, TransientError while something is tried again, Error when a person is needed; Paused and Deleting
   * speak for themselves. Conditions say it in detail.
   */
  phase: string;
  /** The phase in words, when there is something to say. */
  status?: string | undefined;
  /**
   * Ready: all nodes are in sync. Progressing: something is being done, or waited for. SpecValid: everything in the
   * spec can be done; the message names the fields that cannot. UpdatePending: the next restart of a pod brings
   * something new. SpecWarning: something in the spec is of no effect. UpgradeSnapshot: whether the data from before
   * the last upgrade was taken. CorruptData: databases of an instance cannot be opened, and what is done about it.
   * Managed: this operator looks after the resource.
   */
  conditions?: Condition[] | undefined;
  /** Instances in sync, of all that should run. */
  inSync?: string | undefined;
  /** Highest height of the instances. */
  latestHeight?: number | undefined;
  /** Namespace of the operator that looks after the resource; another one leaves it alone. */
  operatorNamespace?: string | undefined;
  /**
   * The block that each instance is working on, by name of the pod. It stays when a node cannot be asked; images of
   * versions go by it.
   */
  height?: Record<string, number> | undefined;
  /** State of each pod, by name. */
  sync?: Record<string, InstanceSync> | undefined;
  /**
   * Every instance as a peer for others, <node id>@<host>:<port>; those without an external address have the host
   * 0.0.0.0.
   */
  peers?: string[] | undefined;
  /** Number of pods there are. */
  replicas?: number | undefined;
  /** Label selector of the pods, for a HorizontalPodAutoscaler. */
  selector?: string | undefined;
  /** What selfHeal asked for. */
  selfHealing?: SelfHealingStatus | undefined;
  /** Instances whose pod is away while a ScheduledVolumeSnapshot takes a snapshot, by name of that resource. */
  scheduledSnapshotStatus?: Record<string, SnapshotCandidate> | undefined;
};

