/** What the operator is going to write, and why. `plan` prints these, act.ts executes them, tests assert them. */
import type { KubeObject, ObjectKey } from '../kube/objects.ts';
import type { ResourceType } from '../kube/resource-types.ts';

type ChangeOf<Verb extends string, More> = {
  verb: Verb;
  type: ResourceType;
  key: ObjectKey;
  /** A phrase a node operator understands, without a full stop. */
  why: string;
  /** The node it is about: its failure then holds back only what is about the same node. Absent: it concerns all. */
  node?: string | undefined;
} & More;

export type Change =
  /** POST, never over an existing object. */
  | ChangeOf<'create', { object: KubeObject }>
  /** Server-side apply of the whole object. */
  | ChangeOf<'apply', { object: KubeObject; isNew: boolean; fallback?: KubeObject }>
  /**
   * Merge patch of single members; conditional where the patch carries a uid or resourceVersion. `subresource`: members of a status of which
   * others write the rest.
   */
  | ChangeOf<'patch', { patch: object; subresource?: 'status' }>
  /**
   * Delete with a uid precondition. `disrupts` marks the stop of a node that may be running; `replacement` is what comes after it, and
   * what the API server has to be willing to take before anything is stopped. With `propagation: 'Foreground'` the object keeps its name
   * until everything that it owns is gone; without one the API server orphans the pods of Jobs.
   */
  | ChangeOf<
      'delete',
      { uid: string; disrupts: boolean; replacement?: KubeObject; propagation?: 'Foreground' | 'Background' }
    >
  /** A call to a node instead of the API server; `key` names the pod it goes to. */
  | ChangeOf<'broadcast', { transaction: string }>;

/** Something that is wanted but must not be done yet. */
export type Wait = { what: string; why: string };

/** One line, as `plan` and the log show it: `replace Pod osmosis-2: image v14 → v15`. */
export function formatChange(change: Change): string {
  return `${describeVerb(change)} ${change.type.kind} ${change.key.name}: ${change.why}`;
}

/** What a change does, in a word that people know. */
export function describeVerb(change: Change): string {
  switch (change.verb) {
    case 'apply':
      return change.isNew ? 'create' : 'update';
    case 'delete':
      return change.disrupts ? 'replace' : 'delete';
    case 'broadcast':
      return 'send transaction to';
    default:
      return change.verb;
  }
}
