import { expect, test } from 'vitest';
import type { KubeObject } from '../../kube/objects.ts';
import { findUnusable } from './unusable.ts';
import { writtenCluster, writtenHoprd, writtenIdentity, writtenPool } from './written-resources.ts';

const without = (resource: KubeObject & { spec: object }, member: string) =>
  ({ ...resource, spec: { ...resource.spec, [member]: undefined } }) as KubeObject;

test.each<[string, KubeObject, string[]]>([
  ['a pool', writtenPool(), []],
  ['an identity', writtenIdentity(), []],
  ['a cluster', writtenCluster(), []],
  ['a node', writtenHoprd(), []],
  ['a node without config', without(writtenHoprd(), 'config'), ['spec.config: must be set']],
  [
    'a node with half a port',
    writtenHoprd({ portsAllocation: 1.5 }),
    ['spec.portsAllocation: must be a whole number from 1 on, not 1.5'],
  ],
  [
    'a cluster of half a node',
    writtenCluster({ replicas: 2.5 }),
    ['spec.replicas: must be a whole number from 0 on, not 2.5'],
  ],
  [
    'no spec at all',
    { ...writtenPool(), spec: null } as unknown as KubeObject,
    ['spec.network: must be set', 'spec.secretName: must be set'],
  ],
])('%s', (_, resource, expected) => {
  expect(findUnusable(resource)).toEqual(expected);
});
