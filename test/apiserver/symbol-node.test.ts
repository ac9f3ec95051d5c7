/** Symbol nodes of both groups on a real API server. What stands in for the controller of StatefulSets makes their pods. */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { setUpKind } from '../../src/cli/operator.ts';
import { generateKeyPair } from '../../src/formats/ed25519.ts';
import { issueCertificates } from '../../src/formats/symbol-certificates.ts';
import { symbolNodeCrd } from '../../src/kinds/symbol-node/crd.ts';
import { KOPF_FINALIZER } from '../../src/kinds/symbol-node/finalizer.ts';
import { symbolNodeKind } from '../../src/kinds/symbol-node/kind.ts';
import { createNetworkSource } from '../../src/kinds/symbol-node/network-source.ts';
import { SYMBOL_NODES, type SymbolNode, TUTORIAL_SYMBOL_NODES } from '../../src/kinds/symbol-node/schema.ts';
import { packageZip } from '../../src/kinds/symbol-node/symbol-world.ts';
import { AlertSender } from '../../src/kinds/symbol-node/watch/alert-sender.ts';
import type {
  ConfigMap,
  CustomResourceDefinition,
  KubeObject,
  Pod,
  Secret,
  StatefulSet,
} from '../../src/kube/objects.ts';
import { keyOf, uidOf } from '../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  PODS,
  type ResourceType,
  SECRETS,
  SERVICES,
  STATEFUL_SETS,
} from '../../src/kube/resource-types.ts';
import { type RunningManager, startManager } from '../../src/runtime/manager.ts';
import { createNamespace, useTestApi } from './control-plane.ts';

const api = useTestApi();
const waiting = { timeout: 90_000, interval: 200 };
const NAMESPACE = 'symbol';
const NODE = 'node-example-org-sai';

/** As the tutorial has it, with a host in its place. */
const TUTORIAL = {
  apiVersion: 'example.com/v1',
  kind: 'SymbolNode',
  metadata: { name: 'testnode', namespace: NAMESPACE },
  spec: {
    image: 'symbolplatform/symbol-server:gcc-1.0.3.7',
    volumeSize: '70Gi',
    hostName: 'node.example.org',
    friendlyName: 'testNode',
    network: 'sai',
  },
} as SymbolNode;

let isOnline = true;
const lines: { msg: string; why?: string; change?: string }[] = [];
/** Every write that was meant, also one that would change nothing. */
const changes = () => lines.flatMap(({ change }) => change ?? []);
let operator: RunningManager;
let standIn: NodeJS.Timeout;

function startOperator(): Promise<RunningManager> {
  const get = (url: string) => {
    if (!isOnline) throw new Error(`${url}: the name of the host does not resolve`);
    if (url.endsWith('.zip')) return Buffer.from(packageZip());
    return Buffer.from(url.endsWith('/height') ? '{"height":1440,"finalizedHeight":1400}' : '[]');
  };
  const call = async (url: string) => ({ status: 200, body: get(url).toString() });
  const source = createNetworkSource({ call, download: async (url) => get(url), now: Date.now });
  const outside = { call, source, alerts: new AlertSender(call, Date.now) };
  return startManager({
    kube: api.kube,
    leaderElection: false,
    healthAddress: false,
    log: pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) }),
    setUp: (runtime) => {
      const parts = [SYMBOL_NODES, TUTORIAL_SYMBOL_NODES].map((type) =>
        setUpKind(symbolNodeKind(type, outside), runtime, {
          podGet: () => Promise.reject(new Error('no node is ever asked')),
          options: { operatorNamespace: 'nodewright-system', agentImage: 'nodewright:test' },
          now: () => new Date(),
          random: randomBytes,
        }),
      );
      return {
        controllers: parts.map(({ controller }) => controller),
        leaderTasks: parts.map(({ reconciler }) => reconciler),
      };
    },
  });
}

