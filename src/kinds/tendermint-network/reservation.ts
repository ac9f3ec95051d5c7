/**
 * A validator key never runs twice. Before anything of a validator is made, its key is reserved by a Lease in the operator's namespace
 * whose name follows from chain id and public key: creating it is atomic for all namespaces. The Lease also remembers the claim that
 * holds the key's sign state, so that a key whose claim is lost does not start to sign from nothing.
 */
import { createHash } from 'node:crypto';
import { keyOf, type Lease, type PersistentVolumeClaim, type Secret } from '../../kube/objects.ts';
import { LEASES, PERSISTENT_VOLUME_CLAIMS, SECRETS } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import { differences } from '../../reconcile/difference.ts';
import { LABEL_MANAGED_BY, LABEL_ROLE, MANAGER } from '../../reconcile/labels.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import type { Problem } from '../problem.ts';
import type { Identity } from './identities.ts';
import { type Observed, ROLE_KEY_RESERVATION } from './observe.ts';
import type { TendermintNetwork } from './schema.ts';

/** Uid of the claim that holds the sign state; on the Lease, and on a Secret that the operator made. */
export const ANNOTATION_SIGN_STATE = 'nodewright.dev/sign-state-claim';
/** On a claim: address of the validator whose sign state it holds. */
export const ANNOTATION_VALIDATOR = 'nodewright.dev/validator';
const ANNOTATION_CHAIN = 'nodewright.dev/chain-id';
/** On the Lease of a key that the user brought: the Secret's name. Such a key survives its network, so its Lease does too, without a holder. */
const ANNOTATION_KEY_SECRET = 'nodewright.dev/key-secret';

export type Reservation = {
  leaseName: string;
  /** The Lease to create, when there is none. */
  create?: Lease;
  /** Writes that must succeed before the pod may start: they tie the key to the claim. */
  record: Change[];
  problem?: Problem;
  /** Whether a claim may be created, and the pod started, as far as the key is concerned. */
  claimAllowed: boolean;
  podAllowed: boolean;
};

function reservationName(chainId: string, publicKeyBase64: string): string {
  return `validator-${createHash('sha256').update(`${chainId}\0${publicKeyBase64}`).digest('hex').slice(0, 40)}`;
}

export function holderOf(network: TendermintNetwork, node: string): string {
  return `${network.metadata.namespace}/${network.metadata.name}/${node}`;
}

/** The network that holds a reservation. */
export function reservedFor(lease: Lease): { namespace: string; name: string }[] {
  const [namespace, name] = (lease.spec?.holderIdentity ?? '').split('/');
  const isReservation = lease.metadata.labels?.[LABEL_ROLE] === ROLE_KEY_RESERVATION;
  return isReservation && namespace && name ? [{ namespace, name }] : [];
}

/** Address of the validator that a node was, as its reservation remembers it; the one with its sign state on the claim, where there are several. */
export function reservedAddress(observed: Observed, holder: string, claimUid: string | undefined): string | undefined {
  const addresses = [...observed.reservations.values()]
    .filter((lease) => lease.spec?.holderIdentity === holder)
    .map(({ metadata: { annotations } }) => ({
      address: annotations?.[ANNOTATION_VALIDATOR],
      isTied: annotations?.[ANNOTATION_SIGN_STATE] === claimUid,
    }));
  return (addresses.find(({ isTied }) => isTied) ?? addresses[0])?.address;
}

/** Gives a key free: the Lease goes, or, where the key survives, only its holder, so that what it has signed is not forgotten. */
export function releaseKey(lease: Lease, why: string): Change {
  const key = keyOf(lease);
  if (lease.metadata.annotations?.[ANNOTATION_KEY_SECRET] === undefined)
    return { verb: 'delete', type: LEASES, key, uid: lease.metadata.uid as string, why, disrupts: false };
  return {
    verb: 'patch',
    type: LEASES,
    key,
    why: `${why}; its sign state is remembered`,
    patch: holderPatch(lease, null),
  };
}

/** Fails when the Lease is no longer as it was seen. */
function holderPatch(lease: Lease, holderIdentity: string | null): object {
  const { uid, resourceVersion } = lease.metadata;
  return { metadata: { uid, resourceVersion }, spec: { holderIdentity } };
}

