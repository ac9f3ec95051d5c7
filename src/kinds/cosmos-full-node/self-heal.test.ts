import { describe, expect, test } from 'vitest';
import type { PersistentVolumeClaim, Pod } from '../../kube/objects.ts';
import { askWithDisk, diskReportOf, foldDisk, isMeasureDue } from './disk-usage.ts';
import type { Reading } from './node.ts';
import { fullNodeRecipe } from './recipe.ts';
import type { CosmosFullNodeStatus } from './schema.ts';
import {
  atHeight,
  carryOut,
  NOW,
  planOf,
  run,
  type SettledFullNode,
  sentencesOf,
  settledFullNode,
  statusOf,
} from './settled-full-node.ts';

const restarts = (settled: SettledFullNode) => sentencesOf(settled).filter((line) => line.startsWith('replace Pod'));

describe('volumes that become full', () => {
  type AutoScale = { usedSpacePercentage: number; increaseQuantity: string; maxSize?: string };

  function growing(capacity: string, autoScale: AutoScale, usedPercent = 85): SettledFullNode {
    const settled = settledFullNode({ replicas: 1, selfHeal: { pvcAutoScale: autoScale } });
    setClaim(settled, capacity, capacity);
    measure(settled, usedPercent, capacity);
    return settled;
  }

  function setClaim(settled: SettledFullNode, request: string, capacity: string): void {
    const claims = settled.observed.claims as Map<string, PersistentVolumeClaim>;
    const claim = claims.get('pvc-hub-0') as PersistentVolumeClaim;
    claims.set('pvc-hub-0', {
      ...claim,
      spec: { ...claim.spec, resources: { requests: { storage: request } } },
      status: { phase: 'Bound', capacity: { storage: capacity } },
    });
  }

  function measure(settled: SettledFullNode, usedPercent: number, capacity: string, ageMs = 0): void {
    const at = NOW.getTime() - ageMs;
    const fullAt = settled.fullNode.spec.selfHeal?.pvcAutoScale?.usedSpacePercentage ?? 0;
    run(settled, 'hub-0', { disk: foldDisk({ capacity, usedPercent, error: undefined }, at, fullAt) });
  }

  const requested = (settled: SettledFullNode) =>
    statusOf(settled).selfHealing?.pvcAutoScaler?.['pvc-hub-0']?.requestedSize;
  const claimChanges = (settled: SettledFullNode) => sentencesOf(settled).filter((line) => line.includes('pvc-hub-0'));

  test.each<[string, string, string | undefined, string | undefined]>([
    ['100Gi', '20Gi', undefined, '120Gi'],
    ['100Gi', '10%', undefined, '110Gi'],
    ['100Gi', '+10%', undefined, '110Gi'],
    ['100Gi', '0.5Gi', undefined, '100.5Gi'],
    ['100Gi', '200%', undefined, '300Gi'],
    ['100Ti', '300%', '200Ti', '200Ti'],
    ['100Gi', '20%', '110Gi', '110Gi'],
    ['100Gi', '20%', '0', '120Gi'],
    ['110Gi', '20%', '110Gi', undefined],
    ['120Gi', '20%', '110Gi', undefined],
    ['100Gi', 'wut', undefined, undefined],
  ])('%s and %s, at most %s: %s', (capacity, increaseQuantity, maxSize, expected) => {
    const bound = maxSize === undefined ? {} : { maxSize };
    const settled = growing(capacity, { usedSpacePercentage: 80, increaseQuantity, ...bound });
    const size = requested(settled);
    const same = expected === '100.5Gi' ? ['107911053312', '102912Mi'] : [expected];
    expect(same).toContain(size);
  });

  test('the claim gets no more than the maximum, in the same pass; nothing is asked twice meanwhile', () => {
    const settled = growing('100Gi', { usedSpacePercentage: 80, increaseQuantity: '20%', maxSize: '110Gi' });
    expect(claimChanges(settled)).toEqual(['patch PersistentVolumeClaim pvc-hub-0: size 100Gi → 110Gi']);
    const plan = planOf(settled);
    expect(plan.growth.sentences).toEqual(['claim pvc-hub-0 is 85% full: 100Gi → 110Gi']);
    settled.fullNode.status = statusOf(settled) as CosmosFullNodeStatus;
    carryOut(settled, plan.changes);
    expect([planOf(settled).growth.sentences, claimChanges(settled)]).toEqual([[], []]);
    // Also when the status was lost.
    delete settled.fullNode.status.selfHealing;
    expect([planOf(settled).growth.sentences, claimChanges(settled)]).toEqual([[], []]);
    setClaim(settled, '110Gi', '110Gi');
    measure(settled, 99, '110Gi');
    expect([planOf(settled).growth.sentences, claimChanges(settled)]).toEqual([[], []]);
  });

  test('a volume that has grown grows again only by a measurement of its new size', () => {
    const settled = growing('100Gi', { usedSpacePercentage: 80, increaseQuantity: '20Gi' });
    settled.fullNode.status = statusOf(settled) as CosmosFullNodeStatus;
    setClaim(settled, '123Gi', '123Gi');
    expect(planOf(settled).growth.sentences).toEqual([]);
    measure(settled, 82, '123Gi');
    expect(planOf(settled).growth.sentences).toEqual(['claim pvc-hub-0 is 82% full: 123Gi → 143Gi']);
  });

  test.each<[string, (settled: SettledFullNode) => void]>([
    ['there is room', (settled) => measure(settled, 79, '100Gi')],
    ['the measurement is old', (settled) => measure(settled, 99, '100Gi', 600_000)],
    ['the resource is paused', ({ fullNode }) => (fullNode.metadata.annotations = { 'nodewright.dev/paused': 'true' })],
    ['nobody asked for it', ({ fullNode }) => delete fullNode.spec.selfHeal],
  ])('nothing when %s', (_name, change) => {
    const settled = growing('100Gi', { usedSpacePercentage: 80, increaseQuantity: '20%' });
    change(settled);
    expect(planOf(settled).growth.sentences).toEqual([]);
    expect(statusOf(settled)).not.toHaveProperty('selfHealing');
  });

  test('what was asked for goes with its claim', () => {
    const settled = growing('100Gi', { usedSpacePercentage: 80, increaseQuantity: '20%' }, 10);
    const entry = { requestedSize: '50Gi', requestedAt: NOW.toISOString() };
    const pvcAutoScaler = { 'pvc-hub-0': entry, 'pvc-hub-7': entry };
    settled.fullNode.status = { ...statusOf(settled), selfHealing: { pvcAutoScaler } } as CosmosFullNodeStatus;
    expect(statusOf(settled).selfHealing?.pvcAutoScaler).toEqual({ 'pvc-hub-0': entry });
  });
});

