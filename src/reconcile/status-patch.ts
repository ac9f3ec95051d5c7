/** The status of a resource as a merge patch. */

/**
 * The merge patch that makes `next` of `previous`: members that are gone are null in it. Top-level members that `next` does not name
 * belong to other writers and stay; one that it names as undefined is taken away.
 */
export function statusPatch(previous: object | undefined, next: object): object {
  const before = (previous ?? {}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(next).map(([key, value]) => [key, patchOf(before[key], value)]));
}

function patchOf(before: unknown, after: unknown): unknown {
  if (after === undefined) return null;
  if (!isMap(before) || !isMap(after)) return after;
  const gone = Object.keys(before).filter((key) => after[key] === undefined);
  return {
    ...Object.fromEntries(Object.entries(after).map(([key, value]) => [key, patchOf(before[key], value)])),
    ...Object.fromEntries(gone.map((key) => [key, null])),
  };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
