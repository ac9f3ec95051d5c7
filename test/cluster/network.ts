/** TendermintNetworks and their objects as tests make and see them. */
import {
  TENDERMINT_NETWORKS,
  type TendermintNetwork,
  type TendermintNetworkSpec,
} from '../../src/kinds/tendermint-network/schema.ts';
import { kube } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import { accessTo, conditionOf, type Place } from './kind-access.ts';

export const IMAGE = 'cometbft/cometbft:v0.38.26';
/** The same program under another name: a new image to roll to. */
export const NEXT_IMAGE = 'cometbft/cometbft:v0.38.26-again';
/** A tag that no cluster has. */
export const MISSING_IMAGE = 'cometbft/cometbft:does-not-exist';

const networks = accessTo<TendermintNetwork>(
  TENDERMINT_NETWORKS,
  (place) => `${childSelector(place)},nodewright.dev/node`,
);
export const { annotate, lifeOfPods, nodePod, nodePods, patchSpec, untilCondition, untilHeight, untilMoreBlocks } =
  networks;
export const { get: getNetwork, remove: deleteNetwork } = networks;

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

function readyMessage(network: TendermintNetwork): string {
  return conditionOf(network, 'Ready')?.message ?? 'no status';
}

export function childSelector(place: Place): string {
  return `nodewright.dev/kind=TendermintNetwork,nodewright.dev/resource=${place.name}`;
}

/** The notes of a network's events with this reason; an event that happened several times counts once. */
export async function eventNotes(place: Place, reason: string): Promise<string[]> {
  return (await networks.events(place)).flatMap((event) => (event.reason === reason ? [event.note] : []));
}
