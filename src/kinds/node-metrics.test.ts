import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import type { Condition, Pod } from '../kube/objects.ts';
import { DEPLOYMENTS, PODS, type ResourceType } from '../kube/resource-types.ts';
import type { Change } from '../reconcile/change.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { createNodeMetrics, type PassReport } from './node-metrics.ts';
import type { NodeReport, Vitals } from './node-report.ts';

const TYPE: ResourceType = { group: 'g.dev', version: 'v1', kind: 'Fleet', plural: 'fleets', namespaced: true };
const OTHER: ResourceType = { ...TYPE, group: 'other.dev' };
const REQUEST = { namespace: 'ns', name: 'r' };
const OF = 'group="g.dev",kind="Fleet",namespace="ns",name="r"';

function podOf(uid: string, image = 'chain:v1'): Pod {
  return {
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: uid, uid } },
    spec: { containers: [{ name: 'beside' }, { name: 'node', image }] },
  };
}

function nodeOf(name: string, more: Partial<NodeReport> = {}): NodeReport {
  return { name, pod: podOf(name), container: 'node', inSync: true, updated: true, updatePending: false, ...more };
}

function passOf(vitals: Record<string, Vitals>, more: Partial<PassReport> = {}): PassReport {
  const nodes = Object.keys(vitals).map((name) => nodeOf(name));
  return { conditions: [], done: [], waits: 0, nodes, vitals: (uid) => vitals[uid], ...more };
}

function setUp() {
  const metrics = createMetrics({ processMetrics: false });
  const nodes = createNodeMetrics();
  metrics.addComputed(nodes.metrics);
  const lines = async () =>
    (await metrics.registry.metrics()).split('\n').filter((line) => /^nodewright_(?!build)/.test(line));
  return { nodes, lines, about: async (name: string) => (await lines()).filter((line) => line.startsWith(name)) };
}

test('of each node what is known of it, and nothing else', async () => {
  const { nodes, about } = setUp();
  const vitals = {
    a: { height: 90, blockTime: 1000, peers: 3, diskUsed: 0.5, version: '0.38' },
    b: { height: 100, networkHeight: 120 },
    c: {},
  };
  nodes.report(TYPE, REQUEST, passOf(vitals));
  expect(await about('nodewright_node_')).toEqual([
    ...['a', 'b', 'c'].map((node) => `nodewright_node_in_sync{${OF},node="${node}"} 1`),
    ...['a', 'b', 'c'].map((node) => `nodewright_node_preparing{${OF},node="${node}"} 0`),
    `nodewright_node_height{${OF},node="a"} 90`,
    `nodewright_node_height{${OF},node="b"} 100`,
    `nodewright_node_lag_blocks{${OF},node="a"} 30`,
    `nodewright_node_lag_blocks{${OF},node="b"} 20`,
    `nodewright_node_latest_block_timestamp_seconds{${OF},node="a"} 1000`,
    `nodewright_node_peers{${OF},node="a"} 3`,
    `nodewright_node_disk_used_ratio{${OF},node="a"} 0.5`,
    `nodewright_node_info{image="chain:v1",version="0.38",${OF},node="a"} 1`,
    `nodewright_node_info{image="chain:v1",version="",${OF},node="b"} 1`,
    `nodewright_node_info{image="chain:v1",version="",${OF},node="c"} 1`,
  ]);
});

test.each<[string, number, object, number]>([
  ['runs for the first time', 1, { state: { running: {} } }, 0],
  ['has failed and runs again', 0, { state: { running: {} } }, 1],
  ['waits', 0, { state: { waiting: {} } }, 0],
  ['has ended', 0, { state: { terminated: {} } }, 0],
  ['runs beside the node', 0, { name: 'sidecar', state: { running: {} } }, 0],
])('a node whose init container %s is being prepared: %d', async (_, expected, status, restartCount) => {
  const { nodes, about } = setUp();
  const pod = podOf('a');
  pod.spec = {
    ...pod.spec,
    initContainers: [{ name: 'restore' }, { name: 'sidecar', restartPolicy: 'Always' }],
  } as never;
  pod.status = { initContainerStatuses: [{ name: 'restore', restartCount, ...status }] } as never;
  nodes.report(TYPE, REQUEST, passOf({}, { nodes: [nodeOf('a', { pod })] }));
  expect(await about('nodewright_node_preparing')).toEqual([`nodewright_node_preparing{${OF},node="a"} ${expected}`]);
});

test('heights are those of the scrape, not of the pass', async () => {
  const { nodes, about } = setUp();
  const vitals = { a: { height: 1 } };
  nodes.report(TYPE, REQUEST, passOf(vitals));
  vitals.a.height = 7;
  expect(await about('nodewright_node_height')).toEqual([`nodewright_node_height{${OF},node="a"} 7`]);
});

test('what is gone takes its series along: nodes, resources, conditions', async () => {
  const { nodes, lines } = setUp();
  const ready: Condition = {
    type: 'Ready',
    status: 'True',
    reason: 'R',
    message: 'many words',
    lastTransitionTime: '',
  };
  nodes.report(OTHER, REQUEST, passOf({ z: { height: 1 } }));
  const other = await lines();
  nodes.report(TYPE, REQUEST, passOf({ a: { height: 1 }, b: { height: 1 } }, { conditions: [ready] }));
  expect((await lines()).filter((line) => line.includes('node="b"'))).not.toEqual([]);
  nodes.report(TYPE, REQUEST, passOf({ a: { height: 1 } }, { conditions: [{ ...ready, status: 'Unknown' }] }));
  expect((await lines()).filter((line) => /node="b"|condition=|many words/.test(line))).toEqual([]);
  nodes.forget(TYPE, REQUEST);
  expect(await lines()).toEqual(other);
});

