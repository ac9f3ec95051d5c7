/** What is wrong with a CosmosFullNode as it is written, found without any cluster. */
import type { KubeObject } from '../../kube/objects.ts';
import { completeBySchema, findSchemaProblems, schemaOf } from '../structural-schema.ts';
import { cosmosFullNodeCrd } from './crd.ts';
import { findProblems, findUnusable } from './problems.ts';
import type { CosmosFullNode } from './schema.ts';
import { findWarnings } from './warnings.ts';

/** Against the schema of the CRD first; the rest counts on members being what they should be. */
export function checkCosmosFullNode(object: KubeObject): string[] {
  const where = `${object.kind} ${object.metadata.name}`;
  const schema = schemaOf(cosmosFullNodeCrd(), 'spec');
  const spec = completeBySchema(schema, (object as CosmosFullNode).spec ?? {});
  const fullNode = { ...object, spec } as CosmosFullNode;
  const misfits = findSchemaProblems(schema, spec, 'spec');
  const unusable = misfits.length > 0 ? misfits : findUnusable(fullNode);
  const problems = unusable.length > 0 ? unusable : findProblems(fullNode).map(({ message }) => message);
  return problems.map((problem) => `${where}: ${problem}`);
}

export function warnOfCosmosFullNode(object: KubeObject): string[] {
  return findWarnings(object as CosmosFullNode).map((warning) => `${object.kind} ${object.metadata.name}: ${warning}`);
}
