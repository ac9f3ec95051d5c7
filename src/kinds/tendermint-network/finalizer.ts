/** The finalizer lets the nodes stop before their keys are set free, and volumes, keys and genesis be kept or deleted as the spec says. */
import type { Change } from '../../reconcile/change.ts';
import * as finalizers from '../../reconcile/finalizers.ts';
import { TENDERMINT_NETWORKS, type TendermintNetwork } from './schema.ts';

const FINALIZER = 'nodewright.dev/tendermint-network';

export function addFinalizer(network: TendermintNetwork): Change[] {
  const why = 'finalizer, so that its keys and volumes are seen to when it is deleted';
  return finalizers.addFinalizer(network, TENDERMINT_NETWORKS, FINALIZER, why);
}

export function removeFinalizer(network: TendermintNetwork, why: string): Change[] {
  return finalizers.removeFinalizer(network, TENDERMINT_NETWORKS, FINALIZER, why);
}
