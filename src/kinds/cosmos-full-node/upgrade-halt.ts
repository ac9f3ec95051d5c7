/**
 * Whether a node has stopped for an upgrade. A node must not be stopped for the image of a height before it has come to that height
 * itself, or it may not have written upgrade-info.json yet; and one that has stopped there may still answer and look in sync (spec cosmos
 * §7.1 B27, §10).
 */
import type { Pod } from '../../kube/objects.ts';
import { changedAsked } from '../../reconcile/pod-stamps.ts';
import type { NodeView } from './node.ts';
import type { CosmosFullNode } from './schema.ts';
import { effectiveVersion } from './versions.ts';

/** A node commits no block for this long: longer than blocks take on any chain, shorter than a person wants to wait for an upgrade. */
const QUIET_MS = 20_000;
/** RPC shows the upgrade height itself or the one after it, by the version of the Cosmos SDK. */
const NEAR = 2;

/** Its next image is due, but it still runs towards the height of the upgrade. */
export function isStoppingForUpgrade(
  fullNode: CosmosFullNode,
  node: NodeView,
  live: Pod,
  desired: Pod,
  now: number,
): boolean {
  const changed = changedAsked(live, desired);
  if (!(changed.includes('image') || changed.includes('version')) || !answers(node)) return false;
  return isNearUpgrade(fullNode, node) && !isQuiet(node, now);
}

/** It stands still at the height of an upgrade: stopping it costs nothing. */
export function isStoppedForUpgrade(fullNode: CosmosFullNode, node: NodeView, now: number): boolean {
  return answers(node) && isNearUpgrade(fullNode, node) && isQuiet(node, now);
}

function isNearUpgrade(fullNode: CosmosFullNode, { height }: NodeView): boolean {
  const due = effectiveVersion(fullNode, height)?.height;
  return due !== undefined && Number(due) > 0 && height - Number(due) <= NEAR;
}

function answers({ reading }: NodeView): boolean {
  return reading?.answer !== undefined && reading.error === undefined;
}

function isQuiet({ reading }: NodeView, now: number): boolean {
  const seen = Math.max(reading?.advancedAt ?? 0, reading?.since ?? now);
  return now - seen >= QUIET_MS;
}
