import { afterAll, describe, expect, it } from 'vitest';
import type { KubeObject, PersistentVolume, PersistentVolumeClaim, Pod } from '../../src/kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, VOLUME_SNAPSHOTS } from '../../src/kube/resource-types.ts';
import { kube, kubectl } from './cluster-access.ts';
import { SIMD_IMAGE, useCosmosChain } from './cosmos-chain.ts';
import {
  claimOf,
  createFullNode,
  eventsOf,
  getFullNode,
  inNode,
  lifeOfPods,
  nodeIds,
  untilCondition,
  untilInSync,
  untilMoreBlocks,
  useCosmosSite,
} from './cosmos-nodes.ts';
import { eventually } from './eventually.ts';
import { conditionOf } from './kind-access.ts';
import { startSiteOperator } from './site.ts';

const CLASS = 'nodewright-test-csi';
const BROKEN = 'pvc-full-0-broken-1';
const MARK = 'data/mark-of-this-test';

const site = useCosmosSite('cosmos-recovery', { chartSettings: ['recoverVolumes=true'] });
const chain = useCosmosChain(site);
const place = () => ({ namespace: site.namespace, name: 'full' });
const inPlace = (name: string) => ({ namespace: site.namespace, name });

type Snapshot = KubeObject & { status?: { readyToUse?: boolean } };

/** Kept volumes outlive everything, as they should, but not this test. */
afterAll(async () => {
  const claim = await kube.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, inPlace(BROKEN));
  const name = claim?.spec?.volumeName;
  if (name === undefined) return;
  await kube.mergePatch(PERSISTENT_VOLUMES, { name }, { spec: { persistentVolumeReclaimPolicy: 'Delete' } }, FIELDS);
});

const FIELDS = { fieldManager: 'nodewright-test' };

describe('recovery of a node whose database is damaged', () => {
  let before: { volume: string; ids: Record<string, string>; other: string | undefined };

  it('has nothing to recover it from', async () => {
    await createFullNode(place(), chain, {
      replicas: 2,
      volumeClaimTemplate: { storageClassName: CLASS, resources: { requests: { storage: '64Mi' } } },
      selfHeal: { corruptDataRecovery: { failedStarts: 2 } },
    });
    await untilInSync(place(), 2);
    await inNode(place(), 0, `echo kept >${MARK}`);
    const volume = (await claimOf(place(), 0))?.spec?.volumeName as string;
    before = { volume, ids: await nodeIds(place()), other: (await lifeOfPods(place()))['full-1'] };
    await inNode(place(), 0, 'for file in data/application.db/*; do echo garbage >"$file"; done; kill 1');
    await untilCondition(place(), 'CorruptData', { status: 'True', reason: 'NoSnapshot' }, 120);
    expect((await claimOf(place(), 0))?.spec?.volumeName).toBe(volume);
    expect((await getVolume(volume)).spec?.persistentVolumeReclaimPolicy).toBe('Delete');
  });

  it('is done when there is a snapshot, also by an operator that is restarted meanwhile', async () => {
    await takeSnapshot('of-the-other', 'pvc-full-1');
    await eventually(90, async () => expect(await getClaim(BROKEN)).toBeDefined());
    await site.operator.end();
    site.operator = await startSiteOperator(site);
    await eventually(120, async () => {
      const claim = await claimOf(place(), 0);
      expect(claim?.spec?.dataSource).toMatchObject({ kind: 'VolumeSnapshot', name: 'of-the-other' });
      expect(claim?.status?.phase).toBe('Bound');
    });
    await untilInSync(place(), 2);
    await untilMoreBlocks(place(), 0);
    expect(conditionOf(await getFullNode(place()), 'CorruptData')).toBeUndefined();
    expect(await nodeIds(place())).toEqual(before.ids);
    expect((await lifeOfPods(place()))['full-1']).toBe(before.other);
    expect(await inNode(place(), 0, `cat ${MARK} 2>/dev/null || echo none`)).toBe('none');
    expect((await eventsOf(place())).filter((event) => event.startsWith('DataRecovery'))).not.toEqual([]);
  });

  it('keeps the old volume with everything on it', async () => {
    const [broken, volume] = [await getClaim(BROKEN), await getVolume(before.volume)];
    expect(broken?.status?.phase).toBe('Bound');
    expect(broken?.spec?.volumeName).toBe(before.volume);
    expect(broken?.metadata.ownerReferences).toBeUndefined();
    expect(volume.spec).toMatchObject({ persistentVolumeReclaimPolicy: 'Retain', claimRef: { name: BROKEN } });
    expect((await claimOf(place(), 0))?.spec?.volumeName).not.toBe(before.volume);
    expect(await readFrom(BROKEN, `cat /old/${MARK} /old/data/application.db/CURRENT`)).toBe('kept\ngarbage\n');
  });
});

const getClaim = (name: string) => kube.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, inPlace(name));

async function getVolume(name: string): Promise<PersistentVolume> {
  const volume = await kube.get<PersistentVolume>(PERSISTENT_VOLUMES, { name });
  if (volume === undefined) throw new Error(`PersistentVolume ${name} does not exist`);
  return volume;
}

/** As a person takes one, with the labels of the resource. */
async function takeSnapshot(name: string, persistentVolumeClaimName: string): Promise<void> {
  const labels = { 'app.kubernetes.io/created-by': 'cosmos-operator', 'app.kubernetes.io/name': 'full' };
  await kube.create(VOLUME_SNAPSHOTS, {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { ...inPlace(name), labels },
    spec: { volumeSnapshotClassName: CLASS, source: { persistentVolumeClaimName } },
  } as KubeObject);
  await eventually(60, async () => {
    const snapshot = await kube.get<Snapshot>(VOLUME_SNAPSHOTS, inPlace(name));
    expect(snapshot?.status?.readyToUse).toBe(true);
  });
}

/** What a command says in a pod that has the volume of a claim at /old. */
async function readFrom(claimName: string, script: string): Promise<string> {
  const name = 'reader';
  await kube.create<Pod>(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: inPlace(name),
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      securityContext: { runAsUser: 1025, runAsGroup: 1025, fsGroup: 1025 },
      containers: [
        {
          name,
          image: SIMD_IMAGE,
          imagePullPolicy: 'IfNotPresent',
          command: ['sh', '-euc', script],
          volumeMounts: [{ name: 'old', mountPath: '/old' }],
        },
      ],
      volumes: [{ name: 'old', persistentVolumeClaim: { claimName } }],
    },
  });
  await eventually(90, async () => {
    const pod = await kube.get<Pod>(PODS, inPlace(name));
    expect(pod?.status?.phase).toBe('Succeeded');
  });
  return kubectl('logs', '--namespace', site.namespace, name);
}
