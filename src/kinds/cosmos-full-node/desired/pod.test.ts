import { describe, expect, test } from 'vitest';
import type { PodSpec } from '../../../kube/objects.ts';
import { findContainer, samplePod, samplePodSpec } from './sample-full-node.ts';

const nodeOf = (...args: Parameters<typeof samplePod>) => findContainer(samplePodSpec(...args).containers, 'node');
const initOf = (name: string, ...args: Parameters<typeof samplePod>) =>
  findContainer(samplePodSpec(...args).initContainers, name);

describe('buildPod', () => {
  test('metadata and settings of the pod', () => {
    const pod = samplePod({ replicas: 6 }, { ordinal: 5 });
    expect(pod.metadata).toEqual({
      name: 'osmosis-5',
      namespace: 'test',
      labels: {
        'app.kubernetes.io/instance': 'osmosis-5',
        'app.kubernetes.io/component': 'CosmosFullNode',
        'app.kubernetes.io/created-by': 'cosmos-operator',
        'app.kubernetes.io/name': 'osmosis',
        'app.kubernetes.io/version': 'v1.2.3',
        'cosmos.strange.love/network': 'mainnet',
        'cosmos.strange.love/type': 'FullNode',
      },
      annotations: { 'app.kubernetes.io/ordinal': '5' },
    });
    const { containers: _c, initContainers: _i, volumes: _v, ...spec } = pod.spec as PodSpec;
    expect(spec).toEqual({
      hostname: 'osmosis-5',
      subdomain: 'osmosis',
      serviceAccountName: 'osmosis-vc-sa',
      terminationGracePeriodSeconds: 30,
      securityContext: {
        runAsUser: 1025,
        runAsGroup: 1025,
        runAsNonRoot: true,
        fsGroup: 1025,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
    });
  });

  test('no type is FullNode', () => expect(samplePod({ type: 'FullNode' })).toEqual(samplePod()));

  test('names and labels stay valid for a resource with a long name', () => {
    const metadata = { name: 'a'.repeat(253) };
    const pod = samplePod({ ordinals: { start: 125 } }, { ordinal: 125, metadata });
    expect(pod.metadata.name).toMatch(/^a{249}-125$/);
    for (const value of Object.values(pod.metadata.labels ?? {})) expect(value.length).toBeLessThanOrEqual(63);
    expect(pod.spec?.hostname).toMatch(/^[a-z0-9-]{63}$/);
    expect(pod.spec?.subdomain).toMatch(/^[a-z0-9-]{63}$/);
  });

  test('labels of the template fill gaps', () => {
    const metadata = { labels: { custom: 'label', 'app.kubernetes.io/name': 'mine' }, annotations: { a: 'b' } };
    const pod = samplePod({ podTemplate: { metadata } });
    expect(pod.metadata.labels).toMatchObject({ custom: 'label', 'app.kubernetes.io/name': 'osmosis' });
    expect(pod.metadata.annotations).toMatchObject({ a: 'b' });
  });

  test('volumes', () => {
    expect(samplePodSpec().volumes?.map(({ name }) => name)).toEqual([
      'vol-chain-home',
      'vol-tmp',
      'vol-config',
      'vol-system-tmp',
    ]);
    expect(samplePodSpec().volumes?.[0]?.persistentVolumeClaim).toEqual({ claimName: 'pvc-osmosis-0' });
    expect(samplePodSpec().volumes?.[2]?.configMap?.name).toBe('osmosis-0');
  });

  test('scheduling and pulling', () => {
    const podTemplate = {
      imagePullPolicy: 'Always',
      imagePullSecrets: [{ name: 'registry' }],
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'a' }],
      priorityClassName: 'high',
      priority: 7,
      terminationGracePeriodSeconds: 0,
      affinity: { nodeAffinity: {} },
    };
    const spec = samplePodSpec({ podTemplate });
    const { imagePullPolicy: _policy, ...merged } = podTemplate;
    expect(spec).toMatchObject(merged);
    const policies = [...spec.containers, ...(spec.initContainers ?? [])].map((container) => container.imagePullPolicy);
    expect(new Set(policies)).toEqual(new Set(['Always']));
  });
});

