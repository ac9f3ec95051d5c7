/** The pure functions of the Cosmos Operator for which there are vectors, with ours beside them. */
import { padRequest } from '../src/kinds/cosmos-full-node/desired/claims.ts';
import { cometPortsOf } from '../src/kinds/cosmos-full-node/desired/ports.ts';
import { parseImageVersion, toLabelKey, toName } from '../src/kinds/cosmos-full-node/names.ts';
import type { CosmosFullNode } from '../src/kinds/cosmos-full-node/schema.ts';
import { increaseQuantity } from '../src/reconcile/quantity-arithmetic.ts';
import { computeRollout } from '../src/reconcile/rollout-budget.ts';
import type { Family } from './family.ts';

type Rollout = { Max: string; Desired: number; Ready: number; Got: number };

export const COSMOS_VECTORS: Family['vectors'] = {
  computeRollout: (vectors) =>
    (vectors as Rollout[]).map(({ Max, Desired, Ready, Got }) => ({
      input: `maxUnavailable ${Max}, desired ${Desired}, ready ${Ready}`,
      ours: computeRollout(budgetOf(Max), Desired, Ready),
      theirs: Got,
    })),
  cometPorts_rpc_p2p: byInput((address) => {
    const config = { rpcListenAddress: address, p2pListenAddress: address };
    const { rpc, p2p } = cometPortsOf({ spec: { chain: { config } } } as CosmosFullNode);
    return [rpc, p2p];
  }),
  parseImageVersion: byInput(parseImageVersion),
  pvcNextCapacity: byInput((sum) => {
    const [size = '', increase = ''] = sum.split(' + ');
    return increaseQuantity(size, increase);
  }),
  pvcPadding102: byInput(padRequest),
  toLabelKey: byInput(toLabelKey),
  toName: byInput(toName),
};

function byInput(work: (input: string) => unknown): Family['vectors'][string] {
  return (vectors) =>
    Object.entries(vectors as Record<string, unknown>).map(([input, theirs]) => ({ input, ours: work(input), theirs }));
}

function budgetOf(text: string): number | string | undefined {
  if (text === 'nil') return undefined;
  return /^-?\d+$/.test(text) ? Number(text) : text;
}
