/** The status of a CosmosFullNode: pure, from the plan and what became of it. Upstream's members keep their form (spec cosmos §1.2). */

import { currentAnswer } from '../../comet-node/reading.ts';
import type { ConditionInput } from '../../reconcile/conditions.ts';
import { mergeConditions, toWireTime } from '../../reconcile/conditions.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import type { KindOptions } from '../kind.ts';
import { podSelector } from './desired/metadata.ts';
import { announcedPeers } from './desired/peers.ts';
import type { NodeView } from './node.ts';
import type { Plan } from './plan.ts';
import type { CosmosFullNode, CosmosFullNodeStatus } from './schema.ts';

export type StatusInput = {
  plan: Plan;
  failure: string | undefined;
  now: Date;
  options: Pick<KindOptions, 'operatorNamespace'>;
};

/** What other writers have (`scheduledSnapshotStatus`) is not in it. */
export type OwnStatus = Omit<CosmosFullNodeStatus, 'scheduledSnapshotStatus'>;

export function buildStatus(fullNode: CosmosFullNode, { plan, failure, now, options }: StatusInput): OwnStatus {
  const generation = fullNode.metadata.generation ?? 0;
  const time = toWireTime(now);
  return {
    observedGeneration: generation,
    ...phaseOf(plan, failure),
    operatorNamespace: options.operatorNamespace,
    replicas: plan.nodes.filter(({ pod }) => pod !== undefined).length,
    selector: podSelector(fullNode),
    inSync: inSync(plan),
    latestHeight: latestHeight(plan) ?? fullNode.status?.latestHeight,
    peers: plan.deleting ? fullNode.status?.peers : announcedPeers(fullNode, plan.keys.nodeIds, plan.addresses.known),
    sync: Object.fromEntries(
      plan.nodes.flatMap((node) => (node.pod === undefined ? [] : [[node.instance.name, syncOf(node, time)] as const])),
    ),
    // Heights that are not known now stay: upgrades count from them.
    height: {
      ...fullNode.status?.height,
      ...Object.fromEntries(
        plan.nodes.flatMap(({ instance, height }) => (height > 0 ? [[instance.name, height]] : [])),
      ),
    },
    ...(plan.growth.requests === undefined ? {} : { selfHealing: { pvcAutoScaler: plan.growth.requests } }),
    conditions: mergeConditions(
      fullNode.status?.conditions ?? [],
      [
        readyCondition(plan, failure),
        progressingCondition(plan),
        specCondition(plan),
        ...updateCondition(plan),
        ...[plan.upgradeSnapshot, plan.recoveries.condition].filter((condition) => condition !== undefined),
        ...warningCondition(plan),
      ],
      generation,
      now,
    ),
  };
}

/** The part whose change is written at once; heights, peers and times wait for the next refresh. */
export function significantPart(status: OwnStatus | undefined): unknown {
  if (status === undefined) return undefined;
  const { height: _height, latestHeight: _latest, sync, conditions, ...rest } = status;
  return {
    ...rest,
    sync: Object.fromEntries(
      // What is wrong is news at once; the numbers in it, heights among them, and the step that a start has come to are not.
      Object.entries(sync ?? {}).map(([name, { inSync, error }]) => [
        name,
        { inSync, error: error?.replace(/\d+|(?<=^the pod is starting) .*/g, '') },
      ]),
    ),
    conditions: conditions?.map(({ message, lastTransitionTime: _time, ...condition }) =>
      TOLD_AT_ONCE.has(condition.type) ? { ...condition, message } : condition,
    ),
  };
}

/** Conditions whose words are news, and not only their reason. */
const TOLD_AT_ONCE: ReadonlySet<string> = new Set(['SpecValid', 'UpgradeSnapshot', 'CorruptData']);

/** When the status was last written, as the entries of `sync` say. */
export function refreshedAt({ sync }: OwnStatus): string | undefined {
  return Object.values(sync ?? {})
    .map(({ timestamp }) => timestamp)
    .sort()
    .at(-1);
}

function phaseOf(plan: Plan, failure: string | undefined): Pick<OwnStatus, 'phase' | 'status'> {
  const fatal = plan.problems.filter(({ reason }) => FATAL.has(reason)).map(({ message }) => message);
  if (plan.deleting) return { phase: 'Deleting', status: undefined };
  if (fatal.length > 0)
    return { phase: 'Error', status: `Unrecoverable error: human intervention required: ${fatal.join('; ')}` };
  if (failure !== undefined)
    return { phase: 'TransientError', status: `Transient error: system is retrying: ${failure}` };
  if (plan.paused) return { phase: 'Paused', status: 'the annotation nodewright.dev/paused is true' };
  const isBusy = plan.waits.length > 0 || plan.changes.length > 0 || plan.nodes.some(({ pod }) => pod === undefined);
  if (isBusy) return { phase: 'Progressing', status: undefined };
  return { phase: plan.addresses.pending.length > 0 ? 'WaitingForP2PServices' : 'Complete', status: undefined };
}

