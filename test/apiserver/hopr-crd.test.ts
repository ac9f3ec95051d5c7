/** The CRDs of HOPR on a real API server: what they take, what they refuse and how, and that one can go back from them. */
import { beforeAll, describe, expect, test } from 'vitest';
import { clusterHoprdCrd, hoprdCrd, identityHoprdCrd, identityPoolCrd } from '../../src/kinds/hopr/crds.ts';
import {
  CLUSTER_HOPRDS,
  type ClusterHoprd,
  HOPRDS,
  IDENTITY_HOPRDS,
  IDENTITY_POOLS,
} from '../../src/kinds/hopr/schema.ts';
import {
  writtenCluster as cluster,
  writtenHoprd as hoprd,
  writtenIdentity as identity,
  writtenPool as pool,
} from '../../src/kinds/hopr/written-resources.ts';
import { schemaOf } from '../../src/kinds/structural-schema.ts';
import type { CustomResourceDefinition, KubeObject } from '../../src/kube/objects.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, type ResourceType } from '../../src/kube/resource-types.ts';
import { useTestApi } from './control-plane.ts';
import { kubectl } from './kubectl.ts';
import { maximalValue } from './maximal-value.ts';

const api = useTestApi();
const CRDS = [identityPoolCrd(), identityHoprdCrd(), clusterHoprdCrd(), hoprdCrd()];
const TYPES = [IDENTITY_POOLS, IDENTITY_HOPRDS, CLUSTER_HOPRDS, HOPRDS];

beforeAll(async () => {
  for (const crd of CRDS) {
    await api.kube.apply(CUSTOM_RESOURCE_DEFINITIONS, crd, { fieldManager: 'test' });
    await kubectl(api, ['wait', '--for=condition=Established', '--timeout=30s', `crd/${crd.metadata.name}`]);
  }
});

/** As a person writes it. */
function written<T extends KubeObject>(resource: T, name = resource.metadata.name): T {
  return { ...resource, metadata: { name, namespace: 'default' } };
}

const dryRun = (object: KubeObject) => kubectl(api, ['apply', '--dry-run=server', '-f', '-'], written(object));
const stamp = { updateTimestamp: '2026-01-02T03:04:05Z', checksum: '7827936867703595675' };

describe('the CRDs', () => {
  test.each(CRDS.map((crd) => [crd.spec?.names.kind, crd] as const))('%s is taken whole', async (_kind, crd) => {
    const key = { name: crd.metadata.name };
    const live = await api.kube.get<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, key);
    const conditions = live?.status?.conditions?.map(({ type, status }) => `${type} ${status}`);
    expect(conditions).toEqual(['NamesAccepted True', 'Established True']);
    expect(live?.spec?.versions).toEqual(crd.spec?.versions);
  });
});

describe('resources of the README', () => {
  const config = 'hopr:\n  chain:\n    network: rotsee\n    provider: http://rpc.svc:8545\n';
  const resources = 'limits:\n  cpu: 2000m\n  memory: 1Gi\n';
  const identityName = 'hoprd-core-rotsee-1';
  test.each<KubeObject>([
    pool({ network: 'rotsee', secretName: 'hoprd-core-rotsee-wallet' }, 'hoprd-core-rotsee'),
    identity({}, identityName),
    cluster({ config, deployment: { resources }, enabled: true, forceIdentityName: true, replicas: 5 }, 'core-rotsee'),
    hoprd({ config, deployment: { resources }, enabled: true, deleteDatabase: false, identityName }, identityName),
  ])('$kind is taken', async (resource) => {
    expect(await dryRun(resource)).toContain('created');
  });
});

