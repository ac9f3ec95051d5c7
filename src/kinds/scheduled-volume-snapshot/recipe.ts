/** The parts of a pass over a ScheduledVolumeSnapshot, for the one path that all kinds go (../recipe.ts). The only nodes are throw-away ones. */
import { hasStarted } from '../../comet-node/node-view.ts';
import { foldReading, type NodeAnswer, type Reading, significanceOf } from '../../comet-node/reading.ts';
import { guardAgainstOriginal } from '../original-cosmos-operator.ts';
import { otherInstallation } from '../other-installation.ts';
import type { Recipe } from '../recipe.ts';
import { reportEvents } from './events.ts';
import { type Observed, observe } from './observe.ts';
import { type Plan, planSnapshots } from './plan.ts';
import { findUnusable } from './problems.ts';
import { describeSnapshots } from './report.ts';
import { askTrialNode } from './rpc.ts';
import {
  SCHEDULED_VOLUME_SNAPSHOTS,
  type ScheduledVolumeSnapshot,
  type ScheduledVolumeSnapshotStatus,
} from './schema.ts';
import { buildStatus, describeFailed, refreshedAt, significantPart } from './status.ts';
import { viewScheduledSnapshot } from './view.ts';

/** A height that does not move for so long stands still. */
const STALL_AFTER_MS = 120_000;

export const snapshotRecipe: Recipe<
  ScheduledVolumeSnapshot,
  Observed,
  Plan,
  ScheduledVolumeSnapshotStatus,
  Reading,
  NodeAnswer
> = {
  name: 'scheduled-volume-snapshot',
  type: SCHEDULED_VOLUME_SNAPSHOTS,
  predecessors: ['manager'],
  failedStatus: describeFailed,
  makeUsable(resource) {
    const unusable = resource.metadata.deletionTimestamp === undefined ? findUnusable(resource) : [];
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
  nodes: (_resource, { trialPods }) =>
    [...trialPods.values()]
      .filter(({ status }) => status?.podIP !== undefined)
      .map((pod) => ({
        pod,
        hasStarted: hasStarted(pod),
        ask: (podGet, signal) => askTrialNode(pod, podGet, signal),
        fold: (previous, answer, at) =>
          foldReading(previous, answer, at, { stallAfterMs: STALL_AFTER_MS, trustBlockTime: false }),
      })),
  significanceOf: (reading) => significanceOf(reading),
  plan: planSnapshots,
  buildStatus,
  view: viewScheduledSnapshot,
  significantPart,
  refreshedAt,
  describe: describeSnapshots,
  reportEvents,
  lookAgainMs: ({ lookAgainMs }) => lookAgainMs,
};
