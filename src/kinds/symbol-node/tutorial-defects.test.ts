/** What the operator tutorial does wrong, or leaves out, in its order; each is done right here. */
import { expect, test } from 'vitest';
import type { Pod, PodSpec, StatefulSet } from '../../kube/objects.ts';
import { CONFIG_MAPS, PODS, SECRETS, STATEFUL_SETS } from '../../kube/resource-types.ts';
import { schemaOf } from '../structural-schema.ts';
import { symbolNodeCrd } from './crd.ts';
import { tutorialSymbolNode } from './kind.ts';
import { specSchema, TUTORIAL_SYMBOL_NODES } from './schema.ts';
import { SymbolWorld } from './symbol-world.ts';

const NODE = 'node-example-org-sai';

function containersOf(pod: Pod | undefined) {
  const { initContainers = [], containers = [] } = (pod?.spec ?? {}) as PodSpec;
  return new Map([...initContainers, ...containers].map((container) => [container.name, container]));
}

test('1. an update finds its StatefulSet, and changes more than the image', async () => {
  const world = new SymbolWorld();
  await world.settle();
  world.resource.spec = { ...world.resource.spec, image: 'catapult:2', friendlyName: 'another' };
  await world.settle();
  expect(containersOf(world.pod).get('client')?.image).toBe('catapult:2');
  expect(world.configMap(`resources-${NODE}`)?.data?.['config-node.properties']).toContain('friendlyName = another');
});

test('2. nothing that is needed is lost with the status', async () => {
  const world = new SymbolWorld();
  await world.settle();
  expect(world.resource.status).toBeUndefined();
  // The name of the objects is made of the host, and stays what it was.
  world.resource.spec.hostName = 'other.example.org';
  const { observed } = await world.settle();
  expect(observed.names.node).toBe(NODE);
  expect(Object.keys(schemaOf(symbolNodeCrd(TUTORIAL_SYMBOL_NODES), 'status').properties ?? {})).toContain('node');
});

test('3. one identity never runs twice', () => {
  const spec = { image: 'a', volumeSize: '1Gi', hostName: '', friendlyName: '', network: 'sai' };
  expect([0, 1].map((replicas) => specSchema.safeParse({ ...spec, replicas }).success)).toEqual([true, true]);
  expect(specSchema.safeParse({ ...spec, replicas: 2 }).success).toBe(false);
});

test('4. the key of the main account is kept, whatever happens to the resource', async () => {
  const world = new SymbolWorld({ deletionPolicy: 'Delete' });
  await world.settle();
  expect(world.secret(`ca-${NODE}`)?.metadata.ownerReferences).toBeUndefined();
  expect(world.secret(`certificates-${NODE}`)?.metadata.ownerReferences).toHaveLength(1);
});

test('5. the operator has the rights that it needs, and each names a group without a version', () => {
  const { rules } = tutorialSymbolNode;
  const allowed = (group: string, resource: string) =>
    rules
      .filter(({ apiGroups, resources }) => apiGroups.includes(group) && resources.includes(resource))
      .flatMap(({ verbs }) => verbs);
  for (const [group, resource] of [
    ['', 'secrets'],
    ['', 'configmaps'],
    ['', 'persistentvolumeclaims'],
    ['apps', 'statefulsets'],
  ] as const)
    expect(allowed(group, resource)).toEqual(expect.arrayContaining(['get', 'list', 'watch', 'create', 'patch']));
  expect(rules.flatMap(({ apiGroups }) => apiGroups).filter((group) => group.includes('/'))).toEqual([]);
});

test('6. what fails is told, and nothing half done is put to use', async () => {
  const world = new SymbolWorld({ overrides: { node: { localnode: { hots: 'x' } } } });
  const plan = await world.settle();
  expect(plan.problems.map(({ reason }) => reason)).toEqual(['OverrideInvalid']);
  expect(world.configMap(`resources-${NODE}`)).toBeUndefined();
  expect(world.statefulSet).toBeUndefined();
});

test('7. there is a place for logs', async () => {
  const world = new SymbolWorld();
  await world.settle();
  expect(containersOf(world.pod).get('client')?.volumeMounts).toContainEqual({ name: 'logs', mountPath: '/logs' });
});

test('8. more than one node fits on a machine', async () => {
  const ports = async (world: SymbolWorld) => {
    await world.settle();
    return containersOf(world.pod).get('client')?.ports?.[0]?.hostPort;
  };
  expect(await ports(new SymbolWorld())).toBe(7900);
  expect(await ports(new SymbolWorld({ exposure: { port: 7910 } }))).toBe(7910);
  expect(await ports(new SymbolWorld({ exposure: { type: 'LoadBalancer' } }))).toBeUndefined();
});

