/** The CRD of CosmosFullNode on a real API server: what it takes, what it refuses and how, and that nothing gets lost. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { applyCrds } from '../../src/cli/crds.ts';
import { checkCosmosFullNode } from '../../src/kinds/cosmos-full-node/check.ts';
import { cosmosFullNodeCrd } from '../../src/kinds/cosmos-full-node/crd.ts';
import { COSMOS_FULL_NODES, type CosmosFullNode } from '../../src/kinds/cosmos-full-node/schema.ts';
import {
  type Changes,
  writtenFullNode as fullNode,
  pod,
  version,
} from '../../src/kinds/cosmos-full-node/written-full-node.ts';
import { completeBySchema, findSchemaProblems, schemaOf } from '../../src/kinds/structural-schema.ts';
import type { CustomResourceDefinition } from '../../src/kube/objects.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../src/kube/resource-types.ts';
import { useTestApi } from './control-plane.ts';
import { kubectl } from './kubectl.ts';
import { maximalValue } from './maximal-value.ts';

const api = useTestApi();
const specSchema = schemaOf(cosmosFullNodeCrd(), 'spec');

beforeAll(async () => {
  await applyCrds(api.kube);
});

const dryRun = (object: object) => kubectl(api, ['apply', '--dry-run=server', '-f', '-'], object);
const readSample = (name: string): CosmosFullNode =>
  parse(readFileSync(new URL(`cosmos-samples/${name}.yaml`, import.meta.url), 'utf8'));

describe('the CRD', () => {
  test('is taken, and its schema is structural', async () => {
    const { metadata, spec } = cosmosFullNodeCrd();
    const live = await api.kube.get<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, { name: metadata.name });
    const conditions = live?.status?.conditions?.map(({ type, status }) => `${type} ${status}`);
    expect(conditions).toEqual(['NamesAccepted True', 'Established True']);
    // Nothing of it was dropped.
    expect(live?.spec?.versions).toEqual(spec?.versions);
  });

  test('tells what fields mean', async () => {
    // The API server publishes descriptions a moment after it serves the kind.
    const explain = () => kubectl(api, ['explain', 'cosmosfullnode.spec.chain.versions.setHaltHeight']);
    await expect.poll(explain, { timeout: 20_000 }).toContain('Let the node of the version before halt by itself');
  });
});

describe('samples', () => {
  test.each(['rpc', 'everything', 'second-process'])('%s is taken', async (name) => {
    const sample = readSample(name);
    expect(checkCosmosFullNode(sample)).toEqual([]);
    expect(await kubectl(api, ['apply', '-f', '-'], sample)).toContain(`${name} created`);
    const live = await api.kube.get<CosmosFullNode>(COSMOS_FULL_NODES, { namespace: 'default', name });
    expect(live?.spec).toEqual(completeBySchema(specSchema, sample.spec));
  });
});

describe('what the original crashes on', () => {
  const volumes = (resources: object) => ({ volumeClaimTemplate: { storageClassName: 'fast', resources } });

  test.each<[string, Changes, RegExp]>([
    [
      'versions out of order',
      { 'chain.versions': [version(0), version(5), version(3)] },
      /spec\.chain\.versions: .*versions must be in ascending order of height/,
    ],
    [
      'a negative height',
      { 'chain.versions': [version(-1)] },
      /spec\.chain\.versions\[0\]\.height.*greater than or equal to 0/,
    ],
    ...['half', '5', '', '5.5%', '%'].map((value): [string, Changes, RegExp] => [
      `maxUnavailable ${JSON.stringify(value)}`,
      { 'strategy.maxUnavailable': value },
      new RegExp(
        `spec\\.strategy\\.maxUnavailable: .*'${value}' is neither a number of instances such as 1 nor a percentage`,
      ),
    ]),
    [
      'two additional pods of one name',
      { additionalVersionedPods: [pod('a'), pod('a')] },
      /spec\.additionalVersionedPods\[1\]: Duplicate value: \{"name":"a"\}/,
    ],
    [
      'an additional pod with the name of the resource',
      { additionalVersionedPods: [pod('a'), pod('hub')] },
      /spec\.additionalVersionedPods: .*must not have the name of the resource/,
    ],
    ['volumes without requests', volumes({}), /spec\.volumeClaimTemplate\.resources: .*set requests\.storage/],
    [
      'a volume without requests',
      { instanceOverrides: { 'hub-1': volumes({}) } },
      /spec\.instanceOverrides\[hub-1\]\.volumeClaimTemplate\.resources: .*set requests\.storage/,
    ],
    [
      'an external name as RPC Service',
      { 'service.rpcTemplate.type': 'ExternalName' },
      /spec\.service\.rpcTemplate\.type: .*cannot be an ExternalName; use ClusterIP, NodePort or LoadBalancer/,
    ],
    [
      'an external name as p2p Service',
      { 'service.p2pTemplate.type': 'ExternalName' },
      /spec\.service\.p2pTemplate\.type: .*cannot be an ExternalName; use LoadBalancer, NodePort or ClusterIP/,
    ],
  ])('%s is refused', async (_what, changes, message) => {
    expect(await dryRun(fullNode(changes))).toMatch(message);
    expect(checkCosmosFullNode(fullNode(changes))).toHaveLength(1);
  });
});

describe('what the original refuses too', () => {
  test.each<[string, Changes, RegExp]>([
    ['a missing field', { 'chain.binary': undefined }, /spec\.chain\.binary: Required value/],
    ['an empty chain id', { 'chain.chainID': '' }, /spec\.chain\.chainID.*at least 1 chars long/],
    ['a negative number of instances', { replicas: -1 }, /spec\.replicas.*greater than or equal to 0/],
    ['a string for a number', { replicas: '2' }, /spec\.replicas.*must be of type integer: "string"/],
    ['a fraction', { 'service.maxP2PExternalAddresses': 1.5 }, /maxP2PExternalAddresses.*must be of type integer/],
    ['a string for a list', { 'chain.additionalInitArgs': '--x' }, /additionalInitArgs.*must be of type array/],
    ['null in a list', { 'chain.additionalInitArgs': [null] }, /additionalInitArgs\[0\].*must be of type string/],
    [
      "All|Pod, which stands for either in the original's sample",
      { instanceOverrides: { 'hub-1': { disable: 'All|Pod' } } },
      /spec\.instanceOverrides\.hub-1\.disable: Unsupported value: "All\|Pod": supported values: "Pod", "All"/,
    ],
    [
      'a size that is none',
      { 'volumeClaimTemplate.resources': { requests: { storage: 'big' } } },
      /spec\.volumeClaimTemplate\.resources\.requests\.storage.*should match/,
    ],
    [
      'a container twice with one port',
      {
        'podTemplate.containers': [{ name: 'a', ports: [{ containerPort: 1 }, { containerPort: 1, protocol: 'TCP' }] }],
      },
      /spec\.podTemplate\.containers\[0\]\.ports\[1\]: Duplicate value/,
    ],
    ['an unknown field', { 'podTemplate.imge': 'a' }, /unknown field "spec\.podTemplate\.imge"/],
    [
      'an unknown field deep inside',
      { 'podTemplate.containers': [{ name: 'a', imge: 'b' }] },
      /unknown field "spec\.podTemplate\.containers\[0\]\.imge"/,
    ],
  ])('%s is refused', async (_what, changes, message) => {
    expect(await dryRun(fullNode(changes))).toMatch(message);
    expect(checkCosmosFullNode(fullNode(changes))).toHaveLength(1);
  });

  test('a checksum that is none is refused', async () => {
    expect(await dryRun(fullNode({ 'chain.genesisSHA256': 'abc' }))).toMatch(
      /spec\.chain\.genesisSHA256.*should match/,
    );
  });
});

describe('what works in the original or is merely wrong', () => {
  test.each<[string, Changes]>([
    ['neither image nor versions', { 'podTemplate.image': undefined }],
    ['versions of one height', { 'chain.versions': [version(5), version(5)] }],
    ['a negative budget', { 'strategy.maxUnavailable': -1 }],
    ['a negative budget in percent', { 'strategy.maxUnavailable': '-5%' }],
    ['more budget than there is', { 'strategy.maxUnavailable': '200%' }],
    [
      'a volume that is never so full',
      { 'selfHeal.pvcAutoScale': { usedSpacePercentage: 101, increaseQuantity: 'x' } },
    ],
    ['an override of no instance', { instanceOverrides: { 'hub-9': { disable: 'Pod' } } }],
    ['an instance that overrides nothing', { instanceOverrides: { 'hub-0': { volumeClaimTemplate: {} } } }],
    ['requests without storage', { 'volumeClaimTemplate.resources': { requests: {} } }],
    ['a size as a number', { 'volumeClaimTemplate.resources': { requests: { storage: 1000000000 } } }],
    [
      'an external name that no Service has',
      { service: { maxP2PExternalAddresses: 0, p2pTemplate: { type: 'ExternalName' } } },
    ],
    [
      'a data source that matches any instance',
      { 'volumeClaimTemplate.autoDataSource': { volumeSnapshotSelector: { a: 'b' } } },
    ],
    ['an address without a port', { 'chain.config.rpcListenAddress': 'unix:///tmp/rpc' }],
    ['an unknown database', { 'chain.databaseBackend': 'cleveldb' }],
    ['no TOML', { 'chain.config.overrides': 'not = [toml' }],
    [
      'null members',
      { 'chain.homeDir': null, instanceOverrides: { 'hub-0': null }, 'podTemplate.metadata.labels': { a: null } },
    ],
  ])('%s is taken', async (_what, changes) => {
    const node = fullNode(changes);
    expect(await dryRun(node)).toContain('created');
    expect(findSchemaProblems(specSchema, completeBySchema(specSchema, node.spec), 'spec')).toEqual([]);
  });
});

test('nothing of a manifest with every field there is gets lost', async () => {
  const spec = completeBySchema(specSchema, maximalValue(specSchema));
  const node = { ...fullNode(), metadata: { name: 'maximal', namespace: 'default' }, spec } as CosmosFullNode;
  expect(await kubectl(api, ['create', '-f', '-'], node)).toContain('created');
  const status = maximalValue(schemaOf(cosmosFullNodeCrd(), 'status'));
  const key = { namespace: 'default', name: 'maximal' };
  await api.kube.mergePatch(COSMOS_FULL_NODES, key, { status }, { subresource: 'status' });
  const live = await api.kube.get<CosmosFullNode>(COSMOS_FULL_NODES, key);
  expect(live?.spec).toEqual(spec);
  expect(live?.status).toEqual(status);
  expect(findSchemaProblems(specSchema, spec, 'spec')).toEqual([]);
});

test('a file is completed as the API server completes it', async () => {
  const containers = [
    { name: 'a', ports: [{ containerPort: 1 }], livenessProbe: { grpc: { port: 1, service: null } } },
  ];
  const node = fullNode({
    'podTemplate.containers': containers,
    'podTemplate.affinity': null,
    'service.rpcTemplate.ports': [{ port: 1, name: 'a' }],
    'podTemplate.metadata': { labels: { a: null, b: 'c' } },
  });
  const live = JSON.parse(await kubectl(api, ['create', '--dry-run=server', '-o', 'json', '-f', '-'], node));
  expect(completeBySchema(specSchema, node.spec)).toEqual(live.spec);
});

describe('scaling', () => {
  const scaled = { ...fullNode(), metadata: { name: 'scaled', namespace: 'default' } };
  const key = { namespace: 'default', name: 'scaled' };

  beforeAll(async () => {
    await api.kube.create(COSMOS_FULL_NODES, scaled);
  });

  test('kubectl scale changes the number of instances', async () => {
    expect(await kubectl(api, ['scale', 'cosmosfullnode/scaled', '--replicas=5'])).toContain('scaled');
    const live = await api.kube.get<CosmosFullNode>(COSMOS_FULL_NODES, key);
    expect(live?.spec).toEqual({ ...scaled.spec, replicas: 5 });
  });

  test('a HorizontalPodAutoscaler finds the pods', async () => {
    const status = { observedGeneration: 1, phase: 'Complete', replicas: 2, selector: 'app.kubernetes.io/name=scaled' };
    await api.kube.mergePatch(COSMOS_FULL_NODES, key, { status }, { subresource: 'status' });
    const path = '/apis/cosmos.strange.love/v1/namespaces/default/cosmosfullnodes/scaled/scale';
    expect(JSON.parse(await kubectl(api, ['get', '--raw', path]))).toMatchObject({
      kind: 'Scale',
      status: { replicas: 2, selector: 'app.kubernetes.io/name=scaled' },
    });
  });
});

test('kubectl get shows how a resource is', async () => {
  const key = { namespace: 'default', name: 'shown' };
  await api.kube.create(COSMOS_FULL_NODES, { ...fullNode(), metadata: key });
  const status = { observedGeneration: 1, phase: 'Progressing', inSync: '1/2', latestHeight: 4711 };
  await api.kube.mergePatch(COSMOS_FULL_NODES, key, { status }, { subresource: 'status' });
  const [head, row] = (await kubectl(api, ['get', 'cosmosfullnode', 'shown'])).split('\n');
  expect(head?.trim().split(/\s{2,}/)).toEqual(['NAME', 'PHASE', 'REPLICAS', 'IN SYNC', 'HEIGHT', 'AGE']);
  expect(
    row
      ?.trim()
      .split(/\s{2,}/)
      .slice(0, 5),
  ).toEqual(['shown', 'Progressing', '2', '1/2', '4711']);
});
