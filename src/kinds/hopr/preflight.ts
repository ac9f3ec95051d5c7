/** What the operator's configuration names and the cluster may not have. */
import { isForbidden } from '../../kube/api-error.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { Reader } from '../../kube/reader.ts';
import { INGRESS_CLASSES, type ResourceType, STORAGE_CLASSES } from '../../kube/resource-types.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import type { HoprSettings } from '../hopr-settings.ts';
import type { Problem } from '../problem.ts';

export function findMissingStorageClass(reader: Reader, { persistence }: HoprSettings): Promise<Problem[]> {
  return findMissing(reader, STORAGE_CLASSES, persistence.storageClassName, {
    reason: 'StorageClassMissing',
    field: 'persistence.storage_class_name',
  });
}

export function findMissingIngressClass(reader: Reader, { ingress }: HoprSettings): Promise<Problem[]> {
  return findMissing(reader, INGRESS_CLASSES, ingress.className, {
    reason: 'IngressClassMissing',
    field: 'ingress.ingress_class_name',
  });
}

async function findMissing(
  reader: Reader,
  type: ResourceType,
  name: string,
  { reason, field }: { reason: Reason; field: string },
): Promise<Problem[]> {
  try {
    if ((await reader.get<KubeObject>(type, { name })) !== undefined) return [];
  } catch (error) {
    // An operator with rights in some namespaces only cannot know.
    if (isForbidden(error)) return [];
    throw error;
  }
  const message = `there is no ${type.kind} ${name}, which ${field} in the operator's configuration names; make it, or name another one`;
  return [{ reason, message }];
}
