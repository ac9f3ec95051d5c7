/**
 * The operator's metrics about resources and their nodes, the same for every kind. Of a node is kept what its resource's last pass told, a few
 * hundred bytes; heights and the like are asked of the poller at the scrape, so that they are seconds old. A resource that is gone takes all
 * its series along. Labels are names and words of a fixed list, never texts.
 */
import { type Condition, uidOf } from '../kube/objects.ts';
import type { ResourceType } from '../kube/resource-types.ts';
import type { Change } from '../reconcile/change.ts';
import type { ComputedMetric, Sample } from '../runtime/computed-metric.ts';
import type { ResourceReport, Vitals } from './node-report.ts';
import { isPreparing } from './preparing-pod.ts';
import { countRestarts, type RestartCounts, type RestartReason } from './restart-counts.ts';

type Request = { namespace: string; name: string };

/** One pass over a resource, as its reconciler tells it. */
export type PassReport = ResourceReport & {
  conditions: readonly Condition[];
  /** What was written. */
  done: readonly Change[];
  /** How many things are wanted that must not be done yet. */
  waits: number;
  /** What a node last said, by uid of its pod. */
  vitals(uid: string): Vitals | undefined;
};

export type NodeMetrics = {
  metrics: readonly ComputedMetric[];
  /** Replaces what was told of the resource before, but for its restarts, which add up. */
  report(type: ResourceType, request: Request, pass: PassReport): void;
  /**
   * A pass ended early. `managed: false`: somebody else looks after the resource, and nothing more is told of it. `failed`: types of conditions
   * that are False.
   */
  reportFailed(type: ResourceType, request: Request, problem: { managed: boolean; failed: readonly string[] }): void;
  /** The resource is gone. */
  forget(type: ResourceType, request: Request): void;
};

type Labels = Readonly<Record<string, string>>;

type KnownNode = {
  labels: Labels;
  uid: string | undefined;
  image: string | undefined;
  inSync: boolean;
  preparing: boolean;
  diskAtLimit: boolean | undefined;
  /** Seconds since 1970. */
  certificateEnd: number | undefined;
  votingKeysEnd: number | undefined;
};

type Known = {
  labels: Labels;
  managed: boolean;
  conditions: readonly { type: string; isTrue: boolean }[];
  nodes: readonly KnownNode[];
  restarts: ReadonlyMap<string, RestartCounts>;
  updated: number;
  updatesPending: number;
  waits: number;
  snapshots: ResourceReport['snapshots'];
  identities: ResourceReport['identities'];
  vitals: PassReport['vitals'];
};

export function createNodeMetrics(): NodeMetrics {
  const known = new Map<string, Known>();
  return {
    metrics: defineMetrics(() => known.values()),
    report(type, request, pass) {
      const key = keyOf(type, request);
      known.set(key, learn(known.get(key), type, request, pass));
    },
    reportFailed(type, request, { managed, failed }) {
      const key = keyOf(type, request);
      const empty = learn(undefined, type, request, { conditions: [], done: [], waits: 0, vitals: () => undefined });
      const last = managed ? (known.get(key) ?? empty) : empty;
      const others = last.conditions.filter(({ type }) => !failed.includes(type));
      const conditions = [...others, ...failed.map((type) => ({ type, isTrue: false }))];
      known.set(key, { ...last, managed, conditions });
    },
    forget: (type, request) => void known.delete(keyOf(type, request)),
  };
}

function keyOf({ group, plural }: ResourceType, { namespace, name }: Request): string {
  return `${plural}.${group} ${namespace}/${name}`;
}

