/** Which of all that happened is worth an event. A network at rest makes none. */
import { LEASES, PODS, SECRETS } from '../../kube/resource-types.ts';
import type { Outcome } from '../../reconcile/act.ts';
import { describeFailure, isLostRace } from '../../reconcile/act.ts';
import type { Change } from '../../reconcile/change.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import type { ReconcilerContext } from '../kind.ts';
import type { Plan } from './plan.ts';
import type { TendermintNetwork } from './schema.ts';
import type { TendermintNetworkStatus } from './status-schema.ts';

type Events = ReconcilerContext['events'];

export function reportEvents(
  events: Events,
  network: TendermintNetwork,
  plan: Plan,
  outcome: Outcome,
  status: TendermintNetworkStatus,
): void {
  for (const change of outcome.done) {
    const event = eventOf(change);
    if (event !== undefined) events.record(network, 'Normal', event.reason, event.note, event.action);
  }
  for (const failure of outcome.failures) {
    if (!isLostRace(failure.error))
      events.record(network, 'Warning', 'ChangeFailed', describeFailure(failure), 'Reconcile');
  }
  for (const problem of plan.problems) {
    if (!wasReported(network.status, problem.message))
      events.record(network, 'Warning', problem.reason, problem.message, 'Reconcile');
  }
  reportTransition(events, network, status, 'Quorum', false);
  // A problem has its own event already.
  if (plan.problems.length > 0) return;
  // Who changes or deletes a network expects its nodes to go for a moment.
  reportTransition(events, network, status, 'Ready', plan.deleting || status.phase === 'Updating');
}

function eventOf(change: Change): { reason: Reason; note: string; action: string } | undefined {
  const name = change.key.name;
  if (change.verb === 'create' && change.type === PODS)
    return { reason: 'Created', note: `created Pod ${name}: ${change.why}`, action: 'CreatePod' };
  if (change.verb === 'create' && change.type === SECRETS)
    return { reason: 'KeysMade', note: `created Secret ${name}: ${change.why}`, action: 'CreateKeys' };
  if (change.verb === 'create' && change.why.startsWith('genesis'))
    return { reason: 'GenesisMade', note: `created ConfigMap ${name}: ${change.why}`, action: 'CreateGenesis' };
  if (change.verb === 'delete' && change.type === PODS)
    return {
      reason: change.disrupts ? 'Restarting' : 'Removing',
      note: `stopping Pod ${name}: ${change.why}`,
      action: 'DeletePod',
    };
  if (change.verb === 'delete' && change.type === LEASES)
    return { reason: 'KeyReleased', note: `${name}: ${change.why}`, action: 'ReleaseKey' };
  if (change.verb === 'broadcast') return { reason: 'ValidatorSetChange', note: change.why, action: 'SendTransaction' };
  return undefined;
}

/** Conditions that people wait for: told when they turn, not while they stay. */
function reportTransition(
  events: Events,
  network: TendermintNetwork,
  status: TendermintNetworkStatus,
  type: string,
  expected: boolean,
): void {
  const before = network.status?.conditions?.find((condition) => condition.type === type)?.status;
  const after = status.conditions?.find((condition) => condition.type === type);
  if (after === undefined || before === after.status) return;
  if (after.status === 'True')
    events.record(network, 'Normal', after.reason as Reason, `${type}: ${after.message}`, 'Report');
  else if (before === 'True' && after.status === 'False') {
    events.record(
      network,
      expected ? 'Normal' : 'Warning',
      after.reason as Reason,
      `${type} lost: ${after.message}`,
      'Report',
    );
  }
}

function wasReported(status: TendermintNetworkStatus | undefined, message: string): boolean {
  return status?.conditions?.find((condition) => condition.type === 'SpecValid')?.message.includes(message) ?? false;
}
