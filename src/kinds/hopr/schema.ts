/** The four resource types of HOPR. Their members are generated from the CRDs, which are the source of truth (*-schema.gen.ts). */
import type { KubeObject } from '../../kube/objects.ts';
import type { ResourceType } from '../../kube/resource-types.ts';
import type { ClusterHoprdSpec, ClusterHoprdStatus } from './cluster-hoprd-schema.gen.ts';
import type { HoprdSpec, HoprdStatus } from './hoprd-schema.gen.ts';
import type { IdentityHoprdSpec, IdentityHoprdStatus } from './identity-hoprd-schema.gen.ts';
import type { IdentityPoolSpec, IdentityPoolStatus } from './identity-pool-schema.gen.ts';

export type { DeploymentTexts, HoprdSpec, HoprdStatus } from './hoprd-schema.gen.ts';
export type { ClusterHoprdSpec, ClusterHoprdStatus, IdentityHoprdSpec, IdentityHoprdStatus };

export const HOPR_API_VERSION = 'hoprnet.org/v1alpha2';

export const IDENTITY_POOLS = hoprType('IdentityPool', 'identitypools');
export const IDENTITY_HOPRDS = hoprType('IdentityHoprd', 'identityhoprds');
export const CLUSTER_HOPRDS = hoprType('ClusterHoprd', 'clusterhoprds');
export const HOPRDS = hoprType('Hoprd', 'hoprds');

export type IdentityPool = KubeObject & { spec: IdentityPoolSpec; status?: IdentityPoolStatus | null };
export type IdentityHoprd = KubeObject & { spec: IdentityHoprdSpec; status?: IdentityHoprdStatus | null };
export type ClusterHoprd = KubeObject & { spec: ClusterHoprdSpec; status?: ClusterHoprdStatus | null };
export type Hoprd = KubeObject & { spec: HoprdSpec; status?: HoprdStatus | null };

function hoprType(kind: string, plural: string): ResourceType {
  return { group: 'hoprnet.org', version: 'v1alpha2', kind, plural, namespaced: true };
}
