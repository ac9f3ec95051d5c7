/** What is wrong with a network as it is written, found without any cluster. */
import { parseToml } from '../../formats/toml.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { isProblem, orProblem } from '../problem.ts';
import { describeSchemaProblems } from '../schema-problems.ts';
import { listMembers } from './members.ts';
import { specSchema, type TendermintNetwork } from './schema.ts';

/**
 * Why the operator cannot work with a spec, which the API server has let through all the same (a CRD of another release, a member that is
 * passed through). Fields that this release does not know are no reason: a newer CRD may bring them.
 */
export function findUnusable(network: TendermintNetwork): string[] {
  const parsed = specSchema.safeParse(network.spec);
  if (parsed.success) return [];
  return parsed.error.issues
    .filter((issue) => issue.code !== 'unrecognized_keys')
    .map((issue) => `${['spec', ...issue.path].map(String).join('.')}: ${issue.message}`);
}

export function checkNetwork(object: KubeObject): string[] {
  const where = `${object.kind} ${object.metadata.name}`;
  const parsed = specSchema.safeParse((object as TendermintNetwork).spec);
  if (!parsed.success) return describeSchemaProblems(parsed.error, specSchema, `${where}: spec`);
  const { validators, app, config } = parsed.data;
  const problems: string[] = [];
  if ((validators.replicas === undefined) === (validators.nodes === undefined))
    problems.push('spec.validators: set either replicas or nodes');
  const names = listMembers(object as TendermintNetwork).map((member) => member.name);
  for (const name of new Set(names.filter((candidate, index) => names.indexOf(candidate) !== index))) {
    problems.push(`spec.validators.nodes: the name ${name} is used more than once; every node needs a name of its own`);
  }
  if (app?.builtin !== undefined && app.container !== undefined)
    problems.push('spec.app: set either builtin or container');
  const texts = [
    { text: config, place: 'spec.config' },
    ...(validators.nodes ?? []).map((node) => ({
      text: node.config,
      place: `spec.validators.nodes[${node.name}].config`,
    })),
  ];
  for (const { text, place } of texts) {
    const table = orProblem(
      () => (text === undefined ? undefined : parseToml(text, place)),
      (message) => ({ reason: 'ConfigInvalid', message }),
    );
    if (isProblem(table)) problems.push(table.message);
  }
  return problems.map((problem) => `${where}: ${problem}`);
}
