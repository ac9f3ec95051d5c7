/** Everything that a node is made of. */

import type { HoprSettings } from '../../hopr-settings.ts';
import type { Hoprd, IdentityHoprd, IdentityPool } from '../schema.ts';
import type { PortRange } from './ports.ts';

export type NodeInput = {
  hoprd: Hoprd;
  pool: IdentityPool;
  /** The identity that the node has to itself. */
  identity: IdentityHoprd;
  /** Where peers reach it: an IP address, or the host name of a load balancer that has none. */
  host: string;
  ports: PortRange;
  settings: HoprSettings;
};

export function serviceTypeOf({ spec }: { spec: { service?: { type: 'ClusterIP' | 'LoadBalancer' } | undefined } }) {
  return spec.service?.type ?? 'ClusterIP';
}
