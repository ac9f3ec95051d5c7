/**
 * A fleet of the Cosmos Operator in Go on a real API server: left alone while that operator runs, taken over as it runs afterwards. Our
 * operator has the rights that it has in a cluster, and no others.
 */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { applyCrds } from '../../src/cli/crds.ts';
import { setUpKind } from '../../src/cli/operator.ts';
import { ofGoOperator } from '../../src/kinds/cosmos-full-node/go-fleet.ts';
import { cosmosFullNode } from '../../src/kinds/cosmos-full-node/kind.ts';
import { COSMOS_FULL_NODES, type CosmosFullNode } from '../../src/kinds/cosmos-full-node/schema.ts';
import type { ConfigMap, KubeObject, Lease, Pod } from '../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  LEASES,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  type ResourceType,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
  SERVICES,
} from '../../src/kube/resource-types.ts';
import { type RunningManager, startManager } from '../../src/runtime/manager.ts';
import { createNamespace, useTestApi } from './control-plane.ts';
import { connectAsOperator } from './operator-account.ts';

const api = useTestApi();
const NAMESPACE = 'chains';
const OPERATOR_NAMESPACE = 'nodewright-system';
const GO_OPERATOR = 'manager';
const LEASE = { namespace: NAMESPACE, name: '16e1bc09.strange.love' };
const waiting = { timeout: 90_000, interval: 200 };
const CHILDREN = [SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS, SERVICES, CONFIG_MAPS, PERSISTENT_VOLUME_CLAIMS, PODS];

let manager: RunningManager;
const lines: { msg: string; why?: string }[] = [];
const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });

beforeAll(async () => {
  await applyCrds(api.kube);
  await createNamespace(api.kube, NAMESPACE);
  await createFleet();
  await api.kube.create<Lease>(LEASES, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: LEASE,
    spec: {
      holderIdentity: 'go',
      leaseDurationSeconds: 3600,
      renewTime: new Date().toISOString().replace('Z', '000Z'),
    },
  });
  manager = await startManager({
    kube: await connectAsOperator(api, OPERATOR_NAMESPACE),
    leaderElection: false,
    healthAddress: false,
    log,
    setUp: (runtime) => {
      const { controller, reconciler } = setUpKind(cosmosFullNode, runtime, {
        // No kubelet runs these pods, so no node answers.
        podGet: async () => {
          throw new Error('connect ECONNREFUSED');
        },
        options: { operatorNamespace: NAMESPACE, agentImage: 'nodewright:test' },
        now: () => new Date(),
        random: randomBytes,
      });
      return { controllers: [controller], leaderTasks: [reconciler] };
    },
  });
}, 20 * 60_000);
afterAll(() => manager?.stop());

/** The resource, and its children as the Go operator has created them. */
async function createFleet(): Promise<void> {
  const { fullNode, observed } = ofGoOperator({ volumeRetentionPolicy: 'Delete' });
  const { uid: _uid, ...metadata } = fullNode.metadata;
  const created = await api.kube.create<CosmosFullNode>(COSMOS_FULL_NODES, { ...fullNode, metadata });
  const children: [ResourceType, Iterable<KubeObject>][] = [
    [SERVICE_ACCOUNTS, observed.serviceAccounts.values()],
    [ROLES, observed.roles.values()],
    [ROLE_BINDINGS, observed.roleBindings.values()],
    [SERVICES, observed.services.values()],
    [CONFIG_MAPS, observed.configMaps.values()],
    [PERSISTENT_VOLUME_CLAIMS, observed.claims.values()],
    [PODS, [...observed.pods.values()].map(asSent)],
  ];
  for (const [type, objects] of children) {
    for (const object of objects) {
      const { uid: _childUid, ownerReferences = [], ...rest } = object.metadata;
      const owners = ownerReferences.map((owner) => ({ ...owner, uid: created.metadata.uid as string }));
      const child = { ...object, metadata: { ...rest, ownerReferences: owners } };
      await api.kube.create(type, child, { fieldManager: GO_OPERATOR });
    }
  }
  for (const pod of await api.kube.list<Pod>(PODS, { namespace: NAMESPACE })) {
    const running = { name: 'node', image: 'x', imageID: 'x', ready: true, started: true, restartCount: 0 };
    const containerStatuses = [{ ...running, state: { running: { startedAt: new Date().toISOString() } } }];
    await api.kube.mergePatch(
      PODS,
      { namespace: NAMESPACE, name: pod.metadata.name },
      { status: { phase: 'Running', podIP: '10.0.0.9', podIPs: [{ ip: '10.0.0.9' }], containerStatuses } },
      { subresource: 'status' },
    );
  }
}