/** As the controller does it under OnDelete: a pod where there is none. */
async function makePods(): Promise<void> {
  for (const set of await api.kube.list<StatefulSet>(STATEFUL_SETS, { namespace: NAMESPACE })) {
    const { metadata, spec } = set;
    const name = `${metadata.name}-0`;
    const pod = await api.kube.get<Pod>(PODS, { namespace: NAMESPACE, name });
    if (pod === undefined && spec?.replicas !== 0) {
      const volumes = [...(spec?.template.spec?.volumes ?? [])];
      for (const claim of spec?.volumeClaimTemplates ?? [])
        volumes.push({
          name: claim.metadata?.name as string,
          persistentVolumeClaim: { claimName: `${claim.metadata?.name}-${name}` },
        });
      const owner = {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        name: metadata.name,
        uid: uidOf(set),
        controller: true,
      };
      await api.kube.create(PODS, {
        ...{ apiVersion: 'v1', kind: 'Pod' },
        metadata: { ...spec?.template.metadata, name, namespace: NAMESPACE, ownerReferences: [owner] },
        spec: { ...spec?.template.spec, volumes },
      } as KubeObject);
    }
    if (set.status?.observedGeneration !== metadata.generation)
      await api.kube.mergePatch(
        STATEFUL_SETS,
        keyOf(set),
        { status: { replicas: 1, observedGeneration: metadata.generation } },
        { subresource: 'status' },
      );
  }
}

beforeAll(async () => {
  await createNamespace(api.kube, NAMESPACE);
  for (const type of [SYMBOL_NODES, TUTORIAL_SYMBOL_NODES])
    await api.kube.create<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, symbolNodeCrd(type));
  await vi.waitFor(async () => {
    for (const type of [SYMBOL_NODES, TUTORIAL_SYMBOL_NODES]) await api.kube.list(type, { namespace: NAMESPACE });
  }, waiting);
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: NAMESPACE } };
  await api.kube.create({ ...SECRETS, kind: 'ServiceAccount', plural: 'serviceaccounts' }, account).catch(() => {});
  operator = await startOperator();
  standIn = setInterval(() => void makePods().catch(() => {}), 200);
}, 20 * 60_000);
afterAll(async () => {
  clearInterval(standIn);
  await operator?.stop();
});

const get = <T extends KubeObject>(type: ResourceType, name: string) =>
  api.kube.get<T>(type, { namespace: NAMESPACE, name });
const list = <T extends KubeObject>(type: ResourceType) => api.kube.list<T>(type, { namespace: NAMESPACE });
const patch = (type: ResourceType, name: string, spec: object) =>
  api.kube.mergePatch(type, { namespace: NAMESPACE, name }, { spec });
const until = <T>(check: () => Promise<T>) => vi.waitFor(check, waiting);
const conditionOf = (resource: SymbolNode | undefined, type: string) =>
  resource?.status?.conditions?.find((condition) => condition.type === type);

/** What is written changes its resourceVersion. */
async function versionsOf(types: ResourceType[]): Promise<Record<string, string | undefined>> {
  const objects = (await Promise.all(types.map((type) => list(type)))).flat();
  return Object.fromEntries(
    objects.map(({ kind, metadata }) => [`${kind ?? ''}/${metadata.name}`, metadata.resourceVersion]),
  );
}

/** Some passes over it have ended, each after something that only a pass writes. */
async function untilLookedAt(type: ResourceType, name: string): Promise<void> {
  for (const maxBlocksBehind of [20, 21, 22]) {
    await patch(type, name, { monitor: { maxBlocksBehind } });
    await until(async () => {
      const resource = await get<SymbolNode>(type, name);
      expect(resource?.status?.observedGeneration).toBe(resource?.metadata.generation);
    });
  }
}

const CHILDREN = [SECRETS, CONFIG_MAPS, SERVICES, STATEFUL_SETS];

