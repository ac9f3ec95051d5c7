/**
 * Nodes of a cluster that are being made anew, because what has changed of them cannot be changed in place. Each must have its identity
 * again, and with it its database: a note of that is written on the cluster before the node is deleted, and taken away when it is back.
 */
import { keyOf } from '../../kube/objects.ts';
import type { Change } from '../../reconcile/change.ts';
import { canonicalJson } from '../../reconcile/stamp.ts';
import { isGoing, type Member } from './cluster-members.ts';
import { remove } from './removal.ts';
import { CLUSTER_HOPRDS, type ClusterHoprd, HOPRDS } from './schema.ts';

/** `<number>=<identity>`, with spaces between. */
const ANNOTATION_REPLACING = 'nodewright.dev/replacing';

/** Identities by number of the node. */
export function notedIdentities({ metadata }: ClusterHoprd): Map<number, string> {
  const entries = (metadata.annotations?.[ANNOTATION_REPLACING] ?? '').split(' ').filter((entry) => entry !== '');
  return new Map(entries.map((entry) => entry.split('=')).map(([index, identity = '']) => [Number(index), identity]));
}

/** @param due nodes to make anew now, each with the reason */
export function planReplacements(
  cluster: ClusterHoprd,
  members: readonly Member[],
  due: readonly { member: Member; why: string }[],
): Change[] {
  const noted = notedIdentities(cluster);
  const wanted = new Map([...noted].filter(([index, identity]) => isStillNeeded(cluster, members, index, identity)));
  for (const { member } of due) {
    const identity = identityOf(member);
    if (identity !== undefined) wanted.set(member.index, identity);
  }
  // A node is deleted only when its note has been seen.
  const ready = due.filter(({ member }) => noted.get(member.index) === identityOf(member));
  return [
    ...(canonicalJson([...noted]) === canonicalJson([...wanted]) ? [] : [writeNote(cluster, wanted)]),
    ...ready.map(({ member, why }) => ({
      ...remove(HOPRDS, member.hoprd, `${why}; it is made anew`, true),
      node: member.hoprd.metadata.name,
    })),
  ];
}

function isStillNeeded({ spec }: ClusterHoprd, members: readonly Member[], index: number, identity: string): boolean {
  const member = members.find((candidate) => candidate.index === index);
  if (member === undefined) return members.length < spec.replicas;
  return isGoing(member) || member.hoprd.spec.identityName !== identity;
}

function identityOf({ hoprd }: Member): string | undefined {
  return hoprd.status?.identityName ?? hoprd.spec.identityName;
}

function writeNote(cluster: ClusterHoprd, identities: ReadonlyMap<number, string>): Change {
  const { uid, resourceVersion } = cluster.metadata;
  const text = [...identities].map(([index, identity]) => `${index}=${identity}`).join(' ');
  const annotations = { [ANNOTATION_REPLACING]: text === '' ? null : text };
  return {
    ...{ verb: 'patch', type: CLUSTER_HOPRDS, key: keyOf(cluster), why: 'identities that nodes must have again' },
    patch: { metadata: { uid, resourceVersion, annotations } },
  };
}
