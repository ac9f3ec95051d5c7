/** Spec and observation in, changes out: the one place where it is decided what is written for a StatefulJob. Pure. */
import { type Job, type KubeObject, keyOf, type PersistentVolumeClaim } from '../../kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS, type ResourceType } from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import { ANNOTATION_PAUSED } from '../../reconcile/labels.ts';
import { ownersOf } from '../../reconcile/ownership.ts';
import { describeNoPods } from '../../reconcile/pod-profile.ts';
import type { PodSecurity } from '../../reconcile/pod-security.ts';
import { parseQuantity } from '../../reconcile/quantity.ts';
import { isProblem, type Problem } from '../problem.ts';
import type { PlanContext } from '../recipe.ts';
import { bestFirst } from '../volume-snapshot.ts';
import { buildClaim, buildJob, CHILDREN } from './desired/job.ts';
import { nextRunAt, recordJob } from './history.ts';
import type { Observed } from './observe.ts';
import { findProblems } from './problems.ts';
import { JOBS, type JobStatus, type StatefulJob } from './schema.ts';

export type Plan = {
  changes: Change[];
  waits: Wait[];
  /** Of the spec. */
  problems: Problem[];
  /** What keeps the next Job from being made, although everything in the spec can be done. */
  trouble?: Problem;
  phase: 'WaitingForNext' | 'Running';
  history: JobStatus[];
  nextRunAt: Date | undefined;
  paused: boolean;
  deleting: boolean;
  /** Milliseconds; undefined: there is no hurry. */
  lookAgainMs: number | undefined;
};

const SOON_MS = 1000;
const RETRY_MS = 60_000;
/** A Job has its first pod long before, unless something refuses it. */
const POD_DUE_MS = 15_000;

export function planStatefulJob(resource: StatefulJob, observed: Observed, { now, options }: PlanContext): Plan {
  const deleting = resource.metadata.deletionTimestamp !== undefined;
  const paused = resource.metadata.annotations?.[ANNOTATION_PAUSED] === 'true';
  const { job } = observed;
  const before = resource.status?.jobHistory ?? [];
  const mine = job !== undefined && isMine(resource, job) ? job : undefined;
  const history = mine === undefined ? before : recordJob(before, mine);
  const next = nextRunAt(resource, history);
  const plan: Plan = {
    changes: [],
    waits: [],
    problems: deleting ? [] : findProblems(resource),
    phase: mine === undefined ? 'WaitingForNext' : 'Running',
    history,
    nextRunAt: next,
    paused,
    deleting,
    lookAgainMs: undefined,
  };
  // What has an owner goes with it.
  if (deleting) return plan;
  const [last] = history;
  const decision = decide(resource, observed, {
    now,
    next,
    last,
    mayRun: plan.problems.length === 0,
    podSecurity: options.podSecurity,
  });
  const wait = decision.wait === undefined ? [] : [{ what: 'the next Job', why: decision.wait }];
  return {
    ...plan,
    changes: paused ? [] : decision.changes,
    waits: wait,
    ...(decision.trouble === undefined ? {} : { trouble: decision.trouble }),
    lookAgainMs: paused ? undefined : lookAgain(decision, next, now),
  };
}

type Decision = { changes: Change[]; wait?: string; trouble?: Problem };

function decide(
  resource: StatefulJob,
  { job, claim, snapshots, source }: Observed,
  input: {
    now: Date;
    next: Date | undefined;
    last: JobStatus | undefined;
    mayRun: boolean;
    podSecurity: PodSecurity | undefined;
  },
): Decision {
  const { now, next, last, mayRun, podSecurity } = input;
  for (const child of [job, claim])
    if (child !== undefined && !isMine(resource, child)) return { changes: [], trouble: describeTaken(child) };
  if (job !== undefined) {
    const adoptions = [...adopt(resource, JOBS, job), ...adopt(resource, PERSISTENT_VOLUME_CLAIMS, claim)];
    const help = isOver(job) ? { changes: [] } : helpJob(resource, claim, snapshots, source);
    return { ...findWithoutPods(job, now), ...help, changes: [...adoptions, ...help.changes] };
  }
  const isDue = mayRun && (next === undefined || now >= next);
  // Its Job is gone, and what it worked on with it; the next one gets the data of another snapshot.
  if (claim !== undefined && !(isDue && isUnused(claim, last))) return removeClaim(claim);
  if (!isDue) return { changes: [] };
  const made = makeNext(resource, claim, snapshots, podSecurity);
  return isProblem(made) ? { changes: [], trouble: made } : { changes: made };
}

/**
 * A Job whose pod has not begun waits for its claim, for a day if need be: where the claim was deleted, or the snapshot before the claim was
 * filled, it gets another one. A claim that a pod works on cannot go.
 */
function helpJob(
  resource: StatefulJob,
  claim: PersistentVolumeClaim | undefined,
  snapshots: Observed['snapshots'],
  source: Observed['source'],
): Decision {
  if (claim === undefined) {
    const made = makeClaim(resource, snapshots, 'its Job waits for it; ');
    return isProblem(made) ? { changes: [], trouble: made } : { changes: [made] };
  }
  const { metadata, spec, status } = claim;
  if (metadata.deletionTimestamp !== undefined)
    return { changes: [], wait: `claim ${metadata.name} has to be gone before its Job gets another one` };
  const isOrphaned = status?.phase === 'Pending' && source === undefined;
  if (!isOrphaned || bestFirst(snapshots ?? []).length === 0) return { changes: [] };
  return { changes: [deleteClaim(claim, `VolumeSnapshot ${spec?.dataSource?.name} is gone, and it has no data yet`)] };
}

