/**
 * How a resource and its nodes stand, for people: the one description that `nodewright status` and the dashboard show. A kind makes it
 * from what is known already (its status, pods, the last answers of nodes); it asks nobody and plans nothing, so that it may be made often.
 */
import type { Condition, KubeObject, Pod } from '../kube/objects.ts';
import type { Reader } from '../kube/reader.ts';
import { ANNOTATION_PAUSED } from '../reconcile/labels.ts';
import type { KindOptions } from './kind.ts';

/** `busy`: not as it should be, but on its way there. `off`: meant not to run. */
export type Health = 'good' | 'busy' | 'bad' | 'off';

export type NodeView = {
  /** Within its resource. */
  name: string;
  /** Its pod, where it has one. */
  pod?: string | undefined;
  role: string;
  /** One word; kinds have words of their own. */
  state: string;
  health: Health;
  /** Undefined where nobody can tell. */
  inSync?: boolean | undefined;
  height?: number | undefined;
  /** Blocks that it is behind the highest that is known of its chain. */
  lag?: number | undefined;
  peers?: number | undefined;
  /** Voting power. */
  power?: number | undefined;
  /** Why it is not as it should be. */
  words?: string | undefined;
  /** What its next restart brings. */
  updatePending?: string | undefined;
  image?: string | undefined;
  /** As the node says. */
  version?: string | undefined;
  /** Of its own process, in this pod. */
  restarts?: number | undefined;
  /** Of its volume, percent; undefined where nobody measures it. */
  diskUsed?: number | undefined;
  /** When its pod was started, RFC 3339. */
  startedAt?: string | undefined;
};

export type SnapshotView = {
  name: string;
  state: 'Ready' | 'Pending' | 'Failed';
  /** The time whose data it holds, RFC 3339. */
  at?: string | undefined;
  size?: string | undefined;
  /** Whether a node could work with it; undefined where nobody has tried. */
  verified?: boolean | undefined;
  words?: string | undefined;
};

/** Something that ends: a certificate, a key. */
export type ExpiryView = {
  what: string;
  /** RFC 3339; undefined where it is counted by something else than time. */
  at?: string | undefined;
  words?: string | undefined;
  health: Health;
};

export type ResourceView = {
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
  createdAt?: string | undefined;
  phase: string;
  health: Health;
  ready: Condition['status'];
  paused: boolean;
  deleting: boolean;
  /** What its nodes follow: a chain id, or the name of a network. */
  chain?: string | undefined;
  /** The highest that is known of the chain. */
  height?: number | undefined;
  conditions: readonly Condition[];
  /** Types of those that a person should know of: what is not as it should be, or waits. */
  notable: readonly string[];
  nodes: readonly NodeView[];
  /** What is being changed or waits, and why; undefined while nothing is. */
  rollout?: { moving: boolean; reason: string; words: string } | undefined;
  snapshots: readonly SnapshotView[];
  expiries: readonly ExpiryView[];
  /** Whatever else a person asks first about a resource of this kind. */
  facts: readonly { label: string; value: string }[];
};

/** Where a view is made from. */
export type ViewSource<State = unknown> = {
  reader: Reader;
  /** What a pod's node last said; undefined where it was not asked, as by a replica that does not lead. */
  reading(pod: Pod): State | undefined;
  options: KindOptions;
  now: Date;
};

type Parts = Partial<Pick<ResourceView, 'chain' | 'height' | 'nodes' | 'snapshots' | 'expiries' | 'facts'>>;

/** A view with what all kinds have in common. `height` is that of the chain where somebody else knows it; nodes are compared with it. */
export function viewResource(resource: KubeObject, parts: Parts = {}): ResourceView {
  const { apiVersion, kind, metadata } = resource;
  const { phase, conditions = [] } = statusOf(resource);
  const { chain, nodes = [], snapshots = [], expiries = [], facts = [] } = parts;
  const ready = conditions.find(({ type }) => type === 'Ready')?.status ?? 'Unknown';
  const paused = metadata.annotations?.[ANNOTATION_PAUSED] === 'true';
  const deleting = metadata.deletionTimestamp !== undefined;
  const rollout = findRollout(conditions);
  const heights = [parts.height, ...nodes.map((node) => node.height)].filter((height) => height !== undefined);
  const height = heights.length === 0 ? undefined : Math.max(...heights);
  // A rollout that waits does not pass by unseen because the nodes are well.
  const isOnItsWay = deleting || ready === 'Unknown' || (rollout !== undefined && (rollout.moving || ready === 'True'));
  return {
    ...{ apiVersion, kind, name: metadata.name, namespace: metadata.namespace ?? '' },
    createdAt: metadata.creationTimestamp,
    phase: phase ?? (deleting ? 'Deleting' : 'Unknown'),
    health: paused || isStopped(phase) ? 'off' : isOnItsWay ? 'busy' : ready === 'True' ? 'good' : 'bad',
    ...{ ready, paused, deleting, chain, height, conditions, rollout, snapshots, expiries, facts },
    notable: notableConditions(conditions).map(({ type }) => type),
    nodes: nodes.map((node) =>
      height === undefined || node.height === undefined ? node : { ...node, lag: height - node.height },
    ),
  };
}

/** Conditions that a person should know of: what is not as it should be, or waits. */
export function notableConditions(conditions: readonly Condition[]): Condition[] {
  return conditions.filter(
    ({ type, status, reason }) =>
      reason === 'Waiting' || status !== (GOOD_WHEN_FALSE.test(type) || type === 'Progressing' ? 'False' : 'True'),
  );
}

const GOOD_WHEN_FALSE = /^(CorruptData|Paused|SettingsUnknown|SpecWarning)$|Pending$|Blocked$/;

/** The members that all statuses with them have in one form. HOPR's may be null. */
function statusOf(resource: KubeObject): { phase?: string; conditions?: Condition[] } {
  return (resource as { status?: { phase?: string; conditions?: Condition[] } | null }).status ?? {};
}

function findRollout(conditions: readonly Condition[]): ResourceView['rollout'] {
  const progressing = conditions.find(({ type }) => type === 'Progressing');
  if (progressing === undefined || (progressing.status !== 'True' && progressing.reason !== 'Waiting'))
    return undefined;
  return { moving: progressing.status === 'True', reason: progressing.reason, words: progressing.message };
}

function isStopped(phase: string | undefined): boolean {
  return phase === 'Stopped' || phase === 'Suspended';
}

/** What a pod says of the container with the node's own process. */
export function viewContainer(
  pod: Pod | undefined,
  container: string,
): Pick<NodeView, 'pod' | 'image' | 'restarts' | 'startedAt'> {
  if (pod === undefined) return {};
  return {
    pod: pod.metadata.name,
    image: pod.spec?.containers.find(({ name }) => name === container)?.image,
    restarts: pod.status?.containerStatuses?.find(({ name }) => name === container)?.restartCount,
    startedAt: pod.status?.startTime,
  };
}
