import { describe, expect, test } from 'vitest';
import type { Service } from '../../kube/objects.ts';
import {
  configMap,
  FINALIZER,
  identity,
  lines,
  nginx,
  node,
  observed,
  opened,
  plan,
  running,
  stamp,
} from './node-fixture.ts';
import type { NodeObserved } from './node-observed.ts';
import { buildNodeStatus } from './node-status.ts';
import type { Hoprd } from './schema.ts';
import { writtenIdentity, writtenPool } from './written-resources.ts';

describe('a new node, one step after the other', () => {
  const bare = node({}, { finalizers: ['someone.else/finalizer'] });

  test('a finalizer, beside those of others', () => {
    const { changes } = plan(bare, observed());
    expect(lines(changes)).toEqual(['patch Hoprd node-1']);
    expect(changes[0]).toMatchObject({
      patch: { metadata: { resourceVersion: '1', finalizers: ['someone.else/finalizer', FINALIZER] } },
    });
  });

  test('the identity, in a write that fails on any other state of it, and nothing besides', () => {
    const { changes } = plan(node(), observed());
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({
      verb: 'patch',
      key: { name: 'pool-1' },
      patch: { metadata: { resourceVersion: '1' }, status: { phase: 'InUse', hoprdNodeName: 'node-1' } },
    });
  });

  test('ports by TCP, then by UDP, then the rest in the order of the HOPR operator', () => {
    const held = observed({ identities: [identity('node-1')] });
    expect(lines(plan(node(), held).changes)).toEqual(['patch ConfigMap ingress-nginx-tcp']);
    const half = { ...held, nginx: { ...nginx(), tcp: configMap('ingress-nginx-tcp', opened) } };
    expect(lines(plan(node(), half).changes)).toEqual(['patch ConfigMap ingress-nginx-udp']);
    expect(lines(plan(node(), { ...held, nginx: nginx(opened) }).changes)).toEqual([
      'create Ingress node-1',
      'create Service node-1',
      'create Deployment node-1',
    ]);
  });

  test('its ports are those that nobody else has, here or in a Service', () => {
    const taken = { 9000: 'team/other:9000', 9005: 'git/ssh:22' };
    const [change] = plan(
      node(),
      observed({ identities: [identity('node-1')], nginx: nginx(taken), foreignPorts: new Set([9010]) }),
    ).changes;
    const { data } = (change as { patch: { data: Record<string, string> } }).patch;
    expect(Object.keys(data).map(Number)).toEqual(Array.from({ length: 10 }, (_, index) => 9011 + index));
  });
});

describe('what a node waits for, and says so', () => {
  test.each<[string, Hoprd, Partial<NodeObserved>, string]>([
    ['a pool', node(), { pool: undefined }, 'PoolMissing'],
    ['a pool that is ready', node(), { pool: writtenPool() }, 'PoolNotReady'],
    ['a free identity', node(), { identities: [identity('other')] }, 'NoFreeIdentity'],
    ['its own identity', node({ identityName: 'x' }), {}, 'IdentityMissing'],
    [
      'its own identity, which another has',
      node({ identityName: 'pool-1' }),
      { identities: [identity('other')] },
      'IdentityInUse',
    ],
    [
      'ports',
      node(),
      { identities: [identity('node-1')], foreignPorts: new Set(Array.from({ length: 101 }, (_, i) => 9000 + i)) },
      'NoFreePorts',
    ],
    [
      'the ConfigMaps of the controller',
      node(),
      { identities: [identity('node-1')], nginx: {} },
      'IngressPortsMissing',
    ],
  ])('%s', (_what, hoprd, changes, reason) => {
    const found = plan(hoprd, observed(changes));
    expect(found.changes).toEqual([]);
    expect(found.waits.length).toBeGreaterThan(0);
    const { phase, conditions } = buildNodeStatus(hoprd, found, undefined);
    expect(phase).toBe('Initializing');
    expect(conditions.find(({ type }) => type === 'PreflightPassed')).toMatchObject({ status: 'False', reason });
  });

  test('an identity whose key file cannot be read is given to nobody', () => {
    const broken = { ...writtenIdentity({ identityFile: '{' }), status: { ...stamp, phase: 'Ready' as const } };
    expect(plan(node(), observed({ identities: [broken] })).problems[0]?.reason).toBe('NoFreeIdentity');
  });

  test('the address of its load balancer', () => {
    const balanced = node({ service: { type: 'LoadBalancer' } });
    const held = observed({ identities: [identity('node-1')] });
    const first = plan(balanced, held);
    expect(lines(first.changes)).toEqual(['create Ingress node-1', 'create Service node-1-p2p-tcp']);
    const tcp = (first.changes[1] as { object: Service }).object;
    const service = { ...tcp, status: { loadBalancer: { ingress: [{ ip: '198.51.100.4' }] } } };
    expect(lines(plan(balanced, { ...held, services: [service] }).changes)).toEqual([
      'create Ingress node-1',
      'create Service node-1-p2p-udp',
      'create Deployment node-1',
    ]);
  });

  test('a newer state of itself', () => {
    expect(plan(node(), { ...running(), isOutdated: true }).changes).toEqual([]);
  });
});

