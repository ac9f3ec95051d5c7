import { expect, test } from 'vitest';
import { ApiError } from '../../kube/api-error.ts';
import type { KubeObject, PersistentVolumeClaim } from '../../kube/objects.ts';
import { hasLabels, type Reader } from '../../kube/reader.ts';
import { findDataSources } from './data-sources.ts';
import { emptyFullNode } from './settled-full-node.ts';

type Listed = { name: string; at: string; ready?: boolean; labels?: Record<string, string>; source?: string };

/** Of another instance, which signs. */
const SIGNER: PersistentVolumeClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'pvc-hub-1', annotations: { 'nodewright.dev/signs-for': 'F'.repeat(40) } },
};

function find(snapshots: readonly Listed[] | undefined, matchInstance = false) {
  const { fullNode } = emptyFullNode({ replicas: 1 });
  fullNode.spec.volumeClaimTemplate.autoDataSource = { volumeSnapshotSelector: { of: 'hub' }, matchInstance };
  const objects = snapshots?.map(({ name, at, ready = true, labels, source = 'pvc-hub-2' }) => ({
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { name, labels: { of: 'hub', ...labels } },
    spec: { source: { persistentVolumeClaimName: source } },
    status: { creationTime: `2026-01-0${at}T00:00:00Z`, readyToUse: ready, restoreSize: '8Gi' },
  }));
  const reader = {
    get: async () => undefined,
    list: async (_type: unknown, { labels = {} }: { labels?: Record<string, string> }) => {
      if (objects === undefined) throw new ApiError('not found', 404, 'NotFound');
      return objects.filter((object) => hasLabels(object as KubeObject, labels));
    },
  } as unknown as Reader;
  return findDataSources(fullNode, new Map([['pvc-hub-1', SIGNER]]), reader).then((found) => found.get('pvc-hub-0'));
}

const verified = (value: string) => ({ 'nodewright.dev/verified': value });
const of = (instance: string) => ({ 'app.kubernetes.io/instance': instance });

test.each<[string, Listed[], boolean, string]>([
  [
    'the newest',
    [
      { name: 'a', at: '1' },
      { name: 'b', at: '2' },
    ],
    false,
    'b',
  ],
  [
    'one that is ready',
    [
      { name: 'a', at: '1' },
      { name: 'b', at: '2', ready: false },
    ],
    false,
    'a',
  ],
  [
    'one that a node was started on',
    [
      { name: 'a', at: '1', labels: verified('true') },
      { name: 'b', at: '2' },
    ],
    false,
    'a',
  ],
  [
    'none that is bad',
    [
      { name: 'a', at: '1' },
      { name: 'b', at: '2', labels: verified('false') },
    ],
    false,
    'a',
  ],
  [
    'none of an instance that signs',
    [
      { name: 'a', at: '1' },
      { name: 'b', at: '2', source: 'pvc-hub-1' },
    ],
    false,
    'a',
  ],
  [
    'of its own',
    [
      { name: 'a', at: '1', labels: of('hub-0') },
      { name: 'b', at: '2', labels: of('hub-1') },
    ],
    true,
    'a',
  ],
])('a new claim is made from %s', async (_what, snapshots, matchInstance, expected) => {
  expect(await find(snapshots, matchInstance)).toMatchObject({
    dataSource: { kind: 'VolumeSnapshot', name: expected },
    size: '8Gi',
    automatic: true,
  });
});

test.each<[string, Listed[] | undefined]>([
  ['there is none', []],
  ['the only one is bad', [{ name: 'a', at: '1', labels: verified('false') }]],
  ['the cluster knows no snapshots', undefined],
])('begins empty, and says so: %s', async (_what, snapshots) => {
  const found = await find(snapshots);
  expect(found?.dataSource).toBeUndefined();
  expect(found?.problem?.reason).toBe('AutoDataSourceFindSnapshot');
});