describe('measuring a volume', () => {
  const volume = { dir: '/home/operator/cosmos', capacity: '100Gi' };
  const ask = (disk: string | Error, node: object | Error = { peers: 1 }) => {
    const asked: string[] = [];
    const answer = <T>(value: T | Error) => (value instanceof Error ? Promise.reject(value) : Promise.resolve(value));
    const get = (port: number, path: string) => {
      asked.push(`${port}${path}`);
      return answer(disk);
    };
    return askWithDisk(() => answer(node), get, volume, new AbortController().signal)
      .catch((error: Error) => error)
      .then((result) => ({ result, asked, report: diskReportOf(result) }));
  };

  test.each<[string | Error, number | undefined, string | undefined]>([
    ['{"all_bytes":1000,"free_bytes":900}', 10, undefined],
    ['{"all_bytes":1000,"free_bytes":15}', 99, undefined],
    ['{"all_bytes":1000}', 100, undefined],
    ['{"dir":"/x","error":"no such file or directory"}', undefined, 'no such file or directory'],
    ['{}', undefined, 'an answer without a size: {}'],
    [new Error('refused'), undefined, 'refused'],
  ])('%s', async (disk, usedPercent, error) => {
    const { report, asked } = await ask(disk);
    expect(report).toEqual({ capacity: '100Gi', usedPercent, error });
    expect(asked).toEqual(['1251/disk?dir=%2Fhome%2Foperator%2Fcosmos']);
  });

  test('a node that is down because its volume is full does not hide that', async () => {
    const { result, report } = await ask('{"all_bytes":1000}', new Error('connection refused'));
    expect(result).toBeInstanceOf(Error);
    expect(report?.usedPercent).toBe(100);
  });

  test.each<[string, number, string, boolean]>([
    ['just measured', 3000, '100Gi', false],
    ['a minute ago', 57_000, '100Gi', true],
    ['it has another size by now', 3000, '120Gi', true],
  ])('due: %s', (_name, age, capacity, due) => {
    const disk = foldDisk({ capacity: '100Gi', usedPercent: 1, error: undefined }, NOW.getTime() - age, 80);
    expect(isMeasureDue({ at: NOW.getTime(), disk } as Reading, capacity)).toBe(due);
  });
});

test('the volume is asked for once a minute, and how full it is wakes nobody until it is full', async () => {
  const settled = settledFullNode({
    replicas: 1,
    selfHeal: { pvcAutoScale: { usedSpacePercentage: 80, increaseQuantity: '20%' } },
  });
  const claims = settled.observed.claims as Map<string, PersistentVolumeClaim>;
  const claim = claims.get('pvc-hub-0') as PersistentVolumeClaim;
  claims.set('pvc-hub-0', { ...claim, status: { phase: 'Bound', capacity: { storage: '10Gi' } } });
  const [node] = fullNodeRecipe.nodes?.(settled.fullNode, settled.observed) ?? [];
  let free = 500;
  const paths: string[] = [];
  const podGet = async (_pod: Pod, _port: number, path: string) => {
    paths.push(path);
    if (path.startsWith('/disk')) return JSON.stringify({ all_bytes: 1000, free_bytes: free });
    const sync = { latest_block_height: '7', latest_block_time: NOW.toISOString(), catching_up: false };
    return path === '/status' ? JSON.stringify({ result: { sync_info: sync } }) : '{}';
  };
  let last: Reading | undefined;
  const significances: string[] = [];
  for (let at = 0; at <= 120_000; at += 3000) {
    if (at > 90_000) free = 10;
    const answer = await node?.ask(podGet, new AbortController().signal, last);
    if (answer === undefined) throw new Error('no answer');
    last = node?.fold(last, answer, NOW.getTime() + at) as Reading;
    significances.push(fullNodeRecipe.significanceOf?.(last) ?? '');
  }
  expect(paths.filter((path) => path.startsWith('/disk'))).toHaveLength(3);
  expect(new Set(significances.slice(1, -1)).size).toBe(1);
  expect(significances.at(-1)).toMatch(/ 10Gi$/);
});

