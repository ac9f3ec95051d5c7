/** What the HOPR operator (0.2.29) makes of one node, in its own words (spec hopr §3.3). */
import { writtenHoprd, writtenIdentity } from '../../src/kinds/hopr/written-resources.ts';
import { DEPLOYMENTS, INGRESSES, type ResourceType, SERVICES } from '../../src/kube/resource-types.ts';
import { TEAM } from './hopr-operator.ts';

export type OriginalNode = {
  name: string;
  identity: string;
  start: number;
  host: string;
  cluster?: string;
  isBalanced?: boolean;
};

const IMAGES = 'europe-west3-docker.pkg.dev/hoprassociation/docker-images';
const WALLET = 'wallet';

export function nodeChildren(node: OriginalNode): [ResourceType, object][] {
  const { name, isBalanced } = node;
  const host = `${name}.${TEAM}.example.org`;
  const backend = { service: { name: isBalanced === true ? `${name}-p2p-tcp` : name, port: { name: 'api' } } };
  return [
    [
      INGRESSES,
      {
        ...{ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
        metadata: {
          ...{ namespace: TEAM, name, labels: common(name) },
          annotations: { 'cert-manager.io/cluster-issuer': 'issuer' },
        },
        spec: {
          ingressClassName: 'nginx',
          rules: [{ host, http: { paths: [{ backend, pathType: 'ImplementationSpecific' }] } }],
          tls: [{ hosts: [host], secretName: `${name}-tls` }],
        },
      },
    ],
    ...services(node).map((service): [ResourceType, object] => [SERVICES, service]),
    [DEPLOYMENTS, deploymentOf(node)],
  ];
}

function services(node: OriginalNode): object[] {
  const { name, host } = node;
  const labels = { ...common(name), 'hoprds.hoprnet.org/identitypool': 'core' };
  const port = (portName: string, number: number, protocol: string, targetPort: string | number = number) => ({
    ...{ name: portName, port: number, protocol, targetPort },
  });
  const [first = 0, ...rest] = portsOf(node);
  const tcp = [
    ...[port('api', 3001, 'TCP', 'api'), port('metrics', 8080, 'TCP', 'metrics'), port('p2p-tcp', first, 'TCP')],
    ...rest.map((number) => port(`sessiont-${number}`, number, 'TCP')),
  ];
  const udp = [port('p2p-udp', first, 'UDP'), ...rest.map((number) => port(`sessionu-${number}`, number, 'UDP'))];
  const service = (serviceName: string, spec: object, annotations = {}) => ({
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { namespace: TEAM, name: serviceName, labels, annotations } },
    spec: { selector: labels, ...spec },
  });
  if (node.isBalanced !== true) return [service(name, { type: 'ClusterIP', ports: [...tcp, ...udp] })];
  const hostname = { 'external-dns.alpha.kubernetes.io/hostname': `${name}-p2p.${TEAM}.example.org` };
  const balanced = { type: 'LoadBalancer' };
  return [
    service(`${name}-p2p-tcp`, { ...balanced, allocateLoadBalancerNodePorts: false, ports: tcp }, hostname),
    service(`${name}-p2p-udp`, { ...balanced, loadBalancerIP: host, ports: udp }),
  ];
}

function deploymentOf(node: OriginalNode): object {
  const { name, identity, cluster } = node;
  const { peerId, nativeAddress, safeAddress, moduleAddress } = writtenIdentity().spec;
  const ours = { network: 'rotsee', identitypool: 'core', nativeAddress, peerId, safeAddress, moduleAddress };
  const labels = {
    ...{ ...common(name), 'app.kubernetes.io/component': 'node' },
    ...Object.fromEntries(
      Object.entries({ ...ours, ...(cluster && { cluster }) }).map(([key, value]) => [
        `hoprds.hoprnet.org/${key}`,
        value,
      ]),
    ),
  };
  const volumeMounts = [
    { name: 'hoprd-identity', mountPath: '/app/hoprd-identity' },
    { name: 'hoprd-db', mountPath: '/app/hoprd-db' },
  ];
  const { config } = writtenHoprd().spec;
  const init = {
    ...{ name: 'init', image: 'alpine', imagePullPolicy: 'Always', command: ['sh', '-c'], volumeMounts },
    args: ['its own script, with curl and tar'],
    env: [
      { name: 'HOPRD_IDENTITY_FILE', value: writtenIdentity().spec.identityFile },
      { name: 'HOPRD_CONFIGURATION', value: Buffer.from(config).toString('base64') },
    ],
  };
  const metrics = {
    ...{ name: 'hoprd-operator-metrics', image: `${IMAGES}/hoprd-operator-metrics:latest` },
    env: [fromWallet('HOPRD_API_TOKEN', 'HOPRD_API_TOKEN')],
    ports: [{ name: 'metrics', containerPort: 8080, protocol: 'TCP' }],
    readinessProbe: { tcpSocket: { port: 8080 }, initialDelaySeconds: 15, periodSeconds: 10, failureThreshold: 6 },
  };
  const volumes = [
    { name: 'hoprd-identity', emptyDir: {} },
    { name: 'hoprd-db', persistentVolumeClaim: { claimName: identity } },
  ];
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: TEAM, name, labels } },
    spec: {
      ...{ replicas: 1, strategy: { type: 'Recreate' }, selector: { matchLabels: labels } },
      template: {
        metadata: { labels },
        spec: { initContainers: [init], containers: [nodeContainer(node, volumeMounts), metrics], volumes },
      },
    },
  };
}

