/** What is decided upon may come from caches that lag behind; where that could harm a node, the API server itself is asked. */
import { describe, expect, test } from 'vitest';
import type { Deployment, KubeObject, Pod } from '../../kube/objects.ts';
import { hasLabels, type Reader } from '../../kube/reader.ts';
import { buildDeployment } from './desired/deployment.ts';
import { planIdentity } from './identity-plan.ts';
import { planNode } from './node-plan.ts';
import { observeIdentity, observeNode } from './observe.ts';
import { withOwner } from './ownership.ts';
import type { Hoprd, IdentityHoprd, IdentityPool } from './schema.ts';
import { writtenHoprd, writtenIdentity, writtenPool, writtenSettings } from './written-resources.ts';

const settings = writtenSettings();
const context = { now: new Date('2026-01-02T03:04:05Z'), settings, residues: new Map<string, string>() };
const stamp = { updateTimestamp: '2026-01-01T00:00:00Z', checksum: 'x' };
const pool: IdentityPool = { ...writtenPool(), status: { ...stamp, phase: 'Ready', size: 1, locked: 1 } };

function identity(holder: string): IdentityHoprd {
  return { ...writtenIdentity(), status: { ...stamp, phase: 'InUse', hoprdNodeName: holder } };
}

function node(metadata: object = {}): Hoprd {
  const hoprd = writtenHoprd();
  return { ...hoprd, metadata: { ...hoprd.metadata, finalizers: ['hoprds.hoprnet.org/finalizer'], ...metadata } };
}

/** As the API server has it. */
function deploymentOf(hoprd: Hoprd): Deployment {
  const ports = { start: 9000, count: 10 };
  const input = { hoprd, pool, identity: identity(hoprd.metadata.name), host: '203.0.113.7', ports, settings };
  const made = withOwner(hoprd, buildDeployment(input));
  return { ...made, metadata: { ...made.metadata, uid: 'uid-of-deployment' } };
}

function podOf({ metadata, spec }: Deployment): Pod {
  return {
    ...{ apiVersion: 'v1', kind: 'Pod', spec: spec?.template.spec, status: { phase: 'Running' } },
    metadata: { name: `${metadata.name}-abc`, namespace: 'team', labels: spec?.template.metadata?.labels },
  } as Pod;
}

function readerOf(...objects: KubeObject[]): Reader {
  return {
    get: async ({ kind }, { namespace, name }) =>
      objects.find(
        ({ kind: found, metadata }) => found === kind && metadata.namespace === namespace && metadata.name === name,
      ) as never,
    list: async ({ kind }, { namespace, labels = {}, owner }) =>
      objects.filter(
        (object) =>
          object.kind === kind &&
          (namespace === undefined || object.metadata.namespace === namespace) &&
          hasLabels(object, labels) &&
          (owner === undefined || object.metadata.ownerReferences?.some(({ uid }) => uid === owner)),
      ) as never,
  };
}

describe('a node that seems to have lost its identity', () => {
  const hoprd = node();
  const cached = readerOf(hoprd, pool, deploymentOf(hoprd), identity('other'));

  test('runs on where only the cache still has an earlier holder', async () => {
    const live = readerOf(hoprd, pool, deploymentOf(hoprd), identity('node-1'));
    const plan = planNode(hoprd, await observeNode(hoprd, cached, live, settings), context);
    expect(plan.identityName).toBe('pool-1');
    expect(plan.changes.filter(({ verb }) => verb === 'delete')).toEqual([]);
  });

  test('is stopped where the API server says so too', async () => {
    const plan = planNode(hoprd, await observeNode(hoprd, cached, cached, settings), context);
    expect(plan.changes).toMatchObject([{ verb: 'delete', type: { kind: 'Deployment' }, disrupts: true }]);
  });
});

describe('after instance.name was changed', () => {
  const renamed = { ...settings, instanceName: 'another' };
  const going = node({ deletionTimestamp: '2026-01-02T00:00:00Z' });
  const deployment = deploymentOf(going);
  const planWith = async (hoprd: Hoprd, ...objects: KubeObject[]) => {
    // A cache of children has those with the new label only.
    const cached = readerOf(hoprd, pool, identity('node-1'));
    const live = readerOf(hoprd, pool, identity('node-1'), ...objects);
    return planNode(hoprd, await observeNode(hoprd, cached, live, renamed), { ...context, settings: renamed });
  };

  test('a node that is deleted keeps its identity as long as its Deployment, and then its pod, is there', async () => {
    expect((await planWith(going, deployment, podOf(deployment))).changes).toMatchObject([
      { verb: 'delete', type: { kind: 'Deployment' }, propagation: 'Foreground' },
    ]);
    expect((await planWith(going, podOf(deployment))).changes).toEqual([]);
    expect((await planWith(going)).changes).toMatchObject([{ verb: 'patch', type: { kind: 'IdentityHoprd' } }]);
  });

  test('a node that runs is left as it is, and is told why', async () => {
    const { changes, problems, identityName } = await planWith(node(), deployment, podOf(deployment));
    expect(changes).toEqual([]);
    expect(identityName).toBe('pool-1');
    expect(problems).toMatchObject([{ reason: 'InstanceRenamed', message: expect.stringContaining('another') }]);
  });

  test.each([
    ['Deployment', deployment],
    ['pod', podOf(deployment)],
  ])('an identity is not free while a %s of its node that is gone has its volume', async (_, user) => {
    const held = identity('node-1');
    const observed = await observeIdentity(held, readerOf(held, pool), readerOf(held, pool, user), renamed);
    const plan = planIdentity(held, observed, { ...context, settings: renamed });
    expect(plan.changes.filter(({ why }) => why.includes('is gone'))).toEqual([]);
  });
});
