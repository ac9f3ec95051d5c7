/** TendermintNetworks and their objects as tests make and see them. */
import {
  TENDERMINT_NETWORKS,
  type TendermintNetwork,
  type TendermintNetworkSpec,
} from '../../src/kinds/tendermint-network/schema.ts';
import type { Condition, KubeObject, Pod } from '../../src/kube/objects.ts';
import { EVENTS, PODS } from '../../src/kube/resource-types.ts';
import { kube } from './cluster-access.ts';
import { eventually } from './eventually.ts';

export const IMAGE = 'cometbft/cometbft:v0.38.26';
/** The same program under another name: a new image to roll to. */
export const NEXT_IMAGE = 'cometbft/cometbft:v0.38.26-again';
/** A tag that no cluster has. */
export const MISSING_IMAGE = 'cometbft/cometbft:does-not-exist';

/** Where a network is. */
export type Place = { namespace: string; name: string };

/** A network of four validators, unless the spec says otherwise. */
function networkOf(place: Place, spec: Partial<TendermintNetworkSpec> = {}): TendermintNetwork {
  return {
    apiVersion: 'nodewright.dev/v1alpha1',
    kind: 'TendermintNetwork',
    metadata: { ...place },
    spec: {
      chainId: `${place.name}-1`,
      image: IMAGE,
      validators: { replicas: 4 },
      storage: { size: '64Mi' },
      ...spec,
    },
  };
}

export function createNetwork(place: Place, spec: Partial<TendermintNetworkSpec> = {}): Promise<TendermintNetwork> {
  return kube.create(TENDERMINT_NETWORKS, networkOf(place, spec));
}

/** Merges into the spec, as `kubectl patch --type merge` does; null removes a member. */
export function patchSpec(place: Place, spec: object): Promise<TendermintNetwork> {
  return kube.mergePatch(TENDERMINT_NETWORKS, place, { spec });
}

export function annotate(place: Place, annotations: Record<string, string | null>): Promise<TendermintNetwork> {
  return kube.mergePatch(TENDERMINT_NETWORKS, place, { metadata: { annotations } });
}

export async function getNetwork(place: Place): Promise<TendermintNetwork> {
  const network = await kube.get<TendermintNetwork>(TENDERMINT_NETWORKS, place);
  if (network === undefined) throw new Error(`TendermintNetwork ${place.name} does not exist`);
  return network;
}

/** Deletes a network and waits until it is gone. */
export async function deleteNetwork(place: Place): Promise<void> {
  const { metadata } = await getNetwork(place);
  await kube.delete(TENDERMINT_NETWORKS, place, { uid: metadata.uid as string });
  await eventually(60, async () => {
    const left = await kube.get<TendermintNetwork>(TENDERMINT_NETWORKS, place);
    if (left !== undefined) throw new Error(`TendermintNetwork ${place.name} is still there: ${readyMessage(left)}`);
  });
}

/** Waits until the status, of the spec as it is now, says that everything is as asked. */
export function untilReady(place: Place, seconds = 90): Promise<TendermintNetwork> {
  return eventually(seconds, async () => {
    const network = await getNetwork(place);
    const { metadata, status } = network;
    if (status?.observedGeneration !== metadata.generation || conditionOf(network, 'Ready')?.status !== 'True') {
      throw new Error(`TendermintNetwork ${place.name} is not ready: ${readyMessage(network)}`);
    }
    return network;
  });
}

/** Waits for a condition and returns its message. */
export function untilCondition(
  place: Place,
  type: string,
  wanted: { status: Condition['status']; reason?: string },
  seconds = 60,
): Promise<string> {
  return eventually(seconds, async () => {
    const network = await getNetwork(place);
    const found = conditionOf(network, type);
    const is = found?.status === wanted.status && (wanted.reason === undefined || found.reason === wanted.reason);
    if (!is || network.status?.observedGeneration !== network.metadata.generation) {
      throw new Error(`${type} of ${place.name} is not ${JSON.stringify(wanted)} but ${JSON.stringify(found)}`);
    }
    return found.message;
  });
}

export function conditionOf(network: TendermintNetwork, type: string): Condition | undefined {
  return network.status?.conditions?.find((condition) => condition.type === type);
}

function readyMessage(network: TendermintNetwork): string {
  return conditionOf(network, 'Ready')?.message ?? 'no status';
}

export function childSelector(place: Place): string {
  return `nodewright.dev/kind=TendermintNetwork,nodewright.dev/resource=${place.name}`;
}

/** The pods of its nodes, in the order of their names. */
export async function nodePods(place: Place): Promise<Pod[]> {
  const labelSelector = `${childSelector(place)},nodewright.dev/node`;
  const pods = await kube.list<Pod>(PODS, { namespace: place.namespace, labelSelector });
  return pods.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

export async function nodePod(place: Place, node: string): Promise<Pod> {
  const name = `${place.name}-${node}`;
  const pod = await kube.get<Pod>(PODS, { namespace: place.namespace, name });
  if (pod === undefined) throw new Error(`Pod ${name} does not exist`);
  return pod;
}

/** What a restart changes, by name of the pod: its uid, and how often the node's process was started in it. */
export async function lifeOfPods(place: Place): Promise<Record<string, string>> {
  const pods = await nodePods(place);
  return Object.fromEntries(
    pods.map((pod) => {
      const node = pod.status?.containerStatuses?.find((container) => container.name === 'node');
      return [pod.metadata.name, `${pod.metadata.uid} restarted ${node?.restartCount ?? 0} times`];
    }),
  );
}

/** The notes of a network's events with this reason; an event that happened several times counts once. */
export async function eventNotes(place: Place, reason: string): Promise<string[]> {
  type Event = KubeObject & { reason: string; note?: string; regarding?: { name: string; kind: string } };
  const events = await kube.list<Event>(EVENTS, { namespace: place.namespace });
  return events
    .filter((event) => event.regarding?.kind === 'TendermintNetwork' && event.regarding.name === place.name)
    .flatMap((event) => (event.reason === reason ? [event.note ?? ''] : []));
}
