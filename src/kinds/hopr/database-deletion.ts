/**
 * `spec.deleteDatabase`: the node stops, a Job deletes its database, and the wish is taken back, in one write with the note of which Job has
 * fulfilled it. So a wish is fulfilled once, however often the operator crashes, and the next one gets a Job of its own.
 */
import type { Deployment, Job } from '../../kube/objects.ts';
import { keyOf } from '../../kube/objects.ts';
import { JOBS } from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import type { Problem } from '../problem.ts';
import { buildDeleteDatabaseJob } from './desired/delete-database.ts';
import type { NodeInput } from './desired/node.ts';
import { type NodeObserved, openPods } from './node-observed.ts';
import { withOwner } from './ownership.ts';
import { HOPRDS } from './schema.ts';

/** Name of the Job that has deleted the database last. */
const ANNOTATION_DELETED_BY = 'nodewright.dev/database-deleted-by';

export type DatabaseDeletion = {
  /** The node must not run now. */
  stop: boolean;
  changes: Change[];
  waits: Wait[];
  problems: Problem[];
};

export function planDatabaseDeletion(
  { hoprd, identity, settings }: Pick<NodeInput, 'hoprd' | 'identity' | 'settings'>,
  observed: NodeObserved,
): DatabaseDeletion {
  const nothing: DatabaseDeletion = { stop: false, changes: [], waits: [], problems: [] };
  if (hoprd.spec.deleteDatabase !== true) {
    const running = observed.jobs.find((job) => outcomeOf(job) === 'running');
    // The wish was taken back while its Job runs: two must never have the database open.
    return running === undefined ? nothing : { ...nothing, stop: true, waits: [waitFor(running)] };
  }
  const last = hoprd.metadata.annotations?.[ANNOTATION_DELETED_BY] ?? '';
  const job = withOwner(hoprd, buildDeleteDatabaseJob(hoprd, identity.metadata.name, last, settings));
  const live = observed.jobs.find(({ metadata }) => metadata.name === job.metadata.name);
  const stopped = { ...nothing, stop: true };
  if (live === undefined) {
    const first = findUser(observed);
    if (first !== undefined) return { ...stopped, waits: [{ what: 'deletion of the database', why: first }] };
    const why = 'spec.deleteDatabase is true';
    return { ...stopped, changes: [{ verb: 'create', type: JOBS, key: keyOf(job), why, object: job }] };
  }
  const outcome = outcomeOf(live);
  if (outcome === 'running') return { ...stopped, waits: [waitFor(live)] };
  if (outcome === 'failed') {
    const message = `spec.deleteDatabase: Job ${live.metadata.name} failed, and the node stays stopped; see the log of its pod, delete the Job to try again, or set deleteDatabase to false to start the node with its database`;
    return { ...stopped, problems: [{ reason: 'DatabaseNotDeleted', message }] };
  }
  const { uid, resourceVersion } = hoprd.metadata;
  const patch = {
    metadata: { uid, resourceVersion, annotations: { [ANNOTATION_DELETED_BY]: live.metadata.name } },
    spec: { deleteDatabase: false },
  };
  const why = `Job ${live.metadata.name} has deleted the database`;
  return { ...stopped, changes: [{ verb: 'patch', type: HOPRDS, key: keyOf(hoprd), why, patch }] };
}

/** What has the database open, or may open it at any moment: a Deployment whose pod was evicted just now makes the next one. */
function findUser(observed: NodeObserved): string | undefined {
  const [pod] = openPods(observed, 'all');
  if (pod !== undefined) return `Pod ${pod.metadata.name} must end first`;
  const { deployment } = observed;
  return deployment === undefined || isScaledDown(deployment)
    ? undefined
    : `Deployment ${deployment.metadata.name} must be at 0 replicas first`;
}

/** And its controller knows. */
function isScaledDown({ metadata, spec, status }: Deployment): boolean {
  const isSeen = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  return spec?.replicas === 0 && (status?.replicas ?? 0) === 0 && isSeen;
}

function outcomeOf({ status }: Job): 'running' | 'done' | 'failed' {
  const holds = (type: string) =>
    status?.conditions?.some((condition) => condition.type === type && condition.status === 'True');
  if (holds('Complete')) return 'done';
  return holds('Failed') ? 'failed' : 'running';
}

function waitFor({ metadata }: Job): Wait {
  return { what: 'start of the node', why: `Job ${metadata.name} deletes its database` };
}
