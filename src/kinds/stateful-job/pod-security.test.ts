import { expect, test } from 'vitest';
import type { Job } from '../../kube/objects.ts';
import { buildClaim, buildJob } from './desired/job.ts';
import { planStatefulJob } from './plan.ts';
import { buildStatus } from './status.ts';
import { writtenStatefulJob } from './written-stateful-job.ts';

const now = new Date('2022-09-02T00:00:00Z');
const options = { operatorNamespace: 'nodewright', agentImage: 'nodewright' };
const resource = writtenStatefulJob();

const snapshot = {
  apiVersion: 'snapshot.storage.k8s.io/v1',
  kind: 'VolumeSnapshot',
  metadata: { name: 'newest', namespace: 'default' },
};

function readiness(startTime: string, more: Partial<Job['status']>) {
  const job = { ...buildJob(resource), status: { startTime, ...more } } as Job;
  const observed = { job, claim: buildClaim(resource, snapshot, '1Gi'), snapshots: [snapshot], source: snapshot };
  const context = { now, options, random: () => new Uint8Array(), residues: new Map() };
  const plan = planStatefulJob(resource, observed, context);
  const { conditions } = buildStatus(resource, { plan, failure: undefined, now, options });
  return conditions?.find(({ type }) => type === 'Ready')?.message;
}

const NO_POD = /^Job export has made no pod yet.*must allow the profile baseline$/;

test('a Job that makes no pods is told, with the profile that a namespace must allow', () => {
  expect(readiness('2022-09-01T23:59:00Z', {})).toMatch(NO_POD);
});

test.each<[string, string, Partial<Job['status']>]>([
  ['that has only begun', '2022-09-01T23:59:59Z', {}],
  ['whose pod waits for its claim', '2022-09-01T23:59:00Z', { active: 1 }],
  ['whose pod has failed', '2022-09-01T23:59:00Z', { failed: 1 }],
])('a Job %s is not', (_, startTime, more) => {
  expect(readiness(startTime, more)).not.toMatch(NO_POD);
});
