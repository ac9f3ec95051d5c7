/** Every object of a resource with no cluster at all: what the plan creates in an empty one. */
import type { KubeObject } from '../../kube/objects.ts';
import type { KindOptions } from '../kind.ts';
import { observeNothing } from './observe.ts';
import { planFullNode } from './plan.ts';
import type { CosmosFullNode } from './schema.ts';

/** Throws an Error with every problem that keeps something from being rendered, one per line. */
export function renderFullNode(
  fullNode: CosmosFullNode,
  options: KindOptions,
  now: Date,
  random: (size: number) => Uint8Array,
): KubeObject[] {
  const placed = { ...fullNode, metadata: { namespace: 'default', ...fullNode.metadata } };
  const plan = planFullNode(placed, observeNothing(), { now, random, options, residues: new Map() });
  if (plan.problems.length > 0) throw new Error(plan.problems.map(({ message }) => message).join('\n'));
  return plan.changes.flatMap((change) => (change.verb === 'create' ? [change.object] : []));
}
