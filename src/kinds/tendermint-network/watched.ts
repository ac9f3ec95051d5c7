/** Which of the observed maps holds the objects of a type. */
import type { KubeObject } from '../../kube/objects.ts';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  PERSISTENT_VOLUME_CLAIMS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  type ResourceType,
  SECRETS,
  SERVICES,
} from '../../kube/resource-types.ts';
import type { Observed } from './observe.ts';

export const TYPE_OF_CHILD: ReadonlyMap<ResourceType, (observed: Observed) => ReadonlyMap<string, KubeObject>> =
  new Map<ResourceType, (observed: Observed) => ReadonlyMap<string, KubeObject>>([
    [CONFIG_MAPS, (observed) => observed.configMaps],
    [DEPLOYMENTS, (observed) => observed.deployments],
    [PERSISTENT_VOLUME_CLAIMS, (observed) => observed.claims],
    [POD_DISRUPTION_BUDGETS, (observed) => observed.budgets],
    [PODS, (observed) => observed.pods],
    [SECRETS, (observed) => observed.secrets],
    [SERVICES, (observed) => observed.services],
  ]);
