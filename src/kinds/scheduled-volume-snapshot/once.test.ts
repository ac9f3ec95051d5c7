import { describe, expect, test } from 'vitest';
import { createRig, obeyAway, pass, type Rig, setSnapshot, settle } from './rig.ts';

const NAME = 'my-snapshot-202209010203';
const READY = { readyToUse: true, creationTime: '2022-09-01T02:03:05Z', restoreSize: '10Gi' };

const phaseOf = ({ resource }: Rig) => resource.status?.phase;
const at = (rig: Rig, time: string) => {
  rig.now = new Date(`2022-09-01T${time}Z`);
};

describe('one snapshot for each time', () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])('when pass %i cannot write its status', (lost) => {
    const rig = createRig({ deletePod: true });
    settle(rig);
    at(rig, '02:03:58');
    for (let count = 0; count < 14; count++) {
      pass(rig, count === lost ? 'status' : undefined);
      obeyAway(rig);
      rig.now = new Date(rig.now.getTime() + 1000);
    }
    expect([...(rig.snapshots?.keys() ?? [])]).toEqual([NAME]);
    expect(phaseOf(rig)).toBe('WaitingForSnapshotCreation');
  });

  test.each([0, 1, 2, 3, 4, 5, 6])('when pass %i cannot make its changes', (lost) => {
    const rig = createRig({ deletePod: true });
    settle(rig);
    at(rig, '02:03:58');
    for (let count = 0; count < 14; count++) {
      pass(rig, count === lost ? 'writes' : undefined);
      obeyAway(rig);
      rig.now = new Date(rig.now.getTime() + 1000);
    }
    expect([...(rig.snapshots?.keys() ?? [])]).toEqual([NAME]);
  });

  test('times that were missed are one, named by the last', () => {
    const rig = createRig();
    settle(rig);
    at(rig, '07:20:00');
    settle(rig);
    expect([...(rig.snapshots?.keys() ?? [])]).toEqual(['my-snapshot-202209010703']);
  });

  test('below a minute names have seconds', () => {
    const rig = createRig({ schedule: '@every 30s' });
    settle(rig);
    for (const [time, name] of [
      ['01:30:30', 'my-snapshot-20220901013030'],
      ['01:31:00', 'my-snapshot-20220901013100'],
    ] as const) {
      at(rig, time);
      settle(rig);
      setSnapshot(rig, name, READY);
      settle(rig);
    }
    expect(rig.snapshots?.size).toBe(2);
  });
});
