import { describe, expect, test } from 'vitest';
import type { Deployment, Job, PodSpec } from '../../kube/objects.ts';
import { profileOf } from '../../reconcile/pod-profile.ts';
import { buildAutoFunding } from './desired/auto-funding.ts';
import { buildDeleteDatabaseJob } from './desired/delete-database.ts';
import { buildDeployment } from './desired/deployment.ts';
import { planDeployment } from './node-deployment.ts';
import { observeNothing } from './node-observed.ts';
import { planNode } from './node-plan.ts';
import { buildNodeStatus } from './node-status.ts';
import { writtenHoprd, writtenIdentity, writtenPool, writtenSettings } from './written-resources.ts';

const ORIGINAL = writtenSettings();
const RESTRICTED = { ...ORIGINAL, podSecurity: 'Restricted' as const };
type Settings = typeof ORIGINAL;

const inputOf = (settings: Settings) => ({
  hoprd: writtenHoprd(),
  pool: writtenPool(),
  identity: writtenIdentity(),
  host: '203.0.113.7',
  ports: { start: 9000, count: 10 },
  settings,
});

test.each<[string, (settings: Settings) => PodSpec | undefined]>([
  ['a node', (settings) => buildDeployment(inputOf(settings)).spec?.template.spec],
  [
    'the Job that deletes its database',
    (settings) => buildDeleteDatabaseJob(writtenHoprd(), 'pool-1', '', settings).spec?.template.spec,
  ],
  ['the funding Job', (settings) => buildAutoFunding(writtenPool(), settings)?.spec?.jobTemplate.spec?.template.spec],
])('the pod of %s has what the profile restricted asks for, and nothing of it without the option', (_, build) => {
  const spec = build(RESTRICTED) as PodSpec;
  expect(profileOf(spec)).toBe('restricted');
  expect(spec.securityContext).toMatchObject({ runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 });
  expect(JSON.stringify(build(ORIGINAL))).not.toContain('securityContext');
});

describe('a Deployment that is there when the option is turned on', () => {
  const where = { replicas: 1, hasPods: true };
  const ofOurs = (settings: Settings) =>
    (planDeployment(inputOf(settings), undefined, where) as { object: Deployment }).object;
  const ofOriginal = buildDeployment(inputOf(ORIGINAL));

  test.each([
    ['of ours', ofOurs(ORIGINAL)],
    ['of the HOPR operator', ofOriginal],
  ])('%s keeps its pod, and says that something waits', (_, live) => {
    expect(planDeployment(inputOf(RESTRICTED), live, where)).toMatchObject({
      how: 'keep',
      pending: expect.stringContaining('as this version of Nodewright makes it'),
    });
  });

  test('and back again there is nothing to do', () => {
    expect(planDeployment(inputOf(ORIGINAL), ofOurs(ORIGINAL), where)).toMatchObject({ how: 'apply' });
    expect(planDeployment(inputOf(ORIGINAL), ofOurs(ORIGINAL), where)).not.toHaveProperty('restarts');
  });

  test('has it at once where there is no pod that could be restarted', () => {
    const plan = planDeployment(inputOf(RESTRICTED), ofOurs(ORIGINAL), { ...where, hasPods: false });
    expect(plan).toMatchObject({ how: 'apply' });
    expect(plan).not.toHaveProperty('restarts');
    expect(profileOf((plan as { object: Job }).object.spec?.template.spec as PodSpec)).toBe('restricted');
  });
});

test('pods that a namespace refuses are told by the node, with what to do', () => {
  const message = 'pods "node-1-a" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true';
  const conditions = [{ type: 'ReplicaFailure', status: 'True', message }];
  const deployment = { ...buildDeployment(inputOf(ORIGINAL)), status: { conditions } } as Deployment;
  const hoprd = writtenHoprd();
  const context = { now: new Date('2026-01-02T03:04:05Z'), settings: ORIGINAL, residues: new Map() };
  const { trouble } = planNode(hoprd, { ...observeNothing(), deployment }, context);
  expect(trouble?.message).toContain(
    `${message}; these pods need the profile baseline; give the operator podSecurity: Restricted`,
  );
  const plan = {
    ...planNode(hoprd, { ...observeNothing(), deployment }, context),
    changes: [],
    waits: [],
    problems: [],
  };
  const ready = buildNodeStatus(hoprd, plan, undefined).conditions.find(({ type }) => type === 'Ready');
  expect(ready).toMatchObject({ status: 'False', ...trouble });
});
