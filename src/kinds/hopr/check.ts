/** What is wrong with a resource of HOPR as it is written, found without any cluster. */
import type { CustomResourceDefinition, KubeObject } from '../../kube/objects.ts';
import type { Problem } from '../problem.ts';
import { completeBySchema, findSchemaProblems, schemaOf } from '../structural-schema.ts';
import { clusterHoprdCrd, hoprdCrd, identityHoprdCrd, identityPoolCrd } from './crds.ts';
import { findIdentityProblems } from './identity-problems.ts';
import { findNameProblems } from './name-problems.ts';
import { findNodeProblems } from './node-problems.ts';
import { findPoolProblems } from './pool-problems.ts';
import type { ClusterHoprd, Hoprd, IdentityHoprd, IdentityPool } from './schema.ts';

export function checkIdentityPool(object: KubeObject): string[] {
  return check(object, identityPoolCrd(), (pool) => findPoolProblems(pool as IdentityPool));
}

export function checkIdentityHoprd(object: KubeObject): string[] {
  return check(object, identityHoprdCrd(), (identity) => findIdentityProblems(identity as IdentityHoprd));
}

export function checkClusterHoprd(object: KubeObject): string[] {
  return check(object, clusterHoprdCrd(), (cluster) => findNodeProblems(cluster as ClusterHoprd));
}

export function checkHoprd(object: KubeObject): string[] {
  return check(object, hoprdCrd(), (hoprd) => findNodeProblems(hoprd as Hoprd));
}

/** Against the schema of the CRD first; the rest counts on members being what they should be. */
function check(
  object: KubeObject,
  crd: CustomResourceDefinition,
  findProblems: (resource: KubeObject) => Problem[],
): string[] {
  const schema = schemaOf(crd, 'spec');
  const spec = completeBySchema(schema, (object as Hoprd).spec ?? {});
  const misfits = findSchemaProblems(schema, spec, 'spec');
  const resource = { ...object, spec } as KubeObject;
  const problems =
    misfits.length > 0
      ? misfits
      : [...findNameProblems(resource), ...findProblems(resource)].map((problem) =>
          typeof problem === 'string' ? problem : problem.message,
        );
  return problems.map((problem) => `${object.kind} ${object.metadata.name}: ${problem}`);
}