function learn(
  before: Known | undefined,
  { group, kind }: ResourceType,
  { namespace, name }: Request,
  pass: PassReport,
): Known {
  const labels = before?.labels ?? { group, kind, namespace, name };
  const { nodes = [], repaired = new Set<string>() } = pass;
  const reported = nodes.map(
    ({ name, pod, container, ...node }): KnownNode => ({
      labels: before?.nodes.find((known) => known.labels.node === name)?.labels ?? { ...labels, node: name },
      uid: pod && uidOf(pod),
      image: pod?.spec?.containers.find((candidate) => candidate.name === container)?.image,
      inSync: node.inSync,
      preparing: isPreparing(pod),
      diskAtLimit: node.diskAtLimit,
      certificateEnd: secondsOf(node.certificateNotAfter),
      votingKeysEnd: secondsOf(node.votingKeysNotAfter),
    }),
  );
  const restarts = nodes.map(({ name, pod, madeBy }) => {
    const counted = countRestarts(before?.restarts.get(name), pod);
    const stoppedFor = reasonOfStop(pass.done, pod && uidOf(pod), madeBy, repaired.has(name));
    return [name, stoppedFor === undefined ? counted : { ...counted, stoppedFor }] as const;
  });
  return {
    labels,
    managed: pass.managed ?? true,
    conditions: simplify(pass.conditions),
    nodes: reported,
    restarts: new Map(restarts),
    updated: nodes.filter(({ updated }) => updated).length,
    updatesPending: nodes.filter(({ updatePending }) => updatePending).length,
    waits: pass.waits,
    snapshots: pass.snapshots,
    identities: pass.identities,
    vitals: pass.vitals,
  };
}

/** Why the pod was just stopped by us; undefined where it was not. */
function reasonOfStop(
  done: readonly Change[],
  uid: string | undefined,
  madeBy: ResourceType | undefined,
  isRepair: boolean,
): RestartReason | undefined {
  if (madeBy !== undefined && done.some(({ type }) => type === madeBy)) return 'Rollout';
  const stop = done.find((change) => change.verb === 'delete' && change.uid === uid);
  if (stop?.verb !== 'delete') return undefined;
  return isRepair ? 'Repair' : stop.disrupts ? 'Rollout' : 'Replaced';
}

/** What is unknown is left out. */
function simplify(conditions: readonly Condition[]): Known['conditions'] {
  return conditions.flatMap(({ type, status }) => (status === 'Unknown' ? [] : [{ type, isTrue: status === 'True' }]));
}

function secondsOf(time: Date | undefined): number | undefined {
  return time && time.getTime() / 1000;
}

const RESOURCE_LABELS = ['group', 'kind', 'namespace', 'name'];
const NODE_LABELS = [...RESOURCE_LABELS, 'node'];

type Value = number | boolean | undefined;

