/** Pools, identities, clusters and nodes of HOPR on a real API server, with an operator that has eight workers per kind. */
import { beforeAll, describe, expect, test } from 'vitest';
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
import { writtenCluster, writtenIdentity, writtenPool } from '../../src/kinds/hopr/written-resources.ts';
import type { ConfigMap, Deployment, KubeObject, Service } from '../../src/kube/objects.ts';
import { CONFIG_MAPS, DEPLOYMENTS, PERSISTENT_VOLUME_CLAIMS, SERVICES } from '../../src/kube/resource-types.ts';
import { NGINX } from './hopr-operator.ts';
import { useHoprSite } from './hopr-site.ts';

const site = useHoprSite();
const TYPES = [IDENTITY_POOLS, IDENTITY_HOPRDS, CLUSTER_HOPRDS, HOPRDS];
const CLUSTERS = 20;
const REPLICAS = 3;

describe(`${CLUSTERS} clusters of ${REPLICAS} at once on a pool of ${CLUSTERS * REPLICAS} identities`, () => {
  beforeAll(async () => {
    await site.create(IDENTITY_POOLS, writtenPool());
    const identities = Array.from({ length: CLUSTERS * REPLICAS }, (_, index) =>
      site.create(IDENTITY_HOPRDS, writtenIdentity({}, `pool-${index + 1}`)),
    );
    const clusters = Array.from({ length: CLUSTERS }, (_, index) =>
      site.create(CLUSTER_HOPRDS, writtenCluster({ replicas: REPLICAS, portsAllocation: 5 }, `c${index + 1}`)),
    );
    await Promise.all([...identities, ...clusters]);
    await site.until(async () => {
      const phases = (await site.list<Hoprd>(HOPRDS)).map(({ status }) => status?.phase);
      expect(phases).toEqual(Array.from({ length: CLUSTERS * REPLICAS }, () => 'Running'));
    });
  }, 240_000);

  test('no identity has two nodes', async () => {
    const holders = (await site.list<IdentityHoprd>(IDENTITY_HOPRDS)).map(({ status }) => status?.hoprdNodeName);
    const nodes = await site.list<Hoprd>(HOPRDS);
    expect(holders.sort()).toEqual(nodes.map(({ metadata }) => metadata.name).sort());
    expect(new Set(nodes.map(({ status }) => status?.identityName)).size).toBe(nodes.length);
    const volumes = (await site.list<Deployment>(DEPLOYMENTS)).map(
      ({ spec }) =>
        spec?.template.spec?.volumes?.find(({ name }) => name === 'hoprd-db')?.persistentVolumeClaim?.claimName,
    );
    expect(new Set(volumes).size).toBe(CLUSTERS * REPLICAS);
  });

  test('no port leads to two nodes, and the ports of others lead where they led', async () => {
    const ports = (await site.list<Service>(SERVICES)).flatMap(({ spec }) =>
      (spec?.ports ?? []).filter(({ name }) => /^(p2p-tcp|sessiont)/.test(name ?? '')).map(({ port }) => port),
    );
    expect(ports).toHaveLength(CLUSTERS * REPLICAS * 5);
    expect(new Set(ports).size).toBe(ports.length);
    const [tcp, udp] = await Promise.all(
      ['tcp', 'udp'].map((name) =>
        site.api.kube.get<ConfigMap>(CONFIG_MAPS, { namespace: NGINX, name: `ingress-nginx-${name}` }),
      ),
    );
    expect(Object.keys(udp?.data ?? {}).map(Number)).toEqual([...ports].sort((a, b) => a - b));
    expect(Object.keys(tcp?.data ?? {})).toHaveLength(ports.length + 2);
    expect(tcp?.data).toMatchObject({ 9003: 'git/ssh:22', 25: 'mail/smtp:25' });
  });

  test('counts are those of what there is', async () => {
    await site.until(async () => {
      const pool = await site.get<IdentityPool>(IDENTITY_POOLS, 'pool');
      expect(pool?.status).toMatchObject({ phase: 'Ready', size: 60, locked: 60 });
      for (const { status } of await site.list<ClusterHoprd>(CLUSTER_HOPRDS))
        expect(status).toMatchObject({ phase: 'Ready', currentNodes: REPLICAS });
    });
    const metrics = await site.operator.metrics();
    expect(metrics).toContain('nodewright_hopr_pool_identities_in_use{namespace="team",pool="pool"} 60');
    expect(metrics).toContain('nodewright_hopr_node_ready{namespace="team",pool="pool",node="c1-1"} 1');
  });

  test('the ingress controller has the ports, and what else it had', async () => {
    const key = { namespace: NGINX, name: 'ingress-nginx-controller' };
    const controller = await site.api.kube.get<Deployment>(DEPLOYMENTS, key);
    const containers = controller?.spec?.template.spec?.containers ?? [];
    expect(containers.map(({ name, ports = [] }) => [name, ports.length])).toEqual([
      ['controller', 801],
      ['log-shipper', 0],
    ]);
  });

  test('nobody has written an error, and nothing is written while nothing happens', async () => {
    expect(site.operator.lines.filter(({ level }) => level >= 50)).toEqual([]);
    // A status says once a minute that it still holds.
    const versions = async () => (await Promise.all(TYPES.map((type) => site.list(type)))).flat().map(versionOf);
    await site.until(async () => {
      const seen: string[] = [];
      for (let look = 0; look < 20; look++) {
        seen.push(...(await versions()));
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      const writes = new Set(seen).size - new Set(seen.map((version) => version.split(' ')[0])).size;
      expect(writes).toBeLessThan(CLUSTERS * REPLICAS);
      const names = [...new Set(seen)].map((version) => version.split(' ')[0]);
      expect(names.filter((name) => names.filter((other) => other === name).length > 2)).toEqual([]);
    });
  });

  test('a cluster that is deleted gives back what its nodes had, and their data stay', async () => {
    await site.remove(CLUSTER_HOPRDS, 'c1');
    await site.until(async () => expect(await site.get(CLUSTER_HOPRDS, 'c1')).toBeUndefined());
    const free = (await site.list<IdentityHoprd>(IDENTITY_HOPRDS)).filter(({ status }) => status?.phase === 'Ready');
    expect(free).toHaveLength(REPLICAS);
    expect(await site.list(PERSISTENT_VOLUME_CLAIMS)).toHaveLength(60);
    const tcp = await site.api.kube.get<ConfigMap>(CONFIG_MAPS, { namespace: NGINX, name: 'ingress-nginx-tcp' });
    const targets = Object.values(tcp?.data ?? {});
    expect(targets.filter((target) => target.startsWith('team/c1-'))).toEqual([]);
    expect(targets.filter((target) => target.startsWith('team/c10-1:'))).toHaveLength(5);
  });
});

function versionOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name} ${metadata.resourceVersion}`;
}