/** The API server adds the token of the service account by itself. */
function asSent(pod: Pod): Pod {
  const isToken = ({ name }: { name: string }) => name.startsWith('kube-api-access-');
  const withoutToken = (container: NonNullable<Pod['spec']>['containers'][number]) => ({
    ...container,
    volumeMounts: (container.volumeMounts ?? []).filter((mount) => !isToken(mount)),
  });
  const { nodeName: _node, ...spec } = pod.spec as NonNullable<Pod['spec']>;
  return {
    ...pod,
    spec: {
      ...spec,
      volumes: (spec.volumes ?? []).filter((volume) => !isToken(volume)),
      containers: spec.containers.map(withoutToken),
      initContainers: (spec.initContainers ?? []).map(withoutToken),
    },
  };
}

async function versionsOfAll(): Promise<string[]> {
  const lists = await Promise.all(
    [COSMOS_FULL_NODES, ...CHILDREN].map((type) => api.kube.list(type, { namespace: NAMESPACE })),
  );
  return lists.flat().map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.resourceVersion}`);
}

const podUids = async () =>
  (await api.kube.list<Pod>(PODS, { namespace: NAMESPACE })).map(({ metadata }) => metadata.uid);

test('nothing is written while the Go operator holds its Lease', async () => {
  const before = await versionsOfAll();
  await vi.waitFor(() => expect(lines.map(({ msg }) => msg)).toContain('left alone'), waiting);
  expect(lines.find(({ msg }) => msg === 'left alone')?.why).toContain(`it holds Lease ${NAMESPACE}/${LEASE.name}`);
  expect(await versionsOfAll()).toEqual(before);
});

test('without it, every object is stamped and no pod is restarted', async () => {
  const before = await podUids();
  const lease = await api.kube.get(LEASES, LEASE);
  await api.kube.delete(LEASES, LEASE, { uid: lease?.metadata.uid ?? '' });
  await vi.waitFor(async () => {
    const pods = await api.kube.list<Pod>(PODS, { namespace: NAMESPACE });
    for (const { metadata } of pods) expect(metadata.annotations).toHaveProperty('nodewright.dev/asked');
    const configMaps = await api.kube.list<ConfigMap>(CONFIG_MAPS, {
      namespace: NAMESPACE,
      labelSelector: 'app.kubernetes.io/created-by=cosmos-operator',
    });
    for (const { metadata } of configMaps) expect(metadata.annotations).toHaveProperty('nodewright.dev/applied');
    const [fullNode] = await api.kube.list<CosmosFullNode>(COSMOS_FULL_NODES, { namespace: NAMESPACE });
    expect(fullNode?.status?.conditions?.find(({ type }) => type === 'UpdatePending')?.status).toBe('True');
  }, waiting);
  expect(await podUids()).toEqual(before);
  expect(lines.filter(({ msg }) => msg.includes('failed'))).toEqual([]);
});

test('what the Go operator wrote is ours now, and its stamps are still there', async () => {
  const configMap = await api.kube.get<ConfigMap>(CONFIG_MAPS, { namespace: NAMESPACE, name: 'hub-0' });
  expect(configMap?.metadata.labels).toHaveProperty('app.kubernetes.io/revision');
  const managers = configMap?.metadata.managedFields?.map(({ manager: name, operation }) => `${operation} ${name}`);
  expect(managers).toEqual(['Apply nodewright-cosmos-full-node']);
});

test('from then on a change rolls, one node at a time', async () => {
  const before = await podUids();
  await api.kube.mergePatch(
    COSMOS_FULL_NODES,
    { namespace: NAMESPACE, name: 'hub' },
    { spec: { podTemplate: { image: 'gaia:v2' } } },
  );
  await vi.waitFor(async () => {
    const pods = await api.kube.list<Pod>(PODS, { namespace: NAMESPACE });
    const images = pods.map(({ spec }) => spec?.containers[0]?.image).sort();
    expect(images).toEqual(['gaia:v1', 'gaia:v1', 'gaia:v1', 'gaia:v2']);
  }, waiting);
  expect((await podUids()).filter((uid) => before.includes(uid))).toHaveLength(3);
});
