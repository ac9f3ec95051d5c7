/** The events of the HOPR operator, word for word (spec hopr §6): people and their tools look for them. */
import type { Reason } from '../../reconcile/reasons.ts';

export type EventText = { type: 'Normal' | 'Warning'; reason: Reason; note: string; action: string };

type Kind = 'IdentityPool' | 'IdentityHoprd' | 'ClusterHoprd' | 'Hoprd';
/** Type, note and action; `X` stands for a name or a number. */
type Template = readonly [type: 'Normal' | 'Warning', note: string, action: string];

const EVENTS = {
  IdentityPool: {
    Initialized: ['Normal', 'Initializing identity pool', 'Starting the process of initializing the identity pool'],
    Failed: ['Warning', 'Failed to bootstrap identity pool', 'Identity pool failed to start'],
    Ready: ['Normal', 'Identity pool ready to be used', 'Identity pool is ready to be used by a Hoprd node'],
    Deleting: ['Normal', 'Identity pool is being deleted', 'Identity pool deletion started'],
    Locked: ['Normal', 'Identity X locked from pool', 'Identity locking operation completed'],
    Unlocked: ['Normal', 'Identity X unlocked from pool', 'Identity unlocked from pool'],
    IdentityCreated: ['Normal', 'Identity pool created identity X', 'Identity pool created identity'],
    IdentityDeleted: ['Normal', 'Identity pool deregistered identity X', 'Identity pool deregistered identity'],
  },
  IdentityHoprd: {
    Initialized: ['Normal', 'Starting the process of creating a new identity', 'Initialized node identity'],
    Failed: ['Warning', 'Failed to bootstrap identity', 'Identity failed to start'],
    Ready: ['Normal', 'Identity is ready to be used by a Hoprd node', 'Identity ready to be used'],
    InUse: ['Normal', 'Identity being used by Hoprd node X', 'Identity is being used'],
    Deleting: ['Normal', 'Identity is being deleted', 'Identity deletion started'],
  },
  Hoprd: {
    Initializing: ['Normal', 'Starting the process of creating a new node', 'Initializing Hoprd node'],
    Running: ['Normal', 'Hoprd node is running', 'Node has started'],
    Stopped: ['Normal', 'Hoprd node is stopped', 'Node has stopped'],
    Modified: ['Normal', 'Hoprd node configuration change detected', 'Node reconfigured'],
    Deleting: ['Normal', 'Hoprd node is being deleted', 'Node deletion started'],
    Deleted: ['Normal', 'Hoprd node is deleted', 'Node deletion finished'],
    Failed: ['Warning', 'Hoprd node is in a failed status.', 'Node configuration is corrupted'],
  },
  ClusterHoprd: {
    Initialized: ['Normal', 'Starting the process of creating a new cluster of hoprd', 'ClusterHoprd node initialized'],
    NotScaled: [
      'Warning',
      'ClusterHoprd is not scaled. There are X nodes pending to be synchronized',
      'ClusterHoprd is not scaled',
    ],
    Scaling: ['Warning', 'ClusterHoprd is scaling to meet the required replicas', 'ClusterHoprd is scaling'],
    Failed: ['Warning', 'ClusterHoprd is in failed status.', 'ClusterHoprd configuration is corrupted'],
    Ready: ['Normal', 'ClusterHoprd is in ready phase', 'ClusterHoprd is ready now'],
    Deleting: ['Normal', 'ClusterHoprd is going to be deleted', 'ClusterHoprd is being deleted'],
    CreatingNode: ['Normal', 'Node X is being created in the cluster', 'A new node is being created in the cluster'],
    NodeCreated: ['Normal', 'Node X is created in the cluster', 'A new node is created in the cluster'],
    DeletingNode: ['Normal', 'Node X is being deleted from the cluster', 'Node is being deleted from the cluster'],
    NodeDeleted: ['Normal', 'Node X is deleted from the cluster', 'Node is deleted from the cluster'],
  },
} satisfies Record<Kind, Partial<Record<Reason, Template>>>;

/** @param about the name or number in the note, where it has one */
export function describeEvent<K extends Kind>(
  kind: K,
  reason: keyof (typeof EVENTS)[K] & Reason,
  about = '',
): EventText {
  const templates: Record<string, Template> = EVENTS[kind];
  const [type, note, action] = templates[reason] as Template;
  return { type, reason, note: note.replace('X', about), action };
}
