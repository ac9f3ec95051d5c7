/** What has changed between two looks at a fleet. Pure. */
import type { Changed, Delta, NodeView, ResourceView } from '../wire.ts';
import { idOf } from '../wire.ts';

/** What a stream has told last: resources by their id, each with its number. */
export type Told = ReadonlyMap<string, { number: number; view: ResourceView }>;

export type Difference = { told: Told; delta: Omit<Delta, 'at' | 'operator'>; isEmpty: boolean };

/** @param nextNumber gives the number of a resource that is new */
export function compareViews(before: Told, views: readonly ResourceView[], nextNumber: () => number): Difference {
  const told = new Map<string, { number: number; view: ResourceView }>();
  const add: NonNullable<Delta['add']> = {};
  const set: NonNullable<Delta['set']> = {};
  const nodes: NonNullable<Delta['nodes']> = {};
  for (const view of views) {
    const known = before.get(idOf(view));
    const number = known?.number ?? nextNumber();
    told.set(idOf(view), { number, view });
    if (known === undefined) {
      add[number] = view;
      continue;
    }
    const areSameNodes = haveSameNames(known.view.nodes, view.nodes);
    const changed = changedMembers(known.view, view, areSameNodes ? ['nodes'] : []);
    if (changed !== undefined) set[number] = changed;
    const changedNodes = areSameNodes ? compareNodes(known.view.nodes, view.nodes) : undefined;
    if (changedNodes !== undefined) nodes[number] = changedNodes;
  }
  const gone = [...before].flatMap(([id, { number }]) => (told.has(id) ? [] : [number]));
  const delta = {
    ...(isEmpty(add) ? {} : { add }),
    ...(isEmpty(set) ? {} : { set }),
    ...(isEmpty(nodes) ? {} : { nodes }),
    ...(gone.length === 0 ? {} : { gone }),
  };
  return { told, delta, isEmpty: isEmpty(delta) };
}

/** Everything, for who has been told nothing yet. */
export function tellAll(told: Told): Pick<Delta, 'add'> {
  return { add: Object.fromEntries([...told.values()].map(({ number, view }) => [number, view])) };
}

function haveSameNames(a: readonly NodeView[], b: readonly NodeView[]): boolean {
  return a.length === b.length && a.every(({ name }, index) => name === b[index]?.name);
}

function compareNodes(before: readonly NodeView[], after: readonly NodeView[]) {
  const nodes: Record<number, Changed<NodeView>> = {};
  for (const [index, node] of after.entries()) {
    const changed = changedMembers(before[index] as NodeView, node, []);
    if (changed !== undefined) nodes[index] = changed;
  }
  return isEmpty(nodes) ? undefined : nodes;
}

function changedMembers<T extends object>(before: T, after: T, except: (keyof T)[]): Changed<T> | undefined {
  const changed: Changed<T> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof T>) {
    if (except.includes(key) || isSame(before[key], after[key])) continue;
    changed[key] = after[key] === undefined ? null : after[key];
  }
  return isEmpty(changed) ? undefined : changed;
}

/** Of plain JSON. Most parts come from a cache and are the same objects as before. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [first, second] = [a, b] as Record<string, unknown>[];
  const keys = Object.keys(first as object);
  return (
    keys.length === Object.keys(second as object).length &&
    keys.every((key) => key in (second as object) && isSame(first?.[key], second?.[key]))
  );
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}
