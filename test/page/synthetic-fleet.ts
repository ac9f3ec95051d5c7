/** A fleet that never was, of about a thousand nodes of all kinds, which makes blocks and has its share of troubles. */

import type { Fleet } from '../../src/dashboard/server/fleet.ts';
import { type NodeView, type ResourceView, viewResource } from '../../src/kinds/node-view.ts';
import type { Condition } from '../../src/kube/objects.ts';

import { BUSY, eventsOf, FULL_NODE_TROUBLES, planOf } from './troubles.ts';

const DAY_MS = 86_400_000;

export type Part = {
  apiVersion: string;
  kind: string;
  name: string;
  namespace: string;
  phase?: string;
  conditions?: Partial<Condition>[];
  annotations?: Record<string, string>;
  view(now: Date): Parameters<typeof viewResource>[1];
};

const CHAINS = [
  ['cosmoshub', 'cosmoshub-4', 24_918_400, 6.1, 'ghcr.io/cosmos/gaia:v25.1.0'],
  ['osmosis', 'osmosis-1', 41_207_350, 1.4, 'osmolabs/osmosis:29.0.2'],
  ['celestia', 'celestia', 5_310_020, 6.0, 'ghcr.io/celestiaorg/celestia-app:v4.1.0'],
  ['dydx', 'dydx-mainnet-1', 52_488_100, 1.1, 'dydxprotocol/dydxprotocold:v8.2.0'],
  ['injective', 'injective-1', 118_042_770, 0.7, 'injectivelabs/injective-core:v1.16.4'],
  ['juno', 'juno-1', 27_610_940, 3.0, 'ghcr.io/cosmoscontracts/juno:v28.0.2'],
] as const;
const NETWORKS = ['rollup-a', 'rollup-b', 'staging', 'bridge', 'loadtest'] as const;

export type SyntheticFleet = Fleet & {
  /** Set by a test: shows the fleet to be what it says. */
  change(edit: (views: ResourceView[]) => ResourceView[]): void;
};

/** @param size how many nodes; with 1000 there are some 260 resources */
export function syntheticFleet(size = 1000, now: () => Date = () => new Date()): SyntheticFleet {
  const begin = now().getTime();
  const parts = [
    ...listFullNodes(size * 0.6, begin),
    ...listNetworks(size * 0.28, begin),
    ...listSymbolNodes(size * 0.1, begin),
  ];
  const all = [...parts, ...listHopr(size * 0.02), ...listSnapshots(size * 0.02, begin)];
  let edit = (views: ResourceView[]) => views;
  const find = (name: string) => all.find((part) => part.name === name);
  return {
    operator: () => ({ version: '0.1.0', leads: true, leader: 'nodewright-7c9d8b6f4-x2kqp', missing: [] }),
    views: async () => edit(all.map((part) => viewPart(part, now(), begin))),
    plan: async ({ name }) => (find(name) === undefined ? undefined : planOf(name)),
    events: async ({ name }) => (find(name) === undefined ? undefined : eventsOf(name, now())),
    change(by) {
      edit = by;
    },
  };
}

function viewPart(part: Part, now: Date, begin: number): ResourceView {
  const { apiVersion, kind, name, namespace, annotations = {}, phase = 'Running', conditions = [] } = part;
  const creationTimestamp = new Date(begin - 90 * DAY_MS).toISOString();
  const all: Partial<Condition>[] = [
    { type: 'Ready', status: 'True', reason: 'AllInSync', message: 'all nodes are in sync' },
    { type: 'Progressing', status: 'False', reason: 'UpToDate', message: 'nothing is to be done' },
    { type: 'SpecValid', status: 'True', reason: 'Valid', message: 'everything in the spec can be done' },
  ];
  const told = [...all.filter(({ type }) => !conditions.some((other) => other.type === type)), ...conditions];
  const object = {
    ...{ apiVersion, kind, metadata: { name, namespace, annotations, creationTimestamp } },
    status: {
      phase,
      conditions: told.map((condition) => ({
        lastTransitionTime: new Date(begin - 3_600_000).toISOString(),
        ...condition,
      })),
    },
  };
  return viewResource(object, part.view(now));
}

function heightAt(start: number, secondsPerBlock: number, begin: number, now: Date): number {
  return start + Math.floor((now.getTime() - begin) / 1000 / secondsPerBlock);
}

