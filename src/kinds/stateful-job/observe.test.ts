import { expect, test } from 'vitest';
import type { KubeObject, ObjectKey, PersistentVolumeClaim } from '../../kube/objects.ts';
import { hasLabels, type Reader } from '../../kube/reader.ts';
import { PERSISTENT_VOLUME_CLAIMS, type ResourceType, VOLUME_SNAPSHOTS } from '../../kube/resource-types.ts';
import { formatChange } from '../../reconcile/change.ts';
import type { VolumeSnapshot } from '../volume-snapshot.ts';
import { buildClaim, buildJob } from './desired/job.ts';
import { observe } from './observe.ts';
import { planStatefulJob } from './plan.ts';
import { JOBS } from './schema.ts';
import { writtenStatefulJob } from './written-stateful-job.ts';

const resource = writtenStatefulJob({ selector: { chain: 'juno' } });
const snapshot = (chain: string): VolumeSnapshot => ({
  apiVersion: 'snapshot.storage.k8s.io/v1',
  kind: 'VolumeSnapshot',
  metadata: { name: `of-${chain}`, namespace: 'default', labels: { chain } },
  status: { readyToUse: true, restoreSize: '10Gi', creationTime: '2022-09-01T00:00:00Z' },
});

/** A Job whose claim is being filled from a snapshot of the hub, after spec.selector was changed from the hub to juno. */
async function changesWith(snapshots: VolumeSnapshot[], phase = 'Pending'): Promise<[string[], string[]]> {
  const claim: PersistentVolumeClaim = { ...buildClaim(resource, snapshot('hub'), '10Gi'), status: { phase } };
  const objects = new Map<ResourceType, KubeObject[]>([
    [JOBS, [buildJob(resource)]],
    [PERSISTENT_VOLUME_CLAIMS, [{ ...claim, metadata: { ...claim.metadata, uid: 'u' } }]],
    [VOLUME_SNAPSHOTS, snapshots],
  ]);
  const asked: string[] = [];
  const reader: Reader = {
    async get<T extends KubeObject>(type: ResourceType, { name }: ObjectKey) {
      if (type === VOLUME_SNAPSHOTS) asked.push(name);
      return objects.get(type)?.find(({ metadata }) => metadata.name === name) as T | undefined;
    },
    async list<T extends KubeObject>(type: ResourceType, { labels = {} }: { labels?: Record<string, string> }) {
      return (objects.get(type) ?? []).filter((object) => hasLabels(object, labels)) as T[];
    },
  };
  const plan = planStatefulJob(resource, await observe(resource, reader), {
    now: new Date('2022-09-02T00:00:00Z'),
    random: () => new Uint8Array(),
    options: { operatorNamespace: 'nodewright', agentImage: 'nodewright' },
    residues: new Map(),
  });
  return [plan.changes.map(formatChange), asked];
}

test('a claim keeps its snapshot when another selector leaves that out', async () => {
  expect(await changesWith([snapshot('hub'), snapshot('juno')])).toEqual([[], ['of-hub']]);
});

test('a claim whose snapshot is gone is made again', async () => {
  const [changes] = await changesWith([snapshot('juno')]);
  expect(changes).toEqual([
    'delete PersistentVolumeClaim export: VolumeSnapshot of-hub is gone, and it has no data yet',
  ]);
});

test('nobody asks for the snapshot of a claim that has its data', async () => {
  expect(await changesWith([snapshot('juno')], 'Bound')).toEqual([[], []]);
});