function nodeContainer(node: OriginalNode, volumeMounts: object[]): object {
  const [first = 0, ...sessions] = portsOf(node);
  const port = (name: string, containerPort: number, protocol: string) => ({ name, containerPort, protocol });
  const probe = (path: string, periodSeconds: number, failureThreshold: number) => ({
    ...{ httpGet: { path, port: 3001 }, periodSeconds, failureThreshold, timeoutSeconds: 5, successThreshold: 1 },
  });
  return {
    ...{ name: 'hoprd', image: `${IMAGES}/hoprd:2.1.0`, imagePullPolicy: 'Always', volumeMounts },
    envFrom: [{ secretRef: { name: 'core-default-env' } }],
    env: environmentOf(node, first, sessions),
    ports: [
      ...[port('api', 3001, 'TCP'), port('health', 8080, 'TCP')],
      ...[port('p2p-tcp', first, 'TCP'), port('p2p-udp', first, 'UDP')],
      ...sessions.flatMap((session) => [
        port(`sessiont-${session}`, session, 'TCP'),
        port(`sessionu-${session}`, session, 'UDP'),
      ]),
    ],
    resources: { limits: { cpu: '1500m', memory: '2Gi' }, requests: { cpu: '750m', memory: '512Mi' } },
    livenessProbe: probe('/healthyz', 5, 3),
    readinessProbe: probe('/readyz', 15, 240),
    startupProbe: probe('/startedz', 15, 240),
  };
}

function environmentOf({ host }: OriginalNode, first: number, sessions: readonly number[]): object[] {
  const { safeAddress, moduleAddress } = writtenIdentity().spec;
  const values: [string, string][] = [
    ['HOPRD_CONFIGURATION_FILE_PATH', '/app/hoprd-identity/config.yaml'],
    ['HOPRD_NETWORK', 'rotsee'],
    ['HOPRD_SAFE_ADDRESS', safeAddress],
    ['HOPRD_MODULE_ADDRESS', moduleAddress],
    ['HOPRD_IDENTITY', '/app/hoprd-identity/.hopr-id'],
    ['HOPRD_DATA', '/app/hoprd-db'],
    ['HOPRD_HOST', `${host}:${first}`],
    ['HOPRD_API_HOST', '0.0.0.0'],
    ['HOPRD_HEALTH_CHECK', 'true'],
    ['HOPRD_HEALTH_CHECK_HOST', '0.0.0.0'],
    ['HOPRD_DEFAULT_SESSION_LISTEN_HOST', '0.0.0.0:0'],
    ['RUST_BACKTRACE', 'full'],
    ['HOPRD_LOG_FORMAT', 'json'],
    ['HOPRD_MAX_RPC_REQUESTS_PER_SEC', '1000'],
    ['RUST_LOG', 'debug'],
    ['HOPRD_API_HOST', '::'],
    ['HOPRD_API', '1'],
    ['HOPRD_SESSION_PORT_RANGE', `${sessions[0]}:${sessions.at(-1)}`],
  ];
  return [
    ...[fromWallet('HOPRD_PASSWORD', 'IDENTITY_PASSWORD'), fromWallet('HOPRD_API_TOKEN', 'HOPRD_API_TOKEN')],
    ...values.map(([name, value]) => ({ name, value })),
  ];
}

export function portsOf({ start }: OriginalNode): number[] {
  return Array.from({ length: 10 }, (_, index) => start + index);
}

export function common(instance: string): Record<string, string> {
  return { 'app.kubernetes.io/name': 'hoprd-operator', 'app.kubernetes.io/instance': instance };
}

export function fromWallet(name: string, key: string): object {
  return { name, valueFrom: { secretKeyRef: { name: WALLET, key } } };
}
