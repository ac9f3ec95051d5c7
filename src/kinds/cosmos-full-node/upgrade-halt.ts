/**
 * Whether a node has stopped for an upgrade, or at the halt height of its spec. Since SDK 0.50 such a node keeps its process and its RPC and
 * looks in sync (spec cosmos §10): it is known by its height, which does not move. One that still comes to the height must not be stopped, or
 * it may not have written upgrade-info.json yet (§7.1 B27).
 */
import { hasRunForLong, NODE_CONTAINER, type NodeState } from '../../comet-node/node-view.ts';
import { currentAnswer } from '../../comet-node/reading.ts';
import type { Pod } from '../../kube/objects.ts';
import { changedAsked } from '../../reconcile/pod-stamps.ts';
import type { NodeView } from './node.ts';
import type { CosmosFullNode } from './schema.ts';
import { isForeign } from './taken-over.ts';
import { effectiveVersion } from './versions.ts';

/** A node commits no block for this long: longer than blocks take on any chain, shorter than a person wants to wait for an upgrade. */
const QUIET_MS = 20_000;
/** By the time of its last block alone, for whoever has asked only once. That time is a block older than the block. */
const OLD_BLOCK_MS = 60_000;
/** Parts of what was asked for by which one version differs from the next. */
const VERSION_PARTS: ReadonlySet<string> = new Set(['image', 'version', 'haltHeight']);

/** The node as `Halted`, where it stands at a height at which it was to stop. */
export function recognizeHalt(
  fullNode: CosmosFullNode,
  node: NodeView,
  desired: Pod | undefined,
  now: number,
): NodeView {
  const height = stopHeight(fullNode, node, desired);
  if (height === undefined || !(hasEnded(fullNode, node, height) || (hasStopped(node, height) && isQuiet(node, now))))
    return node;
  const next = isDue(node, desired) ? 'its next version is due' : 'spec.chain.app.haltHeight says so';
  return { ...node, state: 'Halted', message: `it has stopped at height ${height}: ${next}` };
}

/** Its next version is due, but it still makes blocks next to the height of the upgrade. */
export function isStoppingForUpgrade(fullNode: CosmosFullNode, node: NodeView, desired: Pod): boolean {
  if (node.state === 'Halted' || !isDue(node, desired)) return false;
  const height = stopHeight(fullNode, node, desired);
  return height !== undefined && hasStopped(node, height);
}

/** Where the node is to stop, or was. */
function stopHeight(fullNode: CosmosFullNode, node: NodeView, desired: Pod | undefined): number | undefined {
  const { versions, app } = fullNode.spec.chain;
  const height = versions?.length
    ? isDue(node, desired) && effectiveVersion(fullNode, node.height)?.height
    : app?.haltHeight;
  return Number(height) > 0 ? Number(height) : undefined;
}

/** The pod was made for the version before. */
export function isDue({ pod }: NodeView, desired: Pod | undefined): boolean {
  if (pod === undefined || desired === undefined) return false;
  // Pods of another operator do not say what was asked for.
  if (isForeign(pod)) return nodeImage(pod) !== nodeImage(desired);
  return changedAsked(pod, desired).some((part) => VERSION_PARTS.has(part));
}

function nodeImage({ spec }: Pod): string | undefined {
  return spec?.containers.find(({ name }) => name === NODE_CONTAINER)?.image;
}

/** RPC shows the height itself where the chain has decided on the upgrade, and the one after it where `halt-height` has stopped the node. */
function hasStopped({ reading }: NodeView, height: number): boolean {
  const latestHeight = currentAnswer(reading)?.status.latestHeight;
  return latestHeight === height || latestHeight === height + 1;
}

/**
 * It has come to the halt height of the spec before and does not answer now: a node that is started there ends at once, again and again. With
 * versions the pod itself says at which height it is.
 */
function hasEnded({ spec }: CosmosFullNode, { state, height: known, reading }: NodeView, height: number): boolean {
  if (spec.chain.versions?.length || !WITHOUT_ANSWER.has(state)) return false;
  return currentAnswer(reading) === undefined && (known === height + 1 || known === height + 2);
}

const WITHOUT_ANSWER: ReadonlySet<NodeState> = new Set<NodeState>(['Failed', 'Starting', 'Unreachable']);

function isQuiet({ pod, reading }: NodeView, now: number): boolean {
  if (reading?.answer === undefined) return false;
  if (now - Math.max(reading.advancedAt ?? 0, reading.since) >= QUIET_MS) return true;
  const { catchingUp, latestBlockTime } = reading.answer.status;
  const isFirstLook = reading.since === reading.at && pod !== undefined && hasRunForLong(pod, now);
  return isFirstLook && !catchingUp && now - Date.parse(latestBlockTime) >= OLD_BLOCK_MS;
}