describe("the tutorial's manifest", () => {
  test('becomes a node with all that belongs to it', async () => {
    await api.kube.create(TUTORIAL_SYMBOL_NODES, TUTORIAL);
    await until(async () => {
      expect(await get(PODS, `${NODE}-statefulset-0`)).toBeDefined();
    });
    const names = await versionsOf(CHILDREN);
    const certificates = await get<Secret>(SECRETS, `certificates-${NODE}`);
    expect(Object.keys(certificates?.data ?? {})).toHaveLength(5);
    const resources = await get<ConfigMap>(CONFIG_MAPS, `resources-${NODE}`);
    expect(resources?.data?.['config-node.properties']).toContain('host = node.example.org');
    expect(Object.keys(names).filter((name) => name.includes(NODE))).toHaveLength(7);
    // Each was written once: what the API server adds to it is no difference.
    await untilLookedAt(TUTORIAL_SYMBOL_NODES, 'testnode');
    expect(changes()).toEqual(changes().filter((change) => change.startsWith('create ')));
    expect(changes()).toHaveLength(7);
    await until(async () => {
      const resource = await get<SymbolNode>(TUTORIAL_SYMBOL_NODES, 'testnode');
      expect(resource?.status).toMatchObject({ node: NODE, network: 'testnet', address: expect.stringMatching(/^T/) });
      expect(conditionOf(resource, 'CertificateValid')?.status).toBe('True');
      expect(conditionOf(resource, 'PackageReady')?.status).toBe('True');
    });
  });

  test('is left alone by an operator that starts anew and reaches nothing', async () => {
    await operator.stop();
    isOnline = false;
    const before = await versionsOf(CHILDREN);
    const pod = uidOf((await get(PODS, `${NODE}-statefulset-0`)) as KubeObject);
    lines.length = 0;
    operator = await startOperator();
    const at = (await get<SymbolNode>(TUTORIAL_SYMBOL_NODES, 'testnode'))?.status?.readAt;
    await untilLookedAt(TUTORIAL_SYMBOL_NODES, 'testnode');
    expect(at).toBeDefined();
    expect(changes()).toEqual([]);
    expect(await versionsOf(CHILDREN)).toEqual(before);
    expect(uidOf((await get(PODS, `${NODE}-statefulset-0`)) as KubeObject)).toBe(pod);
  });

  test('in the other group is a conflict, and nothing is written for it', async () => {
    const before = await versionsOf(CHILDREN);
    await api.kube.create(SYMBOL_NODES, { ...TUTORIAL, apiVersion: 'nodewright.dev/v1alpha1' });
    await until(async () => {
      const resource = await get<SymbolNode>(SYMBOL_NODES, 'testnode');
      expect(resource?.status?.phase).toBe('Conflict');
      expect(conditionOf(resource, 'Ready')).toMatchObject({ status: 'False', reason: 'Conflict' });
    });
    expect(await versionsOf(CHILDREN)).toEqual(before);
  });

  test('another image restarts the node once', async () => {
    const before = uidOf((await get(PODS, `${NODE}-statefulset-0`)) as KubeObject);
    await patch(TUTORIAL_SYMBOL_NODES, 'testnode', { image: 'symbolplatform/symbol-server:gcc-1.0.3.9' });
    await until(async () => {
      const pod = await get<Pod>(PODS, `${NODE}-statefulset-0`);
      expect(pod?.spec?.containers[0]?.image).toBe('symbolplatform/symbol-server:gcc-1.0.3.9');
      expect(pod?.metadata.uid).not.toBe(before);
    });
  });
});

describe('what the API server refuses', () => {
  test.each<[string, object, RegExp]>([
    ['a second run of one identity', { replicas: 2 }, /replicas/],
    ['a smaller volume', { volumeSize: '1Gi' }, /a volume cannot shrink/],
    [
      'two places for one package',
      { package: { url: 'https://a.test/a.zip', configMap: { name: 'a' } } },
      /either url or configMap/,
    ],
  ])('%s', async (_what, spec, words) => {
    await expect(patch(TUTORIAL_SYMBOL_NODES, 'testnode', spec)).rejects.toThrow(words);
  });
});

