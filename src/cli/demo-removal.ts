/** Takes the demo away again: the whole cluster where it was made for the purpose, else what the demo put into it. */
import { KINDS } from '../kinds/index.ts';
import type { KubeObject } from '../kube/objects.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES } from '../kube/resource-types.ts';
import { DEMO_NAMESPACE, isOfDemo, type Place } from './demo-place.ts';
import type { Screen } from './demo-screen.ts';
import { type Waiting, waitUntil } from './demo-wait.ts';
import { listResources } from './plan.ts';
import { DEFAULT_OPERATOR_NAMESPACE } from './version.ts';

const WITHIN_MS = 120_000;

export async function removeDemo(place: Place, screen: Screen): Promise<void> {
  if (place.own) {
    const { clusterDown } = await import('../../cluster/cluster.ts');
    await clusterDown({ print: (line) => screen.say(line) });
    screen.say('The cluster is removed; what was built for it stays cached.');
    return;
  }
  const waiting: Waiting = { screen, deadline: Date.now() + WITHIN_MS };
  // The networks go first, while their operator is there to see their nodes end.
  await removeNetworks(place, waiting);
  await removeNamespace(place, DEMO_NAMESPACE, waiting);
  await removeNamespace(place, DEFAULT_OPERATOR_NAMESPACE, waiting);
  const kept = await removeCrds(place);
  screen.settle();
  screen.say(
    `The demo is removed.${kept ? ' The CustomResourceDefinitions are not its own, or in use, and stay.' : ''}`,
  );
}

async function removeNetworks({ connection }: Place, waiting: Waiting): Promise<void> {
  const { kube } = connection;
  for (const { kind, object } of await listResources(connection, DEMO_NAMESPACE)) {
    await kube.delete(kind.type, { namespace: DEMO_NAMESPACE, name: object.metadata.name }, uidOf(object));
  }
  await waitUntil(async () => {
    const [left] = await listResources(connection, DEMO_NAMESPACE);
    return left === undefined
      ? { done: true }
      : { missing: `the end of ${left.object.kind} ${DEMO_NAMESPACE}/${left.object.metadata.name}` };
  }, waiting);
}

async function removeNamespace({ connection: { kube } }: Place, name: string, waiting: Waiting): Promise<void> {
  const namespace = await kube.get<KubeObject>(NAMESPACES, { name });
  if (namespace === undefined || !isOfDemo(namespace)) return;
  await kube.delete(NAMESPACES, { name }, uidOf(namespace));
  await waitUntil(async () => {
    const left = await kube.get(NAMESPACES, { name });
    return left === undefined ? { done: true } : { missing: `the end of Namespace ${name}` };
  }, waiting);
}

/** Those that the demo brought, and only if nobody has come to use them. Returns whether any stay. */
async function removeCrds({ connection }: Place): Promise<boolean> {
  const { kube } = connection;
  const inUse = (await listResources(connection, undefined)).length > 0;
  let kept = false;
  for (const { metadata } of KINDS.map((kind) => kind.crd())) {
    const crd = await kube.get(CUSTOM_RESOURCE_DEFINITIONS, { name: metadata.name });
    if (crd === undefined) continue;
    if (inUse || !isOfDemo(crd)) kept = true;
    else await kube.delete(CUSTOM_RESOURCE_DEFINITIONS, { name: metadata.name }, uidOf(crd));
  }
  return kept;
}

function uidOf({ metadata }: KubeObject): { uid: string } {
  return { uid: metadata.uid ?? '' };
}
