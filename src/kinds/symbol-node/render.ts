/**
 * The objects of a node with no cluster at all: plans against an empty cluster, each carried on as if the one before had succeeded. What
 * depends on the network's package is made from the one that is given; nothing is fetched for it.
 */
import type { KubeObject } from '../../kube/objects.ts';
import { CONFIG_MAPS, type ResourceType, SECRETS, SERVICES, STATEFUL_SETS } from '../../kube/resource-types.ts';
import type { KindOptions } from '../kind.ts';
import { type Observed, observeNothing } from './observe.ts';
import { type ObservedPackage, sourceOf } from './package-in-use.ts';
import { planSymbolNode } from './plan.ts';
import type { SymbolNode } from './schema.ts';

/** Keys, then what is made with them. */
const PASSES = 3;

/** Throws an Error with every problem of the spec, one per line. */
export function renderSymbolNode(
  resource: SymbolNode,
  options: KindOptions,
  now: Date,
  random: (size: number) => Uint8Array,
  network: Partial<ObservedPackage> & Pick<Partial<Observed>, 'height' | 'peers'> = {},
): KubeObject[] {
  const placed = { ...resource, metadata: { namespace: 'default', ...resource.metadata } };
  const { height, peers, ...packageInUse } = network;
  if (packageInUse.content === undefined)
    throw new Error(
      `the objects of a SymbolNode are made from its network's package (${sourceOf(placed)}), which is not fetched here: apply it with the annotation nodewright.dev/paused set to "true", and nodewright plan shows them`,
    );
  const nothing = observeNothing(placed, { source: sourceOf(placed), isPending: false, ...packageInUse });
  let observed: Observed = {
    ...nothing,
    ...(height === undefined ? {} : { height }),
    ...(peers === undefined ? {} : { peers }),
  };
  const objects = new Map<string, { type: ResourceType; object: KubeObject }>();
  for (let pass = 0; pass < PASSES; pass++) {
    const plan = planSymbolNode(placed, observed, { now, random, options, residues: new Map() });
    if (plan.problems.length > 0) throw new Error(plan.problems.map(({ message }) => message).join('\n'));
    for (const change of plan.changes) {
      if (change.verb === 'create' || change.verb === 'apply')
        objects.set(`${change.type.kind} ${change.key.name}`, { type: change.type, object: change.object });
    }
    const of = <T extends KubeObject>(type: ResourceType): Map<string, T> =>
      new Map(
        [...objects.values()]
          .filter((entry) => entry.type === type)
          .map(({ object }) => [object.metadata.name, object as T]),
      );
    observed = {
      ...observed,
      ...{ secrets: of(SECRETS), configMaps: of(CONFIG_MAPS), services: of(SERVICES), statefulSets: of(STATEFUL_SETS) },
    };
  }
  return [...objects.values()].map(({ object }) => object);
}