describe('the pod template', () => {
  const podTemplate = {
    volumes: [{ name: 'foo-vol', emptyDir: {} }],
    initContainers: [
      { name: 'chain-init', image: 'foo:latest', volumeMounts: [{ name: 'foo-vol', mountPath: '/foo' }] },
      { name: 'new-init', image: 'new-init:latest' },
    ],
    containers: [
      { name: 'node', volumeMounts: [{ name: 'foo-vol', mountPath: '/foo' }] },
      { name: 'new-sidecar', image: 'new-sidecar:latest' },
    ],
  };

  test('is merged onto what the operator makes', () => {
    const { containers, initContainers = [], volumes } = samplePodSpec({ podTemplate });
    expect(initContainers.map(({ name }) => name)).toEqual([
      ...['clean-init', 'chain-init', 'new-init', 'genesis-init', 'addrbook-init', 'config-merge', 'version-check'],
    ]);
    expect(containers.map(({ name }) => name)).toEqual(['node', 'new-sidecar', 'healthcheck']);
    expect(volumes?.map(({ name }) => name)).toEqual([
      ...['foo-vol', 'vol-chain-home', 'vol-tmp', 'vol-config', 'vol-system-tmp'],
    ]);
    expect(initContainers[1]).toMatchObject({ image: 'foo:latest', command: ['sh'] });
    expect(containers[0]?.volumeMounts?.map(({ mountPath }) => mountPath)).toEqual([
      '/foo',
      '/home/operator/cosmos',
      '/tmp',
    ]);
    expect(containers[1]).toEqual({ name: 'new-sidecar', image: 'new-sidecar:latest', resources: {} });
  });

  test.each<[number, string[], string[]]>([
    [0, ['busybox:v1.2.3', 'new-sidecar:latest'], ['foo:latest', 'new-init:latest']],
    [1, ['v1', 'new-sidecar:latest'], ['v1', 'new-init:latest']],
    [150, ['v2', 'new-sidecar:latest'], ['v2', 'new-init:latest']],
    [300, ['v3', 'sidecar:v3'], ['chain-init:v3', 'init:v3']],
    [400, ['v4', 'new-sidecar:latest'], ['v4', 'new-init:latest']],
  ])('images at height %i', (height, images, initImages) => {
    const versions = [
      { height: 1, image: 'v1' },
      { height: 100, image: 'v2' },
      {
        height: 300,
        image: 'v3',
        containers: { 'new-sidecar': 'sidecar:v3', nobody: 'x' },
        initContainers: { 'new-init': 'init:v3', 'chain-init': 'chain-init:v3' },
      },
      { height: 400, image: 'v4' },
    ];
    const { containers, initContainers = [] } = samplePodSpec({ podTemplate, chain: { versions } }, { height });
    expect([findContainer(containers, 'node').image, findContainer(containers, 'new-sidecar').image]).toEqual(images);
    expect(['chain-init', 'new-init'].map((name) => findContainer(initContainers, name).image)).toEqual(initImages);
    const node = ['--resource', 'osmosis', '--pod', 'osmosis-0', '--rpc', 'http://localhost:26657'];
    const checked = [...node, '--image', images[0]];
    expect(findContainer(initContainers, 'version-check').command?.slice(2)).toEqual(checked);
    expect(containers.at(-1)).toMatchObject({
      name: 'version-check-interval',
      command: ['nodewright-agent', 'version-check', '--daemon', ...checked],
    });
  });

  test('an instance’s own image wins over versions, and its node selector takes the place of the other', () => {
    const instanceOverrides = { 'osmosis-1': { image: 'custom:v1', nodeSelector: { zone: 'a' } } };
    const sample = {
      podTemplate: { nodeSelector: { disk: 'ssd' } },
      chain: { versions: [{ height: 0, image: 'v1' }] },
      instanceOverrides,
    };
    expect(nodeOf(sample, { ordinal: 1 }).image).toBe('custom:v1');
    expect(initOf('chain-init', sample, { ordinal: 1 }).image).toBe('custom:v1');
    expect(samplePodSpec(sample, { ordinal: 1 }).nodeSelector).toEqual({ zone: 'a' });
    expect([nodeOf(sample).image, samplePodSpec(sample).nodeSelector]).toEqual(['v1', { disk: 'ssd' }]);
  });

  test('the service account that the user brings', () => {
    expect(samplePodSpec({ serviceAccountName: 'mine' }).serviceAccountName).toBe('mine');
  });
});
