/** The parts of a pass over a StatefulJob, for the one path that all kinds go (../recipe.ts). */
import { guardAgainstOriginal } from '../original-cosmos-operator.ts';
import { otherInstallation } from '../other-installation.ts';
import type { Recipe } from '../recipe.ts';
import { reportEvents } from './events.ts';
import { type Observed, observe } from './observe.ts';
import { type Plan, planStatefulJob } from './plan.ts';
import { findUnusable } from './problems.ts';
import { STATEFUL_JOBS, type StatefulJob, type StatefulJobStatus } from './schema.ts';
import { buildStatus, refreshedAt, significantPart } from './status.ts';
import { viewStatefulJob } from './view.ts';

export const statefulJobRecipe: Recipe<StatefulJob, Observed, Plan, StatefulJobStatus> = {
  name: 'stateful-job',
  type: STATEFUL_JOBS,
  predecessors: ['manager'],
  failedStatus: (_resource, message) => ({ phase: 'Error', status: message }),
  makeUsable(resource) {
    const unusable = findUnusable(resource);
    return unusable.length === 0 ? resource : unusable;
  },
  createGuard(context) {
    const { options, now } = context;
    const whyOriginal = guardAgainstOriginal(context);
    return async ({ status }) =>
      (await whyOriginal()) ??
      otherInstallation(status?.operatorNamespace, status?.observedAt, options.operatorNamespace, now());
  },
  observe,
  plan: planStatefulJob,
  buildStatus,
  view: viewStatefulJob,
  significantPart,
  refreshedAt,
  reportEvents,
  lookAgainMs: ({ lookAgainMs }) => lookAgainMs,
};
