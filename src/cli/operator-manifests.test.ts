import { describe, expect, test } from 'vitest';
import { KINDS } from '../kinds/index.ts';
import type { PolicyRule } from '../kinds/kind.ts';
import type { Deployment, KubeObject } from '../kube/objects.ts';
import { type Manifest, operatorManifests } from './operator-manifests.ts';

const install = { operatorNamespace: 'ops', image: 'registry.test/nodewright:1' };

function list(manifests: Manifest[]): string[] {
  return manifests.map(({ type, object: { metadata } }) =>
    [type.kind, metadata.namespace, metadata.name].filter((part) => part !== undefined).join(' '),
  );
}

function rulesOf(manifests: Manifest[], name: string): PolicyRule[] {
  const roles = manifests.map(({ object }) => object as KubeObject & { rules?: PolicyRule[] });
  return roles.find(({ rules, metadata }) => rules !== undefined && metadata.name === name)?.rules ?? [];
}

function allows(rules: PolicyRule[], group: string, resource: string, verb: string): boolean {
  return rules.some(
    (rule) => rule.apiGroups.includes(group) && rule.resources.includes(resource) && rule.verbs.includes(verb),
  );
}

describe('operatorManifests', () => {
  test('for all namespaces', () => {
    expect(list(operatorManifests(install))).toEqual([
      'Namespace ops',
      'ServiceAccount ops nodewright',
      'Role ops nodewright-leases',
      'RoleBinding ops nodewright-leases',
      'ClusterRole nodewright',
      'ClusterRoleBinding nodewright',
      'Deployment ops nodewright',
    ]);
  });

  test('for some namespaces: no cluster-wide right', () => {
    expect(list(operatorManifests({ ...install, namespaces: ['a', 'ops'] }))).toEqual([
      'Namespace ops',
      'ServiceAccount ops nodewright',
      'Role ops nodewright-leases',
      'RoleBinding ops nodewright-leases',
      'Role a nodewright',
      'RoleBinding a nodewright',
      'Role ops nodewright',
      'RoleBinding ops nodewright',
      'Deployment ops nodewright',
    ]);
  });

  test('rights on volumes are given where they are asked for only', () => {
    const volumes = (more: object) => rulesOf(operatorManifests({ ...install, ...more }), 'nodewright-volumes');
    expect(volumes({})).toEqual([]);
    const rule = { apiGroups: [''], resources: ['persistentvolumes'], verbs: ['get', 'patch'] };
    expect(volumes({ recoverVolumes: true })).toEqual([rule]);
    expect(volumes({ recoverVolumes: true, namespaces: ['a'] })).toEqual([rule]);
    expect(allows(rulesOf(operatorManifests(install), 'nodewright'), '', 'persistentvolumes', 'get')).toBe(false);
  });

  test.each(KINDS.map((kind) => [kind.name, kind] as const))('%s gets what it asks for', (_, kind) => {
    const rules = rulesOf(operatorManifests(install), 'nodewright');
    const { group, plural } = kind.type;
    for (const verb of ['get', 'list', 'watch', 'patch']) expect(allows(rules, group, plural, verb)).toBe(true);
    // Hoprds are made by clusters of them.
    expect(allows(rules, group, plural, 'delete')).toBe(plural === 'hoprds');
    expect(allows(rules, group, `${plural}/status`, 'patch')).toBe(true);
    expect(allows(rules, group, `${plural}/finalizers`, 'update')).toBe(true);
    for (const { apiGroups, resources, verbs } of kind.rules)
      for (const apiGroup of apiGroups)
        for (const resource of resources)
          for (const verb of verbs) expect(allows(rules, apiGroup, resource, verb)).toBe(true);
    const inOne = rulesOf(operatorManifests({ ...install, namespaces: ['a'] }), 'nodewright');
    expect(inOne).toEqual(rules);
  });

  test('no rule names everything, and Leases are in reach in one namespace only', () => {
    const rules = rulesOf(operatorManifests(install), 'nodewright');
    expect(JSON.stringify(rules)).not.toContain('*');
    expect(allows(rules, 'coordination.k8s.io', 'leases', 'get')).toBe(false);
    expect(rulesOf(operatorManifests(install), 'nodewright-leases')).toHaveLength(1);
  });

  test('every binding names the account of the operator and a role that is there', () => {
    const manifests = operatorManifests({ ...install, namespaces: ['a', 'b'] });
    const names = list(manifests);
    for (const { type, object } of manifests.filter((entry) => entry.type.kind.endsWith('Binding'))) {
      const { roleRef, subjects } = object as unknown as {
        roleRef: { kind: string; name: string };
        subjects: object[];
      };
      expect(subjects).toEqual([{ kind: 'ServiceAccount', namespace: 'ops', name: 'nodewright' }]);
      expect(names).toContain(`${roleRef.kind} ${object.metadata.namespace} ${roleRef.name}`);
      expect(type.kind).toBe('RoleBinding');
    }
  });

  test.each([
    ['all namespaces', {}, ['operator', '--agent-image=registry.test/nodewright:1']],
    [
      'some, and more arguments',
      { namespaces: ['a', 'b'], extraArgs: ['--log-level=debug'] },
      ['operator', '--agent-image=registry.test/nodewright:1', '--namespaces=a,b', '--log-level=debug'],
    ],
  ])('arguments for %s', (_, more, args) => {
    const deployment = operatorManifests({ ...install, ...more }).at(-1)?.object as Deployment;
    const [container] = deployment.spec?.template.spec?.containers ?? [];
    expect(container).toMatchObject({ image: install.image, args });
  });
});
