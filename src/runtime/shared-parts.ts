/**
 * Makes equal parts of objects one part: the pods of a fleet differ in a few names and are alike in kilobytes of environment, probes and
 * mounts. In the caches of a fleet that halves the memory. Who gets such objects must not change them, as with everything from a cache.
 */
import type { KubeObject } from '../kube/objects.ts';

/** Of these there are two: what was met lately, and what was met before that. A part that comes often is always in one of them. */
const PARTS_IN_MEMORY = 8192;
/** Shorter texts are not worth a look; they are shared with the part that they are in. */
const LONG_TEXT = 64;

export type PartSharer = {
  /** Replaces, within the object, what was met before. Returns the object itself. */
  share<T extends KubeObject>(object: T): T;
};

type Part = object | string;

/** @param capacity parts to remember, for tests */
export function createPartSharer(capacity: number = PARTS_IN_MEMORY): PartSharer {
  let recent = new Map<number, Part>();
  let older = new Map<number, Part>();
  /** Of the part that was visited last. */
  let hash = 0;

  function remembered<T extends Part>(part: T, isSame: (other: Part, part: T) => boolean): T {
    const known = recent.get(hash) ?? older.get(hash);
    // One that is another with the same hash makes way.
    const kept = known !== undefined && isSame(known, part) ? (known as T) : part;
    recent.set(hash, kept);
    if (recent.size >= capacity) {
      older = recent;
      recent = new Map();
    }
    return kept;
  }

  function visit<T>(value: T): T {
    if (typeof value === 'string') {
      hash = hashText(value);
      return value.length < LONG_TEXT ? value : (remembered(value, Object.is) as T);
    }
    if (value === null || typeof value !== 'object') {
      hash = hashText(String(value));
      return value;
    }
    const members = value as Record<string, unknown>;
    let own = Array.isArray(value) ? 1 : 2;
    for (const key in members) {
      members[key] = visit(members[key]);
      own = mix(mix(own, hashText(key)), hash);
    }
    hash = own;
    return remembered(value, haveSameMembers) as T;
  }

  return {
    share(object) {
      // What stands in metadata and status is of that object alone, but for its owner.
      const { metadata, status: _status, ...rest } = object as KubeObject & { status?: unknown };
      if (metadata.ownerReferences !== undefined) metadata.ownerReferences = visit(metadata.ownerReferences);
      for (const [member, value] of Object.entries(rest)) (object as Record<string, unknown>)[member] = visit(value);
      return object;
    },
  };
}

/** Of parts whose own parts are shared already. */
function haveSameMembers(a: Part, b: Part): boolean {
  if (typeof a === 'string' || typeof b === 'string' || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && Object.is(a[key as keyof Part], b[key as keyof Part]))
  );
}

/** FNV-1a, of 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

function mix(a: number, b: number): number {
  return Math.imul((a ^ (b >>> 16)) * 31 + b, 0x01000193) | 0;
}
