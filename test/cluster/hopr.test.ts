/**
 * The life of a cluster of HOPR nodes in pods, with a script in place of hoprd. The operator is killed in the midst of each step, after a random
 * number of writes; NODEWRIGHT_TEST_SEED=17 repeats a run.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { serveTestImages } from '../../cluster/image-registry.ts';
import {
  CLUSTER_HOPRDS,
  type ClusterHoprd,
  HOPRDS,
  type Hoprd,
  IDENTITY_HOPRDS,
  IDENTITY_POOLS,
  type IdentityHoprd,
  type IdentityPool,
} from '../../src/kinds/hopr/schema.ts';
import type { Ingress, Service } from '../../src/kube/objects.ts';
import {
  DEPLOYMENTS,
  INGRESSES,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  type ResourceType,
  SERVICES,
} from '../../src/kube/resource-types.ts';
import { createRandom } from '../simulation/random.ts';
import { isOwnCluster, kube } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import {
  CLUSTER,
  createBalancedNode,
  createCluster,
  createIdentity,
  createPool,
  hoprArgs,
  openPorts,
  POOL,
  patchCluster,
  remove,
  removeSurroundings,
  shownBy,
  untilRunning,
  useSurroundings,
  whileOperatorIsKilled,
} from './hopr-nodes.ts';
import { useSite } from './site.ts';

const seed = Number(process.env.NODEWRIGHT_TEST_SEED ?? Math.floor(Math.random() * 1e6));
const random = createRandom(seed);
const registry = await serveTestImages(['hoprd']);
let args: readonly string[] = [];
const site = useSite('hopr', {
  type: CLUSTER_HOPRDS,
  podSecurity: 'baseline',
  // The configuration is that of operatorArgs; this gives the rights.
  chartSettings: ['hopr.existingSecret=hopr'],
  operatorArgs(own) {
    args = hoprArgs(own, registry);
    return args;
  },
});
useSurroundings(site);
afterAll(async () => {
  await removeSurroundings(site);
  await registry.close();
});

const get = <T>(type: ResourceType, name: string) =>
  kube.get(type, { namespace: site.namespace, name }) as Promise<T | undefined>;
const namesOf = async (type: ResourceType) =>
  (await kube.list(type, { namespace: site.namespace })).map(({ metadata }) => metadata.name).sort();
const disturbed = (work: () => Promise<unknown>) => whileOperatorIsKilled(site, args, random.between(1, 12), work);

// The registry is on this machine; nodes of another cluster do not reach it.
describe.skipIf(!isOwnCluster)(`a cluster of HOPR nodes, seed ${seed}`, () => {
  it('has a pool that counts its identities, each with a volume', async () => {
    await disturbed(async () => {
      await createPool(site);
      for (const index of [1, 2, 3, 4]) await createIdentity(site, index);
    });
    await eventually(60, async () => {
      const pool = await get<IdentityPool>(IDENTITY_POOLS, POOL);
      expect(pool?.status).toMatchObject({ phase: 'Ready', size: 4, locked: 0 });
      expect(await namesOf(PERSISTENT_VOLUME_CLAIMS)).toEqual([1, 2, 3, 4].map((index) => `${POOL}-${index}`));
    });
  });

  it('runs, and each node is given what it needs', async () => {
    await disturbed(() => createCluster(site, 3));
    const [pod] = await untilRunning(site, 3);
    if (pod === undefined) throw new Error('there is no pod');
    const environment = await shownBy(pod, 'environment');
    expect(environment).toMatch(/^HOPRD_HOST=203\.0\.113\.7:90\d\d$/m);
    expect(environment).toMatch(/^HOPRD_PASSWORD=value of IDENTITY_PASSWORD$/m);
    expect(environment).toMatch(/^FROM_POOL=value of FROM_POOL$/m);
    expect(await shownBy(pod, 'identity')).toBe('{"crypto":{}}');
    expect(await shownBy(pod, 'configuration')).toContain('network: rotsee');
    const { tcp, udp } = await openPorts(site);
    expect(tcp).toHaveLength(15);
    expect(udp).toEqual(tcp);
    expect(tcp).not.toContain(9003);
  });

  it('waits for an identity that is missing, says so, and goes on when there is one', async () => {
    await disturbed(() => patchCluster(site, { replicas: 5 }));
    await eventually(90, async () => {
      const cluster = await get<ClusterHoprd>(CLUSTER_HOPRDS, CLUSTER);
      expect(cluster?.status).toMatchObject({ phase: 'NotScaled', currentNodes: 5 });
      const waiting = (await get<Hoprd>(HOPRDS, `${CLUSTER}-5`)) ?? (await get<Hoprd>(HOPRDS, `${CLUSTER}-4`));
      expect(JSON.stringify([waiting?.status, cluster?.status])).toContain('NoFreeIdentity');
    });
    await disturbed(() => createIdentity(site, 5));
    await untilRunning(site, 5);
  });

  it('is scaled down from the highest number on, and what the nodes had is free', async () => {
    await disturbed(() => patchCluster(site, { replicas: 1 }));
    await untilRunning(site, 1);
    expect(await namesOf(HOPRDS)).toEqual([`${CLUSTER}-1`]);
    expect((await openPorts(site)).tcp).toHaveLength(5);
    expect(await namesOf(PERSISTENT_VOLUME_CLAIMS)).toHaveLength(5);
  });

  it('is stopped and started', async () => {
    await disturbed(() => patchCluster(site, { enabled: false }));
    await eventually(60, async () => {
      expect(await namesOf(PODS)).toEqual([]);
      expect((await get<Hoprd>(HOPRDS, `${CLUSTER}-1`))?.status?.phase).toBe('Stopped');
    });
    await disturbed(() => patchCluster(site, { enabled: true }));
    await untilRunning(site, 1);
  });

  it('has the database of a node deleted once', async () => {
    const [before] = await untilRunning(site, 1);
    const database = before === undefined ? '' : await shownBy(before, 'database');
    const key = { namespace: site.namespace, name: `${CLUSTER}-1` };
    await disturbed(() => kube.mergePatch(HOPRDS, key, { spec: { deleteDatabase: true } }));
    const next = await eventually(90, async () => {
      expect((await get<Hoprd>(HOPRDS, key.name))?.spec.deleteDatabase).toBe(false);
      const pods = await kube.list(PODS, {
        namespace: site.namespace,
        labelSelector: 'app.kubernetes.io/component=node',
      });
      const [pod] = pods;
      if (pod === undefined) throw new Error('the node is not there again');
      return shownBy(pod, 'database');
    });
    expect(next).not.toBe(database);
  });

  it('stands beside a node with load balancers of its own, which comes and goes', async () => {
    await disturbed(() => createBalancedNode(site, 'exit'));
    const [address, identityName] = await eventually(120, async () => {
      const tcp = await get<Service>(SERVICES, 'exit-p2p-tcp');
      const status = (await get<Hoprd>(HOPRDS, 'exit'))?.status;
      const [entry] = tcp?.status?.loadBalancer?.ingress ?? [];
      if (status?.phase !== 'Running' || entry?.ip === undefined) throw new Error(JSON.stringify(status));
      return [entry.ip, status.identityName ?? ''];
    });
    // The way of its peers, and of the Ingress.
    const environment = await eventually(60, async () => (await fetch(`http://${address}:3001/environment`)).text());
    expect(environment).toMatch(new RegExp(`^HOPRD_HOST=${address}:9091$`, 'm'));
    expect(environment).toMatch(/^HOPRD_SESSION_PORT_RANGE=9092:9095$/m);
    expect((await get<Ingress>(INGRESSES, 'exit'))?.spec?.rules?.[0]?.http?.paths[0]?.backend.service?.name).toBe(
      'exit-p2p-tcp',
    );
    expect((await get<Service>(SERVICES, 'exit-p2p-udp'))?.spec?.ports?.map(({ port }) => port)).toEqual([
      ...[9091, 9092, 9093, 9094, 9095],
    ]);
    expect((await openPorts(site)).tcp).toHaveLength(5);
    await disturbed(() => remove(site, HOPRDS, 'exit'));
    await eventually(60, async () => {
      expect(await namesOf(HOPRDS)).toEqual([`${CLUSTER}-1`]);
      expect(await namesOf(SERVICES)).toEqual([`${CLUSTER}-1`]);
      expect((await get<IdentityHoprd>(IDENTITY_HOPRDS, identityName))?.status?.phase).toBe('Ready');
    });
  });

  it('keeps an identity, and a pool, that are deleted while in use', async () => {
    const identityName = (await get<Hoprd>(HOPRDS, `${CLUSTER}-1`))?.status?.identityName ?? '';
    await disturbed(async () => {
      await remove(site, IDENTITY_HOPRDS, identityName);
      await remove(site, IDENTITY_POOLS, POOL);
    });
    await eventually(30, async () => {
      const identity = await kube.get(IDENTITY_HOPRDS, { namespace: site.namespace, name: identityName });
      expect(JSON.stringify(identity)).toContain(`node ${CLUSTER}-1 uses it`);
      expect(JSON.stringify(await get(IDENTITY_POOLS, POOL))).toContain('delete them first');
    });
    expect((await get<Hoprd>(HOPRDS, `${CLUSTER}-1`))?.status?.identityName).toBe(identityName);
  });

  it('leaves nothing when it is deleted', async () => {
    await disturbed(() => remove(site, CLUSTER_HOPRDS, CLUSTER));
    await eventually(90, async () => {
      for (const type of [CLUSTER_HOPRDS, HOPRDS, DEPLOYMENTS, SERVICES, INGRESSES])
        expect(await namesOf(type)).toEqual([]);
      expect(await openPorts(site)).toEqual({ tcp: [], udp: [] });
      // The one that was in use goes now, and its volume with it.
      expect(await namesOf(IDENTITY_HOPRDS)).toHaveLength(4);
    });
    await disturbed(async () => {
      for (const name of await namesOf(IDENTITY_HOPRDS)) await remove(site, IDENTITY_HOPRDS, name);
    });
    await eventually(60, async () => {
      expect(await namesOf(IDENTITY_POOLS)).toEqual([]);
      expect(await namesOf(PERSISTENT_VOLUME_CLAIMS)).toEqual([]);
    });
  });
});
