/** Symbol nodes on a real API server: made, left alone, taken over, refused. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { generateKeyPair } from '../../src/formats/ed25519.ts';
import { issueCertificates } from '../../src/formats/symbol-certificates.ts';
import { KOPF_FINALIZER } from '../../src/kinds/symbol-node/finalizer.ts';
import { SYMBOL_NODES, type SymbolNode, TUTORIAL_SYMBOL_NODES } from '../../src/kinds/symbol-node/schema.ts';
import type { ConfigMap, KubeObject, Pod, Secret, StatefulSet } from '../../src/kube/objects.ts';
import { keyOf, uidOf } from '../../src/kube/objects.ts';
import { CONFIG_MAPS, DEPLOYMENTS, PODS, SECRETS, SERVICES, STATEFUL_SETS } from '../../src/kube/resource-types.ts';
import { NAMESPACE, NODE, TUTORIAL, until, useSymbolSite } from './symbol-site.ts';
import { createAsTutorial } from './symbol-tutorial.ts';

const site = useSymbolSite();
const { api, get, patch, versionsOf, untilLookedAt, changes } = site;
const CHILDREN = [SECRETS, CONFIG_MAPS, SERVICES, STATEFUL_SETS];
const conditionOf = (resource: SymbolNode | undefined, type: string) =>
  resource?.status?.conditions?.find((condition) => condition.type === type);

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
    await site.operator.stop();
    site.isOnline = false;
    const before = await versionsOf(CHILDREN);
    const pod = uidOf((await get(PODS, `${NODE}-statefulset-0`)) as KubeObject);
    site.lines.length = 0;
    await site.startOperator();
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
  site.isOnline = true;
  site.lines.length = 0;
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
    await site.operator.stop();
    site.lines.length = 0;
    const files = issueCertificates({
      ...{ ca: generateKeyPair(randomBytes), node: generateKeyPair(randomBytes), now: new Date(), random: randomBytes },
      ...{ caCommonName: 'test', nodeCommonName: 'test node' },
    });
    const resource = await api.kube.create<SymbolNode>(TUTORIAL_SYMBOL_NODES, {
      ...TUTORIAL,
      metadata: { name: 'old', namespace: NAMESPACE, finalizers: [KOPF_FINALIZER] },
      spec: { ...TUTORIAL.spec, name: 'old', hostName: '' },
    });
    await createAsTutorial(api.kube, resource, 'old', files);
    await until(pod);
    before = await versionsOf(CHILDREN);
    runningPod = await pod();
    certificates = (await get<Secret>(SECRETS, 'certificates-old'))?.data;
    await site.startOperator();
    await until(async () => {
      expect(site.lines).toContainEqual(
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
    site.lines.length = 0;
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
