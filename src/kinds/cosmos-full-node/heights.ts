/**
 * The height of an instance as upgrades count it: the block in consensus, one above the last committed one (spec cosmos §1.2, `height`); on the
 * last step before the height of a version it stays behind, because the version before has that step to do.
 */
import { currentAnswer, isFresh } from '../../comet-node/reading.ts';
import { reachedHeight } from '../../formats/chain-versions.ts';
import type { Instance } from './instances.ts';
import type { Reading } from './node.ts';
import type { Observed } from './observe.ts';
import type { CosmosFullNode } from './schema.ts';
import { markOf } from './upgrade-snapshots.ts';

/** From what the node says now, else from what was known last; 0 when nothing ever was. */
export function heightOf(
  fullNode: CosmosFullNode,
  { name, claimName }: Instance,
  observed: Observed,
  now: number,
): number {
  const reading = freshReading(name, observed, now);
  const latest = currentAnswer(reading)?.status.latestHeight ?? 0;
  if (latest > 0) return reachedHeight(fullNode.spec.chain.versions ?? [], latest, undefined);
  // Who ended between a mark and the status leaves a height there from before the upgrade that the instance has stopped for.
  const claim = observed.claims.get(claimName);
  return Math.max(Number(fullNode.status?.height?.[name] ?? 0), (claim && markOf(claim)?.height) ?? 0);
}

/** What the node of a pod last said, unless that is too long ago to mean anything. */
export function freshReading(podName: string, observed: Observed, now: number): Reading | undefined {
  const reading = observed.readings.get(observed.pods.get(podName)?.metadata.uid ?? '');
  return reading !== undefined && isFresh(reading, now) ? reading : undefined;
}
