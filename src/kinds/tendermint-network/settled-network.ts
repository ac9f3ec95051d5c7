/** For tests: a network that has come to rest, made by carrying out its own plans on plain maps. */
import { createHash } from 'node:crypto';
import type { KubeObject, Pod } from '../../kube/objects.ts';
import { LEASES } from '../../kube/resource-types.ts';
import { type Change, formatChange } from '../../reconcile/change.ts';
import { resolveIdentities } from './identities.ts';
import type { Reading } from './node.ts';
import { type Observed, observeNothing } from './observe.ts';
import { type Plan, planNetwork } from './plan.ts';
import { TENDERMINT_NETWORKS, type TendermintNetwork, type TendermintNetworkSpec } from './schema.ts';
import { TYPE_OF_CHILD } from './watched.ts';

export const NOW = new Date('2026-01-02T03:04:05Z');
const OPERATOR_NAMESPACE = 'nodewright';

type Mutable = {
  -readonly [Key in keyof Observed]: Observed[Key] extends ReadonlyMap<string, infer T>
    ? Map<string, T>
    : Observed[Key];
};

export type SettledNetwork = {
  network: TendermintNetwork;
  observed: Mutable;
  /** The powers that the chain has, by name of the node; those of the genesis unless a test changes them. */
  powers: Map<string, bigint>;
};

export function emptyNetwork(spec: Partial<TendermintNetworkSpec> = {}, namespace = 'chains'): SettledNetwork {
  return {
    network: {
      apiVersion: 'nodewright.dev/v1alpha1',
      kind: 'TendermintNetwork',
      metadata: { name: 'demo', namespace, uid: `uid-of-${namespace}`, creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { chainId: 'demo-1', image: 'cometbft:v1', validators: { replicas: 4 }, ...spec },
    },
    observed: observeNothing(),
    powers: new Map(),
  };
}

/** Carries plans out until nothing changes any more, with every node in sync. */
export function settledNetwork(spec: Partial<TendermintNetworkSpec> = {}, namespace = 'chains'): SettledNetwork {
  const settled = emptyNetwork(spec, namespace);
  settle(settled);
  return settled;
}

export function settle(settled: SettledNetwork): void {
  for (let pass = 0; pass < 12; pass++) {
    const plan = planOf(settled);
    if (plan.changes.length === 0 && pass > 0) return;
    carryOut(settled, plan.changes);
    for (const identity of plan.identities.byName.values()) {
      if (identity.member.role === 'validator' && !settled.powers.has(identity.member.name))
        settled.powers.set(identity.member.name, identity.member.power);
    }
    runAll(settled);
  }
  throw new Error(`does not settle: ${planOf(settled).changes.map(formatChange).join('; ')}`);
}

/** The plan; new keys follow from the namespace and the number of those that exist. */
export function planOf({ network, observed }: SettledNetwork, agent = 'nodewright:v1'): Plan {
  return planNetwork(network, observed, {
    now: NOW,
    random: countedRandom(`${network.metadata.namespace}${observed.secrets.size}`),
    options: { operatorNamespace: OPERATOR_NAMESPACE, agentImage: agent },
    residues: new Map(),
  });
}

/** The changes as `plan` prints them. */
export function sentencesOf(settled: SettledNetwork, agent?: string): string[] {
  return planOf(settled, agent).changes.map(formatChange);
}

export function problemsOf(settled: SettledNetwork): string[] {
  return planOf(settled).problems.map(({ reason, message }) => `${reason}: ${message}`);
}

export function waitsOf(settled: SettledNetwork): string[] {
  return planOf(settled).waits.map(({ what, why }) => `${what}: ${why}`);
}

export function carryOut({ network, observed }: SettledNetwork, changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.verb === 'broadcast') continue;
    if (change.type === TENDERMINT_NETWORKS) {
      Object.assign(network.metadata, (change as { patch: { metadata: object } }).patch.metadata);
      continue;
    }
    const map = (change.type === LEASES ? observed.reservations : TYPE_OF_CHILD.get(change.type)?.(observed)) as Map<
      string,
      KubeObject
    >;
    const { name } = change.key;
    if (change.verb === 'delete') map.delete(name);
    else if (change.verb === 'patch') map.set(name, merge(map.get(name), change.patch) as KubeObject);
    else
      map.set(name, merge({ metadata: { uid: `uid-of-${change.type.plural}-${name}` } }, change.object) as KubeObject);
  }
}

/** Every pod runs, and every node is in sync at height 100. */
export function runAll(settled: SettledNetwork): void {
  for (const name of settled.observed.pods.keys()) run(settled, name);
}

export function run(settled: SettledNetwork, podName: string, reading: Partial<Reading> = {}): void {
  const { observed, network } = settled;
  const pod = observed.pods.get(podName) as Pod;
  const status = {
    phase: 'Running',
    podIP: '10.0.0.1',
    startTime: '2026-01-02T02:00:00Z',
    containerStatuses: [{ name: 'node', state: { running: { startedAt: '2026-01-02T02:00:00Z' } }, restartCount: 0 }],
  };
  observed.pods.set(podName, { ...pod, status } as unknown as Pod);
  const identities = resolveIdentities(network, observed, countedRandom(''));
  const validators = [...settled.powers].flatMap(([name, power]) => {
    const validator = identities.byName.get(name)?.validator;
    return validator === undefined
      ? []
      : [{ address: validator.address, publicKeyBase64: validator.publicKeyBase64, power }];
  });
  observed.readings.set(pod.metadata.uid as string, {
    at: NOW.getTime(),
    since: NOW.getTime() - 3_600_000,
    answer: {
      status: { latestHeight: 100, catchingUp: false, nodeId: 'x', latestBlockTime: NOW.toISOString() } as never,
      peers: 3,
      validators,
      signers: validators.map(({ address }) => address),
    },
    error: undefined,
    advancedAt: NOW.getTime(),
    stallAfterMs: 20_000,
    ...reading,
  });
}

function countedRandom(seed: string): (size: number) => Uint8Array {
  let count = 0;
  return (size) => createHash('sha512').update(`${seed}${count++}`).digest().subarray(0, size);
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

/** The network with another spec. */
export const change = (settled: SettledNetwork, spec: Partial<TendermintNetworkSpec>): SettledNetwork => {
  Object.assign(settled.network.spec, spec);
  return settled;
};

/** Somebody has deleted the object, and something still holds it. */
export const deleting = <T extends KubeObject>(map: ReadonlyMap<string, T>, name: string) => {
  const object = map.get(name) as T;
  (map as Map<string, T>).set(name, {
    ...object,
    metadata: { ...object.metadata, deletionTimestamp: NOW.toISOString() },
  });
};

/** Address of the validator of a node. */
export const addressOf = (settled: SettledNetwork, name: string) =>
  planOf(settled).identities.byName.get(name)?.validator?.address ?? '';
