/** What a kind tells of a resource and its nodes, for the operator's metrics: plain values, and what is not known is left out. */
import type { Pod } from '../kube/objects.ts';
import type { ResourceType } from '../kube/resource-types.ts';

/** What changes between two passes over a resource, of a node as it was last asked. */
export type Vitals = {
  height?: number | undefined;
  /** Of the latest block, seconds since 1970. */
  blockTime?: number | undefined;
  /** Height of the network, as others than the nodes of the resource say. */
  networkHeight?: number | undefined;
  peers?: number | undefined;
  /** From 0 to 1. */
  diskUsed?: number | undefined;
  /** Of the software, as the node itself says. */
  version?: string | undefined;
};

export type NodeReport = {
  name: string;
  pod: Pod | undefined;
  /** Of the pod: the one with the node's own process. */
  container: string;
  /** Keeps up with its network; of nodes that tell no heights: ready. */
  inSync: boolean;
  /** What the pod is made by, where that is not the operator: a change of it starts another pod. */
  madeBy?: ResourceType;
  /** Runs what was asked for. */
  updated: boolean;
  /** The next restart brings something that nothing is restarted for. */
  updatePending: boolean;
  /** Its volume is full enough to grow and may not. */
  diskAtLimit?: boolean | undefined;
  certificateNotAfter?: Date | undefined;
  votingKeysNotAfter?: Date | undefined;
};

export type ResourceReport = {
  /** False where somebody else has what the resource names. Default true. */
  managed?: boolean;
  /** Those that should run. */
  nodes?: readonly NodeReport[];
  /** Names of nodes that are about to be restarted to mend something, and not because anything was asked for. */
  repaired?: ReadonlySet<string>;
  snapshots?: {
    lastReadyAt: Date | undefined;
    lastRunFailed: boolean;
    /** From one run to the next, seconds; undefined where they are not regular. */
    everySeconds: number | undefined;
  };
  identities?: { free: number; locked: number };
};
