/**
 * Ports of the nginx ingress controller. Two ConfigMaps lead TCP and UDP ports to Services (key: port, value: `namespace/name:port`); many
 * nodes and other people write them, so only the entries of one node are ever touched, and an entry is a node's only when it names exactly
 * that node (spec hopr §8.3).
 */
import type { ConfigMap, Container, Deployment, KubeObject, ObjectKey } from '../../../kube/objects.ts';
import { listPorts, type PortRange } from './ports.ts';

export const TCP_CONFIG_MAP = 'ingress-nginx-tcp';
export const UDP_CONFIG_MAP = 'ingress-nginx-udp';

type Entries = Readonly<Record<string, string>>;

/** Ports in a ConfigMap that lead to a Service, or to others where `others` is set. */
export function portsOf(data: Entries | undefined, service: ObjectKey, others = false): number[] {
  return Object.entries(data ?? {})
    .filter(([, target]) => leadsTo(target, service) !== others)
    .map(([port]) => Number(port))
    .filter(Number.isInteger);
}

/** Members of `data` of a merge patch that opens exactly these ports for a Service; undefined when they are open. */
export function openPorts(
  data: Entries | undefined,
  service: ObjectKey,
  range: PortRange | undefined,
): Record<string, string | null> | undefined {
  const wanted = new Map(
    (range === undefined ? [] : listPorts(range)).map((port) => [String(port), `${nameOf(service)}:${port}`]),
  );
  const added = [...wanted].filter(([port, target]) => !isTarget(data?.[port], target));
  const gone = Object.entries(data ?? {}).filter(([port, target]) => leadsTo(target, service) && !wanted.has(port));
  if (added.length === 0 && gone.length === 0) return undefined;
  return Object.fromEntries([...added, ...gone.map(([port]) => [port, null] as const)]);
}

/** Members of `data` of a merge patch that closes every port of a Service; undefined when none is open. */
export function closePorts(data: Entries | undefined, service: ObjectKey): Record<string, null> | undefined {
  return openPorts(data, service, undefined) as Record<string, null> | undefined;
}

/** Fails when somebody has written the ConfigMap since it was read: two nodes may have found the same ports free. */
export function patchOfEntries({ metadata }: ConfigMap, data: Record<string, string | null>): object {
  return { metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion }, data };
}

/**
 * The ports that the controller has to have, for server-side apply: it is merged into what is there, so that sidecars, and ports that
 * others have declared, stay as they are. Undefined when all of them are declared.
 *
 * @param range of ports, first and last included
 */
export function buildControllerPorts(live: Deployment, range: { first: number; last: number }): KubeObject | undefined {
  const containers = live.spec?.template.spec?.containers ?? [];
  const container = containers.find(({ name }) => name === 'controller') ?? containers[0];
  if (container === undefined) return undefined;
  const wanted = listPorts({ start: range.first, count: range.last - range.first + 1 }).flatMap((port) => [
    { name: `tcp-${port}`, containerPort: port, protocol: 'TCP' },
    { name: `udp-${port}`, containerPort: port, protocol: 'UDP' },
  ]);
  const foreign = new Set(
    declaredPorts(container)
      .filter(([, name]) => !wanted.some((port) => port.name === name))
      .map(([key]) => key),
  );
  const declared = new Set(declaredPorts(container).map(([key]) => key));
  if (wanted.every((port) => declared.has(keyOf(port)))) return undefined;
  const { name, namespace } = live.metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec: {
      template: {
        spec: { containers: [{ name: container.name, ports: wanted.filter((port) => !foreign.has(keyOf(port))) }] },
      },
    },
  } as KubeObject;
}

function declaredPorts({ ports = [] }: Container): [key: string, name: string | undefined][] {
  return ports.map((port) => [keyOf(port), port.name]);
}

function keyOf({ containerPort, protocol = 'TCP' }: { containerPort: number; protocol?: string | undefined }): string {
  return `${containerPort}/${protocol}`;
}

/** The controller knows further parts behind the port, such as `:PROXY`. */
function leadsTo(target: string, service: ObjectKey): boolean {
  return target.startsWith(`${nameOf(service)}:`);
}

function isTarget(live: string | undefined, target: string): boolean {
  return live === target || live?.startsWith(`${target}:`) === true;
}

function nameOf({ namespace = '', name }: ObjectKey): string {
  return `${namespace}/${name}`;
}
