/** The operator's rights, kind by kind, docs/reference/rights.md: the same rules as in the chart. */
import { COMMON_RULES, LEASE_RULES, mergeRules, rulesOfKind } from '../src/cli/operator-rules.ts';
import { KINDS } from '../src/kinds/index.ts';

type Rules = Readonly<ReturnType<typeof rulesOfKind>>;

export function renderRightsReference(): { path: string; text: string }[] {
  const lines = [
    "# The operator's rights",
    '',
    '<!-- Made by gen/rights-reference.ts from what the kinds say that they need. To change it, change that and run: npm run gen -->',
    '',
    'In every namespace that it watches: a ClusterRole, or with `--namespaces` a Role in each. A kind that is switched off needs none of its rights.',
    'The chart makes roles of them. What they mean: [security.md](../security.md).',
    '',
    '## All kinds',
    '',
    ...table(COMMON_RULES),
    '## In its own namespace',
    '',
    ...table(LEASE_RULES),
    ...KINDS.flatMap((kind) => [
      `## ${kind.type.kind} (${kind.type.group})`,
      '',
      ...table(rulesOfKind(kind)),
      ...(kind.volumeRules === undefined
        ? []
        : ['Only with `recoverVolumes: true`, in the whole cluster:', '', ...table(mergeRules(kind.volumeRules))]),
    ]),
  ];
  return [{ path: 'docs/reference/rights.md', text: `${lines.join('\n').trimEnd()}\n` }];
}

function table(rules: Rules): string[] {
  const rows = rules.map(({ apiGroups, resources, verbs }) => {
    const groups = apiGroups.map((group) => (group === '' ? '(core)' : group)).join(', ');
    return `| ${groups} | ${resources.map((resource) => `\`${resource}\``).join(', ')} | ${verbs.join(', ')} |`;
  });
  return ['| group | resources | verbs |', '| --- | --- | --- |', ...rows, ''];
}
