/** Names with which something that a resource needs could never be made; our CRDs refuse them. */
import type { KubeObject } from '../../kube/objects.ts';
import { serviceTypeOf } from './desired/node.ts';
import type { ClusterHoprd, Hoprd, IdentityPool } from './schema.ts';

/** Of a label, and of the name of a Service. */
const LABEL_LENGTH = 63;
/** Of a Service to which `-p2p-tcp` is added. */
const BALANCED_LENGTH = 55;
/** The API server takes names of CronJobs of 52 characters; ours begins with `auto-funding-`. */
const FUNDED_LENGTH = 39;

export function findNameProblems(resource: KubeObject): string[] {
  const { kind, metadata } = resource;
  if (kind === 'Hoprd') return findServiceNameProblems(resource as Hoprd, metadata.name);
  if (kind === 'ClusterHoprd')
    return findServiceNameProblems(
      resource as ClusterHoprd,
      `${metadata.name}-${(resource as ClusterHoprd).spec.replicas}`,
    );
  const limit =
    kind === 'IdentityPool' && (resource as IdentityPool).spec.funding !== undefined ? FUNDED_LENGTH : LABEL_LENGTH;
  return tooLong(metadata.name, limit);
}

/** @param longest of the Services */
function findServiceNameProblems(resource: Hoprd | ClusterHoprd, longest: string): string[] {
  if (!/^[a-z][-a-z0-9]*$/.test(longest))
    return [
      'metadata.name: must begin with a letter and have only letters, digits and hyphens, because Services have it',
    ];
  return tooLong(longest, serviceTypeOf(resource) === 'LoadBalancer' ? BALANCED_LENGTH : LABEL_LENGTH);
}

function tooLong(name: string, limit: number): string[] {
  return name.length <= limit
    ? []
    : [`metadata.name: ${name} has ${name.length} characters; at most ${limit} are possible here`];
}
