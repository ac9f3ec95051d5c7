import { describe, expect, test } from 'vitest';
import { findProblems, findUnusable } from './problems.ts';
import type { CosmosFullNode } from './schema.ts';
import { type Changes, writtenFullNode as fullNode, pod, version } from './written-full-node.ts';

describe('what nothing can be done for', () => {
  test.each<[string, Changes, string[]]>([
    ['nothing', {}, []],
    ['versions of one height', { 'chain.versions': [version(0), version(0)] }, []],
    ['another name', { additionalVersionedPods: [pod('hub-0')] }, []],
    ['without instances', { replicas: 0, additionalVersionedPods: [pod('hub')] }, []],
    [
      'versions out of order',
      { 'chain.versions': [version(0), version(500), version(100)] },
      ['spec.chain.versions[2].height: 100 comes after 500; versions must be in ascending order of height'],
    ],
    [
      'a name twice',
      { additionalVersionedPods: [pod('metrics'), pod('metrics')] },
      [
        'spec.additionalVersionedPods[1].name: metrics gives the pod metrics-0, which spec.additionalVersionedPods[0] has already; every pod needs a name of its own',
      ],
    ],
    [
      'two names that become one',
      { additionalVersionedPods: [pod('me_trics'), pod('metrics')] },
      [
        'spec.additionalVersionedPods[1].name: metrics gives the pod metrics-0, which spec.additionalVersionedPods[0] has already; every pod needs a name of its own',
      ],
    ],
    [
      'the name of the instances',
      { additionalVersionedPods: [pod('hub')] },
      [
        'spec.additionalVersionedPods[0].name: hub gives the pod hub-0, which an instance has already; every pod needs a name of its own',
      ],
    ],
  ])('%s', (_what, changes, messages) => {
    expect(findUnusable(fullNode(changes))).toEqual(messages);
  });

  test('a resource without a spec', () => {
    const { spec: _spec, ...bare } = fullNode();
    expect(findUnusable(bare as CosmosFullNode)).toEqual([
      'spec.replicas: must be set',
      'spec.chain: must be set',
      'spec.podTemplate: must be set',
      'spec.volumeClaimTemplate: must be set',
    ]);
  });
});

