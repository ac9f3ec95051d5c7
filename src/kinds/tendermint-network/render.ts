/**
 * Every object of a network with no cluster at all: the plan against an empty cluster, carried on as if each step had succeeded. What
 * comes out can be applied by hand and makes the same chain.
 */
import type { KubeObject, PersistentVolumeClaim } from '../../kube/objects.ts';
import type { Change } from '../../reconcile/change.ts';
import type { KindOptions } from '../kind.ts';
import { buildPod } from './desired/pod.ts';
import { observeNothing } from './observe.ts';
import { planNetwork } from './plan.ts';
import type { TendermintNetwork } from './schema.ts';
import { TYPE_OF_CHILD } from './watched.ts';

/** Throws an Error with every problem of the spec, one per line. */
export function renderNetwork(
  network: TendermintNetwork,
  options: KindOptions,
  now: Date,
  random: (size: number) => Uint8Array,
): KubeObject[] {
  const placed = { ...network, metadata: { namespace: 'default', ...network.metadata } };
  const plan = planNetwork(placed, observeNothing(), {
    now,
    random,
    options,
    residues: new Map(),
  });
  if (plan.problems.length > 0) throw new Error(plan.problems.map((problem) => problem.message).join('\n'));
  const objects = plan.changes.flatMap((change: Change) =>
    (change.verb === 'create' || change.verb === 'apply') && TYPE_OF_CHILD.has(change.type) ? [change.object] : [],
  );
  const identities = [...plan.identities.byName.values()];
  const { genesis } = plan;
  if (genesis === undefined) return objects;
  const created = new Set(objects.filter((object) => object.kind === 'Pod').map((pod) => pod.metadata.name));
  const pods = identities
    .map((identity) =>
      buildPod(placed, identity, identities, genesis, { images: { agent: options.agentImage }, ranToken: undefined }),
    )
    .filter((pod) => !created.has(pod.metadata.name));
  return [...objects, ...pods] satisfies (KubeObject | PersistentVolumeClaim)[];
}
