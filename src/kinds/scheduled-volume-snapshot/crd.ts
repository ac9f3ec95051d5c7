/** The CustomResourceDefinition: chart/crds/cosmos.strange.love_scheduledvolumesnapshots.yaml. */
import type { CustomResourceDefinition } from '../../kube/objects.ts';
import { crdJson } from './crd.gen.ts';

/** Read anew at each call: an operator at work needs no CRD, and does not keep one in memory. */
export function scheduledVolumeSnapshotCrd(): CustomResourceDefinition {
  return JSON.parse(crdJson());
}