describe('nodes that fall behind', () => {
  test.each<[threshold: number, budget: number, expected: string[]]>([
    [10, 1, ['hub-3']],
    [5, 2, ['hub-2', 'hub-3']],
    [3, 1, ['hub-2']],
  ])('threshold %d, %d at a time', (threshold, maxUnavailable, expected) => {
    const settled = settledFullNode({
      strategy: { maxUnavailable },
      selfHeal: { heightDriftMitigation: { threshold } },
    });
    for (const [index, height] of [100, 100, 95, 90].entries()) run(settled, `hub-${index}`, atHeight(height));
    const names = planOf(settled).changes.map(({ key }) => key.name);
    expect(names).toEqual(expected);
    expect(restarts(settled).at(-1)).toContain(' blocks behind the highest instance');
  });

  test('not without being asked for, and not right after a start', () => {
    const settled = settledFullNode();
    run(settled, 'hub-3', atHeight(10));
    expect(restarts(settled)).toEqual([]);
    settled.fullNode.spec.selfHeal = { heightDriftMitigation: { threshold: 10 } };
    expect(restarts(settled)).toHaveLength(1);
    const pod = settled.observed.pods.get('hub-3') as Pod;
    const running = { name: 'node', state: { running: { startedAt: NOW.toISOString() } }, restartCount: 0 };
    const status = { ...pod.status, containerStatuses: [running] };
    (settled.observed.pods as Map<string, Pod>).set('hub-3', { ...pod, status } as unknown as Pod);
    expect(restarts(settled)).toEqual([]);
  });
});

describe('pods that are stuck', () => {
  test.each(['Failed', 'Unknown'])('in phase %s', (phase) => {
    const settled = settledFullNode();
    const pod = settled.observed.pods.get('hub-1') as Pod;
    (settled.observed.pods as Map<string, Pod>).set('hub-1', { ...pod, status: { ...pod.status, phase } } as Pod);
    expect(planOf(settled).changes.map(({ verb, key }) => `${verb} ${key.name}`)).toEqual(['delete hub-1']);
  });

  test.each(['Failed', 'Unknown'])('in phase %s while others roll: at once, whatever the budget', (phase) => {
    const settled = settledFullNode();
    run(settled, 'hub-2', { error: 'ECONNREFUSED' });
    const pod = settled.observed.pods.get('hub-1') as Pod;
    (settled.observed.pods as Map<string, Pod>).set('hub-1', { ...pod, status: { ...pod.status, phase } } as Pod);
    settled.fullNode.spec.podTemplate.image = 'gaia:v2';
    const deleted = planOf(settled).changes.filter(({ verb }) => verb === 'delete');
    expect(deleted.map(({ key }) => key.name)).toEqual(['hub-1']);
    // It comes back with the image that is wanted now.
    carryOut(settled, planOf(settled).changes);
    const made = planOf(settled).changes.find(({ verb, key }) => verb === 'create' && key.name === 'hub-1');
    expect(made).toMatchObject({ object: { spec: { containers: [{ image: 'gaia:v2' }, {}] } } });
  });

  test.each<[string, string, string, number]>([
    ['long enough, since after the pod started', '2026-01-02T02:30:00Z', '2026-01-02T02:00:00Z', 1],
    ['only just', '2026-01-02T03:03:00Z', '2026-01-02T02:00:00Z', 0],
    ['the pod has started since', '2026-01-02T02:30:00Z', '2026-01-02T02:40:00Z', 0],
  ])('a claim that waits for a restart to finish growing: %s', (_name, since, startTime, count) => {
    const settled = settledFullNode();
    for (const index of [0, 1]) {
      const claims = settled.observed.claims as Map<string, PersistentVolumeClaim>;
      const claim = claims.get(`pvc-hub-${index}`) as PersistentVolumeClaim;
      const pending = { type: 'FileSystemResizePending', status: 'True', lastTransitionTime: since };
      claims.set(`pvc-hub-${index}`, { ...claim, status: { ...claim.status, conditions: [pending] } });
      const pod = settled.observed.pods.get(`hub-${index}`) as Pod;
      const status = { ...pod.status, startTime };
      (settled.observed.pods as Map<string, Pod>).set(`hub-${index}`, { ...pod, status });
    }
    expect(restarts(settled)).toHaveLength(count);
    if (count > 0) expect(restarts(settled)[0]).toContain('claim pvc-hub-0 finishes growing when its pod starts');
  });
});
