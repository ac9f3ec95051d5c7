import { expect, test } from 'vitest';
import { describeMissing, neededRights } from './rights.ts';

const everything = { namespaces: undefined, kinds: undefined, leaseNamespace: 'system', hoprConfig: undefined };

test('an operator needs the rights of its kinds where it watches, and Leases where it is', () => {
  const rights = neededRights({ ...everything, namespaces: ['a', 'b'], kinds: ['tendermint-network'] });
  const of = (group: string, resource: string) =>
    rights.filter((right) => right.group === group && right.resource === resource);
  expect(new Set(of('nodewright.dev', 'tendermintnetworks').map(({ namespace }) => namespace))).toEqual(
    new Set(['a', 'b']),
  );
  expect(of('cosmos.strange.love', 'cosmosfullnodes')).toEqual([]);
  expect(of('coordination.k8s.io', 'leases')).toContainEqual(
    expect.objectContaining({ verb: 'update', namespace: 'system' }),
  );
});

test('kinds that are switched on by configuration need nothing without it', () => {
  const groups = (hoprConfig: string | undefined) =>
    new Set(neededRights({ ...everything, hoprConfig }).map(({ group }) => group));
  expect(groups(undefined)).not.toContain('hoprnet.org');
  expect(groups('/etc/hopr.yaml')).toContain('hoprnet.org');
});

test('what is missing is said by resource', () => {
  const right = { group: '', resource: 'pods', verb: 'get', namespace: undefined };
  expect(
    describeMissing([right, { ...right, verb: 'list' }, { ...right, group: 'apps', resource: 'x', namespace: 'a' }]),
  ).toEqual(['get, list pods in all namespaces', 'get x.apps in namespace a']);
});
