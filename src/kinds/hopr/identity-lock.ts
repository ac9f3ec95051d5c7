/**
 * Which identity a node has. An identity is locked by the name of its node in its own status, and by nothing else: no counter, no memory of
 * the operator. Locking is one conditional write of the identity, so two workers, or two operators, cannot give it to two nodes; whoever
 * crashes after it finds the lock again (spec hopr §4.3, §8.5, §8.7).
 */
import { keyOf } from '../../kube/objects.ts';
import type { Change } from '../../reconcile/change.ts';
import { toWireTime } from '../../reconcile/conditions.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import { isUsable } from './identity-problems.ts';
import { type Hoprd, IDENTITY_HOPRDS, type IdentityHoprd } from './schema.ts';

export type IdentityChoice =
  /** The node has it; `surplus` are further ones that it holds and does not need. */
  | { state: 'held'; identity: IdentityHoprd; surplus: IdentityHoprd[] }
  /** Nobody has it, and the node should. */
  | { state: 'free'; identity: IdentityHoprd; surplus: IdentityHoprd[] }
  /** The node ran with it, and another node has it now. */
  | { state: 'lost'; identity: IdentityHoprd; holder: string }
  | { state: 'none'; reason: Reason; why: string };

/** Name of the node that has an identity. */
export function holderOf({ status }: IdentityHoprd): string | undefined {
  return status?.hoprdNodeName || undefined;
}

/**
 * @param identities of the namespace
 * @param claimInUse volume of the node's Deployment, where there is one: what it runs with wins over every record of it
 */
export function chooseIdentity(
  hoprd: Hoprd,
  identities: readonly IdentityHoprd[],
  claimInUse: string | undefined,
): IdentityChoice {
  const { identityPoolName, identityName } = hoprd.spec;
  const find = (name: string | undefined) => identities.find(({ metadata }) => metadata.name === name);
  const begunWith = claimInUse ?? hoprd.status?.identityName ?? undefined;
  const held = identities.filter((identity) => holderOf(identity) === hoprd.metadata.name);
  const heldUnder = (name: string | undefined) => held.find(({ metadata }) => metadata.name === name);
  // One that an earlier node of this name has left behind is as good as any, unless the user wants a certain one.
  const identity =
    heldUnder(begunWith) ??
    heldUnder(identityName) ??
    (begunWith === undefined && identityName !== undefined ? undefined : held[0]);
  if (identity !== undefined) return { state: 'held', identity, surplus: held.filter((other) => other !== identity) };
  // Restored from a backup, or taken over in the midst of something: the node goes on with what it had.
  const had = find(begunWith);
  const holder = had && holderOf(had);
  if (had !== undefined && holder !== undefined) return { state: 'lost', identity: had, holder };
  if (had !== undefined && had.metadata.deletionTimestamp === undefined)
    return { state: 'free', identity: had, surplus: held };
  const choice =
    identityName === undefined
      ? chooseFirst(identities, identityPoolName)
      : chooseNamed(find(identityName), identityName, identityPoolName);
  return choice.state === 'free' ? { ...choice, surplus: held } : choice;
}

/** Whether a node that has none may be given it. */
export function isFree(identity: IdentityHoprd): boolean {
  return (
    holderOf(identity) === undefined &&
    identity.status?.phase === 'Ready' &&
    identity.metadata.deletionTimestamp === undefined &&
    isUsable(identity)
  );
}

/** Fails when the identity is no longer as it was seen. */
export function lockIdentity(identity: IdentityHoprd, hoprd: Hoprd, now: Date): Change {
  const { name } = hoprd.metadata;
  return patchLock(identity, { phase: 'InUse', hoprdNodeName: name }, now, `node ${name} gets this identity to itself`);
}

export function releaseIdentity(identity: IdentityHoprd, now: Date, why: string): Change {
  return patchLock(identity, { phase: 'Ready', hoprdNodeName: null }, now, why);
}

function patchLock(identity: IdentityHoprd, lock: object, now: Date, why: string): Change {
  const { uid, resourceVersion } = identity.metadata;
  return {
    verb: 'patch',
    type: IDENTITY_HOPRDS,
    key: keyOf(identity),
    why,
    patch: {
      metadata: { uid, resourceVersion },
      // The first two are required of every status, and an identity that was never reconciled has none.
      status: { updateTimestamp: toWireTime(now), checksum: identity.status?.checksum ?? '', ...lock },
    },
  };
}

function chooseNamed(identity: IdentityHoprd | undefined, name: string, pool: string): IdentityChoice {
  const none = (reason: Reason, why: string): IdentityChoice => ({ state: 'none', reason, why });
  if (identity === undefined) return none('IdentityMissing', `there is no IdentityHoprd ${name}; make it`);
  const { identityPoolName } = identity.spec;
  if (identityPoolName !== pool)
    return none('IdentityOfOtherPool', `identity ${name} belongs to pool ${identityPoolName}, and the node to ${pool}`);
  const holder = holderOf(identity);
  if (holder !== undefined) return none('IdentityInUse', `identity ${name} is used by node ${holder}`);
  return isFree(identity)
    ? { state: 'free', identity, surplus: [] }
    : none('IdentityNotReady', `identity ${name} is not ready (${describePhase(identity)})`);
}

/** By name, as the API server lists them. */
function chooseFirst(identities: readonly IdentityHoprd[], pool: string): IdentityChoice {
  const members = identities
    .filter(({ spec }) => spec.identityPoolName === pool)
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const free = members.find(isFree);
  if (free !== undefined) return { state: 'free', identity: free, surplus: [] };
  const used = members.filter((identity) => holderOf(identity) !== undefined).length;
  const others = members.length - used === 0 ? '' : ` and ${members.length - used} are not ready`;
  const why = `no identity of pool ${pool} is free: of ${members.length}, ${used} are in use${others}; add an IdentityHoprd`;
  return { state: 'none', reason: 'NoFreeIdentity', why };
}

function describePhase({ metadata, status }: IdentityHoprd): string {
  return metadata.deletionTimestamp === undefined ? (status?.phase ?? 'it is new') : 'it is being deleted';
}
