/** Scheduled snapshots of real nodes that are verified: by another node on a copy of the data, which must be nobody that is there already. */
import { afterAll, describe, expect, it } from 'vitest';
import {
  SCHEDULED_VOLUME_SNAPSHOTS,
  type ScheduledVolumeSnapshot,
} from '../../src/kinds/scheduled-volume-snapshot/schema.ts';
import type { VolumeSnapshot } from '../../src/kinds/volume-snapshot.ts';
import type { Pod } from '../../src/kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS, PODS, VOLUME_SNAPSHOTS } from '../../src/kube/resource-types.ts';
import { statusOf } from './chain.ts';
import { kube, kubectl } from './cluster-access.ts';
import { useCosmosChain } from './cosmos-chain.ts';
import { createFullNode, inNode, nodePods, untilInSync, useCosmosSite } from './cosmos-nodes.ts';
import { TEST_CSI } from './csi-claims.ts';
import { eventually } from './eventually.ts';
import { conditionOf } from './kind-access.ts';
import { startSiteOperator } from './site.ts';

const site = useCosmosSite('snapshot-verify');
const chain = useCosmosChain(site);
const inPlace = (name: string) => ({ namespace: site.namespace, name });

/** While there is an operator, which takes off their finalizers. */
afterAll(async () => {
  await kubectl('delete', SCHEDULED_VOLUME_SNAPSHOTS.plural, '--all', '--namespace', site.namespace, '--timeout=60s');
});

describe('a snapshot that is verified', () => {
  it('is good when another node goes on from it, although the operator was killed meanwhile', async () => {
    await createFullNode(inPlace('full'), chain, {
      replicas: 2,
      volumeClaimTemplate: { storageClassName: TEST_CSI, resources: { requests: { storage: '128Mi' } } },
    });
    await untilInSync(inPlace('full'), 2);
    // For the next test, so that both take their time at once. The node has its databases open and does not look at these files again
    // before its next start.
    await inNode(
      inPlace('full'),
      1,
      'for db in blockstore state application; do echo nonsense >data/$db.db/CURRENT; done',
    );
    await startRun('bad', 1, { timeLimit: '150s' });
    await startRun('good', 0);
    const trial = await untilTrial('good');
    await site.operator.end('SIGKILL');

    const { node_info, validator_info } = await eventually(90, async () => statusOf(await podOf(trial)));
    const originals = await Promise.all((await nodePods(inPlace('full'))).map((pod) => statusOf(pod)));
    expect(originals.map((status) => status.node_info.id)).not.toContain(node_info.id);
    expect(originals.map((status) => status.validator_info.address)).not.toContain(validator_info.address);
    const { labels, ownerReferences } = (await podOf(trial)).metadata;
    expect(labels).not.toHaveProperty('app.kubernetes.io/name');
    expect(ownerReferences?.[0]).toMatchObject({ kind: 'ScheduledVolumeSnapshot', name: 'good' });

    site.operator = await startSiteOperator(site);
    const snapshot = await untilJudged('good', 'true');
    expect(snapshot.metadata.annotations?.['nodewright.dev/verification']).toMatch(/^Good: a node went on from height/);
    await untilNoTrial(trial);
    await untilInSync(inPlace('full'), 2);
  });

  it('is bad when no node can open its data', async () => {
    const snapshot = await untilJudged('bad', 'false');
    expect(snapshot.metadata.annotations?.['nodewright.dev/verification']).toContain('could not open its data');
    await eventually(30, async () => {
      const condition = conditionOf(await getResource('bad'), 'Verified');
      expect(condition).toMatchObject({ status: 'False', reason: 'SnapshotBad' });
    });
    await untilNoTrial(`${snapshot.metadata.name}-verify`);
  });
});

/** Makes a ScheduledVolumeSnapshot whose first run begins at once, and whose second does not in a test's time. */
async function startRun(name: string, ordinal: number, spec: { timeLimit?: string } = {}): Promise<void> {
  await kube.create<ScheduledVolumeSnapshot>(SCHEDULED_VOLUME_SNAPSHOTS, {
    apiVersion: 'cosmos.strange.love/v1alpha1',
    kind: 'ScheduledVolumeSnapshot',
    metadata: inPlace(name),
    spec: {
      ...{
        fullNodeRef: { name: 'full', ordinal },
        schedule: '@every 2s',
        volumeSnapshotClassName: TEST_CSI,
        verify: true,
      },
      ...spec,
    },
  });
  await eventually(60, async () => {
    const { status } = await getResource(name);
    if (status?.run?.startedAt === undefined) throw new Error(`${name} has not begun: ${JSON.stringify(status)}`);
  });
  await kube.mergePatch(SCHEDULED_VOLUME_SNAPSHOTS, inPlace(name), { spec: { schedule: '@yearly' } });
}

/** Waits for the throw-away pod, and returns its name. */
function untilTrial(name: string): Promise<string> {
  return eventually(90, async () => {
    const { status } = await getResource(name);
    const trial = `${status?.verification?.snapshotName}-verify`;
    if ((await kube.get(PODS, inPlace(trial))) === undefined)
      throw new Error(`${name} has no throw-away node: ${JSON.stringify(status)}`);
    return trial;
  });
}

function untilJudged(name: string, label: string): Promise<VolumeSnapshot> {
  return eventually(150, async () => {
    const { status } = await getResource(name);
    const key = inPlace(status?.verification?.snapshotName ?? '');
    const snapshot = await kube.get<VolumeSnapshot>(VOLUME_SNAPSHOTS, key);
    if (snapshot?.metadata.labels?.['nodewright.dev/verified'] !== label)
      throw new Error(`the snapshot of ${name} is not ${label}: ${JSON.stringify([snapshot?.metadata, status])}`);
    return snapshot;
  });
}

function untilNoTrial(trial: string): Promise<void> {
  return eventually(90, async () => {
    const left = await Promise.all([PODS, PERSISTENT_VOLUME_CLAIMS].map((type) => kube.get(type, inPlace(trial))));
    if (left.some((object) => object !== undefined))
      throw new Error(`${trial} is still there: ${JSON.stringify(left)}`);
  });
}

async function podOf(name: string): Promise<Pod> {
  const pod = await kube.get<Pod>(PODS, inPlace(name));
  if (pod === undefined) throw new Error(`pod ${name} does not exist`);
  return pod;
}

async function getResource(name: string): Promise<ScheduledVolumeSnapshot> {
  const resource = await kube.get<ScheduledVolumeSnapshot>(SCHEDULED_VOLUME_SNAPSHOTS, inPlace(name));
  if (resource === undefined) throw new Error(`ScheduledVolumeSnapshot ${name} does not exist`);
  return resource;
}
