/** Which image a node of a chain needs at a height, from a list that ascends by height (spec.chain.versions of a CosmosFullNode). */

/**
 * @param height the block in consensus, 0 when it is not known
 * @returns undefined before the first version
 */
export function versionAt<T extends { height: number }>(versions: readonly T[], height: number): T | undefined {
  const next = versions.findIndex((version) => version.height > height);
  return versions[(next === -1 ? versions.length : next) - 1];
}

/**
 * The block in consensus as versions count it. That is one above the last block, but for the last step before an upgrade: until the node has
 * come to the height itself, and has noted what it needs for the next version, the version before has work to do there.
 *
 * @param lastBlock 0 when there is none yet
 * @param halted height of the upgrade that the node has noted in upgrade-info.json
 */
export function reachedHeight(
  versions: readonly { height: number }[],
  lastBlock: number,
  halted: number | undefined,
): number {
  const next = lastBlock + 1;
  const isBefore = lastBlock > 0 && halted !== next && versions.some(({ height }) => height === next);
  return isBefore ? lastBlock : next;
}
