/** Conditions that all resources of HOPR have. */

import type { Wait } from '../../reconcile/change.ts';
import type { ConditionInput } from '../../reconcile/conditions.ts';
import type { ConditionType, Reason } from '../../reconcile/reasons.ts';
import type { Problem } from '../problem.ts';

type Facts = {
  waits: readonly Wait[];
  problems: readonly Problem[];
  /** What went wrong in this pass. */
  failure: string | undefined;
  paused: boolean;
  deleting: boolean;
};

/** Reasons that are about the spec itself and not about what it refers to. */
const ABOUT_SPEC: ReadonlySet<string> = new Set([
  ...['ConfigInvalid', 'DeploymentInvalid', 'VersionInvalid', 'UnknownField', 'EnvReserved', 'IdentityNotChanged'],
  ...['IdentityFileUnreadable', 'IdentityFileInvalid', 'PeerIdInvalid', 'AddressInvalid'],
  ...['NetworkMissing', 'FundingInvalid'],
]);

/** Whether a problem is about the spec itself and not about what it refers to. */
export function isAboutSpec({ reason }: Problem): boolean {
  return ABOUT_SPEC.has(reason);
}

/** @param good `Ready` where nothing stands in its way; its status says whether it has come to that */
export function conditionsOf(facts: Facts, good: Omit<ConditionInput, 'type'>): ConditionInput[] {
  return [readyCondition(facts, good), preflightCondition(facts), specCondition(facts), ...pausedCondition(facts)];
}

function readyCondition(
  { deleting, failure, waits, problems }: Facts,
  good: Omit<ConditionInput, 'type'>,
): ConditionInput {
  const not = (reason: Reason, message: string): ConditionInput => ({
    type: 'Ready',
    status: 'False',
    reason,
    message,
  });
  if (deleting) return not('Deleting', waits.length === 0 ? 'it is being deleted' : describe(waits));
  if (failure !== undefined) return not('ReconcileFailed', failure);
  if (good.status === 'True') return { type: 'Ready', ...good };
  const [problem] = problems.filter(
    (problem) => !isAboutSpec(problem) || waits.some(({ why }) => why === problem.message),
  );
  if (problem !== undefined) return not(problem.reason, problem.message);
  return waits.length > 0 ? not('Waiting', describe(waits)) : { type: 'Ready', ...good };
}

/** What has to be there and is not: Secrets, pools, identities, ports. */
function preflightCondition({ problems }: Facts): ConditionInput {
  const missing = problems.filter((problem) => !isAboutSpec(problem));
  return problemCondition('PreflightPassed', missing, 'everything that it needs is there');
}

function specCondition({ problems }: Facts): ConditionInput {
  const wrong = problems.filter(isAboutSpec);
  return problemCondition('SpecValid', wrong, 'everything in the spec can be done');
}

function problemCondition(type: ConditionType & Reason, problems: readonly Problem[], good: string): ConditionInput {
  const [first] = problems;
  if (first === undefined) return { type, status: 'True', reason: type, message: good };
  return { type, status: 'False', reason: first.reason, message: problems.map(({ message }) => message).join('; ') };
}

function pausedCondition({ paused }: Facts): ConditionInput[] {
  if (!paused) return [];
  const message = 'the annotation nodewright.dev/paused is true: nothing is changed';
  return [{ type: 'Paused', status: 'True', reason: 'Annotation', message }];
}

function describe(waits: readonly Wait[]): string {
  return waits.map(({ what, why }) => `${what}: ${why}`).join('; ');
}
