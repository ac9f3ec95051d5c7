/** Made by gen/crd-types.ts from chart/crds/hoprnet.org_identitypools.yaml. To change it, change that file and run: npm run gen */
import type {
  Condition,
} from '../../kube/objects.ts';

export type Funding = {
  /**
   * When to send, in the five fields of cron, such as "0 1 * * 1" for Mondays at one o'clock (UTC unless the cluster
   * has another time zone).
   */
  schedule: string;
  /** How much xDAI each identity gets at a time, such as "0.01". */
  nativeAmount: string;
};

export type IdentityPoolSpec = {
  /** Network of the nodes, such as dufour or rotsee. It cannot be changed afterwards. */
  network: string;
  /**
   * Secret of the wallet, in the namespace of the pool. It must have the keys DEPLOYER_PRIVATE_KEY, IDENTITY_PASSWORD
   * and HOPRD_API_TOKEN. It cannot be changed afterwards.
   */
  secretName: string;
  /** Send xDAI to every identity of the pool, again and again. Without it nothing is sent. */
  funding?: Funding | undefined;
};

export type IdentityPoolStatus = {
  /** When the status was last written. */
  updateTimestamp: string;
  /** Hash of the spec that the status is about. */
  checksum: string;
  /** State of the pool. OutOfSync means that more identities are in use than there are. */
  phase: 'Initialized' | 'Failed' | 'OutOfSync' | 'Ready' | 'Deleting';
  /** Number of identities in the pool. */
  size: number;
  /** Number of identities that a node uses. */
  locked: number;
  /** Namespace of the Nodewright that looks after it. */
  operatorNamespace?: string | undefined;
  /** Generation of the resource that the status is about. */
  observedGeneration?: number | undefined;
  /** State in the form that Kubernetes tools know. */
  conditions?: Condition[] | undefined;
};

