/** For tests: a CosmosFullNode that has come to rest, made by carrying out its own plans on plain maps. */
import { createHash } from 'node:crypto';
import type { KubeObject, Pod } from '../../kube/objects.ts';
import { type Change, formatChange } from '../../reconcile/change.ts';
import type { PodSecurity } from '../../reconcile/pod-security.ts';
import type { Reading } from './node.ts';
import { childrenOf, type Observed, observeNothing } from './observe.ts';
import { type Plan, planFullNode } from './plan.ts';
import type { CosmosFullNode, CosmosFullNodeSpec } from './schema.ts';
import { buildStatus, type OwnStatus } from './status.ts';

export const NOW = new Date('2026-01-02T03:04:05Z');
const AGENT = 'nodewright:v1';
const SINCE = '2026-01-02T02:00:00Z';

export type SettledFullNode = {
  fullNode: CosmosFullNode;
  observed: Observed;
  agentImage: string;
  podSecurity?: PodSecurity;
};

export function emptyFullNode(spec: Partial<CosmosFullNodeSpec> = {}): SettledFullNode {
  return {
    fullNode: {
      apiVersion: 'cosmos.strange.love/v1',
      kind: 'CosmosFullNode',
      metadata: { name: 'hub', namespace: 'chains', uid: 'uid-of-hub', generation: 1 },
      spec: {
        replicas: 4,
        strategy: { maxUnavailable: 1 },
        chain: { chainID: 'hub-1', network: 'mainnet', binary: 'gaiad', app: { minGasPrice: '0.1uatom' } },
        podTemplate: { image: 'gaia:v1' },
        volumeClaimTemplate: { storageClassName: 'fast', resources: { requests: { storage: '10Gi' } } },
        service: { maxP2PExternalAddresses: 0 },
        ...spec,
      },
    },
    observed: observeNothing(),
    agentImage: AGENT,
  };
}

/** Carries plans out until nothing changes any more, with every node in sync. */
export function settledFullNode(spec: Partial<CosmosFullNodeSpec> = {}): SettledFullNode {
  const settled = emptyFullNode(spec);
  settle(settled);
  return settled;
}

export function settle(settled: SettledFullNode): void {
  for (let pass = 0; pass < 12; pass++) {
    const plan = planOf(settled);
    if (plan.changes.length === 0 && pass > 0) return;
    carryOut(settled, plan.changes);
    for (const name of settled.observed.pods.keys()) run(settled, name);
  }
  throw new Error(`does not settle: ${sentencesOf(settled).join('; ')}`);
}

export function planOf({ fullNode, observed, ...options }: SettledFullNode): Plan {
  let count = 0;
  return planFullNode(fullNode, observed, {
    now: NOW,
    random: (size) => createHash('sha512').update(`${observed.configMaps.size} ${count++}`).digest().subarray(0, size),
    options: { operatorNamespace: 'nodewright', ...options },
    residues: new Map(),
  });
}

export function statusOf(settled: SettledFullNode, failure?: string): OwnStatus {
  return buildStatus(settled.fullNode, {
    plan: planOf(settled),
    failure,
    now: NOW,
    options: { operatorNamespace: 'nodewright' },
  });
}

/** The changes as `plan` prints them. */
export function sentencesOf(settled: SettledFullNode): string[] {
  return planOf(settled).changes.map(formatChange);
}

export function problemsOf(settled: SettledFullNode): string[] {
  return planOf(settled).problems.map(({ reason, message }) => `${reason}: ${message}`);
}

export function waitsOf(settled: SettledFullNode): string[] {
  return planOf(settled).waits.map(({ what, why }) => `${what}: ${why}`);
}

export function carryOut({ observed }: SettledFullNode, changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.verb === 'broadcast') continue;
    const children = childrenOf(observed, change.type) as Map<string, KubeObject>;
    const { name } = change.key;
    if (change.verb === 'delete') children.delete(name);
    else if (change.verb === 'patch') children.set(name, merge(children.get(name), change.patch) as KubeObject);
    else
      children.set(
        name,
        merge({ metadata: { uid: `uid-of-${change.type.plural}-${name}` } }, change.object) as KubeObject,
      );
  }
}

/** The pod runs, and its node is in sync at height 100. */
export function run(settled: SettledFullNode, podName: string, reading: Partial<Reading> = {}): void {
  const { observed } = settled;
  const pod = observed.pods.get(podName) as Pod;
  const status = {
    phase: 'Running',
    podIP: '10.0.0.1',
    startTime: SINCE,
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [{ name: 'node', state: { running: { startedAt: SINCE } }, restartCount: 0 }],
  };
  (observed.pods as Map<string, Pod>).set(podName, { ...pod, status } as unknown as Pod);
  (observed.readings as Map<string, Reading>).set(pod.metadata.uid as string, { ...IN_SYNC, ...reading });
}

const IN_SYNC: Reading = {
  at: NOW.getTime(),
  since: NOW.getTime() - 3_600_000,
  answer: {
    status: { latestHeight: 100, catchingUp: false, latestBlockTime: NOW.toISOString() },
    peers: 3,
    dueVersion: undefined,
  },
  error: undefined,
  advancedAt: NOW.getTime(),
  stallAfterMs: 120_000,
};

/** A node that answers and catches up. */
export const CATCHING_UP: Partial<Reading> = {
  answer: {
    status: { latestHeight: 50, catchingUp: true, latestBlockTime: SINCE },
    peers: 3,
    dueVersion: undefined,
  },
};

/** A node at this height that last made a block so many milliseconds ago. */
export function atHeight(latestHeight: number, quietMs = 0): Partial<Reading> {
  return {
    answer: {
      status: { latestHeight, catchingUp: false, latestBlockTime: SINCE },
      peers: 3,
      dueVersion: undefined,
    },
    advancedAt: NOW.getTime() - quietMs,
  };
}

/** The resource with another spec. */
export function change(settled: SettledFullNode, spec: Partial<CosmosFullNodeSpec>): SettledFullNode {
  Object.assign(settled.fullNode.spec, spec);
  return settled;
}

function merge(target: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch;
  const merged: Record<string, unknown> = { ...(target as object) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else if (value !== undefined) merged[key] = merge(merged[key], value);
  }
  return merged;
}
