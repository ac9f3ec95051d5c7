/**
 * Changes of the validator set of a running chain. CometBFT leaves them to the application; the built-in key-value store takes them as a
 * transaction `val=ed25519!<public key>!<power>` (spec tendermint B2.3.5; `validator-update.ts` sends it). One change at a time, and only while blocks are made.
 */
import { PODS } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import type { ChainView } from './chain-view.ts';
import type { Identities } from './identities.ts';
import type { NodeView } from './node.ts';
import { hasQuorum } from './quorum.ts';
import type { TendermintNetwork } from './schema.ts';
import { validatorUpdate } from './validator-update.ts';

export type ValidatorSetPlan = {
  change?: Change;
  /** Why the set is not as the spec has it, and what happens about it. */
  message?: string;
  reason?: 'ValidatorSetFixed' | 'ValidatorSetChanging' | 'ValidatorSetWaits';
};

/** A validator that runs although the spec no longer names it. */
export type LeavingValidator = { node: string; address: string };

type Wish = { address: string; publicKeyBase64: string; power: bigint; node: string; before: bigint };

export function planValidatorSet(
  network: TendermintNetwork,
  chain: ChainView,
  nodes: readonly NodeView[],
  identities: Identities,
  leaving: readonly LeavingValidator[],
): ValidatorSetPlan {
  if (!chain.live) return {};
  const wishes = [...wishesOf(chain, identities), ...removalsOf(chain, leaving)];
  const [wish] = wishes;
  if (wish === undefined) return {};
  const summary = wishes
    .map(({ node, power, before }) =>
      power === 0n
        ? `${node} out`
        : before === 0n
          ? `${node} in with power ${power}`
          : `${node} power ${before} → ${power}`,
    )
    .join(', ');
  if (!isKeyValueStore(network)) {
    const keys = wishes.map(({ node, publicKeyBase64 }) => `${node} ${publicKeyBase64}`).join(', ');
    return {
      reason: 'ValidatorSetFixed',
      message: `wanted: ${summary}. Only the application can change the validator set of a running chain, and Nodewright knows how to ask for it only with the built-in kvstore: use the application's own transactions (public keys: ${keys}), or put the spec back`,
    };
  }
  const pod = nodes.find((node) => node.state === 'InSync')?.pod;
  const joining = nodes.find((node) => node.member.name === wish.node);
  if (pod === undefined || !hasQuorum(chain.upPower, chain.totalPower)) {
    return { reason: 'ValidatorSetWaits', message: `wanted: ${summary}; waits until the chain makes blocks` };
  }
  if (wish.power > 0n && joining?.state !== 'InSync') {
    return { reason: 'ValidatorSetWaits', message: `wanted: ${summary}; waits until ${wish.node} is in sync` };
  }
  if (!keepsQuorum(chain, wish)) {
    return {
      reason: 'ValidatorSetWaits',
      message: `wanted: ${summary}; the validators that are up would have no more than two thirds of the power then`,
    };
  }
  return {
    reason: 'ValidatorSetChanging',
    message: summary,
    change: {
      verb: 'broadcast',
      type: PODS,
      key: { namespace: pod.metadata.namespace, name: pod.metadata.name },
      why: `validator set: ${summary}`,
      transaction: validatorUpdate(wish.publicKeyBase64, wish.power),
    },
  };
}

function isKeyValueStore(network: TendermintNetwork): boolean {
  const { app } = network.spec;
  return app?.container === undefined && app?.builtin !== 'noop';
}

function wishesOf(chain: ChainView, identities: Identities): Wish[] {
  return [...identities.byName.values()].flatMap(({ member, validator }) => {
    if (validator === undefined) return [];
    const before = chain.validators.get(validator.address) ?? 0n;
    if (before === member.power) return [];
    const { address, publicKeyBase64 } = validator;
    return [{ address, publicKeyBase64, power: member.power, node: member.name, before }];
  });
}

function removalsOf(chain: ChainView, leaving: readonly LeavingValidator[]): Wish[] {
  return leaving.flatMap(({ node, address }) => {
    const before = chain.validators.get(address) ?? 0n;
    const publicKeyBase64 = chain.publicKeys.get(address) ?? '';
    return before === 0n ? [] : [{ address, publicKeyBase64, power: 0n, node, before }];
  });
}

/** After the change, those that vote now still make blocks. */
function keepsQuorum(chain: ChainView, wish: Wish): boolean {
  let [total, voting] = [0n, 0n];
  const after = new Map([...chain.validators, [wish.address, wish.power] as const]);
  for (const [address, power] of after) {
    total += power;
    if (chain.voting.has(address) || address === wish.address) voting += power;
  }
  return total > 0n && hasQuorum(voting, total);
}
