/**
 * The states in which the HOPR operator crashes or hangs for ever (spec hopr §8), where no test of the part itself has them already: README.md
 * says where each of them is.
 */
import { describe, expect, test } from 'vitest';
import type { Deployment, Pod } from '../../kube/objects.ts';
import { formatChange } from '../../reconcile/change.ts';
import { planCluster } from './cluster-plan.ts';
import { buildClusterStatus } from './cluster-status.ts';
import { toLabelValue } from './desired/metadata.ts';
import { type NodeObserved, observeNothing } from './node-observed.ts';
import { planNode } from './node-plan.ts';
import { buildNodeStatus } from './node-status.ts';
import type { Hoprd, HoprdStatus, IdentityHoprd } from './schema.ts';
import { checksumOf, patchStatus } from './status-writes.ts';
import { writtenCluster, writtenHoprd, writtenIdentity, writtenPool, writtenSettings } from './written-resources.ts';

const now = new Date('2026-01-02T03:04:05Z');
const context = { now, settings: writtenSettings(), residues: new Map<string, string>() };
const finalizers = ['hoprds.hoprnet.org/finalizer'];
const stamp = { updateTimestamp: '2026-01-01T00:00:00Z', checksum: 'x' };
const pool = { ...writtenPool(), status: { ...stamp, phase: 'Ready' as const, size: 1, locked: 1 } };
const locked: IdentityHoprd = { ...writtenIdentity(), status: { ...stamp, phase: 'InUse', hoprdNodeName: 'node-1' } };

function node(phase: HoprdStatus['phase'] | undefined, metadata: object = {}): Hoprd {
  const hoprd = writtenHoprd({ service: { type: 'LoadBalancer' } });
  const status = phase && { updateTimestamp: stamp.updateTimestamp, checksum: checksumOf(hoprd), phase };
  return { ...hoprd, metadata: { ...hoprd.metadata, finalizers, ...metadata }, ...(status && { status }) };
}

const observed = (changes: Partial<NodeObserved> = {}): NodeObserved => ({
  ...observeNothing(),
  ...{ pool, identities: [locked] },
  ...changes,
});
const linesOf = (hoprd: Hoprd, state: NodeObserved) =>
  planNode(hoprd, state, context).changes.map((change) => formatChange(change).split(':')[0]);

describe('a node whose start took longer than anybody waited (5)', () => {
  const hoprd = node('Initializing');

  test('is made on, although its status is about this very spec', () => {
    expect(linesOf(hoprd, observed())).toContain('create Ingress node-1');
  });

  test('gives its identity back when it is deleted, although its status names none', () => {
    const going = node('Initializing', { deletionTimestamp: '2026-01-02T00:00:00Z' });
    expect(linesOf(going, observed())).toEqual(['patch IdentityHoprd pool-1']);
  });
});

test('a node whose pod cannot start says why', () => {
  const waiting = { reason: 'CreateContainerConfigError', message: 'secret "pool-default-env" not found' };
  const pod = {
    ...{ kind: 'Pod', metadata: { name: 'node-1-x', labels: { 'app.kubernetes.io/component': 'node' } } },
    status: { phase: 'Pending', containerStatuses: [{ name: 'hoprd', state: { waiting } }] },
  } as unknown as Pod;
  const hoprd = {
    ...node('Initializing'),
    spec: { ...node('Initializing').spec, service: { type: 'ClusterIP' as const } },
  };
  const { trouble, ...plan } = planNode(hoprd, observed({ pods: [pod] }), context);
  const { conditions } = buildNodeStatus(hoprd, { ...plan, trouble, waits: [], problems: [] }, undefined);
  expect(conditions.find(({ type }) => type === 'Ready')?.message).toBe(
    'Pod node-1-x: container hoprd: CreateContainerConfigError; secret "pool-default-env" not found',
  );
});

describe('a node in whose deletion the operator ended (6)', () => {
  const going = node('Deleting', { deletionTimestamp: '2026-01-02T00:00:00Z' });
  const deployment = { kind: 'Deployment', metadata: { name: 'node-1', namespace: 'team', uid: 'u' } } as Deployment;
  const pod = {
    ...{ kind: 'Pod', status: { phase: 'Running' } },
    metadata: { name: 'node-1-x', labels: { 'app.kubernetes.io/component': 'node' } },
  } as unknown as Pod;

  test.each<[string, Partial<NodeObserved>, string[]]>([
    ['at its Deployment', { deployment }, ['delete Deployment node-1']],
    ['while its pod ends', { pods: [pod] }, []],
    ['before its identity was free', {}, ['patch IdentityHoprd pool-1']],
    ['before its finalizer was gone', { identities: [] }, ['patch Hoprd node-1']],
  ])('%s', (_, state, expected) => {
    expect(linesOf(going, observed(state))).toEqual(expected);
  });
});

test('two nodes that end at once are counted once each, as is one that nobody has told of (7)', () => {
  const cluster = { ...writtenCluster({ replicas: 1 }), metadata: { ...writtenCluster().metadata, finalizers } };
  const member = (index: number, metadata: object = {}): Hoprd => {
    const hoprd = writtenHoprd({}, `node-${index}`);
    return { ...hoprd, metadata: { ...hoprd.metadata, ...metadata } };
  };
  const going = { deletionTimestamp: '2026-01-02T00:00:00Z' };
  const plan = planCluster(
    cluster,
    { hoprds: [member(1), member(2, going), member(3, going)], identities: [] },
    context,
  );
  expect(buildClusterStatus(cluster, plan, undefined).currentNodes).toBe(1);
});

test('a status that is missing, or null, is written, whatever finalizers there are (9)', () => {
  const plan = planNode(node(undefined), observed(), context);
  const own = buildNodeStatus(node(undefined), plan, undefined);
  for (const status of [undefined, null]) {
    const hoprd = { ...node(undefined), status } as Hoprd;
    expect(patchStatus(hoprd, own, now, 60_000)).toMatchObject({ status: { phase: 'Initializing' } });
  }
});

test('texts of users are values of labels only as far as the API server takes them (11)', () => {
  const value = toLabelValue(`gno:${'0xa34e407d9ddbe25207f250c4193b42fef68ba903'.repeat(2)}`);
  expect(value).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]$/);
  expect(value.length).toBeLessThanOrEqual(63);
  expect(toLabelValue('12D3KooWLDer461CFi1fB5pwQKGT72PAvGFMAxH9ALNwNjG7A5ep')).toBe(
    '12D3KooWLDer461CFi1fB5pwQKGT72PAvGFMAxH9ALNwNjG7A5ep',
  );
});

test.each([
  ['it had none', undefined],
  ['it has one no more', { type: 'ClusterIP' as const }],
])('a service type beside nodes that were made before is no crash: %s (12)', (_, service) => {
  const cluster = { ...writtenCluster({ replicas: 1 }), metadata: { ...writtenCluster().metadata, finalizers } };
  const spec = { ...writtenHoprd({}, 'node-1').spec, ...(service && { service }), deleteDatabase: false };
  const hoprd = { ...writtenHoprd({}, 'node-1'), spec };
  expect(
    planCluster(cluster, { hoprds: [hoprd], identities: [] }, context).problems.map(({ reason }) => reason),
  ).toEqual(['NoFreeIdentity']);
});
