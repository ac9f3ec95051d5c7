/** A node of a network: what was asked for, and what the kubelet and the node itself say of it. */
import type { NodeView as CometNodeView } from '../../comet-node/node-view.ts';
import type { Reading as CometReading, NodeAnswer } from '../../comet-node/reading.ts';
import type { ActiveValidator, NodeStatus } from '../../formats/comet-rpc.ts';
import type { Member } from './members.ts';

export type Answer = NodeAnswer & {
  status: NodeStatus;
  /** The whole set that signs; undefined when the node could not say (before the first block). */
  validators: ActiveValidator[] | undefined;
  /** Addresses whose signature is in the last commit. */
  signers: string[] | undefined;
  /**
   * Addresses that a transaction gives power which `validators` does not show yet. Undefined where the node was not asked, as it is only while
   * a validator leaves, or could not tell.
   */
  rising?: string[] | undefined;
};

export type Reading = CometReading<Answer>;

export type NodeView = CometNodeView<Answer> & { member: Member };
