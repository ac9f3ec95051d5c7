/** A CosmosFullNode and its instances for people. */
import type { Pod } from '../../kube/objects.ts';
import { PODS } from '../../kube/resource-types.ts';
import { type ToldNode, viewCometNode } from '../comet-node-status.ts';
import { type NodeView, type ResourceView, type ViewSource, viewResource } from '../node-view.ts';
import { viewSnapshots } from '../snapshot-view.ts';
import { listVolumeSnapshots } from '../volume-snapshot.ts';
import { upgradeSnapshotLabels } from './desired/upgrade-snapshot.ts';
import { type Instance, isAwayForSnapshot, listInstances } from './instances.ts';
import type { Reading } from './node.ts';
import { CHILDREN } from './observe.ts';
import type { CosmosFullNode } from './schema.ts';

export async function viewFullNode(fullNode: CosmosFullNode, source: ViewSource<Reading>): Promise<ResourceView> {
  const { spec, status, metadata } = fullNode;
  const { namespace = '', uid = '' } = metadata;
  const found = await source.reader.list<Pod>(PODS, { namespace, labels: CHILDREN, owner: uid });
  const pods = new Map(found.map((pod) => [pod.metadata.name, pod]));
  const snapshots =
    spec.upgradeSnapshot === undefined
      ? []
      : ((await listVolumeSnapshots(source.reader, namespace, upgradeSnapshotLabels(fullNode))) ?? []);
  const { pvcAutoScaler } = status?.selfHealing ?? {};
  return viewResource(fullNode, {
    chain: spec.chain.chainID,
    height: status?.latestHeight,
    nodes: listInstances(fullNode).map((instance) => viewInstance(fullNode, instance, pods.get(instance.name), source)),
    snapshots: viewSnapshots(snapshots),
    facts: [
      { label: 'network', value: spec.chain.network },
      { label: 'type', value: spec.type ?? 'FullNode' },
      ...Object.entries(pvcAutoScaler ?? {}).map(([name, { requestedSize }]) => ({
        label: `volume of ${name} grows to`,
        value: String(requestedSize),
      })),
    ],
  });
}

function viewInstance(
  fullNode: CosmosFullNode,
  instance: Instance,
  pod: Pod | undefined,
  { reading, now }: ViewSource<Reading>,
): NodeView {
  const { name, override } = instance;
  const role = fullNode.spec.type === 'Sentry' ? 'sentry' : 'full';
  const told = fullNode.status?.sync?.[name];
  const last = pod && reading(pod);
  const view = viewCometNode(name, role, { pod, reading: last, told: told && toldNode(told), now });
  if (pod !== undefined) return { ...view, diskUsed: last?.disk?.usedPercent };
  if (override?.disable !== undefined)
    return { ...view, state: 'Disabled', health: 'off', words: 'spec.instanceOverrides says so' };
  if (isAwayForSnapshot(fullNode, instance))
    return { ...view, state: 'Away', health: 'busy', words: 'it is stopped while a snapshot of its volume is taken' };
  return view;
}

/** The status has no word for what a node is like: one that is not in sync for no error stands at the height of an upgrade (status.ts). */
function toldNode({
  inSync,
  height,
  peers,
  error,
}: NonNullable<NonNullable<CosmosFullNode['status']>['sync']>[string]): ToldNode {
  const state = inSync === true ? 'InSync' : error === undefined ? 'Halted' : 'NotInSync';
  return { state, height: height === undefined ? undefined : Number(height), peers, message: error };
}
