/** Scheduled snapshots of real nodes on real storage, and what is made from them. */
import { afterAll, describe, expect, it } from 'vitest';
import {
  SCHEDULED_VOLUME_SNAPSHOTS,
  type ScheduledVolumeSnapshot,
} from '../../src/kinds/scheduled-volume-snapshot/schema.ts';
import { STATEFUL_JOBS, type StatefulJob } from '../../src/kinds/stateful-job/schema.ts';
import type { VolumeSnapshot } from '../../src/kinds/volume-snapshot.ts';
import { PODS, VOLUME_SNAPSHOTS } from '../../src/kube/resource-types.ts';
import { kube, kubectl } from './cluster-access.ts';
import { useCosmosChain } from './cosmos-chain.ts';
import {
  claimOf,
  createFullNode,
  getFullNode,
  inNode,
  lifeOfPods,
  nodePod,
  patchSpec,
  untilInSync,
  untilMoreBlocks,
  useCosmosSite,
} from './cosmos-nodes.ts';
import { TEST_CSI, untilSnapshot } from './csi-claims.ts';
import { eventually } from './eventually.ts';
import { conditionOf } from './kind-access.ts';
import { startSiteOperator } from './site.ts';

const MARK = 'data/mark-of-this-test';
const SOURCE = 'cosmos.strange.love/source';
/** Of the class whose snapshots are slow. */
const READY_AFTER_MS = 15_000;

const site = useCosmosSite('snapshots');
const chain = useCosmosChain(site);
const inPlace = (name: string) => ({ namespace: site.namespace, name });
const place = () => inPlace('full');

/** While there is an operator, which takes off their finalizers. */
afterAll(async () => {
  await kubectl('delete', SCHEDULED_VOLUME_SNAPSHOTS.plural, '--all', '--namespace', site.namespace, '--timeout=60s');
});

describe('a scheduled snapshot', () => {
  it('is taken of a node that is stopped for it, by an operator that is killed meanwhile', async () => {
    await createFullNode(place(), chain, {
      replicas: 2,
      volumeClaimTemplate: { storageClassName: TEST_CSI, resources: { requests: { storage: '128Mi' } } },
    });
    await untilInSync(place(), 2);
    await inNode(place(), 0, `echo kept >${MARK}`);
    const before = await lifeOfPods(place());

    await startRun('nightly', { volumeSnapshotClassName: `${TEST_CSI}-slow` });
    const { metadata } = await eventually(90, () => snapshotOf('nightly'));
    await untilSnapshot(inPlace(metadata.name), 'cut', ({ creationTime }) => creationTime !== undefined);
    expect(await kube.get(PODS, inPlace('full-0'))).toBeUndefined();
    await restartOperator();
    await untilInSync(place(), 2, 150);

    const { status } = await snapshotOf('nightly');
    expect(status?.readyToUse).toBe(true);
    const { creationTimestamp } = (await nodePod(place(), 0)).metadata;
    // Wire times are whole seconds.
    const awayMs = Date.parse(`${creationTimestamp}`) - Date.parse(status?.creationTime ?? '');
    expect(awayMs).toBeGreaterThan(READY_AFTER_MS - 2000);
    expect((await lifeOfPods(place()))['full-1']).toBe(before['full-1']);
    await untilOver('nightly', 'True');
  });

  it('is where a new replica and a job begin', async () => {
    const { metadata } = await snapshotOf('nightly');
    const height = (await getResource('nightly')).status?.candidate?.height as number;
    await createJob();
    const autoDataSource = { volumeSnapshotSelector: { [SOURCE]: 'nightly' } };
    await patchSpec(place(), { replicas: 3, volumeClaimTemplate: { autoDataSource } });
    await untilInSync(place(), 3, 150);
    expect((await claimOf(place(), 2))?.spec?.dataSource?.name).toBe(metadata.name);
    expect(await inNode(place(), 2, `cat ${MARK}`)).toBe('kept');
    expect(await firstHeightOf('full-2')).toBeGreaterThan(height);
    await untilMoreBlocks(place(), 2);

    const logs = await eventually(90, async () => {
      const { jobHistory } = (await kube.get<StatefulJob>(STATEFUL_JOBS, inPlace('export')))?.status ?? {};
      expect(jobHistory?.[0]?.succeeded).toBe(1);
      return kubectl('logs', '--namespace', site.namespace, 'job/export');
    });
    expect(logs).toBe('kept\nCURRENT\n');
  });
});

