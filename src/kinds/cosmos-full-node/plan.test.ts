import { describe, expect, test } from 'vitest';
import type { ConfigMap, Pod } from '../../kube/objects.ts';
import {
  atHeight,
  CATCHING_UP,
  carryOut,
  change,
  emptyFullNode,
  NOW,
  planOf,
  problemsOf,
  run,
  type SettledFullNode,
  sentencesOf,
  settle,
  settledFullNode,
  statusOf,
  waitsOf,
} from './settled-full-node.ts';

const chain = () => settledFullNode().fullNode.spec.chain;
const restarts = (settled: SettledFullNode) => sentencesOf(settled).filter((line) => line.startsWith('replace Pod'));

describe('a new resource', () => {
  test('everything is made in one pass, the pods last', () => {
    const verbs = planOf(emptyFullNode({ replicas: 1 })).changes.map(
      ({ verb, key, type }) => `${verb} ${type.kind} ${key.name}`,
    );
    expect(verbs).toEqual([
      'create Service hub-p2p-0',
      'create Service hub-rpc',
      'create ConfigMap hub-0',
      'create ServiceAccount hub-vc-sa',
      'create Role hub-vc-r',
      'create RoleBinding hub-vc-rb',
      'create PersistentVolumeClaim pvc-hub-0',
      'create Pod hub-0',
    ]);
  });

  test('at rest nothing is written', () => {
    const settled = settledFullNode();
    expect(sentencesOf(settled)).toEqual([]);
    expect(statusOf(settled)).toMatchObject({ phase: 'Complete', replicas: 4, height: { 'hub-0': 101 } });
  });

  test('lost objects come back as they were', () => {
    const settled = settledFullNode();
    for (const lost of [settled.observed.services, settled.observed.serviceAccounts, settled.observed.roles])
      (lost as Map<string, unknown>).clear();
    expect(sentencesOf(settled).every((line) => line.startsWith('create '))).toBe(true);
    settle(settled);
    expect(settled.observed.services.size).toBe(5);
  });

  test('a ConfigMap that is lost brings a new node key, and restarts nobody', () => {
    const settled = settledFullNode();
    (settled.observed.configMaps as Map<string, ConfigMap>).delete('hub-1');
    expect(restarts(settled)).toEqual([]);
    expect(sentencesOf(settled)).toContain('create ConfigMap hub-1: settings and node key');
  });
});

