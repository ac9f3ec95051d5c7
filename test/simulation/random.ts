/** Random choices that a seed makes repeatable (mulberry32). */
export type Random = {
  /** In [0, 1). */
  fraction(): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  bytes(size: number): Uint8Array;
  /** A generator of its own, so that one part of the world does not shift the choices of another. */
  fork(): Random;
};

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number) => low + Math.floor(fraction() * (high - low + 1));
  return {
    fraction,
    chance: (probability) => fraction() < probability,
    between,
    pick: (items) => {
      if (items.length === 0) throw new Error('nothing to pick from');
      return items[between(0, items.length - 1)] as (typeof items)[number];
    },
    bytes: (size) => Uint8Array.from({ length: size }, () => between(0, 255)),
    fork: () => createRandom(between(0, 2 ** 31)),
  };
}
