/** What is wrong with a StatefulJob as it is written, found without any cluster. */
import type { KubeObject } from '../../kube/objects.ts';
import { completeBySchema, findSchemaProblems, schemaOf } from '../structural-schema.ts';
import { statefulJobCrd } from './crd.ts';
import { findProblems, findWarnings } from './problems.ts';
import type { StatefulJob } from './schema.ts';

export function checkStatefulJob(object: KubeObject): string[] {
  const schema = schemaOf(statefulJobCrd(), 'spec');
  const spec = completeBySchema(schema, (object as StatefulJob).spec ?? {});
  const misfits = findSchemaProblems(schema, spec, 'spec');
  const resource = { ...object, spec } as StatefulJob;
  const problems = misfits.length > 0 ? misfits : findProblems(resource).map(({ message }) => message);
  return problems.map((problem) => `${object.kind} ${object.metadata.name}: ${problem}`);
}

export function warnOfStatefulJob(object: KubeObject): string[] {
  return findWarnings(object as StatefulJob).map((warning) => `${object.kind} ${object.metadata.name}: ${warning}`);
}