describe('rolling changes', () => {
  test('an image goes one node at a time, with the reason', () => {
    const settled = change(settledFullNode(), { podTemplate: { image: 'gaia:v2' } });
    expect(restarts(settled)).toEqual([
      'replace Pod hub-0: image of node gaia:v1 → gaia:v2; 1 at a time, 3 more to go',
    ]);
    carryOut(settled, planOf(settled).changes);
    expect(waitsOf(settled)).toEqual(['restart of hub-1, hub-2, hub-3: hub-0 has to be in sync again first']);
    settle(settled);
    expect([...settled.observed.pods.values()].map(({ spec }) => spec?.containers[0]?.image)).toEqual(
      Array(4).fill('gaia:v2'),
    );
  });

  test('a node that never syncs uses up the budget', () => {
    const settled = settledFullNode({ replicas: 5 });
    run(settled, 'hub-4', CATCHING_UP);
    change(settled, { podTemplate: { image: 'gaia:v2' } });
    // The node that does not sync may need the change: it goes, and nobody else.
    expect(restarts(settled)).toHaveLength(1);
    expect(restarts(settled)[0]).toContain('hub-4');
    carryOut(
      settled,
      planOf(settled).changes.filter(({ verb }) => verb === 'delete'),
    );
    carryOut(settled, planOf(settled).changes);
    run(settled, 'hub-4', CATCHING_UP);
    expect(restarts(settled)).toEqual([]);
  });

  test('where nobody is in sync yet, it is enough to answer', () => {
    const settled = settledFullNode();
    for (const name of settled.observed.pods.keys()) run(settled, name, CATCHING_UP);
    change(settled, { podTemplate: { image: 'gaia:v2' } });
    expect(restarts(settled)).toHaveLength(1);
  });

  test('but not where a node says that it is, and was asked too lately to have shown a block', () => {
    const settled = settledFullNode();
    change(settled, { podTemplate: { image: 'gaia:v2' } });
    carryOut(settled, planOf(settled).changes);
    carryOut(settled, planOf(settled).changes);
    const firstAsked = (agoMs: number) => {
      const reading = { ...atHeight(100), advancedAt: undefined, since: NOW.getTime() - agoMs };
      for (const name of settled.observed.pods.keys()) run(settled, name, name === 'hub-0' ? CATCHING_UP : reading);
      return restarts(settled);
    };
    expect(firstAsked(5000)).toEqual([]);
    expect(firstAsked(60_000)).toHaveLength(1);
  });

  test('what is down is replaced at once, outside the budget', () => {
    const settled = settledFullNode();
    for (const name of ['hub-1', 'hub-2']) {
      run(settled, name, { error: 'ECONNREFUSED' });
      const pod = settled.observed.pods.get(name) as Pod;
      const waiting = { name: 'node', restartCount: 9, state: { waiting: { reason: 'CrashLoopBackOff' } } };
      (settled.observed.pods as Map<string, Pod>).set(name, {
        ...pod,
        status: { ...pod.status, containerStatuses: [waiting] },
      } as unknown as Pod);
    }
    change(settled, { podTemplate: { image: 'gaia:v2' } });
    expect(restarts(settled)).toEqual([
      'replace Pod hub-1: image of node gaia:v1 → gaia:v2; it is down already',
      'replace Pod hub-2: image of node gaia:v1 → gaia:v2; it is down already',
    ]);
  });

  test('scaling restarts nobody, and the longer list of peers waits', () => {
    const settled = change(settledFullNode(), { replicas: 5 });
    expect(restarts(settled)).toEqual([]);
    settle(settled);
    expect(settled.observed.pods.size).toBe(5);
    expect(planOf(settled).pendingUpdates.get('hub-0')).toBe('the list of peers');
    expect(statusOf(settled).conditions?.find(({ type }) => type === 'UpdatePending')?.status).toBe('True');
  });

  test('a newer Nodewright restarts nobody', () => {
    const settled = settledFullNode();
    settled.agentImage = 'nodewright:v2';
    expect(sentencesOf(settled)).toEqual([]);
    expect(planOf(settled).pendingUpdates.size).toBe(4);
  });

  test('labels and annotations change in place', () => {
    const settled = settledFullNode();
    settled.fullNode.metadata.labels = { team: 'blue', 'app.kubernetes.io/name': 'other' };
    expect(restarts(settled)).toEqual([]);
    settle(settled);
    const labels = settled.observed.pods.get('hub-0')?.metadata.labels;
    expect(labels).toMatchObject({ team: 'blue', 'app.kubernetes.io/name': 'hub' });
  });

  test('where data comes from matters only to nodes that have none', () => {
    const settled = change(settledFullNode(), { chain: { ...chain(), snapshotURL: 'https://example.com/a.tar.lz4' } });
    expect(restarts(settled)).toEqual([]);
    run(settled, 'hub-2', { answer: undefined, error: 'ECONNREFUSED' });
    const pod = settled.observed.pods.get('hub-2') as Pod;
    const waiting = { name: 'node', restartCount: 0, state: { waiting: { reason: 'PodInitializing' } } };
    (settled.observed.pods as Map<string, Pod>).set('hub-2', {
      ...pod,
      status: { ...pod.status, phase: 'Pending', containerStatuses: [waiting] },
    } as unknown as Pod);
    expect(restarts(settled)).toEqual([
      'replace Pod hub-2: where genesis, address book or snapshot come from changed; it is down already',
    ]);
  });

  test('paused: nothing is changed', () => {
    const settled = change(settledFullNode(), { podTemplate: { image: 'gaia:v2' } });
    settled.fullNode.metadata.annotations = { 'nodewright.dev/paused': 'true' };
    expect(sentencesOf(settled)).toEqual([]);
    expect(statusOf(settled).phase).toBe('Paused');
  });
});

