/** What commands print, for people and for programs: the files in golden/ are what docs/command-line.md promises. */
import { describe, expect, test } from 'vitest';
import { type ResourceView, viewResource } from '../kinds/node-view.ts';
import type { Condition } from '../kube/objects.ts';
import { PODS } from '../kube/resource-types.ts';
import { plain } from './colour.ts';
import { type DoctorReport, formatReport } from './doctor.ts';
import { formatPlans } from './plan.ts';
import { formatForPrograms, withPendingUpdates } from './status.ts';
import { formatDetail } from './status-detail.ts';
import { formatSummary } from './status-summary.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const golden = (text: string, file: string) => expect(text).toMatchFileSnapshot(`golden/${file}`);

function condition(type: string, status: Condition['status'], reason: string, message: string): Condition {
  return { type, status, reason, message, lastTransitionTime: '2026-03-01T11:50:00Z', observedGeneration: 2 };
}

const hub: ResourceView = viewResource(
  {
    apiVersion: 'cosmos.strange.love/v1',
    kind: 'CosmosFullNode',
    metadata: { name: 'hub', namespace: 'cosmos', creationTimestamp: '2026-02-20T12:00:00Z' },
    status: {
      phase: 'Progressing',
      conditions: [
        condition('Ready', 'False', 'NodesNotInSync', 'hub-1 is CatchingUp (at height 900)'),
        condition('Progressing', 'True', 'Waiting', 'pod hub-0: image v17 → v18: hub-1 is not in sync'),
        condition('SpecValid', 'True', 'Valid', 'everything in the spec can be done'),
      ],
    },
  } as Parameters<typeof viewResource>[0],
  {
    chain: 'cosmoshub-4',
    nodes: [
      {
        ...{ name: 'hub-0', pod: 'hub-0', role: 'full', state: 'InSync', health: 'good', inSync: true },
        ...{ height: 1000, peers: 12, diskUsed: 41.6, image: 'ghcr.io/strangelove-ventures/heighliner/gaia:v17' },
        ...{ version: '0.38.17', restarts: 0, startedAt: '2026-03-01T10:00:00Z', updatePending: 'agent 0.1.0 → 0.2.0' },
      },
      {
        ...{ name: 'hub-1', pod: 'hub-1', role: 'full', state: 'CatchingUp', health: 'busy', inSync: false },
        ...{ height: 900, peers: 7, words: 'at height 900', image: 'gaia@sha256:0123456789abcdef0123456789abcdef' },
      },
    ],
    snapshots: [
      { name: 'hub-1', state: 'Ready', at: '2026-03-01T03:00:00Z', size: '120Gi', verified: true },
      { name: 'hub-2', state: 'Failed', words: 'the driver says no' },
    ],
    expiries: [
      { what: 'node certificate', at: '2026-03-11T12:00:00Z', health: 'busy', words: 'renew it' },
      { what: 'voting keys, epoch 7', health: 'bad', words: 'they have ended' },
    ],
    facts: [{ label: 'network', value: 'mainnet' }],
  },
);
const daily = viewResource(
  {
    apiVersion: 'cosmos.strange.love/v1alpha1',
    kind: 'ScheduledVolumeSnapshot',
    metadata: { name: 'daily', namespace: 'cosmos', creationTimestamp: '2026-03-01T11:59:00Z' },
    status: { phase: 'WaitingForNext', conditions: [condition('Ready', 'True', 'NoFailure', 'no run has failed')] },
  } as Parameters<typeof viewResource>[0],
  { facts: [{ label: 'schedule', value: '0 3 * * *' }] },
);
const unseen = viewResource({
  apiVersion: 'hoprnet.org/v1alpha2',
  kind: 'IdentityPool',
  metadata: { name: 'pool', namespace: 'hopr' },
});

describe('status', () => {
  const options = { paint: plain, now: NOW, allNamespaces: true, wide: false };
  test('several resources', () => golden(formatSummary([hub, daily, unseen], options), 'status.txt'));
  test('several resources, wide', () =>
    golden(formatSummary([hub, daily], { ...options, allNamespaces: false, wide: true }), 'status-wide.txt'));
  test('one resource in detail', () => {
    const events = [
      { at: '2026-03-01T11:50:00Z', type: 'Normal', reason: 'Restarting', note: 'stopping Pod hub-1', count: 1 },
      { at: '2026-03-01T11:59:50Z', type: 'Warning', reason: 'BackOff', about: 'Pod hub-1', note: 'again', count: 3 },
    ];
    return golden(formatDetail(hub, events, plain, NOW), 'status-detail.txt');
  });
  test('for programs', () => golden(formatForPrograms([hub, daily], 'json'), 'status.json'));
  test('in YAML it is the same', async () => {
    const { parse } = await import('yaml');
    expect(parse(formatForPrograms([hub], 'yaml'))).toEqual(JSON.parse(formatForPrograms([hub], 'json')));
  });

  test('what waits for a restart is what the operator says', () => {
    const object = { ...hub, metadata: { name: 'hub' } };
    expect(withPendingUpdates(hub, object).nodes.map(({ updatePending }) => updatePending)).toEqual([
      undefined,
      undefined,
    ]);
    const written = { ...object, status: { nodes: [{ name: 'hub-1', updatePending: 'agent 1 → 2' }] } };
    expect(withPendingUpdates(hub, written).nodes[1]?.updatePending).toBe('agent 1 → 2');
  });
});

describe('plan', () => {
  const object = { apiVersion: hub.apiVersion, kind: hub.kind, metadata: { namespace: 'cosmos', name: 'hub' } };
  const key = { namespace: 'cosmos', name: 'hub-0' };
  const look = {
    changes: [
      { verb: 'delete' as const, type: PODS, key, why: 'image v17 → v18', uid: '1', disrupts: true },
      { verb: 'create' as const, type: PODS, key: { ...key, name: 'hub-2' }, why: 'instance hub-2', object },
    ],
    waits: [{ what: 'pod hub-1', why: 'hub-0 goes first' }],
    problems: [],
  };
  const nothing = { changes: [], waits: [], problems: [] };
  const refused = { ...nothing, problems: ['spec.chain.config.peers: not a peer'] };
  const conditions = [
    condition('UpdatePending', 'True', 'WaitsForRestart', 'the next restart of hub-0 brings the pod as it is made now'),
  ];
  const later = { ...nothing, status: { conditions } };
  const looks = [look, nothing, refused, later].map((each) => ({ object, look: each }));
  test('for people', () => golden(formatPlans(looks, 'text', plain), 'plan.txt'));
  test('for programs', () => golden(formatPlans(looks, 'json', plain), 'plan.json'));
});

describe('doctor', () => {
  const report: DoctorReport = {
    ...{ apiVersion: 'cli.nodewright.dev/v1', kind: 'DoctorReport', version: '0.1.0' },
    ...{ server: 'https://api.test:6443', clusterVersion: 'v1.34.4', errors: 1, warnings: 1 },
    findings: [
      { check: 'cluster', level: 'ok', message: 'Kubernetes v1.34.4' },
      { check: 'crds', level: 'error', message: 'not installed: a, b', fix: 'nodewright crds apply' },
      { check: 'webhooks', level: 'unknown', message: 'not looked at: forbidden', fix: 'use another account' },
      { check: 'storage', level: 'warning', subject: 'StorageClass slow', message: 'cannot grow', fix: 'patch it' },
      { check: 'resources', level: 'info', message: 'there are none' },
    ],
  };
  test('for people', () => golden(formatReport(report, 'text', plain), 'doctor.txt'));
  test('for programs', () => golden(formatReport(report, 'json', plain), 'doctor.json'));
});
