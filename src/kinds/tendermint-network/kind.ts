import type { KubeObject, Lease } from '../../kube/objects.ts';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  LEASES,
  PERSISTENT_VOLUME_CLAIMS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  SECRETS,
  SERVICES,
} from '../../kube/resource-types.ts';
import { LABEL_KIND, LABEL_MANAGED_BY, LABEL_RESOURCE, MANAGER } from '../../reconcile/labels.ts';
import type { Kind } from '../kind.ts';
import { lookBy } from '../look.ts';
import { reconcilerBy } from '../pass.ts';
import { checkNetwork } from './check.ts';
import { tendermintNetworkCrd } from './crd.ts';
import { networkRecipe } from './recipe.ts';
import { renderNetwork } from './render.ts';
import { reservedFor } from './reservation.ts';
import { TENDERMINT_NETWORKS, type TendermintNetwork } from './schema.ts';

const CHILDREN = { [LABEL_MANAGED_BY]: MANAGER };

export const tendermintNetwork: Kind = {
  name: 'tendermint-network',
  type: TENDERMINT_NETWORKS,
  children: ({ operatorNamespace }) => [
    ...[PODS, SERVICES, CONFIG_MAPS, SECRETS, PERSISTENT_VOLUME_CLAIMS, POD_DISRUPTION_BUDGETS, DEPLOYMENTS].map(
      (type) => ({ type, labels: CHILDREN }),
    ),
    { type: LEASES, labels: CHILDREN, namespaces: [operatorNamespace] },
  ],
  rules: [
    {
      apiGroups: [''],
      resources: ['pods', 'services', 'configmaps', 'secrets', 'persistentvolumeclaims'],
      verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    },
    {
      apiGroups: ['policy'],
      resources: ['poddisruptionbudgets'],
      verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    },
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  ],
  ownersOf,
  crd: tendermintNetworkCrd,
  check: checkNetwork,
  render: (object, options, now, random) => renderNetwork(object as TendermintNetwork, options, now, random),
  look: lookBy(networkRecipe),
  view: networkRecipe.view,
  createReconciler: reconcilerBy(networkRecipe),
};

function ownersOf(child: KubeObject): { namespace: string; name: string }[] {
  if (child.kind === LEASES.kind) return reservedFor(child as Lease);
  const { labels = {}, namespace = '', ownerReferences = [] } = child.metadata;
  const name = labels[LABEL_RESOURCE];
  const isOurs = labels[LABEL_KIND] === TENDERMINT_NETWORKS.kind && ownerReferences.length === 0;
  return isOurs && name !== undefined ? [{ namespace, name }] : [];
}
