import { describe, expect, test } from 'vitest';
import type { Job, PersistentVolumeClaim } from '../../kube/objects.ts';
import { formatChange } from '../../reconcile/change.ts';
import type { VolumeSnapshot } from '../volume-snapshot.ts';
import { checkStatefulJob, warnOfStatefulJob } from './check.ts';
import { buildClaim, buildJob } from './desired/job.ts';
import { nextRunAt, recordJob } from './history.ts';
import type { Observed } from './observe.ts';
import { type Plan, planStatefulJob } from './plan.ts';
import type { StatefulJob } from './schema.ts';
import { buildStatus } from './status.ts';
import { writtenStatefulJob } from './written-stateful-job.ts';

const NOW = new Date('2022-09-02T00:00:00Z');

const snapshot = (name: string, status: object): VolumeSnapshot => ({
  apiVersion: 'snapshot.storage.k8s.io/v1',
  kind: 'VolumeSnapshot',
  metadata: { name, namespace: 'default' },
  status: { readyToUse: true, restoreSize: '10Gi', ...status },
});
const SNAPSHOTS = [
  snapshot('older', { creationTime: '2022-09-01T00:00:00Z' }),
  snapshot('newest', { creationTime: '2022-09-01T12:00:00Z' }),
  snapshot('unready', { creationTime: '2022-09-01T13:00:00Z', readyToUse: false }),
];

function planOf(resource: StatefulJob, observed: Partial<Observed> = {}): Plan {
  const wanted = observed.claim?.spec?.dataSource?.name;
  const source = (observed.snapshots ?? SNAPSHOTS).find(({ metadata }) => metadata.name === wanted);
  return planStatefulJob(
    resource,
    { job: undefined, claim: undefined, snapshots: SNAPSHOTS, source, ...observed },
    {
      now: NOW,
      random: () => new Uint8Array(),
      options: { operatorNamespace: 'nodewright', agentImage: 'nodewright' },
      residues: new Map(),
    },
  );
}
const sentences = (...args: Parameters<typeof planOf>) => planOf(...args).changes.map(formatChange);

/** As the API server has it. */
function live<T extends Job | PersistentVolumeClaim>(object: T, more: object = {}): T {
  const metadata = { ...object.metadata, uid: 'u', creationTimestamp: '2022-09-01T20:00:00Z', ...more };
  return { ...object, metadata };
}
const newest = SNAPSHOTS[1] as VolumeSnapshot;
const ourJob = (more: object = {}) => live(buildJob(writtenStatefulJob()), more);
const ourClaim = (more: object = {}) => live(buildClaim(writtenStatefulJob(), newest, '10Gi'), more);

describe('the Job and its claim', () => {
  test('have an owner from the beginning, and defaults', () => {
    const [claim, job] = planOf(writtenStatefulJob()).changes.map((change) =>
      'object' in change ? change.object : undefined,
    );
    const owner = { kind: 'StatefulJob', name: 'export', uid: 'uid-of-export', controller: true };
    for (const object of [claim, job])
      expect(object?.metadata).toMatchObject({
        name: 'export',
        labels: { 'app.kubernetes.io/created-by': 'cosmos-operator', 'app.kubernetes.io/component': 'StatefulJob' },
        ownerReferences: [owner],
      });
    expect(claim).toMatchObject({
      spec: {
        storageClassName: 'fast',
        accessModes: ['ReadWriteOnce'],
        dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'newest' },
        resources: { requests: { storage: '10Gi' } },
      },
    });
    expect(job).toMatchObject({
      spec: {
        ttlSecondsAfterFinished: 900,
        backoffLimit: 5,
        activeDeadlineSeconds: 86_400,
        template: {
          spec: {
            restartPolicy: 'Never',
            volumes: [{ name: 'snapshot', persistentVolumeClaim: { claimName: 'export' } }],
          },
        },
      },
    });
  });

  test.each([
    ['Always', 'Never'],
    ['OnFailure', 'OnFailure'],
    [undefined, 'Never'],
  ])('restartPolicy %s becomes %s, and the volume comes last', (restartPolicy, expected) => {
    const volumes = [{ name: 'a' }, { name: 'b' }];
    const spec = { containers: [], volumes, ...(restartPolicy === undefined ? {} : { restartPolicy }) };
    const jobTemplate = { backoffLimit: 0, ttlSecondsAfterFinished: 30 };
    const job = buildJob(writtenStatefulJob({ podTemplate: { metadata: { labels: { a: 'b' } }, spec }, jobTemplate }));
    expect(job.spec?.template.spec?.restartPolicy).toBe(expected);
    expect(job.spec?.template.metadata?.labels).toEqual({ a: 'b' });
    expect(job.spec?.template.spec?.volumes?.map(({ name }) => name)).toEqual(['a', 'b', 'snapshot']);
    expect(job.spec).toMatchObject({ backoffLimit: 0, ttlSecondsAfterFinished: 30, activeDeadlineSeconds: 86_400 });
  });
});