function node(name: string, height: number, index: number, more: Partial<NodeView> = {}): NodeView {
  return {
    ...{ name, pod: name, role: 'full', state: 'InSync', health: 'good', inSync: true, height },
    ...{ peers: 24 + ((index * 7) % 19), restarts: index % 23 === 0 ? 1 : 0, startedAt: '2026-01-02T03:04:05Z' },
    ...more,
  };
}

function listFullNodes(count: number, begin: number): Part[] {
  const replicas = 5;
  return Array.from({ length: Math.floor(count / replicas) }, (_, index): Part => {
    const [chain, chainId, start, pace, image] = CHAINS[index % CHAINS.length] as (typeof CHAINS)[number];
    const round = Math.floor(index / CHAINS.length);
    const name = `${chain}-${['rpc', 'archive', 'sentry', 'index', 'api'][round % 5]}-${Math.floor(round / 5) + 1}`;
    const trouble = FULL_NODE_TROUBLES[name];
    return {
      ...{ apiVersion: 'cosmos.strange.love/v1', kind: 'CosmosFullNode', name, namespace: `chain-${chain}` },
      phase: trouble?.phase ?? 'Complete',
      conditions: trouble?.conditions ?? [],
      annotations: trouble?.annotations ?? {},
      view(now) {
        const height = heightAt(start, pace, begin, now);
        const nodes = Array.from({ length: replicas }, (_, ordinal) =>
          // Nodes are asked one after the other: some have not told their last block yet.
          node(`${name}-${ordinal}`, height - ((ordinal + index) % 4 === 3 ? 1 : 0), index + ordinal, {
            image,
            diskUsed: 41 + ((index * 5 + ordinal * 3) % 40),
            ...trouble?.nodes?.[ordinal]?.(height, now, begin),
          }),
        );
        const facts = [
          { label: 'network', value: 'mainnet' },
          { label: 'type', value: 'FullNode' },
        ];
        const snapshots = trouble?.snapshots?.(now) ?? [];
        return { chain: chainId, height, nodes, facts, snapshots };
      },
    };
  });
}

function listNetworks(count: number, begin: number): Part[] {
  const size = 7;
  return Array.from({ length: Math.floor(count / size) }, (_, index): Part => {
    const name = `${NETWORKS[index % NETWORKS.length]}-${Math.floor(index / NETWORKS.length) + 1}`;
    const isHalted = name === 'loadtest-2';
    const quorum: Partial<Condition> = isHalted
      ? {
          type: 'Quorum',
          status: 'False',
          reason: 'PowerMissing',
          message: 'no block since height 1204332: 40 of 70 voting power is up, and blocks need 47',
        }
      : {
          type: 'Quorum',
          status: 'True',
          reason: 'BlocksAdvance',
          message: 'blocks are made; of the voting power all of it is up, and blocks need 47',
        };
    const notReady = {
      type: 'Ready',
      status: 'False' as const,
      reason: 'NodesNotInSync',
      message:
        'validator-4 is Missing (the pod does not exist); validator-5 is Missing (the pod does not exist); validator-6 is Missing (the pod does not exist)',
    };
    return {
      ...{ apiVersion: 'nodewright.dev/v1alpha1', kind: 'TendermintNetwork', name, namespace: 'networks' },
      phase: isHalted ? 'Halted' : 'Running',
      conditions: [quorum, ...(isHalted ? [notReady] : [])],
      view(now) {
        const height = isHalted ? 1_204_332 : heightAt(300_000 + index * 40_417, 1, begin, now);
        const nodes = Array.from({ length: size }, (_, ordinal) => {
          const isMissing = isHalted && ordinal > 3;
          const view = node(`validator-${ordinal}`, height, index + ordinal, {
            ...{
              role: 'validator',
              power: 10,
              image: 'cometbft/cometbft:v0.38.26',
              version: '0.38.26',
              peers: size - 1,
            },
            pod: `${name}-validator-${ordinal}`,
          });
          return isMissing
            ? {
                ...view,
                state: 'Missing',
                health: 'bad' as const,
                inSync: false,
                height: undefined,
                peers: undefined,
                words: 'the pod does not exist',
              }
            : isHalted
              ? {
                  ...view,
                  state: 'Stalled',
                  health: 'bad' as const,
                  inSync: false,
                  words: `no block since height ${height}`,
                }
              : view;
        });
        return { chain: `${name}-chain`, height, nodes };
      },
    };
  });
}

