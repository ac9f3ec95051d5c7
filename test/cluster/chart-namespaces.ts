/** What is in namespaces whose nodes are to go on whatever becomes of the operator. */
import { KINDS } from '../../src/kinds/index.ts';
import type { Pod } from '../../src/kube/objects.ts';
import { apiVersionOf, PERSISTENT_VOLUME_CLAIMS, PODS } from '../../src/kube/resource-types.ts';
import { kube } from './cluster-access.ts';

/** What a restart changes, of each pod that is there: its uid, and how often its containers were started. */
export async function livesOfPods(namespaces: readonly string[]): Promise<Record<string, string>> {
  const pods = namespaces.map((namespace) => kube.list<Pod>(PODS, { namespace }));
  return Object.fromEntries(
    (await Promise.all(pods)).flat().map(({ metadata, status }) => {
      const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
      const restarts = containers.map(({ name, restartCount }) => `${name} ${restartCount}`);
      return [metadata.name, `${metadata.uid}; restarts: ${restarts.join(', ')}`];
    }),
  );
}

/** Claims that are there, with their uids. */
export async function listClaims(namespaces: readonly string[]): Promise<string[]> {
  const claims = namespaces.map((namespace) => kube.list(PERSISTENT_VOLUME_CLAIMS, { namespace }));
  return (await Promise.all(claims))
    .flat()
    .map(({ metadata }) => `${metadata.name} ${metadata.uid}`)
    .sort();
}

/** Deletes the resources of all kinds without an operator, and so without its finalizers. */
export async function removeResources(namespaces: readonly string[]): Promise<void> {
  await Promise.all(
    KINDS.map(async ({ type }) => {
      if ((await kube.discover(apiVersionOf(type)))?.some(({ plural }) => plural === type.plural) !== true) return;
      const lists = namespaces.map((namespace) => kube.list(type, { namespace }));
      for (const { metadata } of (await Promise.all(lists)).flat()) {
        const key = { namespace: metadata.namespace as string, name: metadata.name };
        await kube.mergePatch(type, key, { metadata: { finalizers: null } });
        await kube.delete(type, key, { uid: metadata.uid as string });
      }
    }),
  );
}
