/**
 * Pods of adopted kinds in a namespace that enforces the profile restricted: refused as the originals made them, which the resources say, and
 * taken and run with `--pod-security=Restricted`.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveTestImages } from '../../cluster/image-registry.ts';
import { COSMOS_FULL_NODES } from '../../src/kinds/cosmos-full-node/schema.ts';
import { HOPRDS, type Hoprd } from '../../src/kinds/hopr/schema.ts';
import { SCHEDULED_VOLUME_SNAPSHOTS } from '../../src/kinds/scheduled-volume-snapshot/schema.ts';
import { STATEFUL_JOBS, type StatefulJob } from '../../src/kinds/stateful-job/schema.ts';
import { SYMBOL_NODES } from '../../src/kinds/symbol-node/schema.ts';
import type { VolumeSnapshot } from '../../src/kinds/volume-snapshot.ts';
import type { Condition, KubeObject, Pod } from '../../src/kube/objects.ts';
import { NAMESPACES, PODS, type ResourceType, VOLUME_SNAPSHOTS } from '../../src/kube/resource-types.ts';
import { isOwnCluster, kube, kubectl } from './cluster-access.ts';
import { useCosmosChain } from './cosmos-chain.ts';
import { createFullNode, untilCondition, untilInSync, untilMoreBlocks } from './cosmos-nodes.ts';
import { TEST_CSI } from './csi-claims.ts';
import { eventually } from './eventually.ts';
import {
  CLUSTER,
  createCluster,
  createIdentity,
  createPool,
  hoprArgs,
  removeSurroundings,
  useSurroundings,
} from './hopr-nodes.ts';
import { conditionOf, isReady } from './kind-access.ts';
import { startSiteOperator, useSite } from './site.ts';
import { createNode as createSymbolNode, untilRunning as untilSymbolRuns, useSymbolWorld } from './symbol-nodes.ts';

const registry = await serveTestImages(['hoprd']);
let args: readonly string[] = [];
const site = useSite('restricted', {
  type: COSMOS_FULL_NODES,
  // The configuration is that of operatorArgs; this gives the rights.
  chartSettings: ['hopr.existingSecret=hopr'],
  operatorArgs(own) {
    args = hoprArgs(own, registry);
    return args;
  },
});
const inPlace = (name: string) => ({ namespace: site.namespace, name });
/** Label of the snapshots of a ScheduledVolumeSnapshot: its name. */
const SOURCE = 'cosmos.strange.love/source';
const ENFORCE = 'pod-security.kubernetes.io/enforce';

// What stands in for the world outside runs as root.
beforeAll(() =>
  kube.mergePatch(NAMESPACES, { name: site.otherNamespace }, { metadata: { labels: { [ENFORCE]: 'baseline' } } }),
);
useSurroundings(site);
const chain = useCosmosChain(site);
const world = useSymbolWorld(site);
afterAll(async () => {
  const types = [SCHEDULED_VOLUME_SNAPSHOTS, STATEFUL_JOBS, SYMBOL_NODES];
  for (const { plural, group } of types)
    await kubectl('delete', `${plural}.${group}`, '--all', '--namespace', site.namespace, '--timeout=60s');
  await removeSurroundings(site);
  await registry.close();
});

type Resource = KubeObject & { status?: { conditions?: Condition[] } };

function untilSays(type: ResourceType, name: string, words: RegExp): Promise<void> {
  return eventually(60, async () => {
    const resource = (await kube.get<Resource>(type, inPlace(name))) as Resource;
    expect(conditionOf(resource, 'Ready')).toMatchObject({ status: 'False', message: expect.stringMatching(words) });
  });
}

/** With its database, or a new one after the old one was deleted. */
function untilHoprRuns(): Promise<void> {
  return eventually(120, async () => {
    const hoprd = await kube.get<Hoprd>(HOPRDS, inPlace(`${CLUSTER}-1`));
    expect(hoprd?.status?.phase).toBe('Running');
    expect(hoprd?.spec.deleteDatabase ?? false).toBe(false);
  });
}

async function snapshotOf(name: string): Promise<VolumeSnapshot> {
  const labelSelector = `${SOURCE}=${name}`;
  const [snapshot] = await kube.list<VolumeSnapshot>(VOLUME_SNAPSHOTS, { namespace: site.namespace, labelSelector });
  if (snapshot?.status?.readyToUse !== true) throw new Error(`${name} has no snapshot: ${JSON.stringify(snapshot)}`);
  return snapshot;
}