test('the same name in two groups is two resources', async () => {
  const { nodes, about } = setUp();
  nodes.report(TYPE, REQUEST, passOf({ a: { height: 1 } }));
  nodes.report(OTHER, REQUEST, passOf({ a: { height: 2 } }));
  expect(new Set(await about('nodewright_node_height')).size).toBe(2);
});

describe('a resource', () => {
  test('its rollout, conditions, snapshots and identities', async () => {
    const { nodes, about } = setUp();
    const condition = (type: string, status: Condition['status']) => ({
      type,
      status,
      reason: 'R',
      message: 'm',
      lastTransitionTime: '',
    });
    nodes.report(TYPE, REQUEST, {
      ...passOf({}),
      nodes: [nodeOf('a'), nodeOf('b', { updated: false, updatePending: true, diskAtLimit: true })],
      conditions: [condition('Ready', 'False'), condition('SpecValid', 'True'), condition('Quorum', 'Unknown')],
      waits: 2,
      snapshots: { lastReadyAt: new Date(5000), lastRunFailed: true, everySeconds: 3600 },
      identities: { free: 1, locked: 2 },
    });
    expect([
      ...(await about('nodewright_resource')),
      ...(await about('nodewright_snapshot')),
      ...(await about('nodewright_identity')),
    ]).toEqual([
      `nodewright_resource_managed{${OF}} 1`,
      `nodewright_resource_condition{condition="Ready",${OF}} 0`,
      `nodewright_resource_condition{condition="SpecValid",${OF}} 1`,
      `nodewright_resource_nodes{${OF}} 2`,
      `nodewright_resource_nodes_updated{${OF}} 1`,
      `nodewright_resource_nodes_update_pending{${OF}} 1`,
      `nodewright_resource_waits{${OF}} 2`,
      `nodewright_snapshot_last_success_timestamp_seconds{${OF}} 5`,
      `nodewright_snapshot_last_run_failed{${OF}} 1`,
      `nodewright_snapshot_interval_seconds{${OF}} 3600`,
      `nodewright_identity_pool_identities{state="free",${OF}} 1`,
      `nodewright_identity_pool_identities{state="locked",${OF}} 2`,
    ]);
    expect(await about('nodewright_node_disk_growth')).toEqual([
      `nodewright_node_disk_growth_exhausted{${OF},node="b"} 1`,
    ]);
  });

  test('a pass that fails keeps what was known; one that somebody else looks after has nothing but that', async () => {
    const { nodes, about, lines } = setUp();
    nodes.report(TYPE, REQUEST, passOf({ a: { height: 1 } }));
    nodes.reportFailed(TYPE, REQUEST, { managed: true, failed: ['Ready'] });
    expect(await about('nodewright_node_height')).toHaveLength(1);
    expect(await about('nodewright_resource_condition')).toEqual([
      `nodewright_resource_condition{condition="Ready",${OF}} 0`,
    ]);
    nodes.reportFailed(TYPE, REQUEST, { managed: false, failed: [] });
    expect(await lines()).toEqual([`nodewright_resource_managed{${OF}} 0`, `nodewright_resource_waits{${OF}} 0`]);
  });
});

describe('restarts', () => {
  const stop = (uid: string, disrupts: boolean): Change => ({
    verb: 'delete',
    type: PODS,
    key: { name: uid },
    why: 'w',
    uid,
    disrupts,
  });
  const apply: Change = {
    verb: 'apply',
    type: DEPLOYMENTS,
    key: { name: 'r' },
    why: 'w',
    isNew: false,
    object: podOf('x'),
  };

  test.each<[string, Partial<PassReport>, Partial<NodeReport>, string]>([
    ['stopped for what was asked for', { done: [stop('a', true)] }, {}, 'Rollout'],
    ['stopped to mend it', { done: [stop('a', true)], repaired: new Set(['node']) }, {}, 'Repair'],
    ['made anew, because its pod had ended', { done: [stop('a', false)] }, {}, 'Replaced'],
    ['made by a workload that was changed', { done: [apply] }, { madeBy: DEPLOYMENTS }, 'Rollout'],
    ['a Deployment beside it was changed', { done: [apply] }, {}, 'External'],
    ['stopped by others', { done: [stop('z', true)] }, {}, 'External'],
  ])('%s', async (_name, pass, node, reason) => {
    const { nodes, about } = setUp();
    const report = (uid: string, more: Partial<PassReport>) =>
      nodes.report(TYPE, REQUEST, { ...passOf({}), nodes: [nodeOf('node', { ...node, pod: podOf(uid) })], ...more });
    report('a', pass);
    expect(await about('nodewright_node_restarts_total')).toEqual([]);
    report('b', {});
    expect(await about('nodewright_node_restarts_total')).toEqual([
      `nodewright_node_restarts_total{reason="${reason}",${OF},node="node"} 1`,
    ]);
  });
});

test('a text that would break the format does not', async () => {
  const registry = new Registry();
  const nodes = createNodeMetrics();
  const { registerComputed } = await import('../runtime/computed-metric.ts');
  for (const metric of nodes.metrics) registerComputed(registry, metric);
  nodes.report(TYPE, REQUEST, { ...passOf({}), nodes: [nodeOf('a', { pod: podOf('a', 'x"}\n\\') })] });
  expect(await registry.metrics()).toContain(String.raw`nodewright_node_info{image="x\"}\n\\",version=""`);
});