function listSymbolNodes(count: number, begin: number): Part[] {
  return Array.from({ length: Math.floor(count) }, (_, index): Part => {
    const name = `symbol-${index + 1}`;
    const endsSoon = index === 3;
    const isBehind = index === 8;
    const message = endsSoon
      ? 'the node certificate ends in 12 days: ask for new ones with spec.requests.renewCertificates'
      : 'the node certificate ends in 290 days';
    return {
      ...{ apiVersion: 'nodewright.dev/v1alpha1', kind: 'SymbolNode', name, namespace: 'symbol' },
      conditions: [
        { type: 'CertificateValid', status: 'True', reason: endsSoon ? 'ExpiresSoon' : 'Valid', message },
        {
          type: 'Synced',
          status: isBehind ? 'False' : 'True',
          reason: isBehind ? 'Behind' : 'InSync',
          message: isBehind ? '84 blocks behind the network' : 'in sync',
        },
      ],
      view(now) {
        const height = heightAt(4_520_113, 30, begin, now);
        const voting =
          index % 4 === 0
            ? [
                {
                  what: 'voting keys, epoch 4100',
                  health: 'good' as const,
                  words: 'voting keys until epoch 4100, in 118 days',
                },
              ]
            : [];
        return {
          ...{ chain: 'mainnet', height },
          nodes: [
            node(name, isBehind ? height - 84 : height, index, {
              ...{
                role: voting.length > 0 ? 'api harvester voter' : 'api harvester',
                version: '1.0.3.8',
                image: 'symbolplatform/symbol-server:gcc-1.0.3.8',
              },
              ...(isBehind ? { state: 'Behind', ...BUSY, words: '84 blocks behind the network' } : {}),
            }),
          ],
          expiries: [
            { what: 'CA certificate', at: new Date(begin + 6900 * DAY_MS).toISOString(), health: 'good' },
            {
              what: 'node certificate',
              at: new Date(begin + (endsSoon ? 12 : 290) * DAY_MS).toISOString(),
              health: endsSoon ? 'busy' : 'good',
            },
            ...voting,
          ],
          facts: [{ label: 'finalized height', value: String(height - 37) }],
        };
      },
    };
  });
}

function listHopr(count: number): Part[] {
  const base = { apiVersion: 'hoprnet.org/v1alpha2', namespace: 'hopr' };
  const ready = { type: 'Ready', status: 'True' as const, reason: 'Running', message: 'the node is ready' };
  const nodes = Array.from({ length: Math.floor(count) }, (_, index): Part => {
    const name = `core-${index + 1}`;
    const state = {
      name,
      role: 'node',
      state: 'Running',
      health: 'good' as const,
      image: 'hoprnet/hoprd:3.0.1',
      restarts: 0,
    };
    return { ...base, kind: 'Hoprd', name, conditions: [ready], view: () => ({ nodes: [state] }) };
  });
  const facts = [{ label: 'identities', value: `${Math.floor(count) + 4}, of which ${Math.floor(count)} in use` }];
  const pool = {
    ...base,
    kind: 'IdentityPool',
    name: 'rotsee',
    phase: 'Ready',
    view: () => ({ chain: 'rotsee', facts }),
  };
  return [...nodes, pool];
}

function listSnapshots(count: number, begin: number): Part[] {
  return Array.from({ length: Math.floor(count) }, (_, index): Part => {
    const [chain] = CHAINS[index % CHAINS.length] as (typeof CHAINS)[number];
    const name = `${chain}-nightly-${Math.floor(index / CHAINS.length) + 1}`;
    return {
      ...{
        apiVersion: 'cosmos.strange.love/v1alpha1',
        kind: 'ScheduledVolumeSnapshot',
        name,
        namespace: `chain-${chain}`,
      },
      phase: 'WaitingForNext',
      conditions: [
        { type: 'Ready', status: 'True', reason: 'SnapshotReady', message: 'the last snapshot is ready to use' },
      ],
      view: () => ({
        snapshots: Array.from({ length: 3 }, (_, age) => ({
          ...{ name: `${name}-2026112${1 - age}0200`, state: 'Ready' as const, size: '410Gi', verified: true },
          at: new Date(begin - (age + 0.6) * DAY_MS).toISOString(),
        })),
        facts: [
          { label: 'of', value: `CosmosFullNode ${chain}-rpc-1` },
          { label: 'schedule', value: '0 2 * * *' },
          { label: 'next run', value: new Date(begin + 0.4 * DAY_MS).toISOString() },
        ],
      }),
    };
  });
}
