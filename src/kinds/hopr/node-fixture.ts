/** For tests: a node with everything that the cluster has of it. */
import type { ConfigMap, Deployment, KubeObject, Pod, Service } from '../../kube/objects.ts';
import { type Change, formatChange } from '../../reconcile/change.ts';
import { buildNodeChildren } from './desired/children.ts';
import { type NodeObserved, observeNothing } from './node-observed.ts';
import { planNode } from './node-plan.ts';
import { withOwner } from './ownership.ts';
import type { Hoprd, HoprdSpec, IdentityHoprd, IdentityPool } from './schema.ts';
import { writtenHoprd, writtenIdentity, writtenPool, writtenSettings } from './written-resources.ts';

const settings = writtenSettings();
const NOW = new Date('2026-01-02T03:04:05Z');
const context = { now: NOW, settings, residues: new Map<string, string>() };
export const FINALIZER = 'hoprds.hoprnet.org/finalizer';
export const stamp = { updateTimestamp: '2026-01-01T00:00:00Z', checksum: 'x' };

const pool: IdentityPool = { ...writtenPool(), status: { ...stamp, phase: 'Ready', size: 1, locked: 0 } };

export function identity(holder?: string, name = 'pool-1'): IdentityHoprd {
  const phase = holder === undefined ? 'Ready' : 'InUse';
  return { ...writtenIdentity({}, name), status: { ...stamp, phase, hoprdNodeName: holder } };
}

export function node(changes: Partial<HoprdSpec> = {}, metadata: object = {}): Hoprd {
  const hoprd = writtenHoprd(changes);
  return { ...hoprd, metadata: { ...hoprd.metadata, finalizers: [FINALIZER], ...metadata } };
}

export function configMap(name: string, data: Record<string, string> = {}): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'ingress-nginx', resourceVersion: '9' },
    data,
  };
}

export const opened = Object.fromEntries(
  Array.from({ length: 10 }, (_, index) => [9000 + index, `team/node-1:${9000 + index}`]),
);
export const nginx = (data: Record<string, string> = {}) => ({
  tcp: configMap('ingress-nginx-tcp', data),
  udp: configMap('ingress-nginx-udp', data),
});

export function observed(changes: Partial<NodeObserved> = {}): NodeObserved {
  return { ...observeNothing(), pool, identities: [identity()], nginx: nginx(), ...changes };
}

/** Everything that a node has, as the API server would hold it. */
export function running(hoprd = node(), changes: Partial<NodeObserved> = {}): NodeObserved {
  const held = identity(hoprd.metadata.name);
  const ports = { start: 9000, count: 10 };
  const input = { hoprd, pool, identity: held, host: settings.ingress.loadBalancerIp, ports, settings };
  const made = buildNodeChildren(input).map((child) =>
    withOwner(hoprd, { ...child, metadata: { ...child.metadata, uid: child.kind } }),
  );
  const find = <T extends KubeObject>(kind: string) => made.find((child) => child.kind === kind) as T;
  const deployment = { ...find<Deployment>('Deployment'), status: { readyReplicas: 1 } };
  return observed({
    identities: [held],
    nginx: nginx(opened),
    deployment,
    ingress: find('Ingress'),
    services: [find<Service>('Service')],
    pods: [podOf(deployment)],
    ...changes,
  });
}

/** Scaled down, as its controller has seen it. */
export function stopped(hoprd: Hoprd, changes: Partial<NodeObserved> = {}): NodeObserved {
  const state = running(hoprd, { pods: [], ...changes });
  const { metadata, spec } = state.deployment as Deployment;
  const deployment = {
    ...(state.deployment as Deployment),
    metadata: { ...metadata, generation: 2 },
    spec: { ...spec, replicas: 0 },
    status: { replicas: 0, observedGeneration: 2 },
  } as Deployment;
  return { ...state, deployment };
}

function podOf({ metadata, spec }: Deployment): Pod {
  const labels = spec?.template.metadata?.labels ?? {};
  return {
    ...{ apiVersion: 'v1', kind: 'Pod', spec: spec?.template.spec, status: { phase: 'Running' } },
    metadata: { name: `${metadata.name}-abc`, namespace: 'team', labels },
  } as Pod;
}

export const lines = (changes: Change[]) => changes.map((change) => formatChange(change).split(':')[0]);
export const plan = (hoprd: Hoprd, state: NodeObserved) => planNode(hoprd, state, context);
