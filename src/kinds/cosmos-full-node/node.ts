/** One instance of a CosmosFullNode: what was asked for, and what the kubelet and the node itself say of it. */
import type { NodeView as CometNodeView } from '../../comet-node/node-view.ts';
import type { Reading as CometReading, NodeAnswer } from '../../comet-node/reading.ts';
import type { Pod } from '../../kube/objects.ts';
import type { Instance } from './instances.ts';

export type Answer = NodeAnswer & {
  /** Height of the entry of `spec.chain.versions` that is due at the height of the answer; undefined before the first. */
  dueVersion: number | undefined;
  /** Address of the validator that it signs for, or NOBODY (rpc.ts); undefined where it does not say, or was not asked. */
  signsFor?: string | undefined;
};

/** How full a volume is; either percent or an error. */
export type DiskReport = {
  /** Of the claim when it was measured. */
  capacity: string;
  usedPercent: number | undefined;
  error: string | undefined;
};

export type DiskReading = DiskReport & {
  /** When it was measured, milliseconds. */
  at: number;
  /** As full as `selfHeal.pvcAutoScale.usedSpacePercentage`. */
  isFull: boolean;
};

export type DatabaseReading = {
  /** When the agent looked, milliseconds. */
  at: number;
  /** Which databases cannot be opened, and why; undefined where none is known to be damaged. */
  broken: string | undefined;
};

export type Reading = CometReading<Answer> & {
  /** When the node was last asked for its peers, milliseconds. */
  peersAt?: number | undefined;
  /** The last measurement; undefined before the first. */
  disk?: DiskReading | undefined;
  /** Of a node that fails at every start; undefined where nobody looked. */
  databases?: DatabaseReading | undefined;
  /** How often its process had ended when it last answered, or when its pod was first seen. */
  restartsAtAnswer?: number | undefined;
};

export type NodeView = CometNodeView<Answer> & {
  instance: Instance;
  /** The block in consensus, from what the node says or said last; 0 when it never did (spec cosmos §1.2, `height`). */
  height: number;
};

const DEFAULT_RPC_PORT = 26657;

/** The port of the node's RPC, as its container names it (spec cosmos §3.5). */
export function rpcPortOf(pod: Pod): number {
  const node = pod.spec?.containers.find(({ name }) => name === 'node');
  return node?.ports?.find(({ name }) => name === 'rpc')?.containerPort ?? DEFAULT_RPC_PORT;
}