describe('what the HOPR operator cannot work with', () => {
  const balanced = { service: { type: 'LoadBalancer' as const } };
  const long = 'n'.repeat(56);
  const invalid = (resource: KubeObject, changes: object) =>
    ({ ...resource, spec: { ...(resource as ClusterHoprd).spec, ...changes } }) as KubeObject;

  test.each<[string, KubeObject, RegExp]>([
    ['a node without config', invalid(hoprd(), { config: undefined }), /spec\.config: Required value/],
    ['half a port', invalid(hoprd(), { portsAllocation: 1.5 }), /spec\.portsAllocation.*must be of type integer/],
    ['no port', invalid(hoprd(), { portsAllocation: 0 }), /spec\.portsAllocation.*greater than or equal to 1/],
    ['201 ports', invalid(hoprd(), { portsAllocation: 201 }), /spec\.portsAllocation.*less than or equal to 200/],
    ['half a node', invalid(cluster(), { replicas: 1.5 }), /spec\.replicas.*must be of type integer/],
    ['less than no node', invalid(cluster(), { replicas: -1 }), /spec\.replicas.*greater than or equal to 0/],
    [
      'an unknown release',
      invalid(hoprd(), { supportedRelease: 'x' }),
      /Unsupported value: "x": supported values: "saint-louis", "kaunas"/,
    ],
    ['an unknown service type', invalid(hoprd(), { service: { type: 'NodePort' } }), /Unsupported value: "NodePort"/],
    ['a network that is no label', pool({ network: 'a b' }), /spec\.network.*should match/],
    [
      'a schedule of four fields',
      pool({ funding: { schedule: '0 1 * *', nativeAmount: '1' } }),
      /spec\.funding\.schedule.*should match/,
    ],
    ['a node that begins with a digit', hoprd({}, '1st'), /the name of a Hoprd must begin with a letter/],
    ['a node with a long name behind a load balancer', hoprd(balanced, long), /must have at most 55 characters/],
    ['a cluster whose nodes would have long names', cluster(balanced, long), /at most 55 characters together with/],
    ['a funded pool with a long name', pool({}, long), /must have at most 39 characters/],
    ['an unknown field', invalid(hoprd(), { portAllocation: 5 }), /unknown field "spec\.portAllocation"/],
  ])('%s is refused', async (_what, resource, message) => {
    expect(await dryRun(resource)).toMatch(message);
  });

  test.each<[string, KubeObject]>([
    ['a node with a long name', hoprd({}, long)],
    ['a cluster with a long name', cluster({}, long)],
    ['addresses that are none', identity({ peerId: '12D3KooW1', nativeAddress: '0xa1', safeAddress: '' })],
    ['a key file that is none', identity({ identityFile: '{' })],
    ['texts that are no YAML', hoprd({ config: '[', deployment: { env: '{', resources: 'x' } })],
  ])('%s is taken', async (_what, resource) => {
    expect(await dryRun(resource)).toContain('created');
  });
});

describe('what cannot be changed', () => {
  const set = async (resource: KubeObject, spec: object) =>
    kubectl(api, [
      ...['patch', resource.kind, resource.metadata.name, '--dry-run=server', '--type=merge'],
      ...['-p', JSON.stringify({ spec })],
    ]);
  const fixed = hoprd({ identityName: 'pool-1', portsAllocation: 5 }, 'fixed');
  const open = hoprd({}, 'open');
  const clusterOfOne = cluster({}, 'fixed');
  const funded = pool({}, 'fixed');
  const one = identity({}, 'fixed');

  beforeAll(async () => {
    expect(
      await kubectl(api, ['create', '-f', '-'], ...[fixed, open, clusterOfOne, funded, one].map((o) => written(o))),
    ).toContain('created');
  });

  test.each<[string, KubeObject, object, RegExp]>([
    ['the pool of a node', fixed, { identityPoolName: 'x' }, /a node cannot change its pool/],
    ['its identity', fixed, { identityName: 'x' }, /identityName cannot be changed or removed/],
    ['that it has a certain identity', fixed, { identityName: null }, /identityName cannot be changed or removed/],
    ['its ports', fixed, { portsAllocation: 6 }, /portsAllocation cannot be changed or removed/],
    ['that it has so many ports', fixed, { portsAllocation: null }, /portsAllocation cannot be changed or removed/],
    ['its release', fixed, { supportedRelease: 'kaunas' }, /supportedRelease cannot be changed/],
    ['the pool of a cluster', clusterOfOne, { identityPoolName: 'x' }, /a cluster cannot change its pool/],
    [
      'its type of service',
      clusterOfOne,
      { service: { type: 'LoadBalancer' } },
      /the service type of a cluster cannot be changed/,
    ],
    ['the network of a pool', funded, { network: 'x' }, /the network of a pool cannot be changed/],
    ['its Secret', funded, { secretName: 'x' }, /the Secret of a pool cannot be changed/],
    ['the pool of an identity', one, { identityPoolName: 'x' }, /an identity cannot change its pool/],
  ])('%s', async (_what, resource, changes, message) => {
    expect(await set(resource, changes)).toMatch(message);
  });

  test.each<[string, KubeObject, object]>([
    ['a node may be given a certain identity', open, { identityName: 'x' }],
    ['and a number of ports', open, { portsAllocation: 6 }],
    ['and another type of service', open, { service: { type: 'LoadBalancer' } }],
    ['a cluster may have the default written out', clusterOfOne, { service: { type: 'ClusterIP' } }],
    ['and another release', clusterOfOne, { supportedRelease: 'kaunas' }],
    ['a pool may lose its funding', funded, { funding: null }],
    ['an identity may be mended', one, { nativeAddress: '0xb' }],
  ])('%s', async (_what, resource, changes) => {
    expect(await set(resource, changes)).toContain('patched');
  });
});

