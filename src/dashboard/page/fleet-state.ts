/** What the page knows of the fleet: the deltas of the stream, put together. Pure. */
import type { Changed, Delta, OperatorView, ResourceView } from '../wire.ts';

export type FleetState = {
  /** When the server last said something, by its clock, milliseconds; undefined before the first delta. */
  at: number | undefined;
  operator: OperatorView | undefined;
  /** By the number that the stream gave them. */
  resources: ReadonlyMap<number, ResourceView>;
};

export const NOTHING: FleetState = { at: undefined, operator: undefined, resources: new Map() };

/** What did not change stays the same object. */
export function applyDelta(state: FleetState, delta: Delta): FleetState {
  const resources = new Map(state.resources);
  for (const [number, view] of numbered(delta.add)) resources.set(number, view);
  for (const number of delta.gone ?? []) resources.delete(number);
  for (const [number, changed] of numbered(delta.set)) {
    const view = resources.get(number);
    if (view !== undefined) resources.set(number, merge(view, changed));
  }
  for (const [number, changes] of numbered(delta.nodes)) {
    const view = resources.get(number);
    if (view === undefined) continue;
    const nodes = [...view.nodes];
    for (const [index, changed] of numbered(changes)) {
      const node = nodes[index];
      if (node !== undefined) nodes[index] = merge(node, changed);
    }
    resources.set(number, { ...view, nodes });
  }
  return { at: delta.at, operator: delta.operator ?? state.operator, resources };
}

function merge<T extends object>(value: T, changed: Changed<T>): T {
  const merged = { ...value, ...changed };
  for (const key in changed) if (changed[key] === null) delete merged[key];
  return merged as T;
}

/** JSON has texts as keys. */
function numbered<T>(record: Record<number, T> | undefined): [number, T][] {
  return Object.entries(record ?? {}).map(([key, value]) => [Number(key), value]);
}
