import { describe, expect, test } from 'vitest';
import { checkCosmosFullNode, warnOfCosmosFullNode } from './check.ts';
import { type Changes, writtenFullNode as fullNode, pod, version } from './written-full-node.ts';

test.each<[string, Changes, string]>([
  [
    'an override of nothing',
    { instanceOverrides: { 'hub-O': {} } },
    'spec.instanceOverrides[hub-O]: of no effect, as there is no instance of that name; did you mean hub-0?',
  ],
  [
    'an address without a port',
    { 'chain.config.rpcListenAddress': 'unix:///tmp/rpc' },
    'spec.chain.config.rpcListenAddress: "unix:///tmp/rpc" does not end with a port; Services and probes use 26657',
  ],
  [
    'a port that is none',
    { 'chain.config.p2pListenAddress': 'tcp://0.0.0.0:70000' },
    'spec.chain.config.p2pListenAddress: "tcp://0.0.0.0:70000" does not end with a port; Services and probes use 26656',
  ],
  [
    'a version that never runs',
    { 'chain.versions': [version(0), version(5), version(5)] },
    'spec.chain.versions[1]: never runs, as the next one begins at height 5 too',
  ],
  [
    'a halt height beside versions',
    { 'chain.versions': [version(0)], 'chain.app': { minGasPrice: '0a', haltHeight: 5 } },
    'spec.chain.app.haltHeight: of no effect beside spec.chain.versions; use setHaltHeight there',
  ],
  [
    'snapshots of upgrades that never come',
    { upgradeSnapshot: { volumeSnapshotClassName: 'csi' } },
    'spec.upgradeSnapshot: of no effect without spec.chain.versions',
  ],
  [
    'ports of p2p Services',
    { 'service.p2pTemplate.ports': [{ port: 1 }] },
    'spec.service.p2pTemplate.ports: of no effect; a p2p Service has one port',
  ],
  [
    'a policy of a Service inside the cluster',
    { 'service.rpcTemplate.externalTrafficPolicy': 'Local' },
    'spec.service.rpcTemplate.externalTrafficPolicy: of no effect with type ClusterIP',
  ],
])('a warning of %s', (_what, changes, warning) => {
  const node = fullNode(changes);
  expect(checkCosmosFullNode(node)).toEqual([]);
  expect(warnOfCosmosFullNode(node)).toEqual([`CosmosFullNode hub: ${warning}`]);
});

test.each<[string, Changes]>([
  [
    'an additional pod',
    { additionalVersionedPods: [pod('metrics')], instanceOverrides: { 'metrics-1': { disable: 'Pod' } } },
  ],
  ['another ordinal', { 'ordinals.start': 5, instanceOverrides: { 'hub-6': {} } }],
  ['a listen address', { 'chain.config.rpcListenAddress': 'tcp://[::]:1', 'chain.config.p2pListenAddress': '' }],
])('no warning of %s', (_what, changes) => {
  expect(warnOfCosmosFullNode(fullNode(changes))).toEqual([]);
});

describe('a file', () => {
  test('is right, null members included', () => {
    expect(checkCosmosFullNode(fullNode({ 'chain.homeDir': null, instanceOverrides: { 'hub-0': null } }))).toEqual([]);
  });

  test.each<[string, Changes, string]>([
    ['schema', { 'podTemplate.imge': 'a' }, 'spec.podTemplate.imge: unknown field; did you mean image?'],
    [
      'schema, deep inside',
      { 'podTemplate.containers': [{ name: 'a', imge: 'b' }] },
      'spec.podTemplate.containers[0].imge: unknown field; did you mean image?',
    ],
    [
      'enum',
      { instanceOverrides: { 'hub-0': { disable: 'All|Pod' } } },
      'spec.instanceOverrides[hub-0].disable: must be "Pod" or "All", not "All|Pod"',
    ],
    ['required', { 'chain.binary': undefined }, 'spec.chain.binary: must be set'],
    [
      'names',
      { additionalVersionedPods: [pod('a'), pod('a')] },
      'spec.additionalVersionedPods[1]: name "a" is there already; each entry needs its own',
    ],
    [
      'order',
      { 'chain.versions': [version(5), version(1)] },
      'spec.chain.versions[1].height: 1 comes after 5; versions must be in ascending order of height',
    ],
    [
      'values',
      { 'selfHeal.pvcAutoScale': { usedSpacePercentage: 200, increaseQuantity: '1Gi' } },
      'spec.selfHeal.pvcAutoScale.usedSpacePercentage: 200 is never reached; use a percentage such as 80',
    ],
  ])('is held against %s', (_what, changes, problem) => {
    expect(checkCosmosFullNode(fullNode(changes))).toEqual([`CosmosFullNode hub: ${problem}`]);
  });
});
