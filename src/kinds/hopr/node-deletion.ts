/**
 * The end of a node, in the order of the HOPR operator: ports, Ingress, Services, Deployment; when its last pod has ended, its identity is
 * given back, and then it may go. Every step is seen in the objects, so that whoever goes on after a crash goes on there (spec hopr §8.6).
 */
import type { KubeObject } from '../../kube/objects.ts';
import { DEPLOYMENTS, INGRESSES, JOBS, type ResourceType, SERVICES } from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import { removeFinalizer } from './finalizer.ts';
import { holderOf, releaseIdentity } from './identity-lock.ts';
import { type NodeObserved, openPods } from './node-observed.ts';
import { closeAll } from './node-ports.ts';
import { remove } from './removal.ts';
import { HOPRDS, type Hoprd } from './schema.ts';

const WHY = 'the node is deleted';

export function planNodeDeletion(
  hoprd: Hoprd,
  observed: NodeObserved,
  now: Date,
): { changes: Change[]; waits: Wait[] } {
  const children = listChildren(observed);
  const ports = closeAll(hoprd, observed, WHY);
  if (children.length > 0 || ports.length > 0) {
    const going = children.filter(({ object }) => object.metadata.deletionTimestamp === undefined);
    return {
      changes: [...ports, ...going.map(({ type, object }) => remove(type, object, WHY, false))],
      waits: [waitFor(children.map(({ object }) => `${object.kind} ${object.metadata.name}`))],
    };
  }
  const pods = openPods(observed, 'all');
  if (pods.length > 0) return { changes: [], waits: [waitFor(pods.map(({ metadata }) => `Pod ${metadata.name}`))] };
  const held = observed.identities.filter((identity) => holderOf(identity) === hoprd.metadata.name);
  if (held.length > 0)
    return {
      changes: held.map((identity) => releaseIdentity(identity, now, `${WHY}, and its last pod has ended`)),
      waits: [],
    };
  return { changes: removeFinalizer(hoprd, HOPRDS, 'everything of it is gone, and its identity is free'), waits: [] };
}

function listChildren({
  ingress,
  services,
  deployment,
  jobs,
}: NodeObserved): { type: ResourceType; object: KubeObject }[] {
  return [
    ...(ingress === undefined ? [] : [{ type: INGRESSES, object: ingress }]),
    ...services.map((object) => ({ type: SERVICES, object })),
    ...(deployment === undefined ? [] : [{ type: DEPLOYMENTS, object: deployment }]),
    // A Job that still deletes the database must not meet the next node of the identity.
    ...jobs.map((object) => ({ type: JOBS, object })),
  ];
}

function waitFor(names: string[]): Wait {
  return {
    what: 'deletion',
    why: names.length === 0 ? 'its ports are being closed' : `${names.join(', ')} must end first`,
  };
}
