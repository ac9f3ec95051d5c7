import { describe, expect, test } from 'vitest';
import { KINDS } from '../kinds/index.ts';
import type { PolicyRule } from '../kinds/kind.ts';
import { LEASES } from '../kube/resource-types.ts';
import { mergeRules, rulesOfKind } from './operator-rules.ts';

describe('the rights of a kind are enough without those of another', () => {
  // The operator's Leases are in its own namespace, where it has rights of their own.
  const options = { operatorNamespace: 'ops', agentImage: 'nodewright:test' };
  const children = (kind: (typeof KINDS)[number]) =>
    kind.children({ ...options, hopr: { instanceName: 'hoprd' } as never }).filter(({ type }) => type !== LEASES);

  test.each(KINDS.map((kind) => [kind.name, kind] as const))('%s may watch all that it watches', (_, kind) => {
    const mayList = (group: string, plural: string) =>
      ['list', 'watch'].every((verb) =>
        rulesOfKind(kind).some(
          ({ apiGroups, resources, verbs }) =>
            apiGroups.includes(group) && resources.includes(plural) && verbs.includes(verb),
        ),
      );
    const missing = children(kind).filter(({ type }) => !mayList(type.group, type.plural));
    expect(missing.map(({ type }) => type.plural)).toEqual([]);
  });
});

describe('mergeRules', () => {
  const read = ['get', 'list'];
  test.each<[string, PolicyRule[], PolicyRule[]]>([
    ['nothing', [], []],
    [
      'the same resource twice',
      [
        { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
        { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
      ],
      [{ apiGroups: [''], resources: ['pods'], verbs: read }],
    ],
    [
      'resources with the same verbs',
      [
        { apiGroups: [''], resources: ['services', 'pods'], verbs: read },
        { apiGroups: [''], resources: ['secrets'], verbs: ['list', 'get'] },
        { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] },
      ],
      [
        { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] },
        { apiGroups: [''], resources: ['pods', 'secrets', 'services'], verbs: read },
      ],
    ],
    [
      'groups stay apart: together they would allow more',
      [{ apiGroups: ['', 'apps'], resources: ['x'], verbs: read }],
      [
        { apiGroups: [''], resources: ['x'], verbs: read },
        { apiGroups: ['apps'], resources: ['x'], verbs: read },
      ],
    ],
  ])('%s', (_, given, expected) => {
    expect(mergeRules(given)).toEqual(expected);
  });
});
