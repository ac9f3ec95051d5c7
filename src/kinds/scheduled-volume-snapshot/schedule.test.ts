/** Schedules by the clock: what snapshots there are after days have gone by, and what is said of a schedule that cannot be read. */
import { describe, expect, test } from 'vitest';
import { reportEvents } from './events.ts';
import { createRig, planOf, type Rig, setSnapshot, settle } from './rig.ts';

const MINUTE_MS = 60_000;

/** Lets time go by; each snapshot is ready at once. Returns the times, as snapshots are named by them. */
function goBy(rig: Rig, from: string, until: string, stepMs: number): string[] {
  for (rig.now = new Date(from); rig.now <= new Date(until); rig.now = new Date(rig.now.getTime() + stepMs)) {
    settle(rig);
    const last = rig.resource.status?.lastSnapshot;
    if (last !== undefined && last.status?.readyToUse !== true && rig.snapshots?.has(last.name)) {
      setSnapshot(rig, last.name, { readyToUse: true, creationTime: rig.now.toISOString() });
      settle(rig);
    }
  }
  return [...(rig.snapshots?.keys() ?? [])].map((name) => name.replace('my-snapshot-', '')).sort();
}

function rigWithSchedule(schedule: string): Rig {
  return createRig({ schedule, limit: 100 });
}

describe('one snapshot a day', () => {
  test.each<[string, string, string, string[]]>([
    [
      'CRON_TZ=Europe/Berlin 30 2 * * *',
      '2022-10-28T12:00:00Z',
      '2022-11-01T12:00:00Z',
      ['202210290030', '202210300030', '202210310130', '202211010130'],
    ],
    [
      'CRON_TZ=Europe/Berlin 30 2 * * *',
      '2023-03-24T12:00:00Z',
      '2023-03-28T12:00:00Z',
      ['202303250130', '202303260100', '202303270030', '202303280030'],
    ],
    [
      'TZ=America/New_York 30 1 * * *',
      '2022-11-04T12:00:00Z',
      '2022-11-07T12:00:00Z',
      ['202211050530', '202211060530', '202211070630'],
    ],
    ['TZ=Asia/Kolkata @daily', '2022-10-28T20:00:00Z', '2022-10-30T20:00:00Z', ['202210291830', '202210301830']],
  ])('%s from %s, whatever the clocks do', (schedule, from, until, expected) => {
    expect(goBy(rigWithSchedule(schedule), from, until, 30 * MINUTE_MS)).toEqual(expected);
  });

  test('by the hour, an hour that comes twice has two, and none is left out', () => {
    const taken = goBy(
      rigWithSchedule('CRON_TZ=Europe/Berlin 0 * * * *'),
      '2022-10-29T23:30:00Z',
      '2022-10-30T02:30:00Z',
      10 * MINUTE_MS,
    );
    expect(taken).toEqual(['202210300000', '202210300100', '202210300200']);
  });
});

describe('times that were missed', () => {
  test.each<[string, string]>([
    ['*/15 * * * *', '202209022345'],
    ['@hourly', '202209022300'],
    ['@every 7h', '202209022130'],
    ['CRON_TZ=Europe/Berlin 0 4 * * *', '202209020200'],
  ])('of %s are one', (schedule, expected) => {
    const rig = rigWithSchedule(schedule);
    rig.now = new Date('2022-09-01T03:30:00Z');
    settle(rig);
    expect(goBy(rig, '2022-09-02T23:50:00Z', '2022-09-02T23:55:00Z', MINUTE_MS)).toEqual([expected]);
  });

  test('while no node can be taken, too: the run that waits is the only one', () => {
    const rig = rigWithSchedule('*/10 * * * *');
    rig.now = new Date('2022-09-01T03:30:00Z');
    settle(rig);
    const sync = rig.fullNodes.get('hub')?.status?.sync ?? {};
    for (const node of Object.values(sync)) node.inSync = false;
    goBy(rig, '2022-09-01T03:40:00Z', '2022-09-01T05:01:00Z', 10 * MINUTE_MS);
    for (const node of Object.values(sync)) node.inSync = true;
    expect(goBy(rig, '2022-09-01T05:02:00Z', '2022-09-01T05:11:00Z', MINUTE_MS)).toEqual([
      '202209010340',
      '202209010510',
    ]);
  });

  test('clocks that were set back take no snapshot twice', () => {
    const rig = rigWithSchedule('*/10 * * * *');
    goBy(rig, '2022-09-01T03:35:00Z', '2022-09-01T04:05:00Z', 5 * MINUTE_MS);
    const before = [...(rig.snapshots?.keys() ?? [])];
    goBy(rig, '2022-09-01T03:40:00Z', '2022-09-01T04:05:00Z', 5 * MINUTE_MS);
    expect([...(rig.snapshots?.keys() ?? [])]).toEqual(before);
  });
});

test('@every counts from the last snapshot', () => {
  const taken = goBy(rigWithSchedule('@every 90m'), '2022-09-01T01:30:00Z', '2022-09-01T06:10:00Z', 5 * MINUTE_MS);
  expect(taken).toEqual(['202209010300', '202209010430', '202209010600']);
});

describe('a schedule that cannot be read', () => {
  const bad = ['bogus', '61 * * * *', '@fortnightly', '@every 1ms', 'CRON_TZ=Mars/Olympus 0 * * * *', '0 0 30 2 *', ''];
  test.each(bad)('%j is told by condition and event, once', (schedule) => {
    const rig = rigWithSchedule(schedule);
    expect(eventsOf(rig)).toEqual(['Warning FindNextSnapshotTimeError']);
    settle(rig);
    expect(eventsOf(rig)).toEqual([]);
    const conditions = rig.resource.status?.conditions?.map(({ type, status, reason }) => [type, status, reason]);
    expect(conditions).toContainEqual(['SpecValid', 'False', 'ScheduleInvalid']);
    expect(rig.resource.status?.status).toContain('spec.schedule');
    expect(planOf(rig).lookAgainMs).toBeUndefined();
    rig.resource.spec.schedule = '@hourly';
    rig.now = new Date('2022-09-01T02:30:00Z');
    settle(rig);
    expect([...(rig.snapshots?.keys() ?? [])]).toEqual(['my-snapshot-202209010200']);
  });

  test('breaks off no run', () => {
    const rig = rigWithSchedule('@hourly');
    goBy(rig, '2022-09-01T01:30:00Z', '2022-09-01T01:59:00Z', 10 * MINUTE_MS);
    rig.now = new Date('2022-09-01T02:00:00Z');
    settle(rig);
    rig.resource.spec.schedule = 'bogus';
    expect(settle(rig)).toEqual(['WaitingForSnapshotCreation']);
    setSnapshot(rig, 'my-snapshot-202209010200', { readyToUse: true, creationTime: '2022-09-01T02:00:01Z' });
    settle(rig);
    expect(rig.resource.status).toMatchObject({ phase: 'WaitingForNext', run: { endedAt: '2022-09-01T02:00:00Z' } });
  });
});

/** Of the pass that comes next. */
function eventsOf(rig: Rig): string[] {
  const events: string[] = [];
  const record = (_object: object, type: string, reason: string) => void events.push(`${type} ${reason}`);
  reportEvents({ record }, rig.resource, planOf(rig), { done: [], failures: [], skipped: [] });
  return events;
}
