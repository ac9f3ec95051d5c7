/** What the Helm chart knows of the kinds, chart/files/rbac: the rights of each, so that a kind that is switched off has none. */
import { stringify } from 'yaml';
import { COMMON_RULES, LEASE_RULES, mergeRules, rulesOfKind } from '../src/cli/operator-rules.ts';
import { KINDS } from '../src/kinds/index.ts';

const HEAD = '# Written by `npm run gen`, from what the controllers need.\n';

/** Path from the checkout and text of every file. */
export function renderChartFiles(): { path: string; text: string }[] {
  return [
    file('common', { rules: COMMON_RULES }),
    file('leases', { rules: LEASE_RULES }),
    ...KINDS.map((kind) =>
      file(kind.name, {
        crd: kind.crd().metadata.name,
        rules: rulesOfKind(kind),
        ...(kind.volumeRules === undefined ? {} : { volumeRules: mergeRules(kind.volumeRules) }),
      }),
    ),
  ];
}

function file(name: string, content: object): { path: string; text: string } {
  return { path: `chart/files/rbac/${name}.yaml`, text: HEAD + stringify(content, { aliasDuplicateObjects: false }) };
}
