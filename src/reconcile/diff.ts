/**
 * Turns wished and live objects into changes. Two ways of writing exist (design, "Writing"): objects that are created once and never
 * overwritten, and objects that are applied whole and kept as they should be.
 */
import { type KubeObject, keyOf } from '../kube/objects.ts';
import { apiVersionOf, type ResourceType, SECRETS } from '../kube/resource-types.ts';
import type { Change } from './change.ts';
import { type Difference, describeDifference, differences } from './difference.ts';
import { ANNOTATION_APPLIED, LABEL_RETAINED_FROM } from './labels.ts';
import { canonicalJson, stampOf } from './stamp.ts';

export type Desired = {
  type: ResourceType;
  /**
   * `create`: keys, claims, reservations, immutable objects. `apply`: everything that may be rewritten at any time. `create-then-apply`:
   * what may be rewritten but holds something that must not be lost, so that a view in which it is missing never overwrites it.
   */
  write: 'create' | 'apply' | 'create-then-apply';
  object: KubeObject;
  /** Taken when the API server refuses a new object as invalid, such as without an address that is no longer free. */
  fallback?: KubeObject;
  /** What the object is for; the reason of its creation. */
  purpose: string;
};

/**
 * What the API server made of an apply that was ours but not as we wrote it (an admission hook, a rewritten value), by object: such a
 * difference is not written again for ever. Keys come from {@link residueKey}, values from {@link signatureOf}.
 */
export type Residues = ReadonlyMap<string, string>;

/** The change that makes `live` as desired, or nothing. An object that is being deleted is left to go first. */
export function diffObject(desired: Desired, live: KubeObject | undefined, residues: Residues): Change[] {
  const { type, object } = desired;
  const key = keyOf(object);
  if (live === undefined) {
    return desired.write !== 'apply'
      ? [
          {
            ...{ verb: 'create', type, key, why: desired.purpose },
            object: desired.write === 'create' ? object : stamped(object),
          },
        ]
      : [
          {
            ...{ verb: 'apply', type, key, why: desired.purpose, object: stamped(object), isNew: true },
            ...(desired.fallback === undefined ? {} : { fallback: stamped(desired.fallback) }),
          },
        ];
  }
  if (live.metadata.deletionTimestamp !== undefined) return [];
  return desired.write === 'create' ? resume(desired, live) : reapply(desired, live, residues);
}

/** The stamp of an applied object, and the object carrying it. */
function stamped<T extends KubeObject>(object: T): T {
  const annotations = { ...object.metadata.annotations, [ANNOTATION_APPLIED]: stampOf(object) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

export function residueKey(object: KubeObject): string {
  return `${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

export function signatureOf(found: Difference[]): string {
  return canonicalJson(found);
}

function reapply(desired: Desired, live: KubeObject, residues: Residues): Change[] {
  const object = stamped(desired.object);
  const found = differences(object, live);
  if (found.length === 0 || residues.get(residueKey(live)) === signatureOf(found)) return [];
  const ours = live.metadata.annotations?.[ANNOTATION_APPLIED] !== object.metadata.annotations?.[ANNOTATION_APPLIED];
  // The stamp says nothing to people.
  const visible = differences(desired.object, live);
  const phrase = visible
    .slice(0, 3)
    .map((difference) => describeDifference(difference, desired.type === SECRETS))
    .join(', ');
  const nothingVisible =
    live.metadata.annotations?.[ANNOTATION_APPLIED] === undefined
      ? 'it is as wanted, and is taken over'
      : 'members that are no longer wanted';
  const why = ours ? phrase || nothingVisible : `changed by someone else: ${phrase}`;
  return [{ verb: 'apply', type: desired.type, key: keyOf(live), why, object, isNew: false }];
}

/** An object that outlived its resource is taken up again: only the mark of that is removed, its content is never touched. */
function resume(desired: Desired, live: KubeObject): Change[] {
  if (live.metadata.labels?.[LABEL_RETAINED_FROM] === undefined) return [];
  return [
    {
      verb: 'patch',
      type: desired.type,
      key: keyOf(live),
      why: 'kept from an earlier resource of this name, now in use again',
      patch: {
        apiVersion: apiVersionOf(desired.type),
        kind: desired.type.kind,
        metadata: { uid: live.metadata.uid, labels: { [LABEL_RETAINED_FROM]: null } },
      },
    },
  ];
}
