/** Voting power. A block needs strictly more than two thirds of it (Tendermint consensus). */

/** Whether `part` of `total` is enough to make blocks. */
export function hasQuorum(part: bigint, total: bigint): boolean {
  return part * 3n > total * 2n;
}

/** The least power that makes blocks. */
export function quorumOf(total: bigint): bigint {
  return (total * 2n) / 3n + 1n;
}

/**
 * How many of these validators, whichever they are, can be gone while the others still make blocks.
 * @param others power of validators elsewhere, taken to be up
 * @param lost power of validators that are known to be down
 */
export function spareValidators(powers: readonly bigint[], others = 0n, lost = 0n): number {
  const total = sum(powers) + others + lost;
  const heaviestFirst = [...powers].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  let left = total - lost;
  for (const [gone, power] of heaviestFirst.entries()) {
    left -= power;
    if (!hasQuorum(left, total)) return gone;
  }
  return powers.length;
}

export function sum(powers: Iterable<bigint>): bigint {
  let total = 0n;
  for (const power of powers) total += power;
  return total;
}
