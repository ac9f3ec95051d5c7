import { describe, expect, test } from 'vitest';
import { buildRbac, serviceAccountNameOf } from './rbac.ts';
import { sampleFullNode } from './sample-full-node.ts';

describe('buildRbac', () => {
  const hub = sampleFullNode({}, { metadata: { name: 'hub' } });

  test('the account of the pods reads its own resource and writes its status, by name', () => {
    const rbac = buildRbac(hub);
    expect([rbac.serviceAccount, rbac.role, rbac.roleBinding].map((object) => object?.metadata.name)).toEqual([
      ...['hub-vc-sa', 'hub-vc-r', 'hub-vc-rb'],
    ]);
    expect(rbac.serviceAccount?.metadata.labels?.['app.kubernetes.io/component']).toBe('vc');
    expect(rbac.role.rules).toEqual([
      { apiGroups: ['cosmos.strange.love'], resources: ['cosmosfullnodes'], resourceNames: ['hub'], verbs: ['get'] },
      {
        apiGroups: ['cosmos.strange.love'],
        resources: ['cosmosfullnodes/status'],
        resourceNames: ['hub'],
        verbs: ['patch'],
      },
    ]);
    expect(rbac.roleBinding).toMatchObject({
      subjects: [{ kind: 'ServiceAccount', name: 'hub-vc-sa', namespace: 'test' }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'hub-vc-r' },
    });
    expect(serviceAccountNameOf(hub)).toBe('hub-vc-sa');
  });

  test('no account where the user brings one', () => {
    const fullNode = sampleFullNode({ serviceAccountName: 'mine' });
    const { serviceAccount, roleBinding } = buildRbac(fullNode);
    expect(serviceAccount).toBeUndefined();
    expect(roleBinding.subjects?.[0]?.name).toBe('mine');
    expect(serviceAccountNameOf(fullNode)).toBe('mine');
  });

  test('names stay within their bounds', () => {
    const rbac = buildRbac(sampleFullNode({}, { metadata: { name: 'a'.repeat(253) } }));
    expect(rbac.roleBinding.metadata.name).toMatch(/^a{247}-vc-rb$/);
  });
});