describe('a node that runs', () => {
  test('and was made by the HOPR operator gets stamps, and its pod stays', () => {
    const changes = plan(node(), running()).changes.filter(({ type }) => type.kind === 'Deployment');
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ verb: 'patch' });
    expect((changes[0] as { patch: { spec: object } }).patch.spec).toEqual({ replicas: 1 });
  });

  test('is restarted by a change of its version, which is named', () => {
    const [change] = plan(node({ version: '2.2.0' }), running()).changes.filter(
      ({ type }) => type.kind === 'Deployment',
    );
    expect(change?.verb).toBe('apply');
    expect(change?.why).toContain('image');
  });

  test('is left alone while its spec cannot be read', () => {
    const found = plan(node({ config: '[' }), running());
    expect(found.changes).toEqual([]);
    expect(buildNodeStatus(node({ config: '[' }), found, undefined).phase).toBe('Failed');
  });

  test('keeps its ports when their entries were lost', () => {
    const [change] = plan(node(), running(node(), { nginx: nginx() })).changes;
    expect((change as { patch: object }).patch).toMatchObject({ data: { 9000: 'team/node-1:9000' } });
  });

  test('is stopped where another node has its identity now', () => {
    const found = plan(node(), running(node(), { identities: [identity('other')] }));
    expect(lines(found.changes)).toEqual(['replace Deployment node-1']);
    expect(found.problems[0]?.reason).toBe('IdentityLost');
  });

  test('keeps its identity whatever its name is set to', () => {
    const found = plan(node({ identityName: 'pool-2' }), running());
    expect(found.identityName).toBe('pool-1');
    expect(found.problems.map(({ reason }) => reason)).toContain('IdentityNotChanged');
  });

  test('is not touched while it is paused', () => {
    const paused = node({ version: '2.2.0' }, { annotations: { 'nodewright.dev/paused': 'true' } });
    expect(plan(paused, running()).changes).toEqual([]);
  });

  test('is stopped by enabled: false, and keeps everything else', () => {
    const off = node({ enabled: false });
    const changes = plan(off, running()).changes.filter(({ type }) => type.kind === 'Deployment');
    expect(changes).toMatchObject([{ verb: 'patch', patch: { spec: { replicas: 0 } } }]);
    const stopped = plan(off, running(off, { pods: [] }));
    expect(buildNodeStatus(off, stopped, undefined)).toMatchObject({ phase: 'Stopped', identityName: 'pool-1' });
  });
});

describe('the end of a node', () => {
  const going = node({}, { deletionTimestamp: '2026-01-02T00:00:00Z', finalizers: ['x/y', FINALIZER] });

  test('in the order of the HOPR operator; what makes pods keeps its name until they are gone', () => {
    const { changes } = plan(going, running(going));
    expect(lines(changes)).toEqual([
      'patch ConfigMap ingress-nginx-tcp',
      'patch ConfigMap ingress-nginx-udp',
      'delete Ingress node-1',
      'delete Service node-1',
      'delete Deployment node-1',
    ]);
    expect(changes.at(-1)).toMatchObject({ propagation: 'Foreground' });
  });

  const gone = { deployment: undefined, ingress: undefined, services: [], nginx: nginx() };

  test('its identity stays its own until the last pod has ended', () => {
    expect(plan(going, running(going, gone)).changes).toEqual([]);
    const { changes } = plan(going, running(going, { ...gone, pods: [] }));
    expect(changes).toMatchObject([
      { key: { name: 'pool-1' }, patch: { status: { phase: 'Ready', hoprdNodeName: null } } },
    ]);
  });

  test('then it may go; the finalizers of others stay', () => {
    const { changes } = plan(going, observed({ identities: [identity()] }));
    expect(changes).toMatchObject([{ patch: { metadata: { finalizers: ['x/y'] } } }]);
  });
});
