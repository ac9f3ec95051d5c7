/** Which of all that happened is worth an event; reasons that upstream has keep their names (spec cosmos §4.1). A fleet at rest makes none. */
import { PERSISTENT_VOLUME_CLAIMS, PODS, VOLUME_SNAPSHOTS } from '../../kube/resource-types.ts';
import { describeFailure, isLostRace, type Outcome } from '../../reconcile/act.ts';
import { type Change, formatChange } from '../../reconcile/change.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import type { ReconcilerContext } from '../kind.ts';
import type { Plan } from './plan.ts';
import type { CosmosFullNode } from './schema.ts';
import type { OwnStatus } from './status.ts';

type Events = ReconcilerContext['events'];

export function reportEvents(
  events: Events,
  fullNode: CosmosFullNode,
  plan: Plan,
  outcome: Outcome,
  status: OwnStatus,
): void {
  for (const change of outcome.done) {
    const event = eventOf(change, plan);
    if (event !== undefined) events.record(fullNode, 'Normal', event.reason, event.note, event.action);
  }
  for (const failure of outcome.failures) {
    if (isLostRace(failure.error)) continue;
    const isResize = failure.change.verb === 'patch' && failure.change.type === PERSISTENT_VOLUME_CLAIMS;
    events.record(
      fullNode,
      'Warning',
      isResize ? 'PVCPatchFailed' : 'ErrorTransient',
      describeFailure(failure),
      'Reconcile',
    );
  }
  for (const { reason, message } of plan.problems) {
    if (!wasReported(fullNode, message)) events.record(fullNode, 'Warning', reason, message, 'Reconcile');
  }
  for (const sentence of plan.growth.sentences)
    events.record(fullNode, 'Normal', 'PVCAutoScale', `PVC auto scaling requested disk expansion: ${sentence}`, 'Grow');
  const { failure } = plan.growth;
  if (failure !== undefined)
    events.record(fullNode, 'Warning', 'PVCAutoScaleCollectUsage', `no volume can be measured: ${failure}`, 'Measure');
  if (status.phase === 'WaitingForP2PServices' && fullNode.status?.phase !== status.phase)
    events.record(fullNode, 'Normal', 'P2PIncomplete', 'Waiting for the addresses of p2p Services', 'Reconcile');
  reportTrouble(events, fullNode, status);
  reportReady(events, fullNode, status);
}

function eventOf(change: Change, plan: Plan): { reason: Reason; note: string; action: string } | undefined {
  const { name } = change.key;
  if (
    plan.recoveries.changes.some(
      ({ verb, type, key }) => verb === change.verb && type === change.type && key.name === name,
    )
  )
    return { reason: 'DataRecovery', note: formatChange(change), action: 'Recover' };
  if (change.verb === 'create' && change.type === VOLUME_SNAPSHOTS)
    return {
      reason: 'UpgradeSnapshot',
      note: `created VolumeSnapshot ${name}: ${change.why}`,
      action: 'CreateSnapshot',
    };
  if (change.verb === 'create' && change.type === PODS)
    return { reason: 'Created', note: `created Pod ${name}: ${change.why}`, action: 'CreatePod' };
  if (change.verb === 'create' && change.type === PERSISTENT_VOLUME_CLAIMS && plan.dataSources.get(name)?.automatic)
    return { reason: 'AutoDataSource', note: `created claim ${name}: ${change.why}`, action: 'CreateClaim' };
  if (change.verb === 'delete' && change.type === PODS)
    return {
      reason: plan.repairs.lagging.has(name) ? 'HeightDriftMitigation' : change.disrupts ? 'Restarting' : 'Removing',
      note: `stopping Pod ${name}: ${change.why}`,
      action: 'DeletePod',
    };
  if (change.verb === 'delete' && change.type === PERSISTENT_VOLUME_CLAIMS)
    return { reason: 'DeletedClaim', note: `deleted claim ${name}: ${change.why}`, action: 'DeleteClaim' };
  return undefined;
}

/** What needs a person sooner or later; told when its reason changes. */
const TROUBLE: Record<string, ReadonlySet<string>> = {
  UpgradeSnapshot: new Set(['MissingCRDs', 'TimedOut']),
  CorruptData: new Set([
    'ValidatorKey',
    'LimitReached',
    'ClaimInUse',
    'NoSnapshot',
    'Forbidden',
    'VolumeUnknown',
    'Waiting',
  ]),
};

function reportTrouble(events: Events, fullNode: CosmosFullNode, status: OwnStatus): void {
  for (const { type, reason, message } of status.conditions ?? []) {
    const before = fullNode.status?.conditions?.find((condition) => condition.type === type)?.reason;
    if (before !== reason && TROUBLE[type]?.has(reason))
      events.record(fullNode, 'Warning', type as Reason, message, 'Reconcile');
  }
}

/** Told when it turns, not while it stays. */
function reportReady(events: Events, fullNode: CosmosFullNode, status: OwnStatus): void {
  const before = fullNode.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  const after = status.conditions?.find(({ type }) => type === 'Ready');
  if (after === undefined || before === after.status) return;
  if (after.status === 'True')
    events.record(fullNode, 'Normal', after.reason as Reason, `Ready: ${after.message}`, 'Report');
  else if (before === 'True' && status.phase !== 'Progressing' && status.phase !== 'Error')
    events.record(fullNode, 'Warning', after.reason as Reason, `Ready lost: ${after.message}`, 'Report');
}

function wasReported({ status }: CosmosFullNode, message: string): boolean {
  return status?.conditions?.find(({ type }) => type === 'SpecValid')?.message.includes(message) ?? false;
}
