/** The ports of a node: the first for its peers, the rest for sessions, each by TCP and UDP (spec hopr §3.3). */
import type { Deployment } from '../../../kube/objects.ts';

export type PortRange = { start: number; count: number };

/** Of every node with a load balancer of its own. */
export const LOAD_BALANCER_START = 9091;
const DEFAULT_COUNT = 10;

/** Name of the container and of the port by which a Deployment remembers where the ports of its node begin. */
export const NODE_CONTAINER = 'hoprd';
export const PEER_PORT = 'p2p-tcp';

export function portCountOf({ portsAllocation }: { portsAllocation?: number | undefined }): number {
  return portsAllocation ?? DEFAULT_COUNT;
}

export function listPorts({ start, count }: PortRange): number[] {
  return Array.from({ length: count }, (_, index) => start + index);
}

/** The ports for sessions. */
export function listSessionPorts(range: PortRange): number[] {
  return listPorts(range).slice(1);
}

/**
 * The lowest place between `first` and `last`, both included, with so many ports in a row that nobody has; `preferred`, where the ports of
 * a node begin already, is kept as long as they are nobody else's. Undefined when there is no such place.
 *
 * @param taken by others
 */
export function allocatePorts(request: {
  count: number;
  first: number;
  last: number;
  taken: ReadonlySet<number>;
  preferred?: number | undefined;
}): PortRange | undefined {
  const { count, first, last, taken, preferred } = request;
  const isFree = (start: number) => listPorts({ start, count }).every((port) => !taken.has(port));
  if (preferred !== undefined && isFree(preferred)) return { start: preferred, count };
  for (let start = first; start + count - 1 <= last; start++) {
    if (isFree(start)) return { start, count };
  }
  return undefined;
}

/**
 * Where the ports of a live node begin. The HOPR operator has this only in HOPRD_HOST, which users can set; the port of the container is
 * the same and always the operator's.
 */
export function rememberedStart(deployment: Deployment): number | undefined {
  const container = deployment.spec?.template.spec?.containers.find(({ name }) => name === NODE_CONTAINER);
  const declared = container?.ports?.find(({ name }) => name === PEER_PORT)?.containerPort;
  const host = container?.env?.find(({ name }) => name === 'HOPRD_HOST')?.value;
  const announced = /:(\d+)$/.exec(host ?? '')?.[1];
  return declared ?? (announced === undefined ? undefined : Number(announced));
}
