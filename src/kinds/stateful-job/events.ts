/** Which of all that happened is worth an event; reasons that upstream has keep their names (spec cosmos §4.1). */
import { describeFailure, isLostRace, type Outcome } from '../../reconcile/act.ts';
import type { ReconcilerContext } from '../kind.ts';
import type { Plan } from './plan.ts';
import { JOBS, type StatefulJob } from './schema.ts';

export function reportEvents(
  events: ReconcilerContext['events'],
  resource: StatefulJob,
  plan: Plan,
  outcome: Outcome,
): void {
  for (const { verb, type, key, why } of outcome.done)
    if (verb === 'create' && type === JOBS)
      events.record(resource, 'Normal', 'CreatedJob', `created Job ${key.name}: ${why}`, 'CreateJob');
  const told = [resource.status?.status, ...(resource.status?.conditions ?? []).map(({ message }) => message)];
  const wrong = [
    ...outcome.failures.filter(({ error }) => !isLostRace(error)).map(describeFailure),
    ...[...plan.problems, ...(plan.trouble === undefined ? [] : [plan.trouble])]
      .map(({ message }) => message)
      .filter((message) => !told.some((text) => text?.includes(message))),
  ];
  for (const message of wrong) events.record(resource, 'Warning', 'Error', message, 'Reconcile');
}