test('a full API node that votes and harvests', async () => {
  isOnline = true;
  lines.length = 0;
  await api.kube.create(SYMBOL_NODES, {
    ...{ apiVersion: 'nodewright.dev/v1alpha1', kind: 'SymbolNode', metadata: { name: 'full', namespace: NAMESPACE } },
    spec: {
      ...TUTORIAL.spec,
      hostName: '',
      features: ['API', 'HARVESTER', 'VOTER'],
      overrides: { node: { node: { port: '7900' } } },
    },
  } as KubeObject);
  const pod = await until(async () => {
    const found = await get<Pod>(PODS, 'full-statefulset-0');
    expect(found).toBeDefined();
    return found as Pod;
  });
  expect(pod.spec?.initContainers?.map(({ name }) => name)).toEqual([
    ...['prepare', 'mongo', 'mongo-prepare', 'recovery', 'client', 'broker'],
  ]);
  expect(pod.spec?.containers.map(({ name }) => name)).toEqual(['rest-api', 'health']);
  await until(async () => {
    const resource = await get<SymbolNode>(SYMBOL_NODES, 'full');
    expect(resource?.status?.votingKeys).toHaveLength(1);
    expect(resource?.status?.harvesting?.vrfPublicKey).toMatch(/^[0-9A-F]{64}$/);
  });
  await untilLookedAt(SYMBOL_NODES, 'full');
  expect(changes().filter((change) => !change.startsWith('create '))).toEqual([]);
  // It was started with everything in place, and is not started again.
  expect(uidOf((await get(PODS, 'full-statefulset-0')) as KubeObject)).toBe(uidOf(pod));
});

/** What the tutorial's operator makes of a resource, as pykube sends it. */
async function createAsTutorial(resource: SymbolNode, name: string, files: Record<string, string>): Promise<void> {
  const owner = {
    ...{ apiVersion: 'example.com/v1', kind: 'SymbolNode', name: resource.metadata.name, uid: uidOf(resource) },
    ...{ controller: true, blockOwnerDeletion: true },
  };
  const of = (child: string, labels?: Record<string, string>) => ({
    ...{ namespace: NAMESPACE, name: child, ownerReferences: [owner] },
    ...(labels === undefined ? {} : { labels }),
  });
  const app = { app: name };
  const seed = [
    'index.dat',
    'proof.index.dat',
    'proof.heights.dat',
    '00001.dat',
    '00001.proof',
    '00001.stmt',
    'hashes.dat',
  ];
  const make = (type: ResourceType, object: object) =>
    api.kube.create(type, object as KubeObject, { fieldManager: 'pykube-ng' });
  await make(SECRETS, {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: of(`certificates-${name}`, app) },
    data: Object.fromEntries(Object.entries(files).map(([file, text]) => [file, Buffer.from(text).toString('base64')])),
  });
  await make(CONFIG_MAPS, {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: of(`resources-${name}`, app) },
    data: { 'config-node.properties': '[localnode]\n\nhost =\n', 'peers-p2p.json': '{"knownPeers": []}' },
  });
  await make(CONFIG_MAPS, {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: of(`seed-${name}`, app) },
    binaryData: Object.fromEntries(seed.map((file) => [file, 'AQ=='])),
  });
  const folder = (file: string) => (file.endsWith('index.dat') ? file : `00000/${file}`);
  await make(STATEFUL_SETS, {
    ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: of(`${name}-statefulset`) },
    spec: {
      replicas: 1,
      selector: { matchLabels: app },
      template: {
        metadata: { labels: app },
        spec: {
          containers: [
            {
              name: 'client',
              image: resource.spec.image,
              command: ['/usr/catapult/bin/catapult.server', '/'],
              env: [{ name: 'LD_LIBRARY_PATH', value: '/usr/catapult/lib:/usr/catapult/deps' }],
              ports: [{ containerPort: 7900, hostPort: 7900 }],
              resources: { requests: { cpu: '1.0', memory: '2Gi' }, limits: { cpu: '2.0', memory: '4Gi' } },
              volumeMounts: [
                { name: `data-${name}`, mountPath: '/data' },
                ...['resources', 'certificates', 'seed'].map((volume) => ({
                  ...{ name: volume, mountPath: `/${volume}`, readOnly: true },
                })),
              ],
            },
          ],
          volumes: [
            { name: 'resources', configMap: { name: `resources-${name}` } },
            { name: 'certificates', secret: { secretName: `certificates-${name}` } },
            {
              name: 'seed',
              configMap: { name: `seed-${name}`, items: seed.map((key) => ({ key, path: folder(key) })) },
            },
          ],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: `data-${name}` },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: resource.spec.volumeSize } } },
        },
      ],
    },
  });
}

