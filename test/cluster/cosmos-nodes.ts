/** CosmosFullNodes and their objects as tests make and see them. */
import {
  COSMOS_FULL_NODES,
  type CosmosFullNode,
  type CosmosFullNodeSpec,
} from '../../src/kinds/cosmos-full-node/schema.ts';
import type { PersistentVolumeClaim } from '../../src/kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '../../src/kube/resource-types.ts';
import { statusOf } from './chain.ts';
import { kube, kubectl } from './cluster-access.ts';
import { CHAIN_ID, type CosmosChain, SIMD_IMAGE } from './cosmos-chain.ts';
import { eventually } from './eventually.ts';
import { accessTo, conditionOf, isReady, type Place } from './kind-access.ts';
import { type SiteOptions, useSite } from './site.ts';

/** Peers have addresses of a cluster, and all of them that of one machine, as a chain's nodes in the world do not. */
export const CLUSTER_PEERS = '[p2p]\naddr_book_strict = false\nallow_duplicate_ip = true\n';

const HOME = '/home/operator/cosmos';

/** Ready a second after it is, instead of up to ten. A file whose pods are as they are by default gives a pod template without it. */
const FAST_PROBES = ['node', 'healthcheck'].map((name) => ({ name, readinessProbe: { periodSeconds: 1 } }));

const fullNodes = accessTo<CosmosFullNode>(
  COSMOS_FULL_NODES,
  ({ name }) => `app.kubernetes.io/name=${name},app.kubernetes.io/component=CosmosFullNode`,
);
export const { lifeOfPods, nodePod, nodePods, patchSpec, untilCondition, untilMoreBlocks } = fullNodes;
export const { get: getFullNode, remove: deleteFullNode } = fullNodes;

/** Like useSite, for CosmosFullNodes. */
export function useCosmosSite(name: string, options: Pick<SiteOptions, 'operator' | 'chartSettings'> = {}) {
  // Adopted pods keep the security context that they have always had, which is not that of the restricted profile.
  return useSite(name, { ...options, type: COSMOS_FULL_NODES, podSecurity: 'baseline' });
}

type Chain = CosmosFullNodeSpec['chain'];
/** The parts of a spec in which tests differ. Members of `chain` come on top of the others'. */
type SpecParts = Partial<Omit<CosmosFullNodeSpec, 'chain'>> & { chain?: Partial<Chain> };

/** Three nodes that follow the chain from its genesis, unless the parts say otherwise. */
function fullNodeOf(place: Place, fixture: CosmosChain, parts: SpecParts = {}): CosmosFullNode {
  const { chain, ...rest } = parts;
  return {
    apiVersion: 'cosmos.strange.love/v1',
    kind: 'CosmosFullNode',
    metadata: { ...place },
    spec: {
      replicas: 3,
      strategy: { maxUnavailable: 1 },
      chain: {
        chainID: CHAIN_ID,
        network: 'testnet',
        binary: 'simd',
        config: { peers: fixture.peer, overrides: CLUSTER_PEERS },
        app: { minGasPrice: '0stake' },
        genesisURL: fixture.url('genesis.json'),
        ...chain,
      },
      podTemplate: { image: SIMD_IMAGE, imagePullPolicy: 'IfNotPresent', containers: FAST_PROBES },
      volumeClaimTemplate: { storageClassName: 'local-path', resources: { requests: { storage: '64Mi' } } },
      service: { maxP2PExternalAddresses: 0 },
      ...rest,
    },
  };
}

export function createFullNode(place: Place, fixture: CosmosChain, parts: SpecParts = {}): Promise<CosmosFullNode> {
  return kube.create(COSMOS_FULL_NODES, fullNodeOf(place, fixture, parts));
}

/** Waits until this many nodes are in sync and Ready, by what the resource says, what the kubelet says and what they say themselves. */
export function untilInSync(place: Place, replicas: number, seconds = 180): Promise<CosmosFullNode> {
  return eventually(seconds, async () => {
    const fullNode = await getFullNode(place);
    const { metadata, status } = fullNode;
    const ready = conditionOf(fullNode, 'Ready');
    if (
      ready?.status !== 'True' ||
      status?.observedGeneration !== metadata.generation ||
      status?.phase !== 'Complete'
    ) {
      throw new Error(`CosmosFullNode ${place.name} is ${status?.phase}, not ready: ${ready?.message}`);
    }
    const pods = await nodePods(place);
    const wrong = pods.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata.name);
    if (pods.length !== replicas || wrong.length > 0) {
      throw new Error(`${place.name} has ${pods.length} pods of ${replicas}; not Ready: ${wrong.join(', ')}`);
    }
    for (const pod of pods) {
      const { sync_info } = await statusOf(pod);
      const { name } = pod.metadata;
      if (sync_info.catching_up) throw new Error(`${name} catches up at height ${sync_info.latest_block_height}`);
      if (status.sync?.[name]?.inSync !== true) throw new Error(`${name} is not in sync in the status`);
    }
    return fullNode;
  });
}

/** The ids of the nodes, by name of the pod, as they say themselves. */
export async function nodeIds(place: Place): Promise<Record<string, string>> {
  const pods = await nodePods(place);
  const ids = await Promise.all(
    pods.map(async (pod) => [pod.metadata.name, (await statusOf(pod)).node_info.id] as const),
  );
  return Object.fromEntries(ids);
}

export function claimOf(place: Place, ordinal: number): Promise<PersistentVolumeClaim | undefined> {
  const name = `pvc-${place.name}-${ordinal}`;
  return kube.get(PERSISTENT_VOLUME_CLAIMS, { namespace: place.namespace, name });
}

export async function claimUid(place: Place, ordinal: number): Promise<string> {
  const claim = await claimOf(place, ordinal);
  if (claim === undefined) throw new Error(`claim ${ordinal} of ${place.name} does not exist`);
  return claim.metadata.uid as string;
}

/** Runs a command in a node's container; a path without a slash at its start is one below the chain's home. */
export async function inNode(place: Place, ordinal: number, script: string): Promise<string> {
  const { namespace, name } = place;
  const args = ['--container', 'node', '--', 'sh', '-euc', `cd ${HOME}; ${script}`];
  return (await kubectl('exec', '--namespace', namespace, `${name}-${ordinal}`, ...args)).trim();
}

/** What an init container of a node has written, in this run or in the one before. */
export async function initLog(place: Place, ordinal: number, container: string): Promise<string> {
  const args = ['logs', '--namespace', place.namespace, `${place.name}-${ordinal}`, '--container', container];
  return `${await kubectl(...args, '--previous').catch(() => '')}${await kubectl(...args).catch(() => '')}`;
}

/** The events of a resource as `reason: note`; an event that happened several times counts once. */
export async function eventsOf(place: Place): Promise<string[]> {
  return (await fullNodes.events(place)).map(({ reason, note }) => `${reason}: ${note}`);
}