describe('a node that is away for a snapshot', () => {
  it('comes back when there is none in time, or the resource is deleted while no operator runs', async () => {
    const before = await lifeOfPods(place());
    await Promise.all([
      startRun('gone', { volumeSnapshotClassName: `${TEST_CSI}-never` }, 0),
      startRun('failed', { volumeSnapshotClassName: `${TEST_CSI}-failed`, timeLimit: '30s' }, 1),
      startRun('never', { volumeSnapshotClassName: `${TEST_CSI}-never`, timeLimit: '30s' }, 2),
    ]);
    await eventually(90, () => snapshotOf('gone'));
    await site.operator.end('SIGKILL');
    await kubectl('delete', SCHEDULED_VOLUME_SNAPSHOTS.plural, 'gone', '--wait=false', '--namespace', site.namespace);
    expect((await getResource('gone')).metadata.finalizers).toHaveLength(1);
    expect(await kube.get(PODS, inPlace('full-0'))).toBeUndefined();
    site.operator = await startSiteOperator(site);

    await eventually(60, async () =>
      expect(await kube.get(SCHEDULED_VOLUME_SNAPSHOTS, inPlace('gone'))).toBeUndefined(),
    );
    expect(await untilOver('failed', 'False')).toContain('the test wants this snapshot to fail');
    expect(await untilOver('never', 'False')).toContain('is not ready');
    await untilInSync(place(), 3, 150);
    const after = await lifeOfPods(place());
    for (const name of ['full-0', 'full-1', 'full-2']) expect(after[name]).not.toBe(before[name]);
    expect(await inNode(place(), 0, `cat ${MARK}`)).toBe('kept');
  });
});

async function restartOperator(): Promise<void> {
  await site.operator.end('SIGKILL');
  site.operator = await startSiteOperator(site);
}

/** Makes a ScheduledVolumeSnapshot whose first run begins at once, and whose second does not in a test's time. */
async function startRun(
  name: string,
  spec: { volumeSnapshotClassName: string; timeLimit?: string },
  ordinal?: number,
): Promise<void> {
  const fullNodeRef = { name: 'full', ...(ordinal === undefined ? {} : { ordinal }) };
  await kube.create<ScheduledVolumeSnapshot>(SCHEDULED_VOLUME_SNAPSHOTS, {
    apiVersion: 'cosmos.strange.love/v1alpha1',
    kind: 'ScheduledVolumeSnapshot',
    metadata: inPlace(name),
    spec: { fullNodeRef, deletePod: true, minAvailable: ordinal === undefined ? 2 : 1, schedule: '@every 2s', ...spec },
  });
  await eventually(60, async () => {
    const { status } = await getResource(name);
    if (status?.run?.startedAt === undefined) throw new Error(`${name} has not begun: ${JSON.stringify(status)}`);
  });
  await kube.mergePatch(SCHEDULED_VOLUME_SNAPSHOTS, inPlace(name), { spec: { schedule: '@yearly' } });
}

/** Waits until the run of a resource is over and its node given back, and returns what its condition says. */
function untilOver(name: string, ready: 'True' | 'False'): Promise<string> {
  return eventually(90, async () => {
    const resource = await getResource(name);
    const condition = conditionOf(resource, 'Ready');
    const isAway = JSON.stringify((await getFullNode(place())).status?.scheduledSnapshotStatus ?? {}).includes(name);
    const { run } = resource.status ?? {};
    if (run?.endedAt === undefined || condition?.status !== ready || isAway || resource.metadata.finalizers?.length)
      throw new Error(`the run of ${name} is not over: ${JSON.stringify([resource.status, isAway])}`);
    return condition.message;
  });
}

async function getResource(name: string): Promise<ScheduledVolumeSnapshot> {
  const resource = await kube.get<ScheduledVolumeSnapshot>(SCHEDULED_VOLUME_SNAPSHOTS, inPlace(name));
  if (resource === undefined) throw new Error(`ScheduledVolumeSnapshot ${name} does not exist`);
  return resource;
}

/** The only snapshot of a resource. */
async function snapshotOf(name: string): Promise<VolumeSnapshot> {
  const labelSelector = `${SOURCE}=${name}`;
  const found = await kube.list<VolumeSnapshot>(VOLUME_SNAPSHOTS, { namespace: site.namespace, labelSelector });
  const [snapshot] = found;
  if (snapshot === undefined || found.length > 1) throw new Error(`${name} has made ${found.length} snapshots`);
  return snapshot;
}

/** A StatefulJob that shows what is in the newest snapshot. */
async function createJob(): Promise<void> {
  await kube.create<StatefulJob>(STATEFUL_JOBS, {
    apiVersion: 'cosmos.strange.love/v1alpha1',
    kind: 'StatefulJob',
    metadata: inPlace('export'),
    spec: {
      selector: { [SOURCE]: 'nightly' },
      volumeClaimTemplate: { storageClassName: TEST_CSI },
      podTemplate: {
        spec: {
          containers: [
            {
              name: 'export',
              image: 'busybox:stable',
              imagePullPolicy: 'IfNotPresent',
              command: ['sh', '-euc', `cd /snapshot; cat ${MARK}; ls data/application.db | grep CURRENT`],
              volumeMounts: [{ name: 'snapshot', mountPath: '/snapshot' }],
            },
          ],
        },
      },
    },
  });
}

/** Of the first block that a node has written down in its life. */
async function firstHeightOf(pod: string): Promise<number> {
  const log = await kubectl('logs', '--namespace', site.namespace, pod, '--container', 'node');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
  const height = /finalized block.*\bheight=(\d+)/.exec(log.replaceAll(/\u001b\[\d+m/g, ''))?.[1];
  if (height === undefined) throw new Error(`${pod} has no block: ${log.slice(0, 2000)}`);
  return Number(height);
}
