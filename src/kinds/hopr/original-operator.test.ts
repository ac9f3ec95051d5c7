import { expect, test } from 'vitest';
import { ApiError } from '../../kube/api-error.ts';
import type { Deployment } from '../../kube/objects.ts';
import type { Reader } from '../../kube/reader.ts';
import { guardAgainstOthers } from './original-operator.ts';
import { IDENTITY_POOLS } from './schema.ts';
import { writtenSettings } from './written-resources.ts';

type Cluster = { deployments?: Deployment[]; mayList?: boolean; newer?: boolean };

function operator(image: string, spec: object = {}, status: object = {}): Deployment {
  const template = { spec: { containers: [{ name: 'x', image }] } };
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'hoprd-operator', name: 'controller' } },
    spec: { template, ...spec },
    status,
  } as Deployment;
}

function readerOf(
  { deployments = [], mayList = true, newer = false }: Cluster,
  asked: (string | undefined)[] = [],
): Reader {
  return {
    get: async () => undefined,
    async list(type, { namespace }) {
      if (type.version === 'v1alpha3') {
        if (newer) return [];
        throw new ApiError('the server could not find the requested resource', 404, 'NotFound');
      }
      asked.push(namespace);
      if (!mayList) throw new ApiError('no', 403, 'Forbidden');
      return deployments as never;
    },
  };
}

const options = { operatorNamespace: 'ops', agentImage: 'x', hopr: writtenSettings() };
const guard = (cluster: Cluster, asked?: (string | undefined)[]) =>
  guardAgainstOthers(IDENTITY_POOLS, { reader: readerOf(cluster, asked), options, now: () => new Date(0) })();

test.each<[string, Cluster, RegExp | undefined]>([
  ['nothing', {}, undefined],
  [
    'the operator',
    { deployments: [operator('r/hoprd-operator:0.2.29')] },
    /Deployment hoprd-operator\/controller\. Scale it to 0/,
  ],
  ['by its digest', { deployments: [operator('hoprd-operator@sha256:00')] }, /still runs/],
  ['it ends', { deployments: [operator('r/hoprd-operator:1', { replicas: 0 }, { replicas: 1 })] }, /still runs/],
  ['it has ended', { deployments: [operator('r/hoprd-operator:1', { replicas: 0 })] }, undefined],
  ['the metrics of a node', { deployments: [operator('r/hoprd-operator-metrics:latest')] }, undefined],
  ['no right to look', { mayList: false }, undefined],
  ['a newer API', { newer: true }, /CRD identitypools\.hoprnet\.org has version v1alpha3/],
])('%s', async (_, cluster, expected) => {
  const why = await guard(cluster);
  if (expected === undefined) expect(why).toBeUndefined();
  else expect(why).toMatch(expected);
});

test('it is looked for where its configuration says, and asked for once in a while', async () => {
  const asked: (string | undefined)[] = [];
  const reader = readerOf({}, asked);
  let now = 0;
  const why = guardAgainstOthers(IDENTITY_POOLS, { reader, options, now: () => new Date(now) });
  for (now of [0, 1000, 9000, 11_000]) await why();
  expect(asked).toEqual(['hoprd-operator', 'hoprd-operator']);
});
