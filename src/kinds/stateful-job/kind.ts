import { PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS } from '../../kube/resource-types.ts';
import type { Kind } from '../kind.ts';
import { lookBy } from '../look.ts';
import { reconcilerBy } from '../pass.ts';
import { checkStatefulJob, warnOfStatefulJob } from './check.ts';
import { statefulJobCrd } from './crd.ts';
import { buildJob, CHILDREN } from './desired/job.ts';
import { statefulJobRecipe } from './recipe.ts';
import { JOBS, STATEFUL_JOBS, type StatefulJob } from './schema.ts';

const WRITE = ['get', 'list', 'watch', 'create', 'patch'];

export const statefulJob: Kind = {
  name: statefulJobRecipe.name,
  type: STATEFUL_JOBS,
  children: () => [JOBS, PERSISTENT_VOLUME_CLAIMS].map((type) => ({ type, labels: CHILDREN })),
  rules: [
    { apiGroups: [JOBS.group], resources: [JOBS.plural], verbs: WRITE },
    { apiGroups: [''], resources: [PERSISTENT_VOLUME_CLAIMS.plural], verbs: [...WRITE, 'delete'] },
    { apiGroups: [VOLUME_SNAPSHOTS.group], resources: [VOLUME_SNAPSHOTS.plural], verbs: ['get', 'list'] },
    // Whether the Cosmos Operator still runs.
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['list'] },
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['list'] },
  ],
  // The Job and the claim of the Cosmos Operator have no owner, but the name of their resource.
  ownersOf: ({ metadata }) =>
    metadata.ownerReferences === undefined ? [{ namespace: metadata.namespace ?? '', name: metadata.name }] : [],
  crd: statefulJobCrd,
  check: checkStatefulJob,
  warn: warnOfStatefulJob,
  // The claim depends on the snapshot that there is.
  render: (object, { podSecurity }) => [buildJob(object as StatefulJob, podSecurity)],
  look: lookBy(statefulJobRecipe),
  view: statefulJobRecipe.view,
  createReconciler: reconcilerBy(statefulJobRecipe),
};
