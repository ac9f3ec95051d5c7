/**
 * Executes changes in their order; neighbours of the same verb and type go together. What follows a failure may build on what is missing:
 * nothing more is created or deleted of the same node, or of any node where the failure concerns all. No node is stopped any more,
 * whichever it is: none is ever restarted because another step failed. Applies and patches go on, so that one bad object does not hide
 * the rest.
 */
import { ApiError, isAlreadyExists, isConflict, isNotFound } from '../kube/api-error.ts';
import type { Kube } from '../kube/kube.ts';
import type { KubeObject, Pod, PodSpec } from '../kube/objects.ts';
import { PODS, type ResourceType } from '../kube/resource-types.ts';
import { adoptManagedFields } from './adopt.ts';
import { type Change, formatChange } from './change.ts';
import { residueKey, signatureOf } from './diff.ts';
import { differences } from './difference.ts';
import { withAdvice } from './pod-profile.ts';

export type Actor = {
  kube: Pick<Kube, 'create' | 'apply' | 'mergePatch' | 'delete' | 'get'>;
  fieldManager: string;
  /** Field managers of the operator that ours stands in for: what they wrote becomes ours when we write the object. */
  predecessors?: readonly string[];
  /** Sends a transaction to a node; needed by kinds that plan broadcasts. */
  broadcast?: (change: Change & { verb: 'broadcast' }) => Promise<void>;
  /** What applies left different although they succeeded (diff.ts, Residues); written here, read by the next diff. */
  residues: Map<string, string>;
};

export type Outcome = {
  done: Change[];
  /** In order; the first is the one that matters most. */
  failures: { change: Change; error: unknown }[];
  /** Not tried, because of a failure before. */
  skipped: Change[];
};

/** An object of that name exists and is not ours to touch. */
export class NameTakenError extends Error {}

export async function act(changes: readonly Change[], actor: Actor): Promise<Outcome> {
  const outcome: Outcome = { done: [], failures: [], skipped: [] };
  for (const group of groupNeighbours(changes)) {
    const missing = [
      ...outcome.failures.map(({ change }) => change),
      ...outcome.skipped.filter(({ verb }) => verb === 'create'),
    ];
    const allowed = group.filter((change) => mayFollow(change, missing));
    outcome.skipped.push(...group.filter((change) => !allowed.includes(change)));
    const results = await Promise.allSettled(allowed.map((change) => execute(change, actor)));
    for (const [index, result] of results.entries()) {
      const change = allowed[index] as Change;
      if (result.status === 'fulfilled') outcome.done.push(change);
      else outcome.failures.push({ change, error: result.reason });
    }
  }
  return outcome;
}

function mayFollow(change: Change, missing: readonly Change[]): boolean {
  if (missing.length === 0 || change.verb === 'apply' || change.verb === 'patch') return true;
  if (change.verb === 'broadcast' || (change.verb === 'delete' && change.disrupts)) return false;
  return change.node !== undefined && missing.every(({ node }) => node !== undefined && node !== change.node);
}

/** The failure to report: a real one before a lost race, which the next pass settles by itself. */
export function worstFailure(outcome: Outcome): { change: Change; error: unknown } | undefined {
  return outcome.failures.find(({ error }) => !isConflict(error) && !isAlreadyExists(error)) ?? outcome.failures[0];
}

export function describeFailure(failure: { change: Change; error: unknown }): string {
  const message = failure.error instanceof Error ? failure.error.message : String(failure.error);
  return `could not ${formatChange(failure.change).split(':')[0]}: ${withAdvice(message, ...refusedPod(failure.change))}`;
}

/** Of a pod that the API server may have refused: its namespace and what it asks for. */
function refusedPod(change: Change): [string, PodSpec | undefined] {
  const object = 'object' in change ? change.object : 'replacement' in change ? change.replacement : undefined;
  const spec = object?.kind === PODS.kind ? (object as Pod).spec : undefined;
  return [change.key.namespace ?? '', spec];
}

async function execute(change: Change, actor: Actor): Promise<void> {
  const { kube, fieldManager } = actor;
  switch (change.verb) {
    case 'create':
      try {
        await kube.create(change.type, change.object, { fieldManager });
      } catch (error) {
        throw isAlreadyExists(error) ? await explainTakenName(change, kube, error) : error;
      }
      return;
    case 'apply': {
      const applied = await applyWhole(change, actor);
      rememberResidue(change.object, applied, actor.residues);
      return;
    }
    case 'patch':
      await kube.mergePatch(change.type, change.key, change.patch, {
        fieldManager,
        ...(change.subresource === undefined ? {} : { subresource: change.subresource }),
      });
      return;
    case 'delete':
      if (change.replacement !== undefined) await rehearse(change.type, change.replacement, kube);
      await kube.delete(
        change.type,
        change.key,
        { uid: change.uid },
        change.propagation === undefined ? {} : { propagationPolicy: change.propagation },
      );
      return;
    case 'broadcast':
      await actor.broadcast?.(change);
  }
}

