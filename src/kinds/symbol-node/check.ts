/** What is wrong with a node as it is written, found without any cluster. */
import type { KubeObject } from '../../kube/objects.ts';
import { describeSchemaProblems } from '../schema-problems.ts';
import { nodeNameOf } from './names.ts';
import { type SymbolNode, specSchema } from './schema.ts';

/**
 * Why the operator cannot work with a spec, which the API server has let through all the same. Fields that this release does not know are
 * no reason: a newer CRD may bring them.
 */
export function findUnusable(resource: SymbolNode): string[] {
  const parsed = specSchema.safeParse(resource.spec);
  const problems = parsed.success
    ? []
    : parsed.error.issues
        .filter((issue) => issue.code !== 'unrecognized_keys')
        .map((issue) => `${['spec', ...issue.path].map(String).join('.')}: ${issue.message}`);
  return problems.length > 0 ? problems : findNameProblem(resource);
}

export function checkSymbolNode(object: KubeObject): string[] {
  const where = `${object.kind} ${object.metadata.name}`;
  const resource = object as SymbolNode;
  const parsed = specSchema.safeParse(resource.spec);
  if (!parsed.success) return describeSchemaProblems(parsed.error, specSchema, `${where}: spec`);
  const { package: source, alerts } = parsed.data;
  const { url, urlSecret } = alerts?.webhook ?? {};
  const problems = [
    ...findNameProblem(resource),
    ...(source?.url !== undefined && source.configMap !== undefined
      ? ['spec.package: set either url or configMap']
      : []),
    ...(alerts?.webhook !== undefined && (url === undefined) === (urlSecret === undefined)
      ? ['spec.alerts.webhook: set either url or urlSecret']
      : []),
  ];
  return problems.map((problem) => `${where}: ${problem}`);
}

function findNameProblem(resource: SymbolNode): string[] {
  const name = nodeNameOf(resource);
  return typeof name === 'string' ? [] : [name.problem];
}
