/**
 * The ports of a node behind the ingress controller. They are the node's once the controller's TCP ConfigMap says so: that is written first,
 * alone, and only if nobody has written it in between. The ConfigMap for UDP follows, then everything that has the ports in it.
 */
import { type ConfigMap, keyOf } from '../../kube/objects.ts';
import { CONFIG_MAPS } from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import type { HoprSettings } from '../hopr-settings.ts';
import type { Problem } from '../problem.ts';
import { openPorts, patchOfEntries, portsOf, TCP_CONFIG_MAP, UDP_CONFIG_MAP } from './desired/nginx-ports.ts';
import { serviceTypeOf } from './desired/node.ts';
import { allocatePorts, LOAD_BALANCER_START, type PortRange, portCountOf, rememberedStart } from './desired/ports.ts';
import type { NodeObserved } from './node-observed.ts';
import type { Hoprd } from './schema.ts';

export type PortPlan = {
  /** Undefined until the node has them. */
  range: PortRange | undefined;
  /** To be written, and seen, before anything else. */
  changes: Change[];
  waits: Wait[];
  problems: Problem[];
};

export function planPorts(hoprd: Hoprd, observed: NodeObserved, settings: HoprSettings): PortPlan {
  const count = portCountOf(hoprd.spec);
  if (serviceTypeOf(hoprd) === 'LoadBalancer') {
    const changes = closeAll(hoprd, observed, 'the node has a load balancer of its own');
    return { range: { start: LOAD_BALANCER_START, count }, changes, waits: [], problems: [] };
  }
  const range = findRange(hoprd, observed, settings, count);
  const { portMin, portMax, namespace } = settings.ingress;
  if (range === undefined) {
    const message = `there are no ${count} free ports in a row from ${portMin} to ${portMax}; widen the range of the operator, or delete nodes`;
    return refuse('NoFreePorts', message);
  }
  if (namespace === undefined) return { range, changes: [], waits: [], problems: [] };
  const missing = [
    ...(observed.nginx.tcp === undefined ? [TCP_CONFIG_MAP] : []),
    ...(observed.nginx.udp === undefined ? [UDP_CONFIG_MAP] : []),
  ];
  if (missing.length > 0) {
    const message = `ConfigMap ${missing.map((name) => `${namespace}/${name}`).join(' and ')} is missing; make it, and let the ingress controller read it (--tcp-services-configmap, --udp-services-configmap)`;
    return refuse('IngressPortsMissing', message);
  }
  const changes = openAll(hoprd, observed, range);
  // Seen by others only when it is written; until then the ports may still be somebody else's.
  return { range: changes.length > 0 ? undefined : range, changes, waits: [], problems: [] };
}

/** Ports of a node that goes; undefined where none is open. */
export function closeAll(hoprd: Hoprd, { nginx }: NodeObserved, why: string): Change[] {
  return [nginx.tcp, nginx.udp].flatMap((configMap) => patch(configMap, hoprd, undefined, why));
}

function openAll(hoprd: Hoprd, { nginx }: NodeObserved, range: PortRange): Change[] {
  const why = `ports ${range.start} to ${range.start + range.count - 1} lead to node ${hoprd.metadata.name}`;
  const tcp = patch(nginx.tcp, hoprd, range, why);
  return tcp.length > 0 ? tcp : patch(nginx.udp, hoprd, range, why);
}

function patch(configMap: ConfigMap | undefined, hoprd: Hoprd, range: PortRange | undefined, why: string): Change[] {
  const data = configMap === undefined ? undefined : openPorts(configMap.data, keyOf(hoprd), range);
  if (configMap === undefined || data === undefined) return [];
  return [{ verb: 'patch', type: CONFIG_MAPS, key: keyOf(configMap), why, patch: patchOfEntries(configMap, data) }];
}

function findRange(hoprd: Hoprd, observed: NodeObserved, settings: HoprSettings, count: number): PortRange | undefined {
  const { tcp, udp } = observed.nginx;
  const key = keyOf(hoprd);
  const taken = new Set([...observed.foreignPorts, ...portsOf(tcp?.data, key, true), ...portsOf(udp?.data, key, true)]);
  const [opened] = portsOf(tcp?.data, key).sort((a, b) => a - b);
  const preferred = (observed.deployment && rememberedStart(observed.deployment)) ?? opened;
  return allocatePorts({ count, first: settings.ingress.portMin, last: settings.ingress.portMax, taken, preferred });
}

function refuse(reason: Reason, message: string): PortPlan {
  return { range: undefined, changes: [], waits: [{ what: 'ports', why: message }], problems: [{ reason, message }] };
}
