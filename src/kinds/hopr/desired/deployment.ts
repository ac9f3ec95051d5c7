/** The Deployment of a node: one pod at most, and never two at a time (spec hopr §3.3). */
import type { Container, Deployment } from '../../../kube/objects.ts';
import { API_PORT, containerSettingsOf } from './container-settings.ts';
import { buildInitScript, CONFIGURATION_VARIABLE, IDENTITY_VARIABLE } from './init-script.ts';
import { COMPONENT_NODE, childMetadata, commonLabels, LABEL_CLUSTER, LABEL_POOL, toLabelValue } from './metadata.ts';
import type { NodeInput } from './node.ts';
import { buildNodeEnv, environmentSecretOf, fromWallet } from './node-env.ts';
import { DATABASE_FOLDER, DATABASE_VOLUME, IDENTITY_FOLDER, IDENTITY_VOLUME } from './node-files.ts';
import { secureHoprPod } from './pod-user.ts';
import { listSessionPorts, NODE_CONTAINER, PEER_PORT } from './ports.ts';

/** The container port and the port of the Services for metrics. */
export const METRICS_PORT = 8080;

type ContainerPort = NonNullable<Container['ports']>[number];

const MOUNTS = [
  { name: IDENTITY_VOLUME, mountPath: IDENTITY_FOLDER },
  { name: DATABASE_VOLUME, mountPath: DATABASE_FOLDER },
];

/** Throws a FormatError where `spec.deployment` cannot be read. */
export function buildDeployment(input: NodeInput): Deployment {
  const { hoprd, identity, settings } = input;
  const labels = buildNodeLabels(input);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: childMetadata(hoprd, hoprd.metadata.name, labels),
    spec: {
      replicas: hoprd.spec.enabled === false ? 0 : 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: secureHoprPod(
          {
            initContainers: [buildInitContainer(input)],
            containers: [buildNodeContainer(input), buildMetricsContainer(input)],
            volumes: [
              { name: IDENTITY_VOLUME, emptyDir: {} },
              { name: DATABASE_VOLUME, persistentVolumeClaim: { claimName: identity.metadata.name } },
            ],
          },
          settings.podSecurity,
        ),
      },
    },
  };
}

/** Metrics are told apart by them (service-monitor.ts). They are also the selector, which the API server lets nobody change. */
function buildNodeLabels({ hoprd, pool, identity, settings }: NodeInput): Record<string, string> {
  const cluster = hoprd.metadata.labels?.[LABEL_CLUSTER];
  const { nativeAddress, peerId, safeAddress, moduleAddress } = identity.spec;
  const facts = { network: pool.spec.network, nativeAddress, peerId, safeAddress, moduleAddress };
  return {
    ...commonLabels(settings, hoprd.metadata.name, COMPONENT_NODE),
    [LABEL_POOL]: hoprd.spec.identityPoolName,
    ...Object.fromEntries(
      Object.entries(facts).map(([fact, value]) => [`hoprds.hoprnet.org/${fact}`, toLabelValue(value)]),
    ),
    ...(cluster === undefined ? {} : { [LABEL_CLUSTER]: cluster }),
  };
}

function buildInitContainer({ hoprd, identity, settings }: NodeInput): Container {
  return {
    name: 'init',
    image: settings.images.init,
    command: ['sh', '-c'],
    args: [buildInitScript(settings.snapshotUrl)],
    env: [
      { name: IDENTITY_VARIABLE, value: identity.spec.identityFile },
      { name: CONFIGURATION_VARIABLE, value: Buffer.from(hoprd.spec.config).toString('base64') },
    ],
    volumeMounts: MOUNTS,
  };
}

function buildNodeContainer(input: NodeInput): Container {
  const { hoprd, settings } = input;
  const { resources, startupProbe, livenessProbe, readinessProbe } = containerSettingsOf(hoprd.spec.deployment);
  return {
    name: NODE_CONTAINER,
    image: `${settings.images.hoprd}:${hoprd.spec.version}`,
    imagePullPolicy: 'Always',
    env: buildNodeEnv(input),
    envFrom: [{ secretRef: { name: environmentSecretOf(hoprd.spec.identityPoolName) } }],
    ports: buildContainerPorts(input),
    resources,
    startupProbe,
    livenessProbe,
    readinessProbe,
    volumeMounts: MOUNTS,
  };
}

function buildContainerPorts({ ports }: NodeInput): ContainerPort[] {
  return [
    { name: 'api', containerPort: API_PORT, protocol: 'TCP' },
    { name: 'health', containerPort: METRICS_PORT, protocol: 'TCP' },
    { name: PEER_PORT, containerPort: ports.start, protocol: 'TCP' },
    { name: 'p2p-udp', containerPort: ports.start, protocol: 'UDP' },
    ...listSessionPorts(ports).flatMap((port) => [
      { name: `sessiont-${port}`, containerPort: port, protocol: 'TCP' },
      { name: `sessionu-${port}`, containerPort: port, protocol: 'UDP' },
    ]),
  ];
}

function buildMetricsContainer({ hoprd, pool, settings }: NodeInput): Container {
  return {
    name: 'hoprd-operator-metrics',
    image: `${settings.images.metrics}:${hoprd.spec.supportedRelease}`,
    env: [fromWallet('HOPRD_API_TOKEN', pool.spec.secretName, 'HOPRD_API_TOKEN')],
    ports: [{ name: 'metrics', containerPort: METRICS_PORT, protocol: 'TCP' }],
    readinessProbe: {
      tcpSocket: { port: METRICS_PORT },
      initialDelaySeconds: 15,
      periodSeconds: 10,
      failureThreshold: 6,
    },
  };
}