export function reserveKey(
  network: TendermintNetwork,
  identity: Identity & { validator: NonNullable<Identity['validator']> },
  observed: Observed,
  operatorNamespace: string,
): Reservation {
  const { member, validator } = identity;
  const leaseName = reservationName(network.spec.chainId, validator.publicKeyBase64);
  const lease = observed.reservations.get(leaseName);
  const holder = holderOf(network, member.name);
  const refuse = (reason: Reason, message: string): Reservation => ({
    leaseName,
    record: [],
    problem: { reason, node: member.name, message },
    claimAllowed: false,
    podAllowed: false,
  });
  const isFree = lease !== undefined && !lease.spec?.holderIdentity;
  if (lease !== undefined && !isFree && lease.spec?.holderIdentity !== holder) {
    return refuse(
      'ValidatorKeyInUse',
      `the validator key of node ${member.name} (${validator.address}) is reserved for chain ${network.spec.chainId} by ${lease.spec?.holderIdentity}: one key must never sign in two places. Use another key, or delete that network with deletionPolicy Delete; if it is certain that nothing runs with this key any more, delete Lease ${operatorNamespace}/${leaseName}`,
    );
  }
  const claim = observed.claims.get(member.objectName);
  const secret = member.keySecret === undefined ? observed.secrets.get(member.objectName) : undefined;
  const kept = claim?.metadata.annotations?.[ANNOTATION_VALIDATOR];
  if (claim !== undefined && kept !== undefined && kept !== validator.address) {
    return refuse(
      'ValidatorKeyChanged',
      `claim ${member.objectName} holds the sign state of validator ${kept}, but the key of node ${member.name} is that of ${validator.address}: put the old key back, or take the node out and give the new key to a node of another name`,
    );
  }
  const signedOn =
    lease?.metadata.annotations?.[ANNOTATION_SIGN_STATE] ?? secret?.metadata.annotations?.[ANNOTATION_SIGN_STATE];
  const lost = signedOn !== undefined && signedOn !== claim?.metadata.uid;
  if (lost && !(network.spec.acceptSignStateLoss ?? []).includes(signedOn)) {
    return {
      ...refuse(
        'SignStateLost',
        `claim ${member.objectName} (uid ${signedOn}) is gone and with it what validator ${validator.address} has signed: started anew it could sign a height twice. Bring the volume back, or, if the chain has passed every height it may have signed and nothing runs with this key, add ${signedOn} to spec.acceptSignStateLoss`,
      ),
      ...(lease === undefined ? { create: buildLease(network, identity, leaseName, operatorNamespace, signedOn) } : {}),
    };
  }
  if (isFree) {
    const why = 'reserve the validator key, so that it runs nowhere else';
    const take: Change = { verb: 'patch', type: LEASES, key: keyOf(lease), why, patch: holderPatch(lease, holder) };
    // Claim and pod only once it is seen to be ours.
    return { leaseName, record: [take], claimAllowed: false, podAllowed: false };
  }
  return {
    leaseName,
    ...(lease === undefined
      ? { create: buildLease(network, identity, leaseName, operatorNamespace, claim?.metadata.uid) }
      : {}),
    record:
      claim === undefined
        ? []
        : [...recordSignState(identity, claim, lease, secret, signedOn), ...recordValidator(claim, validator.address)],
    claimAllowed: true,
    podAllowed: claim !== undefined,
  };
}

function buildLease(
  network: TendermintNetwork,
  identity: Identity,
  name: string,
  namespace: string,
  claimUid: string | undefined,
): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace,
      labels: { [LABEL_MANAGED_BY]: MANAGER, [LABEL_ROLE]: ROLE_KEY_RESERVATION },
      annotations: {
        [ANNOTATION_CHAIN]: network.spec.chainId,
        [ANNOTATION_VALIDATOR]: identity.validator?.address ?? '',
        ...keySecretOf(identity),
        ...(claimUid === undefined ? {} : { [ANNOTATION_SIGN_STATE]: claimUid }),
      },
    },
    spec: { holderIdentity: holderOf(network, identity.member.name) },
  };
}

function keySecretOf({ member }: Identity): Record<string, string> {
  return member.keySecret === undefined ? {} : { [ANNOTATION_KEY_SECRET]: member.keySecret.name };
}

/** Also of a claim that somebody made or restored: whoever removes the node later has to know which validator it was. */
function recordValidator(claim: PersistentVolumeClaim, address: string): Change[] {
  if (claim.metadata.annotations?.[ANNOTATION_VALIDATOR] !== undefined) return [];
  const why = `remember that it holds the sign state of validator ${address}`;
  const patch = { metadata: { uid: claim.metadata.uid, annotations: { [ANNOTATION_VALIDATOR]: address } } };
  return [{ verb: 'patch', type: PERSISTENT_VOLUME_CLAIMS, key: keyOf(claim), why, patch }];
}

/** Ties key and claim together, on both objects where we own both, before the node can sign anything. */
function recordSignState(
  identity: Identity,
  claim: PersistentVolumeClaim,
  lease: Lease | undefined,
  secret: Secret | undefined,
  signedOn: string | undefined,
): Change[] {
  const uid = claim.metadata.uid as string;
  const why =
    signedOn === undefined || signedOn === uid
      ? `remember that claim ${claim.metadata.name} holds the sign state`
      : `sign state on claim ${signedOn} is given up, as spec.acceptSignStateLoss says`;
  const annotations = { [ANNOTATION_SIGN_STATE]: uid };
  const changes: Change[] = [];
  const onLease = { ...annotations, ...keySecretOf(identity) };
  if (lease !== undefined && differences(onLease, lease.metadata.annotations ?? {}).length > 0) {
    const patch = { metadata: { uid: lease.metadata.uid, annotations: onLease } };
    changes.push({ verb: 'patch', type: LEASES, key: keyOf(lease), why, patch });
  }
  if (secret !== undefined && secret.metadata.annotations?.[ANNOTATION_SIGN_STATE] !== uid) {
    const patch = { metadata: { uid: secret.metadata.uid, annotations } };
    changes.push({ verb: 'patch', type: SECRETS, key: keyOf(secret), why, patch });
  }
  return changes;
}
