/** Made by gen/crd-types.ts from chart/crds/hoprnet.org_identityhoprds.yaml. To change it, change that file and run: npm run gen */
import type {
  Condition,
} from '../../kube/objects.ts';

export type IdentityHoprdSpec = {
  /** IdentityPool in the same namespace that it belongs to. It cannot be changed afterwards. */
  identityPoolName: string;
  /**
   * The key file in base64, encrypted with the password in the Secret of the pool. A node that uses the identity gets
   * what is changed here with its next restart.
   */
  identityFile: string;
  /** Peer id, such as 12D3KooW…. */
  peerId: string;
  /** Address of the node on the chain, 0x and 40 hexadecimal digits. It is what funding sends xDAI to. */
  nativeAddress: string;
  /** Address of the Safe that holds the stake of the node. */
  safeAddress: string;
  /** Address of the module by which the node uses its Safe. */
  moduleAddress: string;
};

export type IdentityHoprdStatus = {
  /** When the status was last written. */
  updateTimestamp: string;
  /** Hash of the spec that the status is about. */
  checksum: string;
  /** State of the identity. InUse means that the node hoprdNodeName has it to itself. */
  phase: 'Initialized' | 'Failed' | 'Ready' | 'InUse' | 'Deleting';
  /** The Hoprd that uses it. */
  hoprdNodeName?: string | undefined;
  /** Namespace of the Nodewright that looks after it. */
  operatorNamespace?: string | undefined;
  /** Generation of the resource that the status is about. */
  observedGeneration?: number | undefined;
  /** State in the form that Kubernetes tools know. */
  conditions?: Condition[] | undefined;
};

