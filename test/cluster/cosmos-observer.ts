/** Looks at the nodes of a CosmosFullNode from outside all the time, while something is done to it. */
import type { Pod } from '../../src/kube/objects.ts';
import { statusOf } from './chain.ts';
import { nodePods } from './cosmos-nodes.ts';
import { isReady, type Place } from './kind-access.ts';
import { observe, type Sample } from './observer.ts';

type Look = {
  /** Names of the pods that nobody has told to stop and whose RPC said that they are in sync. */
  inSync: string[];
  /** Names of the pods that the kubelet calls Ready and nobody has told to stop. */
  ready: string[];
};

export type Observation = {
  samples: readonly Sample<Look>[];
  /** The fewest at any time. */
  fewestInSync: number;
  fewestReady: number;
};

/** Starts to look at who serves; `stop` says what was seen. */
export function observeNodes(place: Place): { stop(): Promise<Observation> } {
  const observer = observe(() => lookAt(place));
  return {
    async stop() {
      const samples = await observer.stop();
      return {
        samples,
        fewestInSync: Math.min(...samples.map(({ inSync }) => inSync.length)),
        fewestReady: Math.min(...samples.map(({ ready }) => ready.length)),
      };
    },
  };
}

async function lookAt(place: Place): Promise<Look> {
  const staying = (await nodePods(place)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
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
