/** What can be said of a resource with no cluster at all: a node's ports and identity depend on what there is. */
import type { KubeObject } from '../../kube/objects.ts';
import type { HoprSettings } from '../hopr-settings.ts';
import type { KindOptions } from '../kind.ts';
import { buildPoolChildren } from './desired/children.ts';
import { buildClaim } from './desired/claim.ts';
import { buildClusterNode } from './desired/cluster-node.ts';
import type { ClusterHoprd, IdentityHoprd, IdentityPool } from './schema.ts';

export function renderPool(object: KubeObject, options: KindOptions): KubeObject[] {
  return buildPoolChildren(placed(object) as IdentityPool, settingsOf(options));
}

export function renderIdentity(object: KubeObject, options: KindOptions): KubeObject[] {
  return [buildClaim(placed(object) as IdentityHoprd, settingsOf(options))];
}

export function renderCluster(object: KubeObject, options: KindOptions): KubeObject[] {
  const cluster = placed(object) as ClusterHoprd;
  return Array.from({ length: cluster.spec.replicas }, (_, index) =>
    buildClusterNode(cluster, index + 1, settingsOf(options)),
  );
}

function placed(object: KubeObject): KubeObject {
  return { ...object, metadata: { namespace: 'default', ...object.metadata } };
}

/** Throws an Error that says what is missing. */
export function settingsOf({ hopr, podSecurity }: KindOptions): HoprSettings {
  if (hopr === undefined)
    throw new Error('HOPR resources need the configuration of their operator: --hopr-config FILE');
  return podSecurity === undefined ? hopr : { ...hopr, podSecurity };
}
