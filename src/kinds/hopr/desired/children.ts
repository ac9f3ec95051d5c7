/** Everything that a resource owns, in the order in which it is made (spec hopr §3). */
import type { KubeObject } from '../../../kube/objects.ts';
import type { HoprSettings } from '../../hopr-settings.ts';
import type { IdentityPool } from '../schema.ts';
import { buildAutoFunding } from './auto-funding.ts';
import { buildDeployment } from './deployment.ts';
import { buildIngress } from './ingress.ts';
import type { NodeInput } from './node.ts';
import { buildPoolAccess } from './pool-access.ts';
import { buildServiceMonitor } from './service-monitor.ts';
import { type BalancerAddress, buildServices } from './services.ts';

export function buildPoolChildren(pool: IdentityPool, settings: HoprSettings): KubeObject[] {
  const { serviceAccount, role, roleBinding } = buildPoolAccess(pool, settings);
  const funding = buildAutoFunding(pool, settings);
  return [
    buildServiceMonitor(pool, settings),
    serviceAccount,
    role,
    roleBinding,
    ...(funding === undefined ? [] : [funding]),
  ];
}

/**
 * Throws a FormatError where `spec.deployment` cannot be read.
 * @param balancer of a node with a load balancer of its own
 */
export function buildNodeChildren(input: NodeInput, balancer?: BalancerAddress): KubeObject[] {
  return [buildIngress(input.hoprd, input.settings), ...buildServices(input, balancer), buildDeployment(input)];
}