describe('status', () => {
  const status: Record<string, object> = {
    IdentityPool: { ...stamp, phase: 'Ready', size: 3, locked: 2 },
    IdentityHoprd: { ...stamp, phase: 'InUse', hoprdNodeName: 'node-1' },
    ClusterHoprd: { ...stamp, phase: 'Ready', currentNodes: 2 },
    Hoprd: { ...stamp, phase: 'Running', identityName: 'pool-1' },
  };

  test.each([pool(), identity(), cluster(), hoprd()])(
    'of $kind is written with the resource, as the HOPR operator does',
    async (resource) => {
      const object = { ...written(resource, 'with-status'), status: status[resource.kind] };
      const type = TYPES.find(({ kind }) => kind === resource.kind) as ResourceType;
      await api.kube.create(type, object);
      const live = await api.kube.get<KubeObject & { status: object }>(type, object.metadata);
      expect(live?.status).toEqual(status[resource.kind]);
      const crd = CRDS.find(({ spec }) => spec?.names.kind === resource.kind) as CustomResourceDefinition;
      const maximal = maximalValue(schemaOf(crd, 'status')) as object;
      await api.kube.mergePatch(type, object.metadata, { status: maximal });
      expect((await api.kube.get<KubeObject & { status: object }>(type, object.metadata))?.status).toEqual(maximal);
    },
  );

  test('a write of it counts as a generation, as there is no subresource', async () => {
    const key = { namespace: 'default', name: 'counted' };
    await api.kube.create(HOPRDS, written(hoprd(), key.name));
    const patched = await api.kube.mergePatch<KubeObject>(HOPRDS, key, { status: status.Hoprd as object });
    expect(patched.metadata.generation).toBe(2);
    await api.kube.mergePatch(HOPRDS, key, { metadata: { labels: { a: 'b' } } });
    expect((await api.kube.get(HOPRDS, key))?.metadata.generation).toBe(2);
  });

  test('that the operator alone may write is refused where it is not whole', async () => {
    const partial = { ...written(hoprd(), 'partial'), status: { phase: 'Running' } };
    expect(await kubectl(api, ['create', '-f', '-'], partial)).toMatch(/status\.updateTimestamp: Required value/);
  });
});

test('a cluster is scaled as anything else', async () => {
  const key = { namespace: 'default', name: 'scaled' };
  const status = { ...stamp, phase: 'Ready', currentNodes: 2, selector: 'hoprds.hoprnet.org/cluster=scaled' };
  await api.kube.create(CLUSTER_HOPRDS, { ...written(cluster(), 'scaled'), status });
  expect(await kubectl(api, ['scale', 'clusterhoprd/scaled', '--replicas=5'])).toContain('scaled');
  expect((await api.kube.get<ClusterHoprd>(CLUSTER_HOPRDS, key))?.spec.replicas).toBe(5);
  const path = '/apis/hoprnet.org/v1alpha2/namespaces/default/clusterhoprds/scaled/scale';
  expect(JSON.parse(await kubectl(api, ['get', '--raw', path]))).toMatchObject({
    kind: 'Scale',
    status: { replicas: 2, selector: 'hoprds.hoprnet.org/cluster=scaled' },
  });
});

test('kubectl get shows how resources are', async () => {
  const head = async (kind: string) =>
    (await kubectl(api, ['get', kind]))
      .split('\n')[0]
      ?.trim()
      .split(/\s{2,}/);
  expect(await Promise.all(['identitypool', 'identityhoprd', 'clusterhoprd', 'hoprd'].map(head))).toEqual([
    ['NAME', 'NETWORK', 'PHASE', 'SIZE', 'LOCKED', 'AGE'],
    ['NAME', 'PHASE', 'POOL', 'HOPRDNODE', 'AGE'],
    ['NAME', 'PHASE', 'POOL', 'VERSION', 'REPLICAS', 'CURRENT', 'AGE'],
    ['NAME', 'PHASE', 'VERSION', 'IDENTITYHOPRD', 'AGE'],
  ]);
});
