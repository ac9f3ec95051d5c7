/** What is wrong in the fleet that never was, and what the operator would do about it. */
import type { EventView, PlanView } from '../../src/dashboard/wire.ts';
import type { NodeView, ResourceView } from '../../src/kinds/node-view.ts';
import type { Part } from './synthetic-fleet.ts';

type Trouble = Pick<Part, 'phase' | 'conditions' | 'annotations'> & {
  nodes?: Record<number, (height: number, now: Date, begin: number) => Partial<NodeView>>;
  snapshots?(now: Date): ResourceView['snapshots'];
};

export const FULL_NODE_TROUBLES: Record<string, Trouble> = {
  'cosmoshub-rpc-1': {
    phase: 'Progressing',
    conditions: [
      {
        type: 'Ready',
        status: 'False',
        reason: 'NodesNotInSync',
        message: 'cosmoshub-rpc-1-2 is CatchingUp (at height 24918211)',
      },
      {
        ...{ type: 'Progressing', status: 'True', reason: 'Restarting' },
        message:
          'cosmoshub-rpc-1-2: image ghcr.io/cosmos/gaia:v25.0.0 → ghcr.io/cosmos/gaia:v25.1.0; restart of Pod cosmoshub-rpc-1-3: 1 of 1 allowed down, cosmoshub-rpc-1-2 is not in sync yet; restart of Pod cosmoshub-rpc-1-4: 1 of 1 allowed down, cosmoshub-rpc-1-2 is not in sync yet',
      },
    ],
    nodes: {
      2: (height, now, begin) => {
        const behind = Math.max(12, 190 - Math.floor((now.getTime() - begin) / 900));
        return {
          ...BUSY,
          state: 'CatchingUp',
          height: height - behind,
          peers: 9,
          startedAt: new Date(begin - 95_000).toISOString(),
        };
      },
      3: () => ({ image: 'ghcr.io/cosmos/gaia:v25.0.0' }),
      4: () => ({ image: 'ghcr.io/cosmos/gaia:v25.0.0' }),
    },
    snapshots: (now) => [
      {
        ...{ name: 'cosmoshub-rpc-1-0-upgrade-24918000', state: 'Ready', size: '820Gi', verified: true },
        at: new Date(now.getTime() - 2.2 * 3_600_000).toISOString(),
      },
    ],
  },
  'osmosis-archive-1': {
    phase: 'TransientError',
    conditions: [
      {
        ...{ type: 'Ready', status: 'False', reason: 'NodesNotInSync' },
        message:
          'osmosis-archive-1-1 is Failed (container node: CrashLoopBackOff; it ended with exit code 1: panic: failed to open leveldb: corrupted block in table)',
      },
      {
        type: 'CorruptData',
        status: 'True',
        reason: 'Recovering',
        message: 'osmosis-archive-1-1: its volume is made anew from snapshot osmosis-archive-1-202611201200',
      },
    ],
    nodes: {
      1: (height) => ({
        ...{ state: 'Failed', health: 'bad', inSync: false, height: height - 5210, peers: undefined, restarts: 7 },
        words:
          'container node: CrashLoopBackOff; it ended with exit code 1: panic: failed to open leveldb: corrupted block in table',
      }),
    },
  },
  'celestia-sentry-1': {
    phase: 'Progressing',
    conditions: [
      {
        type: 'Ready',
        status: 'False',
        reason: 'NodesNotInSync',
        message: 'celestia-sentry-1-0 is Unreachable (RPC: connect ECONNREFUSED 10.42.3.18:26657)',
      },
    ],
    nodes: {
      0: () => ({
        state: 'Unreachable',
        health: 'bad',
        inSync: false,
        height: undefined,
        peers: undefined,
        words: 'RPC: connect ECONNREFUSED 10.42.3.18:26657',
      }),
    },
  },
  'juno-rpc-1': { phase: 'Paused', annotations: { 'nodewright.dev/paused': 'true' } },
  'dydx-index-1': {
    conditions: [
      {
        ...{ type: 'UpdatePending', status: 'True', reason: 'WaitsForRestart' },
        message:
          'the next restart of dydx-index-1-0, dydx-index-1-1 brings another form of the pod; nothing is restarted for it. To do it now, set the annotation nodewright.dev/restartedAt to the current time',
      },
    ],
    nodes: {
      0: () => ({ updatePending: 'another form of the pod' }),
      1: () => ({ updatePending: 'another form of the pod' }),
    },
  },
};

export const BUSY = { health: 'busy', inSync: false } as const;

export function planOf(name: string): PlanView {
  if (name !== 'cosmoshub-rpc-1') return { changes: [], waits: [], problems: [] };
  const why = 'image ghcr.io/cosmos/gaia:v25.0.0 → ghcr.io/cosmos/gaia:v25.1.0';
  return {
    changes: [
      { verb: 'update', kind: 'ConfigMap', name: `${name}-3`, why: 'persistent_peers changed', disrupts: false },
      { verb: 'replace', kind: 'Pod', name: `${name}-3`, why: `${why}; 1 of 1 allowed down`, disrupts: true },
    ],
    waits: [{ what: `restart of Pod ${name}-4`, why: `${why}: waits for ${name}-3` }],
    problems: [],
  };
}

export function eventsOf(name: string, now: Date): EventView[] {
  const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();
  return [
    {
      at: ago(40),
      type: 'Normal',
      reason: 'RestartingPod',
      note: `${name}-2: image v25.0.0 → v25.1.0`,
      about: `CosmosFullNode ${name}`,
      count: 1,
    },
    {
      at: ago(95),
      type: 'Warning',
      reason: 'Unhealthy',
      note: 'Readiness probe failed: the node is catching up',
      about: `Pod ${name}-2`,
      count: 6,
    },
    {
      at: ago(400),
      type: 'Normal',
      reason: 'InSync',
      note: `${name}-1 is in sync again after its restart`,
      about: `CosmosFullNode ${name}`,
      count: 1,
    },
  ];
}
