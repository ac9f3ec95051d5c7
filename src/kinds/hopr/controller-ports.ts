/** The nginx ingress controller must have the ports of the nodes in its Deployment before anybody reaches them there (spec hopr §7). */
import { type Deployment, keyOf } from '../../kube/objects.ts';
import { DEPLOYMENTS } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import type { HoprSettings } from '../hopr-settings.ts';
import type { Problem } from '../problem.ts';
import { buildControllerPorts } from './desired/nginx-ports.ts';

/** Where the controller is; undefined where its ports are somebody else's business. */
export function controllerKey({ ingress }: HoprSettings): { namespace: string; name: string } | undefined {
  const { className, namespace, deploymentName } = ingress;
  if (className !== 'nginx' || namespace === undefined || deploymentName === undefined) return undefined;
  return { namespace, name: deploymentName };
}

export function planControllerPorts(
  live: Deployment | undefined,
  settings: HoprSettings,
): { changes: Change[]; problems: Problem[] } {
  const key = controllerKey(settings);
  if (key === undefined) return { changes: [], problems: [] };
  if (live === undefined) {
    const message = `there is no Deployment ${key.namespace}/${key.name}, which ingress.deployment_name in the operator's configuration names: nobody reaches the ports of nodes; install the ingress controller, or name its Deployment`;
    return { changes: [], problems: [{ reason: 'IngressControllerMissing', message }] };
  }
  const { portMin: first, portMax: last } = settings.ingress;
  const object = buildControllerPorts(live, { first, last });
  if (object === undefined || live.metadata.deletionTimestamp !== undefined) return { changes: [], problems: [] };
  const why = `ports ${first} to ${last} are for nodes`;
  return {
    changes: [{ verb: 'apply', type: DEPLOYMENTS, key: keyOf(live), why, object, isNew: false }],
    problems: [],
  };
}
