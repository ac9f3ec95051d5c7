/** The CRDs of scheduled snapshots and jobs that the Cosmos Operator installs: ours without what we added. */
import { scheduledVolumeSnapshotCrd } from '../../src/kinds/scheduled-volume-snapshot/crd.ts';
import { statefulJobCrd } from '../../src/kinds/stateful-job/crd.ts';
import { schemaOf } from '../../src/kinds/structural-schema.ts';
import type { CustomResourceDefinition } from '../../src/kube/objects.ts';

export function originalScheduledVolumeSnapshotCrd(): CustomResourceDefinition {
  const crd = scheduledVolumeSnapshotCrd();
  remove(crd, 'spec', ['timeLimit', 'verify']);
  remove(crd, 'status', ['run', 'verification', 'nextRunAt', 'operatorNamespace', 'observedAt', 'conditions']);
  const status = schemaOf(crd, 'status');
  status.required = ['createdAt', 'observedGeneration', 'phase'];
  const candidate = status.properties?.candidate?.properties;
  delete candidate?.height;
  delete candidate?.image;
  return crd;
}

export function originalStatefulJobCrd(): CustomResourceDefinition {
  const crd = statefulJobCrd();
  remove(crd, 'status', ['phase', 'nextRunAt', 'operatorNamespace', 'observedAt', 'conditions']);
  return crd;
}

function remove(crd: CustomResourceDefinition, part: 'spec' | 'status', members: string[]): void {
  for (const member of members) delete schemaOf(crd, part).properties?.[member];
}
