/**
 * Two resources can name the same objects: of both groups, or of one host and network. The first keeps them, the other says so and writes
 * nothing. What was kept after a resource was deleted belongs to nobody, and goes to whoever has its name next.
 */
import { type KubeObject, keyOf } from '../../kube/objects.ts';
import type { Reader } from '../../kube/reader.ts';
import type { ResourceType } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import { LABEL_KIND, LABEL_RESOURCE } from '../../reconcile/labels.ts';
import { childLabels, kindLabelOf } from './desired/metadata.ts';
import { SYMBOL_NODES, type SymbolNode, TUTORIAL_SYMBOL_NODES } from './schema.ts';

export type Claimed = { type: ResourceType; object: KubeObject };

/** What is somebody else's, as a sentence; undefined when nothing is. */
export async function findConflict(
  resource: SymbolNode,
  claimed: readonly Claimed[],
  reader: Pick<Reader, 'get'>,
): Promise<string | undefined> {
  for (const { type, object } of claimed) {
    const owner = await describeOwner(resource, object, reader);
    if (owner !== undefined)
      return `${type.kind} ${object.metadata.name} belongs to ${owner}: nothing is written. Give this node a spec.name of its own`;
  }
  return undefined;
}

async function describeOwner(
  resource: SymbolNode,
  { metadata }: KubeObject,
  reader: Pick<Reader, 'get'>,
): Promise<string | undefined> {
  const controller = metadata.ownerReferences?.find((reference) => reference.controller === true);
  if (controller !== undefined) {
    // Of a StatefulSet with the name of ours, which is looked at itself; a pod is never written.
    if (controller.uid === resource.metadata.uid || controller.kind === 'StatefulSet') return undefined;
    return `${controller.kind} ${controller.name}${controller.apiVersion === resource.apiVersion ? '' : ` of ${controller.apiVersion}`}`;
  }
  const { [LABEL_KIND]: kind, [LABEL_RESOURCE]: name } = metadata.labels ?? {};
  if (kind === undefined || name === undefined) return 'nobody that Nodewright knows';
  if (isOf(resource, metadata.labels)) return undefined;
  const type = [SYMBOL_NODES, TUTORIAL_SYMBOL_NODES].find((candidate) => labelOf(candidate) === kind);
  if (type === undefined) return `${kind} ${name}`;
  const other = await reader.get(type, { namespace: metadata.namespace, name });
  return other === undefined ? undefined : `${type.kind} ${name} of ${type.group}`;
}

/** Gives what was kept the labels of its new resource, by which it is found and watched. */
export function resumeKept(resource: SymbolNode, claimed: readonly Claimed[]): Change[] {
  return claimed.flatMap(({ type, object }): Change[] => {
    const { metadata } = object;
    if (metadata.ownerReferences !== undefined || isOf(resource, metadata.labels)) return [];
    return [
      {
        verb: 'patch',
        type,
        key: keyOf(object),
        why: 'kept from an earlier resource, now in use again',
        patch: { metadata: { uid: metadata.uid, labels: childLabels(resource) } },
      },
    ];
  });
}

function isOf(resource: SymbolNode, labels: Record<string, string> = {}): boolean {
  return Object.entries(childLabels(resource)).every(([name, value]) => labels[name] === value);
}

function labelOf({ group, version, kind }: ResourceType): string {
  return kindLabelOf({ apiVersion: `${group}/${version}`, kind });
}
