/** Whom a child belongs to: what has an owner is deleted with it, by the garbage collector of the cluster. */
import type { KubeObject, ObjectMeta, OwnerReference } from '../kube/objects.ts';

/** The resource as the owner of a child. Empty for one that no API server has seen, such as in what is rendered without a cluster. */
export function ownersOf({ apiVersion, kind, metadata: { name, uid } }: KubeObject): OwnerReference[] {
  return uid === undefined ? [] : [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }];
}

/** The same as what metadata of a child has of it. */
export function ownedBy(resource: KubeObject): Pick<ObjectMeta, 'ownerReferences'> {
  const owners = ownersOf(resource);
  return owners.length === 0 ? {} : { ownerReferences: owners };
}
