/** The finalizer lets the nodes stop before their keys are set free, and volumes, keys and genesis be kept or deleted as the spec says. */
import { keyOf } from '../../kube/objects.ts';
import type { Change } from '../../reconcile/change.ts';
import { TENDERMINT_NETWORKS, type TendermintNetwork } from './schema.ts';

const FINALIZER = 'nodewright.dev/tendermint-network';

export function addFinalizer(network: TendermintNetwork): Change[] {
  const finalizers = network.metadata.finalizers ?? [];
  if (finalizers.includes(FINALIZER)) return [];
  return [
    patchFinalizers(
      network,
      [...finalizers, FINALIZER],
      'finalizer, so that its keys and volumes are seen to when it is deleted',
    ),
  ];
}

export function removeFinalizer(network: TendermintNetwork, why: string): Change[] {
  const finalizers = network.metadata.finalizers ?? [];
  if (!finalizers.includes(FINALIZER)) return [];
  return [
    patchFinalizers(
      network,
      finalizers.filter((name) => name !== FINALIZER),
      why,
    ),
  ];
}

function patchFinalizers(network: TendermintNetwork, finalizers: string[], why: string): Change {
  return {
    verb: 'patch',
    type: TENDERMINT_NETWORKS,
    key: keyOf(network),
    why,
    patch: { metadata: { uid: network.metadata.uid, resourceVersion: network.metadata.resourceVersion, finalizers } },
  };
}
