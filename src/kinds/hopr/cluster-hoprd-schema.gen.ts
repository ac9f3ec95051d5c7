/** Made by gen/crd-types.ts from chart/crds/hoprnet.org_clusterhoprds.yaml. To change it, change that file and run: npm run gen */
import type {
  Condition,
} from '../../kube/objects.ts';

export type NodeService = {
  /**
   * ClusterIP leads through ports of the nginx ingress controller, which the operator chooses and opens; LoadBalancer
   * gives each node an address of its own. It cannot be changed afterwards. Default ClusterIP.
   */
  type: 'LoadBalancer' | 'ClusterIP';
};

export type DeploymentTexts = {
  /**
   * Environment variables: a list of {name, value} or {name, value_from: {secret_key_ref: {name, key}}}. They take the
   * place of the operator's own of the same name. Values must be texts, so numbers need quotes.
   */
  env?: string | undefined;
  /** Resources as in a pod. Default limits of 1500m CPU and 2Gi memory, requests of 750m CPU and 512Mi memory. */
  resources?: string | undefined;
  /** Startup probe as in a pod. Default GET /startedz on port 3001, every 15 seconds for an hour. */
  startupProbe?: string | undefined;
  /** Liveness probe as in a pod. Default GET /healthyz on port 3001, every 5 seconds, 3 failures. */
  livenessProbe?: string | undefined;
  /** Readiness probe as in a pod. Default GET /readyz on port 3001, every 15 seconds, 240 failures. */
  readinessProbe?: string | undefined;
};

export type Strategy = {
  /** How many nodes may be down at a time because of a change, as a number or as a percentage of all. Default 1. */
  maxUnavailable?: number | string | undefined;
};

export type ClusterHoprdSpec = {
  /** IdentityPool in the same namespace that identities are taken from. It cannot be changed afterwards. */
  identityPoolName: string;
  /** Number of nodes. This is what "kubectl scale" and a HorizontalPodAutoscaler change. */
  replicas: number;
  /**
   * Configuration file of hoprd, in YAML. It is handed to the node as it stands here. Text that is no YAML is reported
   * with its line, and no node is restarted for it.
   */
  config: string;
  /** Tag of the image of hoprd, such as 2.1.0. */
  version: string;
  /** Whether the nodes run. What belongs to them, identities and ports too, stays their own. Default true. */
  enabled?: boolean | undefined;
  /**
   * Release of HOPR that the version belongs to. It is the tag of the image that serves the metrics of the node. A
   * change of it makes the nodes anew, one at a time; each keeps its identity.
   */
  supportedRelease: 'saint-louis' | 'kaunas';
  /** Give each node the identity <pool>-<number> instead of the first one that is free. Default false. */
  forceIdentityName?: boolean | undefined;
  /** How peers reach the nodes. */
  service?: NodeService | undefined;
  /**
   * Settings of the container, each a text in YAML. A text that cannot be read is reported with its line, and no node
   * is restarted for it.
   */
  deployment?: DeploymentTexts | undefined;
  /**
   * Number of consecutive ports of each node: the first for peers, the rest for sessions. Default 10. A change of it
   * makes the nodes anew, one at a time; each keeps its identity.
   */
  portsAllocation?: number | undefined;
  /** How changes reach the nodes. */
  strategy?: Strategy | undefined;
};

export type ClusterHoprdStatus = {
  /** When the status was last written. */
  updateTimestamp: string;
  /** Hash of the spec that the status is about. */
  checksum: string;
  /** State of the cluster. */
  phase: 'Initialized' | 'NotScaled' | 'Scaling' | 'Failed' | 'Ready' | 'Deleting';
  /** Number of nodes there are. */
  currentNodes: number;
  /** Label selector of the pods, for a HorizontalPodAutoscaler. */
  selector?: string | undefined;
  /** Namespace of the Nodewright that looks after it. */
  operatorNamespace?: string | undefined;
  /** Generation of the resource that the status is about. */
  observedGeneration?: number | undefined;
  /** State in the form that Kubernetes tools know. */
  conditions?: Condition[] | undefined;
};