describe('when', () => {
  const startedAt = (startTime: string | undefined) => ({ jobHistory: [startTime === undefined ? {} : { startTime }] });
  const made = ['create PersistentVolumeClaim export: data of VolumeSnapshot newest', 'create Job export: it is due'];
  test.each<[string, object, object, string[]]>([
    ['there was none', {}, {}, made],
    ['the last was a day ago to the second', {}, startedAt('2022-09-01T00:00:00Z'), made],
    ['it was a second less', {}, startedAt('2022-09-01T00:00:01Z'), []],
    ['the interval is over to the second', { interval: '1h30m' }, startedAt('2022-09-01T22:30:00Z'), made],
    ['the interval is not over', { interval: '1h30m' }, startedAt('2022-09-01T22:30:01Z'), []],
    ['the interval is no time', { interval: '0s' }, startedAt('2022-09-01T00:00:01Z'), []],
    ['the interval is less than no time', { interval: '-1h' }, startedAt('2022-09-01T00:00:00Z'), made],
    ['the last was never seen to start', {}, startedAt(undefined), made],
    ['the interval cannot be read', { interval: 'soon' }, {}, []],
  ])('%s', (_when, spec, status, expected) => {
    expect(sentences(writtenStatefulJob(spec, status))).toEqual(expected);
  });

  test.each<[string, Partial<Observed>, string]>([
    [
      'no snapshot is ready',
      { snapshots: SNAPSHOTS.slice(2) },
      'no ready to use VolumeSnapshots found with labels chain=hub',
    ],
    ['there are no VolumeSnapshots', { snapshots: undefined }, 'the cluster has no VolumeSnapshots'],
    [
      'the snapshot has no size',
      { snapshots: [snapshot('a', { creationTime: '2022-09-01T00:00:00Z', restoreSize: undefined })] },
      'VolumeSnapshot a does not say in status.restoreSize',
    ],
    [
      'a claim of somebody else has the name',
      { claim: ourClaim({ labels: {}, ownerReferences: undefined }) },
      'PersistentVolumeClaim export exists',
    ],
    [
      'a Job of somebody else has the name',
      { job: ourJob({ ownerReferences: [{ controller: true, uid: 'x' }] }) },
      'Job export exists',
    ],
  ])('nothing is done when %s, and the status says so', (_what, observed, why) => {
    const resource = writtenStatefulJob();
    const plan = planOf(resource, observed);
    expect(plan.changes).toEqual([]);
    expect(plan.lookAgainMs).toBe(60_000);
    const status = buildStatus(resource, {
      plan,
      failure: undefined,
      now: NOW,
      options: { operatorNamespace: 'nodewright' },
    });
    expect(status.status).toContain(why);
    expect(status.conditions?.[0]).toMatchObject({ type: 'Ready', status: 'False' });
  });

  test('it is paused, or being deleted', () => {
    const paused = writtenStatefulJob();
    paused.metadata.annotations = { 'nodewright.dev/paused': 'true' };
    const deleted = writtenStatefulJob();
    deleted.metadata.deletionTimestamp = '2022-09-01T00:00:00Z';
    expect([sentences(paused), sentences(deleted)]).toEqual([[], []]);
  });
});

test.each<[string, Record<string, string | undefined>, string]>([
  ['the newest, where nobody has looked at them', {}, 'newest'],
  ['one that a node was started on rather than a newer one', { older: 'true' }, 'older'],
  ['never one that no node could work with', { newest: 'false' }, 'older'],
])('its data is %s', (_what, verified, expected) => {
  const snapshots = SNAPSHOTS.map((one) => {
    const label = verified[one.metadata.name];
    const labels = label === undefined ? {} : { 'nodewright.dev/verified': label };
    return { ...one, metadata: { ...one.metadata, labels } };
  });
  expect(sentences(writtenStatefulJob(), { snapshots })[0]).toContain(`data of VolumeSnapshot ${expected}`);
});

describe('after a Job', () => {
  test.each<[string, object, string[]]>([
    [
      'that it began with goes',
      [{ startTime: '2022-09-01T20:00:01Z' }],
      ['delete PersistentVolumeClaim export: its Job is gone'],
    ],
    ['of one that was never seen goes', [{}], ['delete PersistentVolumeClaim export: its Job is gone']],
    [
      'that was made for the next, which is due, gets it',
      [{ startTime: '2022-09-01T00:00:00Z' }],
      ['create Job export: it is due'],
    ],
    ['that was made for the first gets it', [], ['create Job export: it is due']],
  ])('a claim %s', (_what, jobHistory, expected) => {
    expect(sentences(writtenStatefulJob({}, { jobHistory }), { claim: ourClaim() })).toEqual(expected);
  });

  test('the next is not made before its claim is gone', () => {
    const going = ourClaim({ deletionTimestamp: '2022-09-01T23:59:00Z' });
    expect(sentences(writtenStatefulJob(), { claim: going })).toEqual([]);
  });

  test('while it is there nothing else is done; what the Cosmos Operator made gets an owner', () => {
    expect(sentences(writtenStatefulJob(), { job: ourJob(), claim: ourClaim() })).toEqual([]);
    const orphaned = { ownerReferences: undefined };
    expect(sentences(writtenStatefulJob(), { job: ourJob(orphaned), claim: ourClaim(orphaned) })).toEqual([
      'patch Job export: it goes with its StatefulJob',
      'patch PersistentVolumeClaim export: it goes with its StatefulJob',
    ]);
  });

  test('a Job that failed is told', () => {
    const job = ourJob();
    job.status = {
      startTime: '2022-09-01T20:00:01Z',
      conditions: [{ type: 'Failed', status: 'True', message: 'no luck' }],
    };
    const resource = writtenStatefulJob();
    const plan = planOf(resource, { job, claim: ourClaim() });
    const input = { plan, failure: undefined, now: NOW, options: { operatorNamespace: 'nodewright' } };
    expect(buildStatus(resource, input)).toMatchObject({
      phase: 'Running',
      nextRunAt: '2022-09-02T20:00:01Z',
      conditions: [
        { reason: 'JobFailed', message: 'no luck' },
        { type: 'SpecValid', status: 'True' },
      ],
    });
  });
});

