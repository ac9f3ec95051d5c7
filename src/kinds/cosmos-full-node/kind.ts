import type { KubeObject } from '../../kube/objects.ts';
import {
  CONFIG_MAPS,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
  SERVICES,
  VOLUME_SNAPSHOTS,
} from '../../kube/resource-types.ts';
import { SCHEDULED_VOLUME_SNAPSHOTS } from '../cosmos-resource-types.ts';
import type { Kind } from '../kind.ts';
import { lookBy } from '../look.ts';
import { reconcilerBy } from '../pass.ts';
import { checkCosmosFullNode, warnOfCosmosFullNode } from './check.ts';
import { cosmosFullNodeCrd } from './crd.ts';
import { LABEL_APP } from './desired/metadata.ts';
import { UPGRADE_SNAPSHOTS } from './desired/upgrade-snapshot.ts';
import { CHILDREN } from './observe.ts';
import { fullNodeRecipe } from './recipe.ts';
import { renderFullNode } from './render.ts';
import { COSMOS_FULL_NODES, type CosmosFullNode } from './schema.ts';

const SNAPSHOT_VERBS = ['get', 'list', 'watch', 'create', 'delete'];
const WRITE = ['get', 'list', 'watch', 'create', 'patch'];

export const cosmosFullNode: Kind = {
  name: fullNodeRecipe.name,
  type: COSMOS_FULL_NODES,
  children: () => [
    ...[PODS, PERSISTENT_VOLUME_CLAIMS, CONFIG_MAPS, SERVICES, SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS].map((type) => ({
      type,
      labels: CHILDREN,
    })),
    { type: VOLUME_SNAPSHOTS, labels: UPGRADE_SNAPSHOTS, optional: true },
    // No child, but it asks for pods to be away while it takes a snapshot.
    { type: SCHEDULED_VOLUME_SNAPSHOTS, optional: true },
  ],
  rules: [
    { apiGroups: [''], resources: ['pods', 'persistentvolumeclaims', 'configmaps'], verbs: [...WRITE, 'delete'] },
    { apiGroups: [''], resources: ['services', 'serviceaccounts'], verbs: WRITE },
    // What the instances may do is less than what the operator itself may: that needs neither `escalate` nor `bind`.
    { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: WRITE },
    { apiGroups: ['snapshot.storage.k8s.io'], resources: ['volumesnapshots'], verbs: SNAPSHOT_VERBS },
    {
      apiGroups: [SCHEDULED_VOLUME_SNAPSHOTS.group],
      resources: [SCHEDULED_VOLUME_SNAPSHOTS.plural],
      verbs: ['get', 'list', 'watch'],
    },
    // Whether the Cosmos Operator still runs.
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['list'] },
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['list'] },
  ],
  // Recovery of damaged data keeps the old volume; the operator does without where it may not.
  volumeRules: [{ apiGroups: [''], resources: [PERSISTENT_VOLUMES.plural], verbs: ['get', 'patch'] }],
  ownersOf,
  crd: cosmosFullNodeCrd,
  check: checkCosmosFullNode,
  warn: warnOfCosmosFullNode,
  render: (object, options, now, random) => renderFullNode(object as CosmosFullNode, options, now, random),
  look: lookBy(fullNodeRecipe),
  view: fullNodeRecipe.view,
  createReconciler: reconcilerBy(fullNodeRecipe),
};

/** What was kept without an owner concerns the resource whose name it carries; a scheduled snapshot the one that it refers to. */
function ownersOf(object: KubeObject): { namespace: string; name: string }[] {
  const { metadata } = object;
  const name =
    object.kind === SCHEDULED_VOLUME_SNAPSHOTS.kind
      ? (object as { spec?: { fullNodeRef?: { name?: string } } }).spec?.fullNodeRef?.name
      : metadata.labels?.[LABEL_APP];
  if (metadata.ownerReferences !== undefined || name === undefined) return [];
  return [{ namespace: metadata.namespace ?? '', name }];
}
