/**
 * Watches of different types know nothing of each other. A pod that was just made of a new StatefulSet, seen beside the Secret and the
 * StatefulSet as they were before, looks like one that has to be restarted. So what the stamp of the pod is made of is read from the API
 * server itself, where a restart seems due and nowhere else.
 */
import { keyOf, type ObjectMeta } from '../../kube/objects.ts';
import type { Reader } from '../../kube/reader.ts';
import { CONFIG_MAPS, type ResourceType, SECRETS, STATEFUL_SETS } from '../../kube/resource-types.ts';
import { ANNOTATION_ASKED } from '../../reconcile/labels.ts';
import type { Observed } from './observe.ts';
import { SYMBOL_NODES, type SymbolNode, TUTORIAL_SYMBOL_NODES } from './schema.ts';

type Seen = { type: ResourceType; name: string; metadata: ObjectMeta | undefined };

/** @param live reads from the API server, past all caches */
export async function confirmView(
  resource: SymbolNode,
  { names, pods, statefulSets, secrets, configMaps }: Observed,
  live: Pick<Reader, 'get'>,
): Promise<boolean> {
  const set = statefulSets.get(names.statefulSet);
  const asked = pods.get(names.pod)?.metadata.annotations?.[ANNOTATION_ASKED];
  if (asked === undefined || asked === set?.spec?.template.metadata?.annotations?.[ANNOTATION_ASKED]) return true;
  const { namespace, name } = keyOf(resource);
  const type = resource.apiVersion === 'example.com/v1' ? TUTORIAL_SYMBOL_NODES : SYMBOL_NODES;
  const seen: Seen[] = [
    { type, name, metadata: resource.metadata },
    { type: STATEFUL_SETS, name: names.statefulSet, metadata: set?.metadata },
    { type: CONFIG_MAPS, name: names.package(0), metadata: configMaps.get(names.package(0))?.metadata },
    ...[names.certificates, names.votingKeys].map((secret) => ({
      ...{ type: SECRETS, name: secret, metadata: secrets.get(secret)?.metadata },
    })),
  ];
  const found = await Promise.all(
    seen.map(async (object) => {
      const now = await live.get(object.type, { namespace, name: object.name });
      return now?.metadata.resourceVersion === object.metadata?.resourceVersion;
    }),
  );
  return found.every(Boolean);
}