function defineMetrics(all: () => Iterable<Known>): ComputedMetric[] {
  function* perNode(read: (node: KnownNode, vitals: Vitals | undefined, known: Known) => Value): Generator<Sample> {
    for (const known of all())
      for (const node of known.nodes) yield* sample(node.labels, read(node, vitalsOf(known, node), known));
  }
  function* perResource(read: (known: Known) => Value): Generator<Sample> {
    for (const known of all()) yield* sample(known.labels, read(known));
  }
  const ofNode = (name: string, help: string, read: Parameters<typeof perNode>[0]): ComputedMetric => ({
    ...{ name: `nodewright_node_${name}`, help, type: 'gauge', labels: NODE_LABELS },
    samples: () => perNode(read),
  });
  const ofResource = (name: string, help: string, read: Parameters<typeof perResource>[0]): ComputedMetric => ({
    ...{ name: `nodewright_${name}`, help, type: 'gauge', labels: RESOURCE_LABELS },
    samples: () => perResource(read),
  });
  return [
    ofNode(
      'in_sync',
      'Whether a node keeps up with its network; of HOPR nodes, whether it is ready',
      ({ inSync }) => inSync,
    ),
    ofNode(
      'preparing',
      'Whether an init container of a node runs that has not failed before, such as one that restores a snapshot',
      ({ preparing }) => preparing,
    ),
    ofNode('height', 'Height of the latest block of a node that answers', (_node, vitals) => vitals?.height),
    {
      ...{ name: 'nodewright_node_lag_blocks', type: 'gauge', labels: NODE_LABELS },
      help: 'Blocks that a node is behind the highest height that is known of its network',
      *samples() {
        for (const known of all()) yield* lags(known);
      },
    },
    ofNode(
      'latest_block_timestamp_seconds',
      'Time of the latest block of a CometBFT node that answers',
      (_node, vitals) => vitals?.blockTime,
    ),
    ofNode('peers', 'Peers of a node that answers', (_node, vitals) => vitals?.peers),
    ofNode(
      'disk_used_ratio',
      'How full the volume of a CosmosFullNode instance is, from 0 to 1; measured once a minute',
      (_node, vitals) => vitals?.diskUsed,
    ),
    ofNode(
      'disk_growth_exhausted',
      'Whether the volume of a node should grow by itself and has reached spec.selfHeal.pvcAutoScale.maxSize',
      ({ diskAtLimit }) => diskAtLimit,
    ),
    {
      ...{
        name: 'nodewright_node_info',
        type: 'gauge',
        labels: ['image', 'version', ...NODE_LABELS],
        help: 'Image of a node, and the version that it tells of itself',
      },
      *samples() {
        for (const known of all())
          for (const node of known.nodes)
            yield {
              shared: node.labels,
              labels: { image: node.image ?? '', version: vitalsOf(known, node)?.version ?? '' },
              value: 1,
            };
      },
    },
    {
      ...{ name: 'nodewright_node_restarts_total', type: 'counter', labels: ['reason', ...NODE_LABELS] },
      help: 'Restarts of a node since the operator started, by reason',
      *samples() {
        for (const { nodes, restarts } of all())
          for (const { labels } of nodes)
            for (const [reason, value] of Object.entries(restarts.get(labels.node ?? '')?.counts ?? {}))
              yield { shared: labels, labels: { reason }, value };
      },
    },
    ofNode(
      'certificate_not_after_timestamp_seconds',
      'When the first certificate of a Symbol node ends',
      ({ certificateEnd }) => certificateEnd,
    ),
    ofNode(
      'voting_keys_not_after_timestamp_seconds',
      'About when the last voting key of a Symbol node ends',
      ({ votingKeysEnd }) => votingKeysEnd,
    ),
    ofResource(
      'resource_managed',
      'Whether this operator looks after a resource; 0: it stands back',
      ({ managed }) => managed,
    ),
    {
      ...{ name: 'nodewright_resource_condition', type: 'gauge', labels: ['condition', ...RESOURCE_LABELS] },
      help: 'Conditions of a resource: 1 True, 0 False, none while Unknown',
      *samples() {
        for (const { labels, conditions } of all())
          for (const { type, isTrue } of conditions)
            yield { shared: labels, labels: { condition: type }, value: Number(isTrue) };
      },
    },
    ofResource('resource_nodes', 'Nodes of a resource that should run', ({ nodes }) => nodes.length || undefined),
    ofResource('resource_nodes_updated', 'Nodes of a resource that run what was asked for', ({ nodes, updated }) =>
      nodes.length === 0 ? undefined : updated,
    ),
    ofResource(
      'resource_nodes_update_pending',
      'Nodes of a resource whose next restart brings something that nothing is restarted for',
      ({ nodes, updatesPending }) => (nodes.length === 0 ? undefined : updatesPending),
    ),
    ofResource('resource_waits', 'Things that are wanted of a resource and must not be done yet', ({ waits }) => waits),
    ofResource(
      'snapshot_last_success_timestamp_seconds',
      'When the last snapshot of a ScheduledVolumeSnapshot was ready to use',
      ({ snapshots }) => secondsOf(snapshots?.lastReadyAt),
    ),
    ofResource(
      'snapshot_last_run_failed',
      'Whether the last run of a ScheduledVolumeSnapshot failed',
      ({ snapshots }) => snapshots?.lastRunFailed,
    ),
    ofResource(
      'snapshot_interval_seconds',
      'From one run of a ScheduledVolumeSnapshot to the next',
      ({ snapshots }) => snapshots?.everySeconds,
    ),
    {
      ...{ name: 'nodewright_identity_pool_identities', type: 'gauge', labels: ['state', ...RESOURCE_LABELS] },
      help: 'Identities of an IdentityPool, by state: free, or locked by a node',
      *samples() {
        for (const { labels, identities } of all())
          for (const [state, value] of Object.entries(identities ?? {}))
            yield { shared: labels, labels: { state }, value };
      },
    },
  ];
}

function* sample(shared: Labels, value: Value): Generator<Sample> {
  if (value !== undefined) yield { shared, value: Number(value) };
}

function* lags(known: Known): Generator<Sample> {
  const vitals = known.nodes.map((node) => vitalsOf(known, node));
  const heights = vitals.flatMap((one) => [one?.height, one?.networkHeight].filter((height) => height !== undefined));
  const highest = Math.max(...heights);
  for (const [index, { labels }] of known.nodes.entries()) {
    const height = vitals[index]?.height;
    if (height !== undefined) yield { shared: labels, value: highest - height };
  }
}

function vitalsOf({ vitals }: Known, { uid }: KnownNode): Vitals | undefined {
  return uid === undefined ? undefined : vitals(uid);
}
