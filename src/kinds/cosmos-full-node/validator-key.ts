/**
 * Whether an instance signs with a validator key of its own. CosmosFullNodes are not made for that; but `init` puts a key on every volume,
 * and somebody may have made a validator of it, or have brought another. The operator knows by what the node says while it runs, which it
 * notes on the claim, and by what the spec says.
 */
import { keyOf, type PersistentVolumeClaim } from '../../kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import type { NodeView } from './node.ts';
import type { CosmosFullNode } from './schema.ts';

/** On a claim: address of the validator that its node was seen to sign for. */
const ANNOTATION_SIGNS_FOR = 'nodewright.dev/signs-for';
const KEY_FILES = /priv_validator_(key|state)/;

/** Whether nodes are to be asked whom they sign for. A sentry gets its signatures from elsewhere. */
export function mayHaveOwnKey({ spec }: CosmosFullNode): boolean {
  return spec.selfHeal?.corruptDataRecovery !== undefined && spec.type !== 'Sentry';
}

/** Why an instance is taken for one that signs; undefined where it is not. */
export function whyItSigns({ spec }: CosmosFullNode, claim: PersistentVolumeClaim): string | undefined {
  if (spec.type === 'Sentry') return undefined;
  const address = claim.metadata.annotations?.[ANNOTATION_SIGNS_FOR];
  if (address !== undefined) return `it was seen to sign for validator ${address}`;
  if (KEY_FILES.test(JSON.stringify(spec.podTemplate))) return 'spec.podTemplate names the files of a validator key';
  if (KEY_FILES.test(spec.chain.config?.overrides ?? ''))
    return 'spec.chain.config.overrides names the files of a validator key';
  return undefined;
}

/** Notes on claims whose nodes sign, once. */
export function noteSigners(
  fullNode: CosmosFullNode,
  nodes: readonly NodeView[],
  claims: ReadonlyMap<string, PersistentVolumeClaim>,
): Change[] {
  if (!mayHaveOwnKey(fullNode)) return [];
  return nodes.flatMap(({ instance, reading }) => {
    const address = reading?.error === undefined ? reading?.answer?.signsFor : undefined;
    const claim = claims.get(instance.claimName);
    if (address === undefined || claim === undefined) return [];
    if (claim.metadata.annotations?.[ANNOTATION_SIGNS_FOR] === address) return [];
    const patch = { metadata: { uid: claim.metadata.uid, annotations: { [ANNOTATION_SIGNS_FOR]: address } } };
    const why = `its node signs for validator ${address}: it is not recovered from a snapshot`;
    return [{ verb: 'patch' as const, type: PERSISTENT_VOLUME_CLAIMS, key: keyOf(claim), why, patch }];
  });
}
