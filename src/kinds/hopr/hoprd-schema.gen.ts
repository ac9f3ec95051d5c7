/** Made by gen/crd-types.ts from chart/crds/hoprnet.org_hoprds.yaml. To change it, change that file and run: npm run gen */
import type {
  Condition,
} from '../../kube/objects.ts';

export type NodeService = {
  /**
   * ClusterIP leads through ports of the nginx ingress controller, which the operator chooses and opens; LoadBalancer
   * gives each node an address of its own. Default ClusterIP.
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

export type HoprdSpec = {
  /** IdentityPool in the same namespace that identities are taken from. It cannot be changed afterwards. */
  identityPoolName: string;
  /**
   * Identity that the node must have. Default: the first of the pool that no node uses. It cannot be changed or removed
   * afterwards.
   */
  identityName?: string | undefined;
  /**
   * Configuration file of hoprd, in YAML. It is handed to the node as it stands here. Text that is no YAML is reported
   * with its line, and no node is restarted for it.
   */
  config: string;
  /** Tag of the image of hoprd, such as 2.1.0. */
  version: string;
  /** Whether the node runs. What belongs to it, its identity and its ports too, stays its own. Default true. */
  enabled?: boolean | undefined;
  /**
   * Release of HOPR that the version belongs to. It is the tag of the image that serves the metrics of the node. It
   * cannot be changed afterwards.
   */
  supportedRelease: 'saint-louis' | 'kaunas';
  /**
   * Delete the database of the node, once: the node is stopped, its database deleted, the node started again, and this
   * set back to false. Default false.
   */
  deleteDatabase?: boolean | undefined;
  /** How peers reach the node. */
  service?: NodeService | undefined;
  /**
   * Settings of the container, each a text in YAML. A text that cannot be read is reported with its line, and no node
   * is restarted for it.
   */
  deployment?: DeploymentTexts | undefined;
  /**
   * Number of consecutive ports of the node: the first for peers, the rest for sessions. Default 10. It cannot be
   * changed or removed afterwards.
   */
  portsAllocation?: number | undefined;
};

export type HoprdStatus = {
  /** When the status was last written. */
  updateTimestamp: string;
  /** Hash of the spec that the status is about. */
  checksum: string;
  /** State of the node. */
  phase: 'Initializing' | 'Running' | 'Stopped' | 'Failed' | 'Deleting';
  /** The identity that the node uses. */
  identityName?: string | undefined;
  /** Namespace of the Nodewright that looks after it. */
  operatorNamespace?: string | undefined;
  /** Generation of the resource that the status is about. */
  observedGeneration?: number | undefined;
  /** State in the form that Kubernetes tools know. */
  conditions?: Condition[] | undefined;
};

