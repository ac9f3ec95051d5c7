import { describe, expect, test } from 'vitest';
import type { Deployment, Job } from '../../kube/objects.ts';
import type { Change } from '../../reconcile/change.ts';
import { node, plan, running, stopped } from './node-fixture.ts';

describe('deletion of the database', () => {
  const wish = node({ deleteDatabase: true });
  const jobOf = (changes: Change[]) =>
    (changes.find(({ type }) => type.kind === 'Job') as { object: Job } | undefined)?.object;
  const done = (job: Job, type = 'Complete'): Job =>
    ({ ...job, status: { conditions: [{ type, status: 'True' }] } }) as Job;
  const made = () => jobOf(plan(wish, stopped(wish)).changes) as Job;

  test('stops the node first', () => {
    const found = plan(wish, running(wish));
    expect(jobOf(found.changes)).toBeUndefined();
    expect(found.changes.find(({ type }) => type.kind === 'Deployment')).toMatchObject({
      patch: { spec: { replicas: 0 } },
    });
  });

  test.each<[string, Partial<Deployment>]>([
    ['that is not scaled down yet, although its pod is gone', { spec: { replicas: 1 } as Deployment['spec'] & object }],
    ['whose controller has not seen it yet', { status: { replicas: 0, observedGeneration: 1 } }],
    ['that counts a pod', { status: { replicas: 1, observedGeneration: 2 } }],
  ])('waits for a Deployment %s', (_what, changes) => {
    const state = stopped(wish);
    const { spec, ...deployment } = state.deployment as Deployment;
    const left = { ...deployment, ...changes, spec: { ...spec, ...changes.spec } } as Deployment;
    const found = plan(wish, { ...state, deployment: left });
    expect(jobOf(found.changes)).toBeUndefined();
    expect(found.waits).toMatchObject([{ why: 'Deployment node-1 must be at 0 replicas first' }]);
  });

  test('needs no Deployment', () => {
    const { changes } = plan(wish, { ...stopped(wish), deployment: undefined });
    expect(jobOf(changes)).toBeDefined();
    expect(changes.find(({ type }) => type.kind === 'Deployment')).toMatchObject({ object: { spec: { replicas: 0 } } });
  });

  test('is a Job that the node owns, the same one however often it is planned', () => {
    expect(made().metadata.ownerReferences?.[0]?.kind).toBe('Hoprd');
    expect(made().metadata.name).toBe(made().metadata.name);
    expect(jobOf(plan(wish, stopped(wish, { jobs: [made()] })).changes)).toBeUndefined();
  });

  test('is over in the write that says by which Job; the next wish gets another one', () => {
    const { changes } = plan(wish, running(wish, { pods: [], jobs: [done(made())] }));
    expect(changes.find(({ type }) => type.kind === 'Hoprd')).toMatchObject({
      patch: {
        spec: { deleteDatabase: false },
        metadata: { annotations: { 'nodewright.dev/database-deleted-by': made().metadata.name } },
      },
    });
    const again = node(
      { deleteDatabase: true },
      { annotations: { 'nodewright.dev/database-deleted-by': made().metadata.name } },
    );
    const next = jobOf(plan(again, stopped(again, { jobs: [done(made())] })).changes);
    expect(next?.metadata.name).not.toBe(made().metadata.name);
  });

  test('that fails is told, and the node does not start', () => {
    const found = plan(wish, running(wish, { pods: [], jobs: [done(made(), 'Failed')] }));
    expect(found.problems.map(({ reason }) => reason)).toContain('DatabaseNotDeleted');
  });

  test('keeps a node from starting whose wish was taken back meanwhile', () => {
    const found = plan(node(), running(node(), { pods: [], jobs: [made()] }));
    expect(found.changes.find(({ type }) => type.kind === 'Deployment')).toMatchObject({
      patch: { spec: { replicas: 0 } },
    });
  });
});
