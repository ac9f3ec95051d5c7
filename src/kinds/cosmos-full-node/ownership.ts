/**
 * Who a child belongs to. With `volumeRetentionPolicy: Retain` claims and ConfigMaps (which hold the node keys) have no owner, so that they
 * outlive the resource without any finalizer, and are found again by name and labels (docs/adr/0014).
 */
import { type KubeObject, keyOf, type PersistentVolumeClaim } from '../../kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import { ownedBy, ownersOf } from '../../reconcile/ownership.ts';
import type { CosmosFullNode } from './schema.ts';

export function isRetained(fullNode: CosmosFullNode): boolean {
  return fullNode.spec.volumeRetentionPolicy === 'Retain';
}

export function withOwner<T extends KubeObject>(fullNode: CosmosFullNode, child: T, owned = true): T {
  return owned ? { ...child, metadata: { ...child.metadata, ...ownedBy(fullNode) } } : child;
}

/** The change that gives a claim the owner that the policy wants, or takes it away. */
export function adjustOwner(fullNode: CosmosFullNode, claim: PersistentVolumeClaim): Change[] {
  const { ownerReferences = [], uid } = claim.metadata;
  const others = ownerReferences.filter((owner) => owner.uid !== fullNode.metadata.uid);
  const retained = isRetained(fullNode);
  const isMine = others.length < ownerReferences.length;
  if (fullNode.metadata.uid === undefined || retained !== isMine) return [];
  const owners = retained ? others : [...others, ...ownersOf(fullNode)];
  return [
    {
      verb: 'patch',
      type: PERSISTENT_VOLUME_CLAIMS,
      key: keyOf(claim),
      why: retained
        ? 'spec.volumeRetentionPolicy is Retain: it outlives the resource'
        : 'spec.volumeRetentionPolicy is Delete: it goes with the resource',
      patch: { metadata: { uid, ownerReferences: owners.length === 0 ? null : owners } },
    },
  ];
}