/** Refused, most probably: a pod that waits for its claim is there. */
function findWithoutPods(job: Job, now: Date): { trouble?: Problem } {
  const { startTime, active = 0, succeeded = 0, failed = 0 } = job.status ?? {};
  const spec = job.spec?.template.spec;
  if (startTime === undefined || spec === undefined || isOver(job) || active + succeeded + failed > 0) return {};
  if (now.getTime() - Date.parse(startTime) < POD_DUE_MS) return {};
  return { trouble: { reason: 'PodFailing', message: describeNoPods(job, spec) } };
}

function isOver({ metadata, status }: Job): boolean {
  const hasEnded = status?.conditions?.some(
    (condition) => (condition.type === 'Complete' || condition.type === 'Failed') && condition.status === 'True',
  );
  return hasEnded === true || metadata.deletionTimestamp !== undefined;
}

/** An operator that ended before it had made the Job has left it. */
function isUnused({ metadata }: PersistentVolumeClaim, last: JobStatus | undefined): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  return last === undefined || Date.parse(metadata.creationTimestamp ?? '') > Date.parse(last.startTime ?? '');
}

/** The claim, unless it is there, then the Job. */
function makeNext(
  resource: StatefulJob,
  present: PersistentVolumeClaim | undefined,
  snapshots: Observed['snapshots'],
  podSecurity: PodSecurity | undefined,
): Change[] | Problem {
  const claim = present ?? makeClaim(resource, snapshots, '');
  if (isProblem(claim)) return claim;
  const job = buildJob(resource, podSecurity);
  const claims = 'verb' in claim ? [claim] : [];
  return [...claims, { verb: 'create', type: JOBS, key: keyOf(job), why: 'it is due', object: job }];
}

function makeClaim(resource: StatefulJob, snapshots: Observed['snapshots'], why: string): Change | Problem {
  if (snapshots === undefined)
    return {
      reason: 'MissingCRDs',
      message:
        'the cluster has no VolumeSnapshots: install their CustomResourceDefinitions and a driver that can make them',
    };
  const [best] = bestFirst(snapshots);
  const words = Object.entries(resource.spec.selector).map(([key, value]) => `${key}=${value}`);
  if (best === undefined)
    return {
      reason: 'NoSnapshot',
      message: `no ready to use VolumeSnapshots found with labels ${words.join(',')} in namespace ${resource.metadata.namespace}`,
    };
  const { restoreSize } = best.status ?? {};
  if (restoreSize === undefined || (parseQuantity(String(restoreSize)) ?? 0n) <= 0n)
    return {
      reason: 'NoRestoreSize',
      message: `VolumeSnapshot ${best.metadata.name} does not say in status.restoreSize how large a volume made from it must be`,
    };
  const claim = buildClaim(resource, best, restoreSize);
  return {
    ...{ verb: 'create', type: PERSISTENT_VOLUME_CLAIMS, key: keyOf(claim), object: claim },
    why: `${why}data of VolumeSnapshot ${best.metadata.name}`,
  };
}

function removeClaim(claim: PersistentVolumeClaim): Decision {
  const { name, deletionTimestamp } = claim.metadata;
  const wait = `claim ${name} of the last Job has to be gone first`;
  return { changes: deletionTimestamp === undefined ? [deleteClaim(claim, 'its Job is gone')] : [], wait };
}

function deleteClaim(claim: PersistentVolumeClaim, why: string): Change {
  const { uid = '' } = claim.metadata;
  return { verb: 'delete', type: PERSISTENT_VOLUME_CLAIMS, key: keyOf(claim), uid, why, disrupts: false };
}

/** Made for the resource, by us or by the Cosmos Operator, which leaves its children without an owner. */
function isMine({ metadata }: StatefulJob, child: KubeObject): boolean {
  const controller = child.metadata.ownerReferences?.find((owner) => owner.controller === true);
  if (controller !== undefined) return controller.uid === metadata.uid;
  return Object.entries(CHILDREN).every(([label, value]) => child.metadata.labels?.[label] === value);
}

function adopt(resource: StatefulJob, type: ResourceType, child: KubeObject | undefined): Change[] {
  if (child === undefined || child.metadata.ownerReferences?.some((owner) => owner.controller === true)) return [];
  const { uid, ownerReferences = [] } = child.metadata;
  const patch = { metadata: { uid, ownerReferences: [...ownerReferences, ...ownersOf(resource)] } };
  return [{ verb: 'patch', type, key: keyOf(child), why: 'it goes with its StatefulJob', patch }];
}

function describeTaken({ kind, metadata }: KubeObject): Problem {
  return {
    reason: 'NameTaken',
    message: `${kind} ${metadata.name} exists and does not belong to this resource; delete it, or choose another name for the resource`,
  };
}

function lookAgain({ changes, wait, trouble }: Decision, next: Date | undefined, now: Date): number | undefined {
  if (changes.length > 0 || wait !== undefined) return SOON_MS;
  if (trouble !== undefined) return RETRY_MS;
  const inMs = next === undefined ? RETRY_MS : next.getTime() - now.getTime();
  return inMs > 0 && inMs < RETRY_MS ? Math.max(SOON_MS, inMs) : undefined;
}