describe('what is merely wrong', () => {
  const autoScale = (more: object) => ({
    'selfHeal.pvcAutoScale': { usedSpacePercentage: 80, increaseQuantity: '20%', ...more },
  });
  const port = (name: string | undefined, number: number, more = {}) => ({ name, port: number, ...more });

  test.each<[string, Changes]>([
    ['nothing', {}],
    ['an image from versions', { 'podTemplate.image': undefined, 'chain.versions': [version(0)] }],
    ['no image and no instance', { 'podTemplate.image': undefined, replicas: 0 }],
    [
      'an image for each instance',
      { 'podTemplate.image': undefined, instanceOverrides: { 'hub-0': { image: 'a' }, 'hub-1': { disable: 'Pod' } } },
    ],
    [
      'an image for each container',
      {
        'podTemplate.image': undefined,
        'podTemplate.containers': [{ name: 'node', image: 'a' }],
        'podTemplate.initContainers': [{ name: 'chain-init', image: 'a' }],
      },
    ],
    ['a budget of 0, which counts as 1', { 'strategy.maxUnavailable': 0 }],
    ['a budget in percent', { 'strategy.maxUnavailable': '50%' }],
    [
      'no size beside a source',
      { 'volumeClaimTemplate.resources': { requests: {} }, 'volumeClaimTemplate.dataSource': {} },
    ],
    ['the empty template of an instance', { instanceOverrides: { 'hub-0': { volumeClaimTemplate: {} } } }],
    ['a size as a number', { 'volumeClaimTemplate.resources': { requests: { storage: 1000000 } } }],
    [
      'an external name that no Service has',
      { service: { maxP2PExternalAddresses: 0, p2pTemplate: { type: 'ExternalName' } } },
    ],
    [
      'a further port',
      { 'service.rpcTemplate.ports': [port('evm', 8545), port('evm-udp', 8545, { protocol: 'UDP' })] },
    ],
    ['a URL and a script', { 'chain.genesisURL': 'ftp://host/file', 'chain.genesisScript': 'true' }],
    ['growth by a quantity', autoScale({ increaseQuantity: '100Gi', maxSize: 0 })],
    ['no service account', { serviceAccountName: '' }],
    ['a service account', { serviceAccountName: 'system.nodes-1' }],
  ])('not %s', (_what, changes) => {
    expect(findProblems(fullNode(changes))).toEqual([]);
  });

  test.each<[string, Changes, string, string]>([
    [
      'neither image nor versions',
      { 'podTemplate.image': undefined },
      'ImageMissing',
      'spec.podTemplate.image: neither this nor spec.chain.versions says which image to run; set one of them',
    ],
    [
      'no image before the first version',
      {
        'podTemplate.image': undefined,
        'chain.versions': [version(100)],
        instanceOverrides: { 'hub-0': { image: 'a' } },
      },
      'ImageMissing',
      'spec.podTemplate.image: is needed until height 100, where spec.chain.versions begins, by hub-1; set it, or begin the versions at height 0',
    ],
    [
      'a budget in words',
      { 'strategy.maxUnavailable': 'half' },
      'MaxUnavailableInvalid',
      'spec.strategy.maxUnavailable: "half" is neither a number of instances such as 1 nor a percentage such as 25%',
    ],
    [
      'a negative budget',
      { 'strategy.maxUnavailable': -1 },
      'MaxUnavailableInvalid',
      'spec.strategy.maxUnavailable: -1 is neither a number of instances such as 1 nor a percentage such as 25%',
    ],
    [
      'no size',
      { 'volumeClaimTemplate.resources': { requests: {} } },
      'VolumeSizeInvalid',
      'spec.volumeClaimTemplate.resources.requests.storage: is missing; set the size of the volume, such as 100Gi',
    ],
    [
      'no size for an instance',
      {
        instanceOverrides: { 'hub-1': { volumeClaimTemplate: { storageClassName: 'a', resources: { requests: {} } } } },
      },
      'VolumeSizeInvalid',
      'spec.instanceOverrides[hub-1].volumeClaimTemplate.resources.requests.storage: is missing; set the size of the volume, such as 100Gi',
    ],
    [
      'a size of nothing',
      { 'volumeClaimTemplate.resources': { requests: { storage: '0' } } },
      'VolumeSizeInvalid',
      'spec.volumeClaimTemplate.resources.requests.storage: "0" is no size; set the size of the volume, such as 100Gi',
    ],
    [
      'an external name',
      { 'service.rpcTemplate.type': 'ExternalName' },
      'ServiceInvalid',
      'spec.service.rpcTemplate.type: ExternalName needs a name that cannot be given here; use ClusterIP, NodePort or LoadBalancer',
    ],
    [
      'a port without a name',
      { 'service.rpcTemplate.ports': [port(undefined, 8545)] },
      'ServiceInvalid',
      'spec.service.rpcTemplate.ports[0].name: must be set, as the Service has several ports',
    ],
    [
      'a port that is there already',
      { 'chain.config.rpcListenAddress': 'tcp://0.0.0.0:8545', 'service.rpcTemplate.ports': [port('evm', 8545)] },
      'ServiceInvalid',
      'spec.service.rpcTemplate.ports[0]: evm (TCP 8545) is taken by the port rpc (TCP 8545); choose another',
    ],
    [
      'another protocol',
      { 'chain.snapshotURL': 'ftp://me:secret@host/file' },
      'DownloadInvalid',
      'spec.chain.snapshotURL: must begin with http:// or https://; use spec.chain.snapshotScript for other ways',
    ],
    [
      'a checksum of nothing',
      { 'chain.genesisScript': 'true', 'chain.genesisSHA256': 'a'.repeat(64) },
      'DownloadInvalid',
      'spec.chain.genesisSHA256: only the file at spec.chain.genesisURL is held against it, and that is not used; check the file in the script',
    ],
    [
      'negative pruning',
      { 'chain.app': { minGasPrice: '0a', pruning: { strategy: 'custom', interval: -1 } } },
      'PruningInvalid',
      'spec.chain.app.pruning.interval: -1 is negative; use 0 or more',
    ],
    [
      'more than full',
      autoScale({ usedSpacePercentage: 101 }),
      'AutoScaleInvalid',
      'spec.selfHeal.pvcAutoScale.usedSpacePercentage: 101 is never reached; use a percentage such as 80',
    ],
    [
      'growth in words',
      autoScale({ increaseQuantity: 'a bit' }),
      'AutoScaleInvalid',
      'spec.selfHeal.pvcAutoScale.increaseQuantity: "a bit" is neither a percentage such as 20% nor a quantity such as 100Gi',
    ],
    [
      'growth by nothing',
      autoScale({ increaseQuantity: '0%' }),
      'AutoScaleInvalid',
      'spec.selfHeal.pvcAutoScale.increaseQuantity: "0%" is neither a percentage such as 20% nor a quantity such as 100Gi',
    ],
    [
      'a bound below nothing',
      autoScale({ maxSize: '-1Gi' }),
      'AutoScaleInvalid',
      'spec.selfHeal.pvcAutoScale.maxSize: -1Gi is negative; use 0 for no bound',
    ],
    [
      'no name of a service account',
      { serviceAccountName: 'My Account' },
      'ServiceAccountInvalid',
      'spec.serviceAccountName: "My Account" cannot be the name of a service account',
    ],
    [
      'a time limit without a unit',
      { upgradeSnapshot: { volumeSnapshotClassName: 'csi', timeLimit: '90' } },
      'TimeLimitInvalid',
      'spec.upgradeSnapshot.timeLimit: "90" is no duration above 0; use one such as 90m',
    ],
  ])('%s', (_what, changes, reason, message) => {
    expect(findProblems(fullNode(changes))).toEqual([{ reason, message }]);
  });

  test('an image is there for a node that has reached the first version', () => {
    const node = fullNode({ 'podTemplate.image': undefined, 'chain.versions': [version(100)] });
    const status = { observedGeneration: 1, phase: 'Complete', height: { 'hub-0': 100, 'hub-1': 200 } };
    expect(findProblems({ ...node, status })).toEqual([]);
  });
});
