/**
 * A fleet of the HOPR operator on a real API server: left alone while that operator runs, taken over as it runs afterwards. Our operator has
 * the rights that it has in a cluster, and no others.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { applyCrds } from '../../src/cli/crds.ts';
import { clusterHoprd, hoprd, identityHoprd, identityPool } from '../../src/kinds/hopr/kind.ts';
import {
  CLUSTER_HOPRDS,
  type ClusterHoprd,
  HOPRDS,
  type Hoprd,
  IDENTITY_HOPRDS,
  IDENTITY_POOLS,
  type IdentityPool,
} from '../../src/kinds/hopr/schema.ts';
import type { Kube } from '../../src/kube/kube.ts';
import type { Deployment, KubeObject } from '../../src/kube/objects.ts';
import { liveReader } from '../../src/kube/reader.ts';
import {
  CONFIG_MAPS,
  CRON_JOBS,
  DEPLOYMENTS,
  INGRESSES,
  PERSISTENT_VOLUME_CLAIMS,
  type ResourceType,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
  SERVICES,
} from '../../src/kube/resource-types.ts';
import { formatChange } from '../../src/reconcile/change.ts';
import { stampOf } from '../../src/reconcile/stamp.ts';
import { useTestApi } from './control-plane.ts';
import {
  createSurroundings,
  deployment,
  type HoprOperator,
  NGINX,
  SETTINGS,
  startHoprOperator,
  startStandIn,
  TEAM,
} from './hopr-operator.ts';
import { connectAsOperator } from './operator-account.ts';
import { applyOriginalCrds, createOriginalFleet, NODES, openControllerPorts } from './original-hopr-fleet.ts';

const api = useTestApi();
const ORIGINAL = { namespace: 'hoprd-operator', name: 'hoprd-operator-controller' };
const RESOURCES = [IDENTITY_POOLS, IDENTITY_HOPRDS, CLUSTER_HOPRDS, HOPRDS];
const CHILDREN = [
  ...[SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS, CRON_JOBS, PERSISTENT_VOLUME_CLAIMS, INGRESSES, SERVICES, DEPLOYMENTS],
];
const NAMES = NODES.map(({ name }) => name);
/** A machine that is busy with other tests takes its time. */
const waiting = { timeout: 120_000, interval: 200 };

let account: Kube;
let operator: HoprOperator;
let standIn: { stop(): Promise<void> } | undefined;

beforeAll(async () => {
  await applyOriginalCrds(api.kube);
  await createSurroundings(api.kube);
  const { portMin: first, portMax: last } = SETTINGS.ingress;
  await openControllerPorts(api.kube, { first, last });
  await api.kube.create(
    DEPLOYMENTS,
    deployment(ORIGINAL.namespace, ORIGINAL.name, ['operator'], 'registry.test/hoprd-operator:0.2.29'),
  );
  // An API server serves a CRD some time after it was written.
  await vi.waitFor(() => api.kube.listPage(HOPRDS, { limit: 1 }), waiting);
  await createOriginalFleet(api.kube);
  account = await connectAsOperator(api, 'nodewright-system');
  operator = await startHoprOperator(account);
}, 20 * 60_000);
afterAll(async () => {
  await operator?.stop();
  await standIn?.stop();
});

const list = <T extends KubeObject>(type: ResourceType) => api.kube.list<T>(type, { namespace: TEAM });
const getHoprd = (name: string) => api.kube.get<Hoprd>(HOPRDS, { namespace: TEAM, name });

