import { describe, expect, test } from 'vitest';
import type { Deployment, KubeObject, Lease } from '../kube/objects.ts';
import type { ListOptions, Reader } from '../kube/reader.ts';
import { LEASES, type ResourceType } from '../kube/resource-types.ts';
import { guardAgainstOriginal } from './original-cosmos-operator.ts';

const NOW = Date.parse('2026-01-02T03:04:05Z');

const lease = (more: object): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: '16e1bc09.strange.love', namespace: 'cosmos-operator-system' },
  spec: { holderIdentity: 'pod-1', leaseDurationSeconds: 15, renewTime: '2026-01-02T03:04:00.000000Z', ...more },
});

const deployment = (readyReplicas: number, image: string): Deployment =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cosmos-operator-controller-manager', namespace: 'cosmos-operator-system' },
    spec: { template: { spec: { containers: [{ name: 'manager', image }] } } },
    status: { readyReplicas },
  }) as unknown as Deployment;

function askWith(leases: Lease[], deployments: Deployment[]) {
  const asked: ListOptions[] = [];
  const time = { now: NOW };
  const reader = {
    list: async <T extends KubeObject>(type: ResourceType, options: ListOptions) => {
      asked.push(options);
      return (type === LEASES ? leases : deployments) as KubeObject[] as T[];
    },
  } as Reader;
  const guard = guardAgainstOriginal({
    reader,
    options: { operatorNamespace: 'nodewright', agentImage: 'x' },
    now: () => new Date(time.now),
  });
  return { guard, asked, time };
}

describe('the Cosmos Operator', () => {
  test.each<[string, Lease[], Deployment[], string | undefined]>([
    ['is not there', [], [], undefined],
    ['holds its Lease', [lease({})], [], 'it holds Lease cosmos-operator-system/16e1bc09.strange.love'],
    ['has let its Lease end', [lease({ renewTime: '2026-01-02T03:03:00.000000Z' })], [], undefined],
    ['has given its Lease back', [lease({ holderIdentity: '' })], [], undefined],
    [
      'runs without leader election',
      [],
      [deployment(1, 'ghcr.io/strangelove-ventures/cosmos-operator:v0.25.0')],
      'Deployment cosmos-operator-system/cosmos-operator-controller-manager has ready pods',
    ],
    ['is scaled to 0', [], [deployment(0, 'ghcr.io/strangelove-ventures/cosmos-operator:v0.25.0')], undefined],
    ['is another operator with the same labels', [], [deployment(1, 'example.com/other-operator:v1')], undefined],
  ])('%s', async (_name, leases, deployments, expected) => {
    const answer = await askWith(leases, deployments).guard();
    if (expected === undefined) expect(answer).toBeUndefined();
    else expect(answer).toContain(expected);
  });

  test('is looked for once for all resources, and again after some seconds', async () => {
    const { guard, asked, time } = askWith([lease({ leaseDurationSeconds: 60 })], []);
    await Promise.all([guard(), guard(), guard()]);
    expect(asked).toHaveLength(1);
    time.now += 11_000;
    await guard();
    expect(asked).toHaveLength(2);
  });
});