test('9. only pods of its own nodes are looked at', () => {
  const watched = tutorialSymbolNode.children({ operatorNamespace: 'a', agentImage: 'b' });
  expect(watched.map(({ labels }) => labels)).toEqual(
    watched.map(() => ({ 'app.kubernetes.io/managed-by': 'nodewright' })),
  );
  const pod = (kind: string) => ({
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: { name: 'p', namespace: 'n', labels: { 'nodewright.dev/kind': kind, 'nodewright.dev/resource': 'r' } },
  });
  expect(tutorialSymbolNode.ownersOf(pod('SymbolNode.example.com'))).toEqual([{ namespace: 'n', name: 'r' }]);
  expect(tutorialSymbolNode.ownersOf(pod('SymbolNode'))).toEqual([]);
});

test('10. two resources of one host and network do not write over each other', async () => {
  const first = new SymbolWorld();
  await first.settle();
  const second = new SymbolWorld({}, { name: 'another' });
  for (const object of first.objects.values()) second.put({ ...STATEFUL_SETS, kind: object.kind }, object);
  const plan = await second.pass();
  expect(plan.changes).toEqual([]);
  expect(plan.problems).toMatchObject([
    { reason: 'Conflict', message: expect.stringContaining('SymbolNode testnode') },
  ]);
});

test('11. recovery, probes, a Service, a policy for the claim, common names, features', async () => {
  const world = new SymbolWorld({
    ...{ features: ['API', 'HARVESTER', 'VOTER'], deletionPolicy: 'Delete' },
    certificates: { caCommonName: 'my CA', nodeCommonName: 'my node' },
  });
  const { identity } = await world.settle();
  const containers = containersOf(world.pod);
  expect([...containers.keys()]).toEqual([
    ...['prepare', 'mongo', 'mongo-prepare', 'recovery', 'client', 'broker', 'rest-api', 'health'],
  ]);
  expect(containers.get('health')?.readinessProbe?.httpGet?.path).toBe('/');
  expect(world.get('Service', `node-${NODE}`)).toBeDefined();
  expect((world.statefulSet as StatefulSet).spec?.persistentVolumeClaimRetentionPolicy).toMatchObject({
    whenDeleted: 'Delete',
  });
  expect(identity?.certificates).toMatchObject({ caCommonName: 'my CA', nodeCommonName: 'my node' });
  expect(world.pod?.spec?.terminationGracePeriodSeconds).toBe(300);
});

test('what the tutorial made is taken over without a restart', async () => {
  const made = new SymbolWorld();
  await made.settle();
  const world = new SymbolWorld();
  const owner = {
    apiVersion: 'example.com/v1',
    kind: 'SymbolNode',
    name: 'testnode',
    uid: world.resource.metadata.uid as string,
    controller: true,
  };
  const of = (name: string) => ({ name, labels: { app: NODE }, ownerReferences: [owner] });
  const certificates = made.secret(`certificates-${NODE}`);
  const resources = made.configMap(`resources-${NODE}`);
  world.put(SECRETS, { ...certificates, metadata: of(`certificates-${NODE}`) } as never);
  world.put(CONFIG_MAPS, { ...resources, metadata: of(`resources-${NODE}`) } as never);
  const container = { name: 'client', image: 'catapult:1' };
  const template = { metadata: { labels: { app: NODE } }, spec: { containers: [container] } };
  const volumeClaimTemplates = made.statefulSet?.spec?.volumeClaimTemplates;
  world.put(STATEFUL_SETS, {
    ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: of(`${NODE}-statefulset`) },
    spec: { replicas: 1, selector: { matchLabels: { app: NODE } }, template, volumeClaimTemplates },
  } as never);
  world.put(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${NODE}-statefulset-0` },
    spec: template.spec,
  } as never);
  const pod = world.pod?.metadata.uid;
  const plan = await world.settle();
  expect(world.statefulSet?.spec?.updateStrategy).toEqual({ type: 'OnDelete' });
  expect(plan.podPlan.updatePending).toBe('it was started by another operator');
  // The tutorial threw the CA key away: another one would be another node.
  expect(plan.problems.map(({ reason }) => reason)).toEqual(['CaKeyMissing']);
  expect(world.secret(`ca-${NODE}`)).toBeUndefined();
  expect(world.secret(`certificates-${NODE}`)?.data).toEqual(certificates?.data);
  expect(world.pod?.metadata.uid).toBe(pod);
  world.resource.spec.image = 'catapult:2';
  await world.settle();
  expect(world.pod?.metadata.uid).not.toBe(pod);
});