/** Of everything that there is, in its namespace and in that of the ingress controller. */
async function versionsOfAll(): Promise<string[]> {
  const shared = [CONFIG_MAPS, DEPLOYMENTS].map((type) => api.kube.list(type, { namespace: NGINX }));
  const lists = await Promise.all([...[...RESOURCES, ...CHILDREN].map((type) => list(type)), ...shared]);
  return lists.flat().map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.resourceVersion}`);
}

/** What ReplicaSets are made of. */
async function podTemplates(): Promise<string[]> {
  const deployments = [
    ...(await list<Deployment>(DEPLOYMENTS)),
    ...(await api.kube.list<Deployment>(DEPLOYMENTS, { namespace: NGINX })),
  ];
  return deployments.map(({ metadata, spec }) => `${metadata.name} ${stampOf(spec?.template)}`);
}

async function setReplicasOfOriginal(replicas: number): Promise<void> {
  await api.kube.mergePatch(DEPLOYMENTS, ORIGINAL, { spec: { replicas } });
}

let templates: string[];

test('nothing is written while the HOPR operator runs', async () => {
  const before = await versionsOfAll();
  await vi.waitFor(() => {
    const left = operator.lines.filter(({ msg }) => msg === 'left alone');
    expect(new Set(left.map(({ controller }) => controller))).toEqual(
      new Set(['identity-pool', 'identity-hoprd', 'cluster-hoprd', 'hoprd']),
    );
    for (const { why } of left) expect(why).toContain(`Deployment ${ORIGINAL.namespace}/${ORIGINAL.name}`);
  }, waiting);
  expect(await versionsOfAll()).toEqual(before);
  expect(operator.lines.filter(({ msg }) => msg === 'change')).toEqual([]);
});

test('a look at it says so, and that each Deployment is taken over as it runs', async () => {
  const kinds = [identityPool, identityHoprd, clusterHoprd, hoprd];
  const context = {
    reader: liveReader(api.kube),
    podGet: () => Promise.reject(new Error('no node is ever asked')),
    options: { operatorNamespace: 'nodewright-system', agentImage: 'nodewright:test', hopr: SETTINGS },
    now: () => new Date(),
    random: randomBytes,
  };
  const found: string[] = [];
  for (const kind of kinds) {
    for (const resource of await list(kind.type)) {
      const { changes, waits } = await kind.look(resource, context as Parameters<typeof kind.look>[1]);
      expect(waits[0]).toMatchObject({
        what: 'every change',
        why: expect.stringContaining('HOPR operator still runs'),
      });
      found.push(...changes.map(formatChange));
    }
  }
  for (const name of NAMES)
    expect(found.filter((line) => line.includes(`Deployment ${name}:`))).toEqual([
      expect.stringMatching(/^patch Deployment .* it is as we would make it, and is taken over as it runs$/),
    ]);
  // Besides, what no pod of a node notices: the rights and the script of the job that sends funds.
  expect(found.join('\n')).not.toMatch(/^(delete|replace|\w+ (Hoprd|PersistentVolumeClaim|ConfigMap)) /m);
});

test('without it every node is stamped, and no pod of one is made anew', async () => {
  templates = await podTemplates();
  const ports = async () =>
    (await api.kube.list(CONFIG_MAPS, { namespace: NGINX })).map(({ metadata }) => metadata.resourceVersion);
  const claims = async () => (await list(PERSISTENT_VOLUME_CLAIMS)).map(({ metadata }) => metadata.resourceVersion);
  const before = [await ports(), await claims()];
  await setReplicasOfOriginal(0);
  await vi.waitFor(async () => {
    for (const { metadata } of await list(DEPLOYMENTS)) {
      expect(metadata.annotations).toHaveProperty('nodewright.dev/asked');
      expect(metadata.annotations).toHaveProperty('nodewright.dev/rendered', 'template=taken-over');
    }
    for (const { name, identity } of NODES)
      expect((await getHoprd(name))?.status).toMatchObject({ phase: 'Running', identityName: identity });
    const [pool] = await list<IdentityPool>(IDENTITY_POOLS);
    expect(pool?.status).toMatchObject({ phase: 'Ready', size: 5, locked: 4 });
    const [cluster] = await list<ClusterHoprd>(CLUSTER_HOPRDS);
    expect(cluster?.status).toMatchObject({ phase: 'Ready', currentNodes: 2 });
  }, waiting);
  expect(await podTemplates()).toEqual(templates);
  expect([await ports(), await claims()]).toEqual(before);
  expect(operator.lines.filter(({ level }) => level >= 50)).toEqual([]);
});

test('nor by our CRDs, which bring the conditions, or a restart of our operator', async () => {
  await applyCrds(api.kube);
  await operator.stop();
  operator = await startHoprOperator(account);
  await vi.waitFor(async () => {
    for (const type of RESOURCES)
      for (const { status } of await list<Hoprd>(type))
        expect(status?.conditions?.find((condition) => condition.type === 'SpecValid')?.status).toBe('True');
    const pending = (await getHoprd('relay-1'))?.status?.conditions?.find(({ type }) => type === 'UpdatePending');
    expect(pending?.status).toBe('True');
  }, waiting);
  expect(await podTemplates()).toEqual(templates);
});

test('it is left to the HOPR operator again when that comes back', async () => {
  const seen = operator.lines.length;
  await setReplicasOfOriginal(1);
  const key = { namespace: TEAM, name: 'core-5' };
  await vi.waitFor(async () => {
    await api.kube.mergePatch(IDENTITY_HOPRDS, key, { metadata: { annotations: { 'test/at': String(Date.now()) } } });
    expect(operator.lines.slice(seen).some(({ msg }) => msg === 'left alone')).toBe(true);
  }, waiting);
  await setReplicasOfOriginal(0);
});

test('from then on a change reaches one node after the other, with the ports that it had', async () => {
  standIn = startStandIn(api.kube);
  const key = { namespace: TEAM, name: 'relay' };
  await api.kube.mergePatch(CLUSTER_HOPRDS, key, { spec: { version: '2.2.0' } });
  await vi.waitFor(async () => {
    expect((await api.kube.get<ClusterHoprd>(CLUSTER_HOPRDS, key))?.status?.phase).toBe('Ready');
    for (const { name, host, start } of NODES.filter(({ cluster }) => cluster === 'relay')) {
      const live = await api.kube.get<Deployment>(DEPLOYMENTS, { namespace: TEAM, name });
      const [container] = live?.spec?.template.spec?.containers ?? [];
      expect(container?.image).toMatch(/\/hoprd:2\.2\.0$/);
      expect(container?.env).toContainEqual({ name: 'HOPRD_HOST', value: `${host}:${start}` });
    }
  }, waiting);
  const patched = operator.lines.flatMap(
    ({ change = '' }) => /^(?:patch|apply|update) Deployment (relay-\d):.*image/.exec(change)?.[1] ?? [],
  );
  expect(patched.sort()).toEqual(['relay-1', 'relay-2']);
  const others = (await podTemplates()).filter((line) => !line.startsWith('relay-'));
  expect(others).toEqual(templates.filter((line) => !line.startsWith('relay-')));
});
