/** The CustomResourceDefinition: chart/crds/cosmos.strange.love_statefuljobs.yaml. */
import type { CustomResourceDefinition } from '../../kube/objects.ts';
import { crdJson } from './crd.gen.ts';

/** Read anew at each call: an operator at work needs no CRD, and does not keep one in memory. */
export function statefulJobCrd(): CustomResourceDefinition {
  return JSON.parse(crdJson());
}
