/**
 * Whether an instance signs with a validator key of its own. CosmosFullNodes are not made for that; but `init` puts a key on every volume,
 * and somebody may have made a validator of it, or have brought another. The operator knows by what the node says while it runs, which it
 * notes on the claim whether or not anybody asks for recoveries by then: a node whose data is damaged says nothing any more. What was never
 * noted is not known, which is not the same as that it signs nothing.
 */
import { currentAnswer } from '../../comet-node/reading.ts';
import { keyOf, type PersistentVolumeClaim } from '../../kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import type { VolumeSnapshot } from '../volume-snapshot.ts';
import type { NodeView } from './node.ts';
import { NOBODY } from './rpc.ts';
import type { CosmosFullNode } from './schema.ts';

/** On a claim: address of the validator that its node was seen to sign for, or NOBODY. Persons may write it too. */
const ANNOTATION_SIGNS_FOR = 'nodewright.dev/signs-for';
const KEY_FILES = /priv_validator_(key|state)/;

/** Whether nodes are to be asked whom they sign for. A sentry gets its signatures from elsewhere. */
export function mayHaveOwnKey({ spec }: CosmosFullNode): boolean {
  return spec.type !== 'Sentry';
}

/** Why an instance must be taken for one that signs; undefined where it is known that it does not. */
export function whyItSigns(fullNode: CosmosFullNode, claim: PersistentVolumeClaim): string | undefined {
  const { spec } = fullNode;
  if (!mayHaveOwnKey(fullNode)) return undefined;
  const { name, namespace } = claim.metadata;
  const noted = notedOn(claim);
  if (noted !== undefined && noted !== NOBODY) return `it was seen to sign for validator ${noted}`;
  if (KEY_FILES.test(JSON.stringify(spec.podTemplate))) return 'spec.podTemplate names the files of a validator key';
  if (KEY_FILES.test(spec.chain.config?.overrides ?? ''))
    return 'spec.chain.config.overrides names the files of a validator key';
  if (noted === undefined)
    return `nobody knows that it signs nothing, as its node was never seen in sync on claim ${name}; if you know, say so: kubectl annotate persistentvolumeclaim ${name} --namespace ${namespace} ${ANNOTATION_SIGNS_FOR}=${NOBODY}`;
  return undefined;
}

/** Whether what is made from a snapshot would have the validator key of another instance, and sign with it beside that one. */
export function holdsKeyOfAnother(
  { spec }: VolumeSnapshot,
  claimName: string,
  claims: ReadonlyMap<string, PersistentVolumeClaim>,
): boolean {
  const source = spec?.source.persistentVolumeClaimName;
  const claim = source === undefined || source === claimName ? undefined : claims.get(source);
  const noted = claim && notedOn(claim);
  return noted !== undefined && noted !== NOBODY;
}

/** Notes on claims whom their nodes sign for, once. Who has signed may do so again, such as a validator that is jailed now. */
export function noteSigners(
  fullNode: CosmosFullNode,
  nodes: readonly NodeView[],
  claims: ReadonlyMap<string, PersistentVolumeClaim>,
): Change[] {
  return nodes.flatMap((node) => {
    const claim = claims.get(node.instance.claimName);
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return [];
    const noted = notedOn(claim);
    if (!mayHaveOwnKey(fullNode)) {
      // Nobody looks at its own key now, so what was seen before is not known any more.
      return noted === NOBODY ? [note(claim, null, 'whom its node may sign for one day is not known')] : [];
    }
    const signsFor = findSigner(node);
    if (signsFor === undefined || signsFor === noted || (signsFor === NOBODY && noted !== undefined)) return [];
    const why =
      signsFor === NOBODY
        ? 'its node signs for no validator'
        : `its node signs for validator ${signsFor}: it is not recovered from a snapshot`;
    return [note(claim, signsFor, why)];
  });
}

/** That a node has no voting power says something only at the height of the chain, not in its past. */
function findSigner({ reading }: NodeView): string | undefined {
  const answer = currentAnswer(reading);
  if (answer === undefined) return undefined;
  const { signsFor, status } = answer;
  return signsFor === NOBODY && status.catchingUp ? undefined : signsFor;
}

function notedOn({ metadata }: PersistentVolumeClaim): string | undefined {
  return metadata.annotations?.[ANNOTATION_SIGNS_FOR];
}

function note(claim: PersistentVolumeClaim, signsFor: string | null, why: string): Change {
  const patch = { metadata: { uid: claim.metadata.uid, annotations: { [ANNOTATION_SIGNS_FOR]: signsFor } } };
  return { verb: 'patch', type: PERSISTENT_VOLUME_CLAIMS, key: keyOf(claim), why, patch };
}
