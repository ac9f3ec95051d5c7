/** How the API server merges what is sent into what it has. */
type Json = Record<string, unknown>;

/** Members by which server-side apply merges lists of objects, as the schemas of the types used here have them. */
const LIST_KEYS = ['name', 'uid', 'mountPath', 'containerPort', 'port', 'type'];

/** Maps that are replaced as a whole. */
const ATOMIC_MAPS = new Set(['selector', 'matchLabels', 'nodeSelector']);

/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const merged: Json = isMap(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else if (value !== undefined) merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/**
 * Server-side apply by one manager: `next` over `live`, less what the manager applied before (`previous`) and no longer does. Ownership is
 * simplified to that: what other managers set stays unless `next` says otherwise.
 */
export function mergeApplied(live: unknown, next: unknown, previous: unknown, name = ''): unknown {
  if (ATOMIC_MAPS.has(name)) return next;
  if (isMap(next)) {
    const merged: Json = isMap(live) ? { ...live } : {};
    const before = isMap(previous) ? previous : {};
    for (const key of Object.keys(before)) {
      if (next[key] !== undefined) continue;
      if (isMap(before[key]) && isMap(merged[key])) {
        merged[key] = mergeApplied(merged[key], {}, before[key]);
        if (Object.keys(merged[key] as Json).length === 0) delete merged[key];
      } else delete merged[key];
    }
    for (const [key, value] of Object.entries(next)) {
      if (value !== undefined) merged[key] = mergeApplied(merged[key], value, before[key], key);
    }
    return merged;
  }
  if (Array.isArray(next))
    return mergeLists(Array.isArray(live) ? live : [], next, Array.isArray(previous) ? previous : []);
  return next;
}

function mergeLists(live: unknown[], next: unknown[], previous: unknown[]): unknown[] {
  const key = LIST_KEYS.find(
    (candidate) => next.length > 0 && next.every((entry) => isMap(entry) && candidate in entry),
  );
  if (key === undefined) return next;
  const find = (list: unknown[], id: unknown) => list.find((entry) => isMap(entry) && entry[key] === id);
  const ids = new Set(next.map((entry) => (entry as Json)[key]));
  const dropped = new Set(previous.map((entry) => (entry as Json)[key]).filter((id) => !ids.has(id)));
  const others = live.filter((entry) => isMap(entry) && !ids.has(entry[key]) && !dropped.has(entry[key]));
  return [
    ...next.map((entry) => {
      const id = (entry as Json)[key];
      return mergeApplied(find(live, id), entry, find(previous, id));
    }),
    ...others,
  ];
}

export function isMap(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