/** Problems that keep the resource from being as asked until a person has mended them. */
const FATAL: ReadonlySet<string> = new Set([
  'ConfigInvalid',
  'NodeKeyInvalid',
  'ImageMissing',
  'VolumeSizeInvalid',
  'ServiceInvalid',
]);

function syncOf(node: NodeView, timestamp: string): NonNullable<OwnStatus['sync']>[string] {
  const answer = currentAnswer(node.reading);
  const inSync = node.state === 'InSync';
  return {
    timestamp,
    inSync,
    ...(answer === undefined ? {} : { height: answer.status.latestHeight, peers: answer.peers }),
    ...(inSync || node.state === 'Halted' || node.message === undefined ? {} : { error: node.message }),
  };
}

function readyCondition(plan: Plan, failure: string | undefined): ConditionInput {
  const not = (reason: Reason, message: string): ConditionInput => ({
    type: 'Ready',
    status: 'False',
    reason,
    message,
  });
  const fatal = plan.problems.find(({ reason }) => FATAL.has(reason));
  if (plan.deleting) return not('Deleting', 'the resource is being deleted');
  if (fatal !== undefined) return not(fatal.reason, plan.problems.map(({ message }) => message).join('; '));
  if (failure !== undefined) return not('ReconcileFailed', failure);
  const missing = plan.nodes.filter(({ state }) => state !== 'InSync');
  if (missing.length === 0)
    return { type: 'Ready', status: 'True', reason: 'AllInSync', message: `${plan.nodes.length} nodes are in sync` };
  const words = missing
    .slice(0, 5)
    .map(
      ({ instance, state, message }) => `${instance.name} is ${state}${message === undefined ? '' : ` (${message})`}`,
    );
  const more = missing.length > 5 ? `; and ${missing.length - 5} more` : '';
  return not('NodesNotInSync', `${words.join('; ')}${more}`);
}

function progressingCondition(plan: Plan): ConditionInput {
  const condition = (status: 'True' | 'False', reason: Reason, message: string): ConditionInput => ({
    type: 'Progressing',
    status,
    reason,
    message,
  });
  if (plan.paused)
    return condition('False', 'Paused', 'the annotation nodewright.dev/paused is true: nothing is changed');
  const restarts = plan.changes.filter((change) => change.verb === 'delete' && change.disrupts);
  if (restarts.length > 0)
    return condition('True', 'Restarting', restarts.map(({ key, why }) => `${key.name}: ${why}`).join('; '));
  if (plan.waits.length > 0) {
    const waits = plan.waits.map(({ what, why }) => `${what}: ${why}`);
    return condition('True', 'Waiting', waits.join('; '));
  }
  if (plan.nodes.some(({ state }) => state === 'Missing' || state === 'Starting'))
    return condition('True', 'Creating', `${inSync(plan)} nodes are in sync`);
  if (plan.addresses.pending.length > 0)
    return condition(
      'True',
      'WaitingForAddress',
      `no address yet for the p2p Service of ${plan.addresses.pending.join(', ')}`,
    );
  return condition('False', 'UpToDate', 'nothing is to be done');
}

function specCondition({ problems }: Plan): ConditionInput {
  const [first] = problems;
  return first === undefined
    ? { type: 'SpecValid', status: 'True', reason: 'Valid', message: 'everything in the spec can be done' }
    : {
        type: 'SpecValid',
        status: 'False',
        reason: first.reason,
        message: problems.map(({ message }) => message).join('; '),
      };
}

function updateCondition({ pendingUpdates }: Plan): ConditionInput[] {
  const [first] = pendingUpdates;
  if (first === undefined) return [];
  return [
    {
      type: 'UpdatePending',
      status: 'True',
      reason: 'WaitsForRestart',
      message: `the next restart of ${[...pendingUpdates.keys()].join(', ')} brings ${first[1]}; nothing is restarted for it. To do it now, set the annotation nodewright.dev/restartedAt to the current time`,
    },
  ];
}

function warningCondition({ warnings }: Plan): ConditionInput[] {
  if (warnings.length === 0) return [];
  return [{ type: 'SpecWarning', status: 'True', reason: 'ProbablyNotMeant', message: warnings.join('; ') }];
}

function inSync({ nodes }: Plan): string {
  return `${nodes.filter(({ state }) => state === 'InSync').length}/${nodes.length}`;
}

/** Undefined when no node answers. */
function latestHeight({ nodes }: Plan): number | undefined {
  const heights = nodes.flatMap(({ reading }) =>
    reading?.error === undefined && reading?.answer !== undefined ? [reading.answer.status.latestHeight] : [],
  );
  return heights.length === 0 ? undefined : Math.max(...heights);
}
