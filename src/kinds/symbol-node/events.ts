/** Which of all that happened is worth an event. A node at rest makes none. */
import { PODS, SECRETS, STATEFUL_SETS } from '../../kube/resource-types.ts';
import { describeFailure, isLostRace, type Outcome } from '../../reconcile/act.ts';
import type { Change } from '../../reconcile/change.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import type { ReconcilerContext } from '../kind.ts';
import type { Plan } from './plan.ts';
import type { SymbolNode } from './schema.ts';
import type { SymbolNodeStatus } from './status-schema.ts';

type Events = ReconcilerContext['events'];

/** Conditions whose turn for the worse is an event. */
const WATCHED = ['Synced', 'CertificateValid', 'VotingKeysValid', 'Recovered'];

export function reportEvents(
  events: Events,
  resource: SymbolNode,
  plan: Plan,
  outcome: Outcome,
  status: SymbolNodeStatus,
): void {
  for (const change of outcome.done) {
    const event = eventOf(change);
    if (event !== undefined) events.record(resource, 'Normal', event.reason, event.note, event.action);
  }
  for (const failure of outcome.failures) {
    if (!isLostRace(failure.error))
      events.record(resource, 'Warning', 'ChangeFailed', describeFailure(failure), 'Reconcile');
  }
  const before = resource.status?.conditions ?? [];
  for (const { reason, message } of plan.problems) {
    if (!before.some((condition) => condition.message.includes(message)))
      events.record(resource, 'Warning', reason, message, 'Reconcile');
  }
  for (const type of WATCHED) {
    const next = status.conditions?.find((condition) => condition.type === type);
    const last = before.find((condition) => condition.type === type);
    const isWorse = next?.status === 'False' && last?.status !== 'False';
    if (isWorse && !plan.problems.some(({ message }) => next.message.includes(message)))
      events.record(resource, 'Warning', next.reason as Reason, next.message, 'Watch');
  }
  reportAlerts(events, resource, plan, status);
}

/** Alerts that have just begun, but for those that a condition has told of. */
function reportAlerts(events: Events, resource: SymbolNode, plan: Plan, status: SymbolNodeStatus): void {
  const before = new Set(resource.status?.alerts?.map(({ name }) => name));
  const conditions = status.conditions?.filter(({ type }) => WATCHED.includes(type)) ?? [];
  const told = [...plan.problems, ...conditions].map(({ message }) => message);
  for (const { name, message } of status.alerts ?? []) {
    if (!before.has(name) && !told.some((words) => message.startsWith(words)))
      events.record(resource, 'Warning', name.split(':')[0] as Reason, message, 'Watch');
  }
}

function eventOf(change: Change): { reason: Reason; note: string; action: string } | undefined {
  const { name } = change.key;
  if (change.verb === 'create' && change.type === SECRETS)
    return { reason: 'KeysMade', note: `created Secret ${name}: ${change.why}`, action: 'CreateKeys' };
  if (change.verb === 'patch' && change.type === SECRETS)
    return { reason: 'KeysRenewed', note: `Secret ${name}: ${change.why}`, action: 'RenewKeys' };
  if (change.verb === 'apply' && change.type === STATEFUL_SETS && change.isNew)
    return { reason: 'Created', note: `created StatefulSet ${name}: ${change.why}`, action: 'CreateStatefulSet' };
  if (change.verb === 'delete' && change.type === PODS)
    return { reason: 'Restarting', note: `stopping Pod ${name}: ${change.why}`, action: 'StopPod' };
  return undefined;
}