describe("a node of the tutorial's operator", () => {
  const operatorOfTutorial = { namespace: NAMESPACE, name: 'symbolnode-operator' };
  const pod = async () => uidOf((await get(PODS, 'old-statefulset-0')) as KubeObject);
  const scaleOriginal = (readyReplicas: number) =>
    api.kube.mergePatch(
      DEPLOYMENTS,
      operatorOfTutorial,
      { status: { replicas: readyReplicas, readyReplicas, updatedReplicas: readyReplicas } },
      { subresource: 'status' },
    );
  let before: Record<string, string | undefined>;
  let runningPod: string;
  let certificates: Secret['data'];

  test('is left alone while that operator runs', async () => {
    const labels = { app: operatorOfTutorial.name };
    await api.kube.create(DEPLOYMENTS, {
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: operatorOfTutorial },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'o', image: 'symbol-operator' }] } },
      },
    } as KubeObject);
    await scaleOriginal(1);
    await operator.stop();
    lines.length = 0;
    const files = issueCertificates({
      ...{ ca: generateKeyPair(randomBytes), node: generateKeyPair(randomBytes), now: new Date(), random: randomBytes },
      ...{ caCommonName: 'test', nodeCommonName: 'test node' },
    });
    const resource = await api.kube.create<SymbolNode>(TUTORIAL_SYMBOL_NODES, {
      ...TUTORIAL,
      metadata: { name: 'old', namespace: NAMESPACE, finalizers: [KOPF_FINALIZER] },
      spec: { ...TUTORIAL.spec, name: 'old', hostName: '' },
    });
    await createAsTutorial(resource, 'old', files);
    await until(pod);
    before = await versionsOf(CHILDREN);
    runningPod = await pod();
    certificates = (await get<Secret>(SECRETS, 'certificates-old'))?.data;
    operator = await startOperator();
    await until(async () => {
      expect(lines).toContainEqual(
        expect.objectContaining({
          msg: 'left alone',
          why: expect.stringContaining('symbolnode-operator has ready pods'),
        }),
      );
    });
    expect(changes()).toEqual([]);
    expect(await versionsOf(CHILDREN)).toEqual(before);
  });

  test('is taken over without a restart, with the certificates that it has', async () => {
    await scaleOriginal(0);
    await until(async () => {
      const resource = await get<SymbolNode>(TUTORIAL_SYMBOL_NODES, 'old');
      expect(resource?.status).toMatchObject({ node: 'old', updatePending: 'it was started by another operator' });
      expect(conditionOf(resource, 'CertificateValid')).toMatchObject({ reason: 'CaKeyMissing' });
    });
    await untilLookedAt(TUTORIAL_SYMBOL_NODES, 'old');
    expect((await get<Secret>(SECRETS, 'certificates-old'))?.data).toEqual(certificates);
    expect(await get(SECRETS, 'ca-old')).toBeUndefined();
    const set = await get<StatefulSet>(STATEFUL_SETS, 'old-statefulset');
    expect(set?.spec?.updateStrategy).toEqual({ type: 'OnDelete' });
    expect(set?.metadata.managedFields?.map(({ manager }) => manager)).not.toContain('pykube-ng');
    expect(await pod()).toBe(runningPod);
    const ofNode = () => changes().filter((change) => change.includes('old'));
    expect(ofNode().filter((change) => / (Pod|certificates-old)/.test(change))).toEqual([]);
    lines.length = 0;
    await untilLookedAt(TUTORIAL_SYMBOL_NODES, 'old');
    expect(ofNode()).toEqual([]);
  });

  test('ends when it is deleted, though kopf holds it and runs no more', async () => {
    const resource = (await get<SymbolNode>(TUTORIAL_SYMBOL_NODES, 'old')) as SymbolNode;
    await api.kube.delete(TUTORIAL_SYMBOL_NODES, keyOf(resource), { uid: uidOf(resource) });
    await until(async () => {
      expect(await get(TUTORIAL_SYMBOL_NODES, 'old')).toBeUndefined();
    });
  });
});
