import { describe, expect, test } from 'vitest';
import type { CosmosFullNodeSpec } from '../schema.ts';
import { buildAdditionalPods } from './additional-pods.ts';
import { instanceOf, sampleFullNode } from './sample-full-node.ts';

const additionalVersionedPods = [
  {
    name: 'metrics',
    preferSameNode: true,
    metadata: { labels: { a: 'b' } },
    containers: [{ name: 'metrics', image: 'metrics:base' }],
  },
  {
    name: 'relay',
    containers: [
      { name: 'node', image: 'node:base' },
      { name: 'x', image: 'x:base' },
    ],
  },
];
const versions = [
  { height: 0, image: 'node:v1', containers: { metrics: 'metrics:v1' } },
  { height: 100, image: 'node:v2', containers: { metrics: 'metrics:v2' } },
];
const podsOf = (ordinal: number, height: number, rest: Partial<CosmosFullNodeSpec> = {}) => {
  const fullNode = sampleFullNode({ additionalVersionedPods, ...(rest as object), chain: { versions } });
  return buildAdditionalPods(fullNode, instanceOf(fullNode, ordinal), { height });
};
const imagesOf = (pods: ReturnType<typeof podsOf>) =>
  pods.map(({ spec }) => spec?.containers.map(({ image }) => image));

describe('buildAdditionalPods', () => {
  test('one per instance and template, with a name that the RPC Service does not select', () => {
    const pods = podsOf(2, 0);
    expect(pods.map(({ metadata }) => metadata.name)).toEqual(['metrics-2', 'relay-2']);
    expect(pods.map(({ metadata }) => metadata.annotations)).toEqual([
      { 'app.kubernetes.io/ordinal': '1200' },
      { 'app.kubernetes.io/ordinal': '1201' },
    ]);
    expect(pods[0]?.metadata.labels).toMatchObject({
      'app.kubernetes.io/name': 'osmosis-metrics',
      'app.kubernetes.io/instance': 'metrics-2',
      'cosmos.strange.love/belongs-to': 'osmosis-2',
      a: 'b',
    });
  });

  test('nothing but what the user says, and a wish to be on the same machine', () => {
    const [metrics, relay] = podsOf(0, 0);
    expect(metrics?.spec).toEqual({
      containers: [{ name: 'metrics', image: 'metrics:v1', resources: {} }],
      affinity: {
        podAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 100,
              podAffinityTerm: {
                labelSelector: { matchLabels: { 'app.kubernetes.io/instance': 'osmosis-0' } },
                topologyKey: 'kubernetes.io/hostname',
              },
            },
          ],
        },
      },
    });
    expect(Object.keys(relay?.spec ?? {})).toEqual(['containers']);
  });

  test('images follow the height of their own instance', () => {
    expect(imagesOf(podsOf(0, 0))).toEqual([['metrics:v1'], ['node:v1', 'x:base']]);
    expect(imagesOf(podsOf(1, 100))).toEqual([['metrics:v2'], ['node:v2', 'x:base']]);
    expect(imagesOf(podsOf(0, 0))).toEqual([['metrics:v1'], ['node:v1', 'x:base']]);
  });

  test('overrides by their own names', () => {
    const instanceOverrides = {
      'relay-0': { image: 'own:v1' },
      'metrics-1': { disable: 'All' as const },
      'osmosis-0': { image: 'not-here' },
    };
    expect(imagesOf(podsOf(0, 0, { instanceOverrides }))).toEqual([['metrics:v1'], ['own:v1', 'x:base']]);
    expect(podsOf(1, 0, { instanceOverrides }).map(({ metadata }) => metadata.name)).toEqual(['relay-1']);
  });
});