/** Throws the API server's words where it would refuse to create the object; that its name is still taken is no refusal. */
async function rehearse(type: ResourceType, replacement: KubeObject, kube: Actor['kube']): Promise<void> {
  try {
    await kube.create(type, replacement, { dryRun: true });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/**
 * Server-side apply merges lists by key and keeps entries that somebody else added, even where both together are invalid: a Service whose
 * port was edited would then have two ports of one name. Only such an object has its lists replaced.
 */
async function applyWhole(
  change: Change & { verb: 'apply' },
  { kube, fieldManager, predecessors = [] }: Actor,
): Promise<KubeObject> {
  // Nothing of that name is known to be ours; applied over somebody else's object, ours would take it over.
  if (change.isNew) await refuseTakenName(change, kube);
  else await adoptFields(change, kube, fieldManager, predecessors);
  try {
    return await kube.apply(change.type, change.object, { fieldManager });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 422) throw error;
    if (change.fallback !== undefined) return kube.apply(change.type, change.fallback, { fieldManager });
    if (change.isNew) throw error;
    await kube.mergePatch(change.type, change.key, change.object, { fieldManager });
    return kube.apply(change.type, change.object, { fieldManager });
  }
}

/**
 * What was written by other means than our applies would stay for ever once we no longer want it: by the operator before us, or by our own
 * POST.
 */
async function adoptFields(
  change: Change & { verb: 'apply' },
  kube: Actor['kube'],
  fieldManager: string,
  predecessors: readonly string[],
): Promise<void> {
  const live = await kube.get<KubeObject>(change.type, change.key);
  const { uid, resourceVersion, managedFields = [] } = live?.metadata ?? {};
  const adopted = adoptManagedFields(managedFields, [fieldManager, ...predecessors], fieldManager);
  if (adopted === undefined) return;
  const patch = { metadata: { uid, resourceVersion, managedFields: adopted } };
  await kube.mergePatch(change.type, change.key, patch, { fieldManager });
}

function rememberResidue(wanted: KubeObject, applied: KubeObject, residues: Map<string, string>): void {
  const left = differences(wanted, applied);
  if (left.length === 0) residues.delete(residueKey(wanted));
  else residues.set(residueKey(wanted), signatureOf(left));
}

/** A name that is taken by an object of ours is a stale view, which the next pass mends; by any other it needs a person. */
async function explainTakenName(
  change: Change & { verb: 'create' },
  kube: Actor['kube'],
  error: unknown,
): Promise<unknown> {
  try {
    await refuseTakenName(change, kube);
    return error;
  } catch (refusal) {
    return refusal;
  }
}

/**
 * Throws a NameTakenError where an object of that name exists that carries neither our labels nor our owner. What an earlier resource of
 * the same name has left, or what is being deleted, is gone soon.
 */
async function refuseTakenName(change: Change & { verb: 'create' | 'apply' }, kube: Actor['kube']): Promise<void> {
  const live = await kube.get<KubeObject>(change.type, change.key);
  if (live === undefined) return;
  const { labels = {}, ownerReferences: owners = [] } = change.object.metadata;
  const isLeftOver = live.metadata.ownerReferences?.some((theirs) =>
    owners.some(({ kind, name, uid }) => theirs.kind === kind && theirs.name === name && theirs.uid !== uid),
  );
  if (isLeftOver || live.metadata.deletionTimestamp !== undefined)
    throw new ApiError(`${change.type.kind} ${change.key.name} is still being deleted`, 409, 'Conflict');
  const own = Object.entries(labels).filter(([label]) => label.startsWith('nodewright.dev/'));
  // Children of adopted kinds carry none of ours; without an owner they are known by all of theirs.
  const marks = own.length > 0 || live.metadata.ownerReferences !== undefined ? own : Object.entries(labels);
  const ours = marks.length > 0 && marks.every(([label, value]) => live.metadata.labels?.[label] === value);
  const owned = live.metadata.ownerReferences?.some(({ uid }) => owners.some((owner) => owner.uid === uid));
  if (ours || owned) return;
  throw new NameTakenError(
    `${change.type.kind} ${change.key.name} exists and does not belong to this resource; rename or delete it, or choose another name for the resource`,
  );
}

function groupNeighbours(changes: readonly Change[]): Change[][] {
  const groups: Change[][] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    const [first] = last ?? [];
    if (last !== undefined && first?.verb === change.verb && first.type === change.type) last.push(change);
    else groups.push([change]);
  }
  return groups;
}

/** Whether an error means only that the world moved on between reading and writing. */
export function isLostRace(error: unknown): boolean {
  return isConflict(error) || isAlreadyExists(error) || isNotFound(error);
}
