/** Looks at the nodes of a CosmosFullNode from outside all the time, while something is done to it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from '../../src/kube/objects.ts';
import { statusOf } from './chain.ts';
import { isReady, nodePods } from './cosmos-nodes.ts';
import type { Place } from './network.ts';

const INTERVAL_MS = 200;

type Sample = {
  /** Milliseconds since the observer started. */
  at: number;
  /** Names of the pods that nobody has told to stop and whose RPC said that they are in sync. */
  inSync: string[];
  /** Names of the pods that the kubelet calls Ready and nobody has told to stop. */
  ready: string[];
};

export type Observation = {
  samples: Sample[];
  /** The fewest at any time. */
  fewestInSync: number;
  fewestReady: number;
};

/** Starts to look, five times a second; `stop` says what was seen. */
export function observeNodes(place: Place): { stop(): Promise<Observation> } {
  const start = Date.now();
  const samples: Sample[] = [];
  let stopped = false;
  const loop = (async () => {
    while (!stopped) {
      const at = Date.now() - start;
      const pods = await nodePods(place).catch(() => undefined);
      if (pods !== undefined) samples.push({ at, ...(await takeSample(pods)) });
      await sleep(Math.max(0, at + INTERVAL_MS - (Date.now() - start)));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await loop;
      return {
        samples,
        fewestInSync: Math.min(...samples.map(({ inSync }) => inSync.length)),
        fewestReady: Math.min(...samples.map(({ ready }) => ready.length)),
      };
    },
  };
}

async function takeSample(pods: readonly Pod[]): Promise<Omit<Sample, 'at'>> {
  const staying = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const synced = await Promise.all(staying.map((pod) => isInSync(pod).catch(() => false)));
  return {
    inSync: staying.flatMap(({ metadata }, index) => (synced[index] === true ? [metadata.name] : [])),
    ready: staying.flatMap((pod) => (isReady(pod) ? [pod.metadata.name] : [])),
  };
}

async function isInSync(pod: Pod): Promise<boolean> {
  const node = pod.status?.containerStatuses?.find(({ name }) => name === 'node');
  // Without it there may be no address, and the wait for an answer would be a long look away from the others.
  if (node?.state?.running === undefined) return false;
  return !(await statusOf(pod)).sync_info.catching_up;
}
