/**
 * Statuses of resources without a status subresource: a write of the status is a write of the resource, and counts as a generation. A
 * status is about the generation that its own write makes, and is written again when somebody else has written the resource since.
 */
import type { Condition, KubeObject } from '../../kube/objects.ts';
import { type ConditionInput, mergeConditions, toWireTime } from '../../reconcile/conditions.ts';
import { canonicalJson, stampOf } from '../../reconcile/stamp.ts';
import { statusPatch } from '../../reconcile/status-patch.ts';

type WrittenStatus = {
  updateTimestamp: string;
  checksum: string;
  observedGeneration?: number | undefined;
  conditions?: Condition[] | undefined;
};

/** With everything that every status has. */
export type WholeStatus = {
  updateTimestamp: string;
  checksum: string;
  observedGeneration: number;
  conditions: Condition[];
};

type Resource = KubeObject & { spec: object; status?: object | null };

/** What a kind says of itself; the rest is the same for all of them. */
export type OwnStatus = { phase: string; conditions: Pick<Condition, keyof ConditionInput>[] } & Record<
  string,
  unknown
>;

/** Hash of a spec; that of the HOPR operator is another one, and each takes the other's for a change (spec hopr §5). */
export function checksumOf({ spec }: { spec: object }): string {
  return stampOf(spec);
}

/** Whether a status is about the spec as it is now. */
export function isCurrent({ spec, status }: Resource): boolean {
  return (status as WrittenStatus | undefined)?.checksum === checksumOf({ spec });
}

/** The whole status, as it stands in the resource when it has been written: that makes the next generation. */
export function completeStatus<Own extends OwnStatus>(resource: Resource, own: Own, now: Date): Own & WholeStatus {
  return statusOf(resource, own, now, (resource.metadata.generation ?? 0) + 1);
}

/**
 * The merge patch that writes a status, and fails where somebody has written the resource since; undefined while there is nothing new to say
 * and the last write is younger than `refreshMs`.
 */
export function patchStatus(resource: Resource, own: OwnStatus, now: Date, refreshMs: number): object | undefined {
  const before = (resource.status ?? undefined) as WrittenStatus | undefined;
  const { uid, resourceVersion, generation = 0 } = resource.metadata;
  const isFresh = now.getTime() - Date.parse(before?.updateTimestamp ?? '') < refreshMs;
  const after = statusOf(resource, own, now, generation);
  const isSaid = before !== undefined && significance(before, after) === significance(after, after);
  if (isFresh && isSaid && before.observedGeneration === generation) return undefined;
  return { metadata: { uid, resourceVersion }, status: statusPatch(before, completeStatus(resource, own, now)) };
}

/** The part of a status whose change is written at once. */
export function significantPart(status: object | null | undefined): unknown {
  return status ? significance(status, status) : undefined;
}

function statusOf<Own extends OwnStatus>(
  resource: Resource,
  own: Own,
  now: Date,
  observedGeneration: number,
): Own & WholeStatus {
  const before = (resource.status ?? undefined) as WrittenStatus | undefined;
  return {
    ...own,
    updateTimestamp: toWireTime(now),
    checksum: checksumOf(resource),
    observedGeneration,
    conditions: mergeConditions(before?.conditions ?? [], own.conditions, observedGeneration, now),
  };
}

/** Everything but times and generations, of the members that `own` has: others are somebody else's. */
function significance(status: object, own: object): string {
  const { updateTimestamp: _written, observedGeneration: _generation, conditions, ...rest } = status as WrittenStatus;
  const plain = (conditions ?? []).map(
    ({ lastTransitionTime: _time, observedGeneration: _observed, ...condition }) => condition,
  );
  const members = Object.entries(rest).filter(([member]) => member in own);
  return canonicalJson({ ...Object.fromEntries(members), conditions: plain });
}
