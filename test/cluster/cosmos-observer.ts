/** Looks at the nodes of a CosmosFullNode from outside all the time, while something is done to it. */
import { COSMOS_FULL_NODES, type CosmosFullNode } from '../../src/kinds/cosmos-full-node/schema.ts';
import type { Pod } from '../../src/kube/objects.ts';
import { askNode, statusOf } from './chain.ts';
import { kube } from './cluster-access.ts';
import { nodePods } from './cosmos-nodes.ts';
import { conditionOf, isReady, type Place } from './kind-access.ts';
import { LOOK_MS, type Observer, observe, type Sample } from './observer.ts';

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
export function observeNodes(place: Place): { samples: readonly Sample<Look>[]; stop(): Promise<Observation> } {
  const observer = observe(() => lookAt(place));
  return {
    samples: observer.samples,
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
  // Without it there may be no address, and the wait for an answer would be a long look away from the others.
  if (nodeStatusOf(pod)?.state?.running === undefined) return false;
  return !(await statusOf(pod, LOOK_MS)).sync_info.catching_up;
}

/** A node as its pod and its RPC show it at one moment. */
export type VersionLook = {
  pod: string;
  uid: string;
  /** Of the container `node`. */
  image: string;
  /** Whether the process of the node has ever been started in this pod. */
  started: boolean;
  /** The last block that the application has committed; undefined while the node does not answer. */
  committed: number | undefined;
};

/** Starts to look at which node has which image at which height. */
export function observeVersions(place: Place): Observer<{ nodes: VersionLook[] }> {
  return observe(async () => ({ nodes: await Promise.all((await nodePods(place)).map(versionOf)) }));
}

/** Follows what the condition Ready says, from now on: also words that stand for less time than a look takes. */
export function followReadyMessages({ namespace, name }: Place): { messages: readonly string[]; stop(): void } {
  const messages: string[] = [];
  const stop = new AbortController();
  const options = { namespace, resourceVersion: '', timeoutSeconds: 1800, signal: stop.signal };
  const follow = async () => {
    while (!stop.signal.aborted) {
      for await (const { type, object } of kube.watch<CosmosFullNode>(COSMOS_FULL_NODES, options)) {
        if (type === 'BOOKMARK' || object.metadata.name !== name) continue;
        messages.push(conditionOf(object, 'Ready')?.message ?? '');
      }
    }
  };
  follow().catch((error: Error) => messages.push(`not followed any more: ${error.message}`));
  return { messages, stop: () => stop.abort() };
}

async function versionOf(pod: Pod): Promise<VersionLook> {
  const { state, restartCount = 0 } = nodeStatusOf(pod) ?? {};
  return {
    pod: pod.metadata.name,
    uid: pod.metadata.uid as string,
    image: pod.spec?.containers.find(({ name }) => name === 'node')?.image as string,
    started: state?.running !== undefined || state?.terminated !== undefined || restartCount > 0,
    committed: state?.running === undefined ? undefined : await committedHeight(pod, LOOK_MS).catch(() => undefined),
  };
}

/** What `/status` calls the latest block may not have been committed: an application that has halted refuses it. */
export async function committedHeight(pod: Pod, timeoutMs?: number): Promise<number> {
  const { response } = await askNode<{ response: { last_block_height?: string } }>(pod, '/abci_info', timeoutMs);
  return Number(response.last_block_height ?? 0);
}

function nodeStatusOf({ status }: Pod) {
  return status?.containerStatuses?.find(({ name }) => name === 'node');
}