describe('what is wrong', () => {
  test('bad TOML restarts nobody, whatever else changes, and is told with its line', () => {
    const settled = settledFullNode();
    change(settled, {
      chain: { ...chain(), config: { overrides: 'a = 1\nb = ' } },
      podTemplate: { image: 'gaia:v2' },
    });
    expect(restarts(settled)).toEqual([]);
    expect(problemsOf(settled)).toHaveLength(1);
    expect(problemsOf(settled)[0]).toContain('ConfigInvalid: spec.chain.config.overrides: line 2, column');
    expect(statusOf(settled)).toMatchObject({ phase: 'Error' });
    change(settled, { chain: chain(), podTemplate: { image: 'gaia:v1' } });
    expect(sentencesOf(settled)).toEqual([]);
  });

  test('an unreadable node key holds back its instance only', () => {
    const settled = settledFullNode();
    const configMap = settled.observed.configMaps.get('hub-1') as ConfigMap;
    (settled.observed.configMaps as Map<string, ConfigMap>).set('hub-1', {
      ...configMap,
      data: { ...configMap.data, 'node_key.json': 'not json' },
    });
    expect(sentencesOf(settled).filter((line) => line.includes('hub-1'))).toEqual([]);
    expect(problemsOf(settled)[0]).toContain('NodeKeyInvalid: ConfigMap hub-1');
  });
});

describe('volumes and keys', () => {
  test('Retain: what is left has no owner, and is taken up again', () => {
    const settled = settledFullNode({ volumeRetentionPolicy: 'Retain' });
    const key = settled.observed.configMaps.get('hub-3')?.data?.['node_key.json'];
    expect(settled.observed.claims.get('pvc-hub-3')?.metadata.ownerReferences).toBeUndefined();
    change(settled, { replicas: 2 });
    expect(sentencesOf(settled).filter((line) => line.startsWith('delete'))).toEqual([
      'delete Pod hub-2: it is no longer wanted',
      'delete Pod hub-3: it is no longer wanted',
    ]);
    settle(settled);
    change(settled, { replicas: 4 });
    settle(settled);
    expect(settled.observed.configMaps.get('hub-3')?.data?.['node_key.json']).toBe(key);
  });

  test('Delete: claims and keys of instances that go are deleted', () => {
    const settled = change(settledFullNode(), { replicas: 3 });
    expect(sentencesOf(settled).filter((line) => line.startsWith('delete'))).toEqual([
      'delete PersistentVolumeClaim pvc-hub-3: its instance is no longer wanted, and spec.volumeRetentionPolicy is Delete',
      'delete Pod hub-3: it is no longer wanted',
      'delete ConfigMap hub-3: its instance is no longer wanted, and spec.volumeRetentionPolicy is Delete',
    ]);
  });

  test('the policy changes the owner and nothing else', () => {
    const settled = change(settledFullNode(), { volumeRetentionPolicy: 'Retain' });
    settle(settled);
    expect(settled.observed.claims.get('pvc-hub-0')?.metadata.ownerReferences).toBeUndefined();
    expect(settled.observed.pods.get('hub-0')?.metadata.ownerReferences).toHaveLength(1);
  });

  test('a claim grows and never shrinks', () => {
    const settled = settledFullNode();
    for (const claim of settled.observed.claims.values())
      Object.assign(claim, { status: { phase: 'Bound', capacity: { storage: '10Gi' } } });
    const template = settled.fullNode.spec.volumeClaimTemplate;
    change(settled, { volumeClaimTemplate: { ...template, resources: { requests: { storage: '20Gi' } } } });
    expect(sentencesOf(settled)).toContain('patch PersistentVolumeClaim pvc-hub-0: size 10Gi → 20Gi');
    change(settled, { volumeClaimTemplate: { ...template, resources: { requests: { storage: '5Gi' } } } });
    expect(sentencesOf(settled)).toEqual([]);
  });

  test('disable: Pod keeps the claim, All lets it go', () => {
    const settled = change(settledFullNode(), {
      instanceOverrides: { 'hub-1': { disable: 'Pod' }, 'hub-2': { disable: 'All' } },
    });
    expect(sentencesOf(settled).filter((line) => line.startsWith('delete'))).toEqual([
      'delete PersistentVolumeClaim pvc-hub-2: its instance is no longer wanted, and spec.volumeRetentionPolicy is Delete',
      'delete Pod hub-1: it is no longer wanted',
      'delete Pod hub-2: it is no longer wanted',
    ]);
  });
});
