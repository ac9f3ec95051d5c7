/** A ScheduledVolumeSnapshot where nobody has installed VolumeSnapshots, on a real API server: no node is stopped for nothing. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { applyCrds } from '../../src/cli/crds.ts';
import { useTestApi } from './control-plane.ts';
import { SnapshotWorld, WAITING } from './scheduled-volume-snapshot-world.ts';
import { installVolumeSnapshots } from './volume-snapshot-crd.ts';

const api = useTestApi();
let world: SnapshotWorld;
beforeAll(async () => {
  await applyCrds(api.kube);
});
afterAll(() => world?.end());

test('without VolumeSnapshots no node is stopped; a run begins when they come', async () => {
  world = new SnapshotWorld(api.kube, 'absent');
  world.does.cutSnapshots = false;
  await world.begin();
  await world.schedule({ deletePod: true });
  await world.startOperator();
  await world.untilPhase('MissingCRDs');
  const { observedAt: before } = await world.status();
  await world.passHours(1);
  await vi.waitFor(async () => expect((await world.status()).observedAt).not.toBe(before), WAITING);
  expect(await world.status()).toMatchObject({ phase: 'MissingCRDs', status: expect.stringContaining('install') });
  expect((await world.status()).run).toBeUndefined();
  expect([await world.away(), (await world.scheduled())?.metadata.finalizers ?? []]).toEqual([[], []]);

  await installVolumeSnapshots(api.kube);
  world.does.cutSnapshots = true;
  await vi.waitFor(
    async () => {
      await world.passHours(0);
      expect(await world.snapshots()).toHaveLength(1);
    },
    { ...WAITING, interval: 1000 },
  );
  await world.untilPhase('WaitingForNext');
  await world.untilAtRest();
});