// The registry is on this machine; nodes of another cluster do not reach it.
describe.skipIf(!isOwnCluster)('in a namespace that enforces the profile restricted', () => {
  it('pods as the originals made them are refused, and the resources say what to do', async () => {
    await createFullNode(inPlace('full'), chain, {
      replicas: 1,
      volumeClaimTemplate: { storageClassName: TEST_CSI, resources: { requests: { storage: '128Mi' } } },
    });
    await createSymbolNode(inPlace('peer'), world);
    await createSymbolNode(inPlace('api'), world, { features: ['API'] });
    await createPool(site);
    await createIdentity(site, 1);
    await createCluster(site, 1);
    await untilCondition(inPlace('full'), 'Ready', {
      status: 'False',
      message: new RegExp(
        `violates PodSecurity "restricted.*need the profile baseline; give the operator podSecurity: Restricted.*namespace ${site.namespace} `,
      ),
    });
    const refused = /need the profile baseline; give the operator podSecurity: Restricted/;
    await untilSays(HOPRDS, `${CLUSTER}-1`, refused);
    for (const name of ['peer', 'api'])
      await untilSays(SYMBOL_NODES, name, /has made no pod yet.*must allow the profile baseline/);
    expect(await kube.list(PODS, { namespace: site.namespace })).toEqual([]);
  });

  it('they run with podSecurity: Restricted', async () => {
    await site.operator.end();
    args = [...args, '--pod-security=Restricted'];
    site.operator = await startSiteOperator(site, args);
    await untilInSync(inPlace('full'), 1);
    await untilMoreBlocks(inPlace('full'), 0);
    await untilSymbolRuns(inPlace('peer'));
    await untilSymbolRuns(inPlace('api'));
    await untilHoprRuns();
    await eventually(60, async () => {
      const pods = await kube.list<Pod>(PODS, { namespace: site.namespace });
      expect(pods.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata.name)).toEqual([]);
      expect(pods).toHaveLength(4);
    });
  });

  it('so do the Jobs and throw-away nodes that work on copies of their data', async () => {
    await kube.create(SCHEDULED_VOLUME_SNAPSHOTS, {
      apiVersion: 'cosmos.strange.love/v1alpha1',
      kind: 'ScheduledVolumeSnapshot',
      metadata: inPlace('nightly'),
      spec: {
        fullNodeRef: { name: 'full', ordinal: 0 },
        schedule: '@every 2s',
        volumeSnapshotClassName: TEST_CSI,
        verify: true,
      },
    } as KubeObject);
    await kube.mergePatch(HOPRDS, inPlace(`${CLUSTER}-1`), { spec: { deleteDatabase: true } });
    const { metadata } = await eventually(60, () => snapshotOf('nightly'));
    await kube.mergePatch(SCHEDULED_VOLUME_SNAPSHOTS, inPlace('nightly'), { spec: { schedule: '@yearly' } });
    await createJob('nightly');
    await eventually(90, async () => {
      const trial = await kube.get<Pod>(PODS, inPlace(`${metadata.name}-verify`));
      const { labels } = (await kube.get<VolumeSnapshot>(VOLUME_SNAPSHOTS, inPlace(metadata.name)))?.metadata ?? {};
      if (labels?.['nodewright.dev/verified'] !== 'true') throw new Error(JSON.stringify([labels, trial?.status]));
    });
    await eventually(60, async () => {
      const job = await kube.get<StatefulJob>(STATEFUL_JOBS, inPlace('export'));
      expect(job?.status?.jobHistory?.[0]?.succeeded).toBe(1);
    });
    await untilHoprRuns();
  });
});

/** It looks whether the database is in the newest snapshot; busybox says no user of its own. */
function createJob(source: string): Promise<KubeObject> {
  return kube.create(STATEFUL_JOBS, {
    apiVersion: 'cosmos.strange.love/v1alpha1',
    kind: 'StatefulJob',
    metadata: inPlace('export'),
    spec: {
      selector: { [SOURCE]: source },
      volumeClaimTemplate: { storageClassName: TEST_CSI },
      podTemplate: {
        spec: {
          securityContext: { runAsUser: 1025, fsGroup: 1025 },
          containers: [
            {
              name: 'export',
              image: 'busybox:stable',
              imagePullPolicy: 'IfNotPresent',
              command: ['ls', '/snapshot/data/application.db/CURRENT'],
              volumeMounts: [{ name: 'snapshot', mountPath: '/snapshot' }],
            },
          ],
        },
      },
    },
  } as KubeObject);
}
