/** The resource type of a StatefulJob. Its members are generated from the CRD (schema.gen.ts). */
import type { KubeObject } from '../../kube/objects.ts';
import type { ResourceType } from '../../kube/resource-types.ts';
import type { StatefulJobSpec, StatefulJobStatus } from './schema.gen.ts';

export type { JobStatus, StatefulJobStatus } from './schema.gen.ts';

export const STATEFUL_JOBS: ResourceType = {
  group: 'cosmos.strange.love',
  version: 'v1alpha1',
  kind: 'StatefulJob',
  plural: 'statefuljobs',
  namespaced: true,
};

export const JOBS: ResourceType = { group: 'batch', version: 'v1', kind: 'Job', plural: 'jobs', namespaced: true };

export type StatefulJob = KubeObject & { spec: StatefulJobSpec; status?: StatefulJobStatus };
