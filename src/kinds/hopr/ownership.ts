/** Who a child belongs to, in the form of the HOPR operator (spec hopr §3): it does not block the deletion of its owner. */
import type { KubeObject } from '../../kube/objects.ts';

export function withOwner<T extends KubeObject>({ apiVersion, kind, metadata }: KubeObject, child: T): T {
  const { name, uid } = metadata;
  // What is rendered without a cluster has no owner yet.
  if (uid === undefined) return child;
  return {
    ...child,
    metadata: { ...child.metadata, ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] },
  };
}
