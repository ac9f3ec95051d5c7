/** SymbolNode in its own group and in the tutorial's: one schema, one recipe, two CRDs. */
import type { KubeObject } from '../../kube/objects.ts';
import {
  CONFIG_MAPS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  type ResourceType,
  SECRETS,
  SERVICES,
  STATEFUL_SETS,
} from '../../kube/resource-types.ts';
import { LABEL_KIND, LABEL_MANAGED_BY, LABEL_RESOURCE, MANAGER } from '../../reconcile/labels.ts';
import { findHost } from '../../runtime/find-host.ts';
import type { Kind } from '../kind.ts';
import { lookBy } from '../look.ts';
import { reconcilerBy } from '../pass.ts';
import { checkSymbolNode } from './check.ts';
import { symbolNodeCrd } from './crd.ts';
import { kindLabelOf } from './desired/metadata.ts';
import { download } from './download.ts';
import { createNetworkSource } from './network-source.ts';
import { type Outside, symbolNodeRecipe } from './recipe.ts';
import { renderSymbolNode } from './render.ts';
import { callOutside } from './rpc/outside.ts';
import { SYMBOL_NODES, type SymbolNode, TUTORIAL_SYMBOL_NODES } from './schema.ts';
import { AlertSender } from './watch/alert-sender.ts';

const CHILDREN = { [LABEL_MANAGED_BY]: MANAGER };
const WRITE = ['get', 'list', 'watch', 'create', 'patch'];

/** @param outside how the world outside of the cluster is reached */
export function symbolNodeKind(type: ResourceType, outside: Outside): Kind {
  const recipe = symbolNodeRecipe(type, outside);
  const label = kindLabelOf({ apiVersion: `${type.group}/${type.version}`, kind: type.kind });
  return {
    name: recipe.name,
    type,
    children: () =>
      [PODS, SERVICES, CONFIG_MAPS, SECRETS, PERSISTENT_VOLUME_CLAIMS, STATEFUL_SETS].map((child) => ({
        type: child,
        labels: CHILDREN,
      })),
    rules: [
      { apiGroups: [''], resources: ['services', 'configmaps', 'secrets', 'persistentvolumeclaims'], verbs: WRITE },
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'delete'] },
      { apiGroups: ['apps'], resources: ['statefulsets'], verbs: WRITE },
      // Whether the tutorial's operator still runs.
      ...(type === TUTORIAL_SYMBOL_NODES ? [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['list'] }] : []),
      // Whether a resource of the other group has objects of the same name.
      {
        apiGroups: [type === SYMBOL_NODES ? TUTORIAL_SYMBOL_NODES.group : SYMBOL_NODES.group],
        resources: [type.plural],
        verbs: ['get'],
      },
    ],
    ownersOf: (child) => ownersOf(child, label),
    crd: () => symbolNodeCrd(type),
    check: checkSymbolNode,
    render: (object, options, now, random) => renderSymbolNode(object as SymbolNode, options, now, random),
    look: lookBy(recipe),
    view: recipe.view,
    createReconciler: reconcilerBy(recipe),
  };
}

/** Pods and claims belong to the StatefulSet, and what is kept to nobody: their labels tell whose they are. */
function ownersOf({ metadata }: KubeObject, label: string): { namespace: string; name: string }[] {
  const { labels = {}, namespace = '' } = metadata;
  const name = labels[LABEL_RESOURCE];
  return labels[LABEL_KIND] === label && name !== undefined ? [{ namespace, name }] : [];
}

const OUTSIDE = {
  source: createNetworkSource({ call: callOutside, download, findHost, now: Date.now }),
  call: callOutside,
  alerts: new AlertSender(callOutside, Date.now),
};

export const symbolNode = symbolNodeKind(SYMBOL_NODES, OUTSIDE);
export const tutorialSymbolNode = symbolNodeKind(TUTORIAL_SYMBOL_NODES, OUTSIDE);
