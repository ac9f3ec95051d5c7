import { pino } from 'pino';
import { expect, test } from 'vitest';
import { ApiError } from '../kube/api-error.ts';
import type { KubeObject } from '../kube/objects.ts';
import { EventSink, type EventSinkOptions } from './events.ts';
import { manualClock } from './manual-clock.ts';

const object: KubeObject = {
  apiVersion: 'nodewright.dev/v1alpha1',
  kind: 'TendermintNetwork',
  metadata: { namespace: 'default', name: 'net', uid: 'u1', resourceVersion: '5' },
};

function setUp(overrides: Partial<EventSinkOptions['kube']> = {}, options: Partial<EventSinkOptions> = {}) {
  const clock = manualClock();
  const created: Record<string, unknown>[] = [];
  const patches: unknown[] = [];
  const outcomes: string[] = [];
  const sink = new EventSink({
    kube: {
      create: async (_, event) => {
        created.push(event as never);
        return event;
      },
      mergePatch: async <T extends KubeObject>(_: unknown, __: unknown, patch: object) => {
        patches.push(patch);
        return object as T;
      },
      ...overrides,
    },
    log: pino({ level: 'silent' }),
    clock,
    onOutcome: (outcome) => outcomes.push(outcome),
    ...options,
  });
  return { clock, created, patches, outcomes, sink, recorder: sink.recorder('nodewright.dev/tendermint-network') };
}

test('an event says who, what and why', async () => {
  const { clock, created, recorder } = setUp();
  await clock.advance(1500);
  recorder.record(object, 'Warning', 'QuorumLost', '2 of 4 validators vote', 'Watch');
  await clock.advance(0);
  expect(created).toEqual([
    {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { namespace: 'default', name: expect.stringMatching(/^net\.[0-9a-f]{16}$/) },
      eventTime: '1970-01-01T00:00:01.500000Z',
      type: 'Warning',
      reason: 'QuorumLost',
      action: 'Watch',
      note: '2 of 4 validators vote',
      regarding: { apiVersion: object.apiVersion, kind: object.kind, namespace: 'default', name: 'net', uid: 'u1' },
      reportingController: 'nodewright.dev/tendermint-network',
      reportingInstance: expect.any(String),
    },
  ]);
});

test('repetitions become a series: the first at once, the others every six minutes', async () => {
  const { clock, created, patches, recorder } = setUp();
  for (let minute = 0; minute < 14; minute++) {
    recorder.record(object, 'Warning', 'ImagePullFailed', 'no such image');
    await clock.advance(60_000);
  }
  expect(created.length).toBe(1);
  expect(patches).toEqual([
    { series: { count: 2, lastObservedTime: '1970-01-01T00:01:00.000000Z' } },
    { series: { count: 8, lastObservedTime: '1970-01-01T00:07:00.000000Z' } },
    { series: { count: 14, lastObservedTime: '1970-01-01T00:13:00.000000Z' } },
  ]);
});

test('the same after ten quiet minutes is a new event, and so is another note', async () => {
  const { clock, created, recorder } = setUp();
  recorder.record(object, 'Normal', 'Created', 'pod net-0');
  recorder.record(object, 'Normal', 'Created', 'pod net-1');
  await clock.advance(10 * 60_000);
  recorder.record(object, 'Normal', 'Created', 'pod net-0');
  await clock.advance(0);
  expect(created.length).toBe(3);
});

test('an object that makes too many events is cut short, others are not', async () => {
  const { clock, created, outcomes, recorder } = setUp();
  for (let count = 0; count < 175; count++) recorder.record(object, 'Normal', 'Created', `pod ${count}`);
  recorder.record({ ...object, metadata: { name: 'node' } }, 'Normal', 'Created', 'other');
  await clock.advance(20_000);
  expect(created.length).toBe(101);
  expect(outcomes.filter((outcome) => outcome === 'dropped').length).toBe(75);
  await clock.advance(90_000);
  for (let count = 0; count < 100; count++) recorder.record(object, 'Normal', 'Deleted', `pod ${count}`);
  await clock.advance(0);
  expect(created.length).toBe(104);
});

test('a long note is cut between characters', async () => {
  const { clock, created, recorder } = setUp();
  recorder.record(object, 'Normal', 'Created', 'ä'.repeat(1000));
  await clock.advance(0);
  const note = created[0]?.note as string;
  expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1024);
  expect(note).toMatch(/^ä+…$/);
});

test('many at once are written one by one, all the same before the end', async () => {
  const { clock, created, sink, recorder } = setUp();
  for (let count = 0; count < 60; count++) recorder.record(object, 'Normal', 'Created', `pod ${count}`);
  await clock.advance(0);
  expect(created.length).toBe(25);
  recorder.record(object, 'Warning', 'Failed', 'a pod fails');
  await clock.advance(400);
  expect(created.map(({ type }) => type)).toContain('Warning');
  await clock.advance(600);
  expect(created.length).toBe(30);
  await sink.flush(1000);
  expect(created.length).toBe(61);
});

test('while nothing waits to be reconciled they are all written at once', async () => {
  let busy = true;
  const { clock, created, recorder } = setUp({}, { isBusy: () => busy });
  for (let count = 0; count < 60; count++) recorder.record(object, 'Normal', 'Created', `pod ${count}`);
  await clock.advance(0);
  expect(created.length).toBe(25);
  busy = false;
  await clock.advance(200);
  expect(created.length).toBe(60);
});

test('a failing API server is no concern of the reconciler', async () => {
  const { clock, outcomes, recorder } = setUp({ create: () => Promise.reject(new Error('down')) });
  recorder.record(object, 'Normal', 'Created', 'pod');
  recorder.record(null as never, 'Normal', 'Created', 'pod');
  await clock.advance(0);
  expect(outcomes).toEqual(['failed', 'failed']);
});

test('a series whose event has expired goes on in a new one', async () => {
  const { clock, created, recorder } = setUp({
    mergePatch: () => Promise.reject(new ApiError('gone', 404, 'NotFound')),
  });
  recorder.record(object, 'Normal', 'Created', 'pod');
  recorder.record(object, 'Normal', 'Created', 'pod');
  await clock.advance(0);
  expect(created.map((event) => event.series)).toEqual([undefined, { count: 2, lastObservedTime: expect.any(String) }]);
  expect((created[0] as KubeObject | undefined)?.metadata.name).not.toBe(
    (created[1] as KubeObject | undefined)?.metadata.name,
  );
});

test('flush writes what was counted, and gives up on a server that hangs', async () => {
  const { clock, patches, sink, recorder } = setUp();
  for (let count = 0; count < 5; count++) recorder.record(object, 'Normal', 'Created', 'pod');
  await sink.flush(1000);
  expect(patches.at(-1)).toMatchObject({ series: { count: 5 } });
  const hanging = setUp({ create: () => new Promise(() => {}) });
  hanging.recorder.record(object, 'Normal', 'Created', 'pod');
  const flushed = hanging.sink.flush(1000);
  await hanging.clock.advance(1000);
  await flushed;
  await clock.advance(0);
});
