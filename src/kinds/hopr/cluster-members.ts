/** The nodes of a cluster, read from the Hoprds that it owns. */
import { clusterNodeIndex } from './desired/cluster-node.ts';
import type { ClusterHoprd, Hoprd } from './schema.ts';
import { isCurrent } from './status-writes.ts';

/** A node by its number. */
export type Member = { index: number; hoprd: Hoprd };

/** In the order of their numbers. */
export function listMembers(cluster: ClusterHoprd, hoprds: readonly Hoprd[]): Member[] {
  return hoprds
    .flatMap((hoprd) => {
      const index = clusterNodeIndex(cluster, hoprd.metadata.name);
      return index === undefined ? [] : [{ index, hoprd }];
    })
    .sort((a, b) => a.index - b.index);
}

export function isGoing({ hoprd }: Member): boolean {
  return hoprd.metadata.deletionTimestamp !== undefined;
}

/** Runs, or is stopped where that is wanted, as its spec is now. */
export function isSettled({ hoprd }: Member): boolean {
  return isCurrent(hoprd) && hoprd.status?.phase === (hoprd.spec.enabled === false ? 'Stopped' : 'Running');
}

/** It waits for an identity to run with. */
export function lacksIdentity({ hoprd }: Member): boolean {
  return !hoprd.status?.identityName;
}

/** It says itself that there is none for it, which one that is made anew, with the identity that it had, does not. */
export function findsNoIdentity(member: Member): boolean {
  const { conditions = [] } = member.hoprd.status ?? {};
  return lacksIdentity(member) && conditions.some(({ reason }) => reason === 'NoFreeIdentity');
}
