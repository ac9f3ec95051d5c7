/** Names, labels and owners of a node's children. The user's labels come first, so that they can never break a selector of ours. */
import type { KubeObject, ObjectMeta } from '../../../kube/objects.ts';
import {
  LABEL_COMPONENT,
  LABEL_INSTANCE,
  LABEL_KIND,
  LABEL_MANAGED_BY,
  LABEL_NAME,
  LABEL_NODE,
  LABEL_RESOURCE,
  MANAGER,
  withoutOurs,
} from '../../../reconcile/labels.ts';
import { ownedBy } from '../../../reconcile/ownership.ts';
import { type SymbolNode, TUTORIAL_SYMBOL_NODES } from '../schema.ts';

/** On the pod of the tutorial, and what its StatefulSet selects by. */
export const LABEL_APP = 'app';

/** Both groups may have a resource of one name. */
export function kindLabelOf({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): string {
  return apiVersion.startsWith(`${TUTORIAL_SYMBOL_NODES.group}/`) ? `${kind}.${TUTORIAL_SYMBOL_NODES.group}` : kind;
}

/** Labels of every child of a resource; the operator's caches hold what carries the first. */
export function childLabels(resource: SymbolNode): Record<string, string> {
  return {
    [LABEL_MANAGED_BY]: MANAGER,
    [LABEL_KIND]: kindLabelOf(resource),
    [LABEL_RESOURCE]: resource.metadata.name,
  };
}

export type ChildOptions = {
  /** The name of the node. */
  node: string;
  component: 'node' | 'keys' | 'network';
  /** False for what outlives the resource: it has no owner reference. */
  owned: boolean;
  annotations?: Record<string, string>;
};

export function childMetadata(resource: SymbolNode, name: string, options: ChildOptions): ObjectMeta {
  const annotations = { ...withoutOurs(resource.spec.annotations), ...options.annotations };
  return {
    name,
    namespace: resource.metadata.namespace as string,
    labels: labelsOf(resource, options),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    ...(options.owned ? ownedBy(resource) : {}),
  };
}

export function labelsOf(
  resource: SymbolNode,
  { node, component }: Pick<ChildOptions, 'node' | 'component'>,
): Record<string, string> {
  return {
    ...withoutOurs(resource.spec.labels),
    [LABEL_APP]: node,
    [LABEL_NAME]: 'symbol',
    [LABEL_INSTANCE]: resource.metadata.name,
    [LABEL_COMPONENT]: component,
    ...childLabels(resource),
    [LABEL_NODE]: node,
  };
}
