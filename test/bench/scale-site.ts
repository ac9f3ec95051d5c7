/** A control plane for one measurement, and the two ways to bring all objects of a fleet into it. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ControlPlane, startControlPlane } from '../../cluster/cluster.ts';
import { applyCrds } from '../../src/cli/crds.ts';
import { DEFAULT_OPERATOR_NAMESPACE } from '../../src/cli/version.ts';
import { COSMOS_FULL_NODES } from '../../src/kinds/cosmos-full-node/schema.ts';
import { connect } from '../../src/kube/client.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { type KubeObject, keyOf } from '../../src/kube/objects.ts';
import { NAMESPACES, type ResourceType } from '../../src/kube/resource-types.ts';
import { type BareClient, openBareClient, type TypedObject } from './bare-client.ts';
import { buildFleet, childrenOf, countByType, FLEET_NAMESPACE, type FleetSize } from './fleet.ts';
import { type OperatorProcess, startOperator } from './operator-process.ts';

export type Site = { plane: ControlPlane; kube: Kube; client: BareClient; auditLog: string; operatorLog: string };

const CONNECTIONS = 16;
const LIMIT_MS = 20 * 60_000;
const LOOK_EVERY_MS = 50;
/** Each look costs the API server as much as a write, so that there are few while most is still missing. */
const LOOK_EARLY_EVERY_MS = 500;
/**
 * An API server holds back the creation of a custom resource for two seconds while its CRD is younger than that (for others of its kind
 * that have not seen the CRD yet), and computes its OpenAPI document meanwhile. Neither is the operator's time.
 */
const CRDS_SETTLE_MS = 4000;

/**
 * Does something on a new control plane with the CRDs and two empty namespaces, and removes it. A new one each time: an API server is not
 * as fast with a full database and a grown heap as without.
 */
export async function onNewSite<T>(work: (site: Site) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'nodewright-bench-'));
  const auditLog = join(dir, 'audit.log');
  try {
    const plane = await startControlPlane({ dir, auditLog });
    try {
      const { kube } = await connect({ kubeconfig: plane.kubeconfigPath, userAgent: 'nodewright-bench' });
      await applyCrds(kube);
      for (const name of [FLEET_NAMESPACE, DEFAULT_OPERATOR_NAMESPACE])
        await kube.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      await sleep(CRDS_SETTLE_MS);
      const client = openBareClient(plane.kubeconfigPath, CONNECTIONS);
      return await work({ plane, kube, client, auditLog, operatorLog: join(dir, 'operator.log') });
    } finally {
      await plane.stop();
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Seconds that the bare client needs for the children of a fleet that exists. */
export async function createByHand({ kube, client }: Site, size: FleetSize): Promise<number> {
  await client.create(buildFleet(size));
  return client.create(childrenOf(await listFleet(kube)));
}

export type Operated = { operator: OperatorProcess; seconds: number };

/** Starts the operator, then creates the fleet; the seconds are from its first resource to the last child. */
export async function createByOperator(site: Site, size: FleetSize, main: string): Promise<Operated> {
  const operator = await startOperator({
    main,
    kubeconfig: site.plane.kubeconfigPath,
    operatorNamespace: DEFAULT_OPERATOR_NAMESPACE,
    logFile: site.operatorLog,
  });
  const fleet = buildFleet(size);
  const expected = countByType(childrenOf(fleet.map(({ object }) => object)));
  const begun = performance.now();
  await Promise.all([site.client.create(fleet), waitForCounts(site, expected)]);
  const seconds = (performance.now() - begun) / 1000;
  await expectChildren(site.kube, childrenOf(await listFleet(site.kube)));
  return { operator, seconds };
}

async function waitForCounts({ plane }: Site, expected: ReadonlyMap<ResourceType, number>): Promise<void> {
  const client = openBareClient(plane.kubeconfigPath, 1);
  const begun = performance.now();
  for (const [type, wanted] of expected) {
    for (;;) {
      const found = await client.count(type, FLEET_NAMESPACE);
      if (found >= wanted) break;
      if (performance.now() - begun > LIMIT_MS)
        throw new Error(`${found} of ${wanted} ${type.plural} after ${LIMIT_MS / 1000} s`);
      await sleep(found < wanted * 0.9 ? LOOK_EARLY_EVERY_MS : LOOK_EVERY_MS);
    }
  }
  await client.close();
}

/** What was counted must also be what was meant. */
async function expectChildren(kube: Kube, expected: readonly TypedObject[]): Promise<void> {
  for (const type of countByType(expected).keys()) {
    const live = await kube.list<KubeObject>(type, { namespace: FLEET_NAMESPACE });
    const found = new Set(live.map((object) => keyOf(object).name));
    const missing = expected.filter((one) => one.type === type && !found.has(one.object.metadata.name));
    if (missing.length > 0) throw new Error(`${type.kind} ${missing[0]?.object.metadata.name} was not created`);
  }
}

export function listFleet<T extends KubeObject>(kube: Kube): Promise<T[]> {
  return kube.list<T>(COSMOS_FULL_NODES, { namespace: FLEET_NAMESPACE });
}

/** The bundle as it is now, where no other build replaces it while it is measured. */
export async function copyBundle(): Promise<{ main: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'nodewright-bundle-'));
  const main = join(dir, 'main.mjs');
  await copyFile('dist/main.js', main);
  return { main, remove: () => rm(dir, { recursive: true, force: true }) };
}
