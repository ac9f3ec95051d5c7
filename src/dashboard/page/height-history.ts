/** The heights of all nodes since the page was opened, for the plot. The server keeps none. */
import { idOf, type ResourceView } from '../wire.ts';

export type History = {
  /** What the fleet is like at a moment, milliseconds since 1970. */
  record(at: number, resources: Iterable<ResourceView>): void;
  /** Times in seconds, as plots want them, and for each of these nodes its heights; null where it had none. */
  heights(resource: ResourceView, names: readonly string[]): { times: number[]; heights: (number | null)[][] };
  /** Seconds from one block to the next, over the last minute; undefined while that cannot be told. */
  secondsPerBlock(resource: ResourceView): number | undefined;
};

/** Twenty minutes, where something happens every two seconds. */
const LENGTH = 600;
const PACE_SECONDS = 60;
const MIN_PACE_SECONDS = 10;

export function createHistory(length: number = LENGTH): History {
  const times: number[] = [];
  /** As long as `times`; a node that was met later begins with nulls. */
  const heights = new Map<string, (number | null)[]>();

  function push(key: string, height: number | undefined): void {
    let list = heights.get(key);
    if (list === undefined) {
      list = Array.from({ length: times.length - 1 }, () => null);
      heights.set(key, list);
    }
    list.push(height ?? null);
  }

  /** In one go now and then: to take away the first of a long list moves all others. */
  function forgetOld(): void {
    const surplus = times.length - length;
    times.splice(0, surplus);
    for (const [key, list] of heights) {
      list.splice(0, surplus);
      if (list.every((height) => height === null)) heights.delete(key);
    }
  }

  return {
    record(at, resources) {
      times.push(at / 1000);
      for (const resource of resources) {
        push(idOf(resource), resource.height);
        for (const node of resource.nodes) push(`${idOf(resource)}/${node.name}`, node.height);
      }
      for (const list of heights.values()) if (list.length < times.length) list.push(null);
      if (times.length > length * 1.2) forgetOld();
    },
    heights: (resource, names) => ({
      times: times.slice(-length),
      heights: names.map(
        (name) => heights.get(`${idOf(resource)}/${name}`)?.slice(-length) ?? times.slice(-length).map(() => null),
      ),
    }),
    secondsPerBlock(resource) {
      const list = heights.get(idOf(resource)) ?? [];
      const last = list.length - 1;
      const end = times[last] ?? 0;
      const first = list.findIndex((height, index) => height !== null && end - (times[index] ?? 0) <= PACE_SECONDS);
      const seconds = end - (times[first] ?? end);
      const blocks = (list[last] ?? 0) - (list[first] ?? 0);
      return seconds < MIN_PACE_SECONDS || blocks <= 0 ? undefined : seconds / blocks;
    },
  };
}
