/**
 * ScheduledVolumeSnapshots on a real API server, without machines: nodes, storage and snapshots are played. Operators that end after every
 * write, deletion of whatever is involved, and what the Cosmos Operator has left.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { applyCrds } from '../../src/cli/crds.ts';
import { checkScheduledVolumeSnapshot } from '../../src/kinds/scheduled-volume-snapshot/check.ts';
import { COSMOS_FULL_NODES, SCHEDULED_VOLUME_SNAPSHOTS } from '../../src/kinds/scheduled-volume-snapshot/schema.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  type ResourceType,
  VOLUME_SNAPSHOTS,
} from '../../src/kube/resource-types.ts';
import { useTestApi } from './control-plane.ts';
import { kubectl } from './kubectl.ts';
import { runUntil } from './mortal-operator.ts';
import { originalScheduledVolumeSnapshotCrd } from './original-snapshot-crds.ts';
import { NIGHTLY, SnapshotWorld, WAITING } from './scheduled-volume-snapshot-world.ts';
import { installVolumeSnapshots } from './volume-snapshot-crd.ts';

const api = useTestApi();
const worlds: SnapshotWorld[] = [];

beforeAll(async () => {
  await applyCrds(api.kube);
  await installVolumeSnapshots(api.kube);
});
afterAll(() => Promise.all(worlds.map((world) => world.end())));

async function beginWorld(): Promise<SnapshotWorld> {
  const world = new SnapshotWorld(api.kube, `snapshots-${worlds.length + 1}`);
  worlds.push(world);
  await world.begin();
  return world;
}

describe.concurrent('an operator that ends after every write', () => {
  test.each([
    ['without stopping a node', { verify: true }],
    ['with its node stopped', { verify: true, deletePod: true }],
  ])('%s: one snapshot, a verdict, and nothing left', async (_what, spec) => {
    const world = await beginWorld();
    await world.schedule({ ...spec, schedule: '@every 5h' });
    await runUntil(async () => (await world.status()).createdAt !== undefined, world.operatorOptions());
    await world.passHours(5);
    const lives = await runUntil(async () => {
      const { phase, verification } = await world.status();
      return phase === 'WaitingForNext' && verification?.endedAt !== undefined && (await world.trials()).length === 0;
    }, world.operatorOptions());
    expect(lives).toBeGreaterThan(8);
    const snapshots = await world.snapshots();
    expect(snapshots.map(({ metadata }) => metadata.labels?.['nodewright.dev/verified'])).toEqual(['true']);
    expect((await world.status()).run).not.toHaveProperty('failure');
    await world.untilAtRest();
  });
});

describe.concurrent('what is deleted while a run is under way', () => {
  type Place = { phase: string; hold: Partial<SnapshotWorld['does']> };
  const places: Record<string, Place> = {
    'while the pod stops': { phase: 'WaitingForPodDeletion', hold: { stopNodes: false } },
    'while the snapshot is made': { phase: 'WaitingForSnapshotCreation', hold: { cutSnapshots: false } },
    'while it is verified': { phase: 'WaitingForNext', hold: { runTrials: false } },
  };
  const things: Record<string, [ResourceType, (snapshot: string) => string]> = {
    'the resource': [SCHEDULED_VOLUME_SNAPSHOTS, () => NIGHTLY],
    'the CosmosFullNode': [COSMOS_FULL_NODES, () => 'hub'],
    'the node': [PODS, () => 'hub-0'],
    'its claim': [PERSISTENT_VOLUME_CLAIMS, () => 'pvc-hub-0'],
    'the snapshot': [VOLUME_SNAPSHOTS, (snapshot) => snapshot],
    'the throw-away pod': [PODS, (snapshot) => `${snapshot}-verify`],
    'the throw-away claim': [PERSISTENT_VOLUME_CLAIMS, (snapshot) => `${snapshot}-verify`],
  };
  const cases = Object.keys(places).flatMap((place) => Object.keys(things).map((thing) => [place, thing] as const));

  test.each(cases)('%s: %s', async (place, thing) => {
    const { phase, hold } = places[place] as Place;
    const [type, nameOf] = things[thing] as [ResourceType, (snapshot: string) => string];
    const world = await beginWorld();
    await world.schedule({ deletePod: true, verify: true });
    await world.startOperator();
    await world.untilPhase('WaitingForNext');
    Object.assign(world.does, hold);
    await world.passHours(1);
    await world.untilPhase(phase);
    if (place === 'while it is verified')
      await vi.waitFor(async () => expect(await world.trials()).toHaveLength(2), WAITING);
    await world.delete(type, nameOf((await world.status()).run?.snapshotName ?? ''));
    Object.assign(world.does, { stopNodes: true, cutSnapshots: true, runTrials: true });
    if (thing === 'the CosmosFullNode' || thing === 'its claim') {
      // Without the pattern for it, a throw-away node has its time, and goes with that.
      await vi.waitFor(async () => expect(await world.away()).toEqual([]), WAITING);
      if (thing === 'the CosmosFullNode' && place === 'while the pod stops') await world.untilPhase('FindingCandidate');
      await world.passHours(1);
    }
    // The garbage collection of owners is not played.
    if (thing === 'the resource')
      await vi.waitFor(async () => expect(await world.scheduled()).toBeUndefined(), WAITING);
    else await world.untilAtRest();
    expect(await world.away()).toEqual([]);
    expect((await world.snapshots()).length).toBeLessThanOrEqual(2);
  });
});

describe.concurrent('what the Cosmos Operator has left', () => {
  const entry = { podCandidate: 'hub-1' };
  const candidate = { podName: 'hub-1', pvcName: 'pvc-hub-1', podLabels: {} };
  const startedAt = new Date(Date.now() - 60_000).toISOString();
  const lastSnapshot = { name: 'nightly-left', startedAt };
  test.each<[string, object, object | undefined, boolean]>([
    ['WaitingForNext', {}, undefined, false],
    ['FindingCandidate', {}, undefined, false],
    ['DeletingPod', { candidate }, undefined, false],
    ['WaitingForPodDeletion', { candidate }, entry, false],
    ['CreatingSnapshot', { candidate }, entry, false],
    ['WaitingForSnapshotCreation', { candidate, lastSnapshot }, entry, true],
    ['WaitingForSnapshotCreation', { candidate, lastSnapshot }, entry, false],
    ['RestoringPod', { candidate, lastSnapshot }, entry, true],
    ['Suspended', { candidate }, undefined, false],
    ['Error', { candidate }, entry, false],
  ])('in phase %s comes to an end: %j', async (phase, status, away, hasSnapshot) => {
    const world = await beginWorld();
    const key = `${world.namespace}.${NIGHTLY}.v1alpha1.cosmos.strange.love`;
    if (away !== undefined)
      await world.patch(COSMOS_FULL_NODES, 'hub', { status: { scheduledSnapshotStatus: { [key]: away } } }, 'status');
    if (hasSnapshot)
      await api.kube.create(VOLUME_SNAPSHOTS, {
        ...{ apiVersion: 'snapshot.storage.k8s.io/v1', kind: 'VolumeSnapshot' },
        metadata: {
          ...{ namespace: world.namespace, name: 'nightly-left' },
          labels: {
            'app.kubernetes.io/created-by': 'cosmos-operator',
            'app.kubernetes.io/component': 'ScheduledVolumeSnapshot',
            'cosmos.strange.love/source': NIGHTLY,
          },
        },
        spec: { source: { persistentVolumeClaimName: 'pvc-hub-1' } },
      } as KubeObject);
    const createdAt = new Date(Date.now() - 600_000).toISOString();
    await world.schedule({ deletePod: true }, { observedGeneration: 1, createdAt, phase, ...status });
    await world.startOperator();
    await vi.waitFor(async () => {
      expect(await world.status()).toMatchObject({ phase: 'WaitingForNext', observedAt: expect.anything() });
    }, WAITING);
    await world.untilAtRest();
    await world.passHours(1);
    await vi.waitFor(async () => expect((await world.status()).run?.endedAt).toBeDefined(), WAITING);
    await vi.waitFor(async () => expect(await world.snapshots()).toHaveLength(hasSnapshot ? 2 : 1), WAITING);
    await world.untilAtRest();
  });
});

test('the sample of the Cosmos Operator is taken as it is', async () => {
  const sample = parse(readFileSync(new URL('cosmos-samples/scheduled-snapshot.yaml', import.meta.url), 'utf8'));
  expect(checkScheduledVolumeSnapshot(sample)).toEqual([]);
  expect(await kubectl(api, ['apply', '-f', '-'], sample)).toContain(`${sample.metadata.name} created`);
});

// Last, as it puts another CRD into the place of ours.
test('with the CRD of the Cosmos Operator no run begins; with ours it does', async () => {
  const crd = originalScheduledVolumeSnapshotCrd();
  const key = { name: crd.metadata.name };
  const live = await api.kube.get<KubeObject>(CUSTOM_RESOURCE_DEFINITIONS, key);
  const { uid, resourceVersion } = live?.metadata ?? {};
  await api.kube.replace(CUSTOM_RESOURCE_DEFINITIONS, {
    ...crd,
    metadata: {
      ...crd.metadata,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  });
  const world = await beginWorld();
  await world.schedule();
  await world.startOperator();
  await vi.waitFor(
    async () => expect(await world.status()).toMatchObject({ phase: 'WaitingForNext', createdAt: expect.anything() }),
    WAITING,
  );
  await world.passHours(1);
  await vi.waitFor(async () => expect((await world.status()).status).toContain('nodewright crds apply'), WAITING);
  expect(await world.status()).not.toHaveProperty('observedAt');
  await api.kube.mergePatch(
    SCHEDULED_VOLUME_SNAPSHOTS,
    { namespace: world.namespace, name: NIGHTLY },
    { spec: { schedule: 'bogus' } },
  );
  await vi.waitFor(async () => expect((await world.status()).status).toContain('spec.schedule'), WAITING);
  await api.kube.mergePatch(
    SCHEDULED_VOLUME_SNAPSHOTS,
    { namespace: world.namespace, name: NIGHTLY },
    { spec: { schedule: '@every 1h' } },
  );
  expect(await world.snapshots()).toEqual([]);
  await applyCrds(api.kube);
  await world.startOperator();
  await vi.waitFor(async () => expect(await world.snapshots()).toHaveLength(1), WAITING);
  await world.untilPhase('WaitingForNext');
});