describe('a Job that waits for its claim', () => {
  const remade = ['create PersistentVolumeClaim export: its Job waits for it; data of VolumeSnapshot newest'];
  const pending = (name: string, more: object = {}) => {
    const claim = ourClaim(more);
    const dataSource = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name };
    return { ...claim, spec: { ...claim.spec, dataSource }, status: { phase: 'Pending' } };
  };
  const ended = (type: string) => ({ ...ourJob(), status: { conditions: [{ type, status: 'True' }] } }) as Job;
  test.each<[string, Partial<Observed>, string[]]>([
    ['gets another one when it was deleted', { job: ourJob() }, remade],
    ['gets none after it has ended', { job: ended('Complete') }, []],
    ['gets none after it has failed', { job: ended('Failed') }, []],
    ['gets none while it is deleted', { job: ourJob({ deletionTimestamp: '2022-09-01T23:00:00Z' }) }, []],
    ['gets it once the old one has gone', { job: ourJob(), claim: pending('newest', { deletionTimestamp: 'x' }) }, []],
    ['keeps one that is being filled', { job: ourJob(), claim: pending('newest') }, []],
    [
      'gets another one when the snapshot of an empty one is gone',
      { job: ourJob(), claim: pending('gone') },
      ['delete PersistentVolumeClaim export: VolumeSnapshot gone is gone, and it has no data yet'],
    ],
    ['keeps it where there is no other snapshot', { job: ourJob(), claim: pending('gone'), snapshots: [] }, []],
  ])('%s', (_what, observed, expected) => {
    expect(sentences(writtenStatefulJob(), observed)).toEqual(expected);
  });

  test('is told when there is nothing to make one from', () => {
    expect(planOf(writtenStatefulJob(), { job: ourJob(), snapshots: [] }).trouble?.reason).toBe('NoSnapshot');
  });
});

describe('the history', () => {
  const old = [1, 2, 3, 4, 5].map((day) => ({ startTime: `2022-08-0${6 - day}T00:00:00Z`, succeeded: 1 }));
  test('has five entries, the newest first', () => {
    const history = recordJob(old, ourJob());
    expect(history.map(({ startTime }) => startTime)).toEqual([
      '2022-09-01T20:00:00Z',
      '2022-08-05T00:00:00Z',
      '2022-08-04T00:00:00Z',
      '2022-08-03T00:00:00Z',
      '2022-08-02T00:00:00Z',
    ]);
  });

  test.each<[string, object[]]>([
    ['its own', [{ startTime: '2022-09-01T20:00:00Z' }]],
    ['of its start', [{ startTime: '2022-09-01T20:00:02Z', active: 1 }]],
    ['an empty one', [{}]],
  ])('an entry that is %s is written again', (_what, first) => {
    const job = ourJob();
    job.status = { startTime: '2022-09-01T20:00:02Z', succeeded: 1 };
    expect(recordJob([...first, ...old.slice(0, 2)], job)).toEqual([job.status, ...old.slice(0, 2)]);
  });

  test('an empty one means that the next Job is due', () => {
    expect(nextRunAt(writtenStatefulJob(), [{}])).toBeUndefined();
  });
});

test('files are held against the schema', () => {
  const check = (spec: Partial<StatefulJob['spec']>) => checkStatefulJob(writtenStatefulJob(spec));
  expect(check({})).toEqual([]);
  expect(check({ interval: 'soon', podTemplate: { spec: { containers: [] } } })).toEqual([
    'StatefulJob export: spec.interval: "soon" is no duration; use one such as 6h30m',
    'StatefulJob export: spec.podTemplate.spec.containers: must have at least one container',
  ]);
  expect(check({ jobTemplate: { backoffLimit: -1 } })).toEqual([
    'StatefulJob export: spec.jobTemplate.backoffLimit: must be at least 0, not -1',
  ]);
  const strange = { containers: [{ name: 'a' }], restartPolicy: 'Always' };
  expect(warnOfStatefulJob(writtenStatefulJob({ podTemplate: { spec: strange } }))).toHaveLength(2);
});
