/**
 * The pod of one node: an init step that lays out the home, the node itself, the application beside it where there is one, and a health
 * check that knows what "in sync" means. No liveness probe: a node that replays blocks answers late, and killing it would only begin the
 * replay anew; a process that dies is restarted by the kubelet, and one that hangs shows in the status.
 */
import { NODE_CONTAINER } from '../../../comet-node/node-view.ts';
import { cometPaths, cometPorts } from '../../../formats/cometbft-config.ts';
import type { Pod } from '../../../kube/objects.ts';
import { ANNOTATION_ASKED, ANNOTATION_RENDERED, ANNOTATION_RESTARTED_AT } from '../../../reconcile/labels.ts';
import { describeRendered, formatParts } from '../../../reconcile/pod-stamps.ts';
import { appSecretName, type Identity } from '../identities.ts';
import { type Member, NODE_KEY_FILE, objectNameOf, VALIDATOR_KEY_FILE } from '../members.ts';
import type { TendermintNetwork } from '../schema.ts';
import { appContainers, appVolumes, SOCKS_VOLUME } from './app-containers.ts';
import { abciAddress, CONFIG_FILE, internalPeers, renderConfig, UNIX_SOCKET } from './config.ts';
import { APP_GENESIS_FILE, type Genesis } from './genesis.ts';
import { childMetadata, podSelector } from './metadata.ts';
import { RPC_POD_LABEL } from './services.ts';

/**
 * On a claim: the uid of the pod in which its validator ran first, or ran anew after its sign state was given up. On that validator's pod:
 * the same, and then the init step refuses a volume without a sign state.
 */
export const ANNOTATION_RAN = 'nodewright.dev/ran';
const RAN_FILE = 'ran';
const HEALTH_PORT = 1251;
const DEFAULT_RESOURCES = { requests: { cpu: '50m', memory: '128Mi' } };
const AGENT_RESOURCES = { requests: { cpu: '5m', memory: '24Mi' }, limits: { memory: '96Mi' } };
/** The restricted pod security profile, and a root file system that nothing writes to. */
export const RESTRICTED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
};
const DEFAULT_ID = 1025;

export type PodImages = { agent: string };

export type PodOptions = {
  images: PodImages;
  /** What the claim has as ANNOTATION_RAN, unless it was given up; the pod follows it without a restart. */
  ranToken: string | undefined;
};

export function buildPod(
  network: TendermintNetwork,
  identity: Identity,
  identities: readonly Identity[],
  genesis: Genesis,
  { images, ranToken }: PodOptions,
): Pod {
  const { member, validator } = identity;
  const { spec } = network;
  const podSpec = {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 60,
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    securityContext: podSecurityContext(network),
    ...(spec.imagePullSecrets === undefined ? {} : { imagePullSecrets: spec.imagePullSecrets }),
    ...scheduling(network),
    initContainers: [
      {
        name: 'init-home',
        image: images.agent,
        imagePullPolicy: pullPolicy(network),
        command: [
          ...['nodewright-agent', 'init-home', '--home', cometPaths.home, '--config', `/config/${CONFIG_FILE}`],
          ...['--secrets', '/secrets', '--keys', '/keys'],
        ],
        terminationMessagePolicy: 'FallbackToLogsOnError',
        resources: AGENT_RESOURCES,
        securityContext: RESTRICTED,
        volumeMounts: [
          { name: 'data', mountPath: cometPaths.home },
          { name: 'config', mountPath: '/config', readOnly: true },
          { name: 'secrets', mountPath: '/secrets', readOnly: true },
          { name: 'keys', mountPath: '/keys' },
          ...(validator === undefined ? [] : [{ name: 'podinfo', mountPath: '/podinfo', readOnly: true }]),
        ],
      },
    ],
    containers: [nodeContainer(network), ...appContainers(network, member), healthContainer(network, images)],
    volumes: [
      { name: 'data', persistentVolumeClaim: { claimName: member.objectName } },
      { name: 'config', configMap: { name: member.objectName } },
      { name: 'genesis', configMap: { name: genesis.configMap, items: [{ key: genesis.file, path: 'genesis.json' }] } },
      { name: 'secrets', projected: { defaultMode: 0o440, sources: keySources(member) } },
      // Copies: what is edited in a Secret must not reach a node that is merely restarted in its pod.
      { name: 'keys', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      ...(validator === undefined ? [] : [ranVolume()]),
      { name: 'tmp', emptyDir: {} },
      ...appVolumes(network, member, {
        keySecret: appSecretName(network, member.name),
        genesis: { configMap: objectNameOf(network, 'genesis'), file: APP_GENESIS_FILE },
      }),
    ],
  };
  const peers = internalPeers(network, identities, member).map((peer) => peer.address);
  const annotations = {
    'kubectl.kubernetes.io/default-container': NODE_CONTAINER,
    [ANNOTATION_ASKED]: formatParts(askedOf(network, member)),
    [ANNOTATION_RENDERED]: formatParts({
      pod: podSpec,
      config: renderConfig(network, identity, []),
      peers: internalPeers(network, identities, member),
    }),
    ...(ranToken === undefined ? {} : { [ANNOTATION_RAN]: ranToken }),
  };
  const metadata = childMetadata(network, member.objectName, {
    role: member.role,
    node: member.name,
    owned: true,
    annotations,
  });
  const [initHome] = podSpec.initContainers;
  initHome?.command.push(...(peers.length === 0 ? [] : ['--resolve', peers.join(',')]));
  if (validator !== undefined)
    initHome?.command.push('--expect-validator', validator.address, '--ran-before-file', `/podinfo/${RAN_FILE}`);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, labels: { ...metadata.labels, ...RPC_POD_LABEL } },
    spec: podSpec as unknown as NonNullable<Pod['spec']>,
  };
}

/**
 * What the user asked for of this pod, exactly as it stands in the spec and without our defaults: nothing that a release of ours changes
 * can change it.
 */
function askedOf(network: TendermintNetwork, member: Member): Record<string, unknown> {
  const { spec } = network;
  const { storage, genesis: _genesis, ...app } = spec.app ?? {};
  return {
    image: spec.image,
    imagePullPolicy: spec.imagePullPolicy,
    app: spec.app === undefined ? undefined : { ...app, mountPath: storage?.mountPath },
    config: spec.config,
    ownConfig: member.config,
    seeds: spec.seeds,
    peers: spec.peers,
    resources: spec.resources,
    scheduling: spec.scheduling,
    securityContext: spec.securityContext,
    keySecret: member.keySecret,
    restartedAt: network.metadata.annotations?.[ANNOTATION_RESTARTED_AT],
  };
}

/** What the next restart of a pod will bring besides what was asked for, as a phrase; undefined when nothing. */
export function describePendingUpdate(live: Pod, desired: Pod): string | undefined {
  return describeRendered(live, desired, {
    pod: 'the pod as this version of Nodewright makes it',
    config: 'settings in config.toml',
    peers: 'the list of peers',
  });
}

function nodeContainer(network: TendermintNetwork) {
  const { spec } = network;
  const external = spec.app?.container !== undefined;
  return {
    name: NODE_CONTAINER,
    image: spec.image,
    imagePullPolicy: pullPolicy(network),
    command: ['cometbft', 'start', '--home', cometPaths.home],
    ports: [
      { name: 'p2p', containerPort: cometPorts.p2p, protocol: 'TCP' },
      { name: 'rpc', containerPort: cometPorts.rpc, protocol: 'TCP' },
      { name: 'metrics', containerPort: cometPorts.metrics, protocol: 'TCP' },
    ],
    readinessProbe: {
      httpGet: { path: '/', port: HEALTH_PORT },
      periodSeconds: 5,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    resources: spec.resources ?? DEFAULT_RESOURCES,
    securityContext: RESTRICTED,
    volumeMounts: [
      { name: 'data', mountPath: cometPaths.home },
      { name: 'genesis', mountPath: '/genesis', readOnly: true },
      { name: 'keys', mountPath: '/keys', readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
      ...(external && spec.app?.transport !== 'tcp' ? [{ name: SOCKS_VOLUME, mountPath: '/socks' }] : []),
    ],
  };
}

function healthContainer(network: TendermintNetwork, images: PodImages) {
  const unix = abciAddress(network).startsWith('unix:');
  return {
    name: 'healthcheck',
    image: images.agent,
    imagePullPolicy: pullPolicy(network),
    command: [
      'nodewright-agent',
      'healthcheck',
      '--rpc',
      `http://127.0.0.1:${cometPorts.rpc}`,
      '--home',
      cometPaths.home,
      ...(unix ? ['--remove-stale-socket', UNIX_SOCKET] : []),
    ],
    ports: [{ name: 'health', containerPort: HEALTH_PORT, protocol: 'TCP' }],
    resources: AGENT_RESOURCES,
    securityContext: RESTRICTED,
    volumeMounts: [
      { name: 'data', mountPath: cometPaths.home, readOnly: true },
      ...(unix ? [{ name: SOCKS_VOLUME, mountPath: '/socks' }] : []),
    ],
  };
}

/** A file that follows the annotation, and is empty where there is none. */
function ranVolume() {
  const items = [{ path: RAN_FILE, fieldRef: { fieldPath: `metadata.annotations['${ANNOTATION_RAN}']` } }];
  return { name: 'podinfo', downwardAPI: { items } };
}

function keySources(member: Member) {
  const own = [
    NODE_KEY_FILE,
    ...(member.role === 'validator' && member.keySecret === undefined ? [VALIDATOR_KEY_FILE] : []),
  ];
  return [
    { secret: { name: member.objectName, items: own.map((file) => ({ key: file, path: file })) } },
    ...(member.keySecret === undefined
      ? []
      : [
          { secret: { name: member.keySecret.name, items: [{ key: member.keySecret.key, path: VALIDATOR_KEY_FILE }] } },
        ]),
  ];
}

export function pullPolicy(network: TendermintNetwork): 'Always' | 'IfNotPresent' | 'Never' {
  return network.spec.imagePullPolicy ?? 'IfNotPresent';
}

export function podSecurityContext(network: TendermintNetwork) {
  const { runAsUser, runAsGroup, fsGroup, supplementalGroups } = network.spec.securityContext ?? {};
  return {
    runAsNonRoot: true,
    runAsUser: runAsUser ?? DEFAULT_ID,
    runAsGroup: runAsGroup ?? DEFAULT_ID,
    fsGroup: fsGroup ?? DEFAULT_ID,
    fsGroupChangePolicy: 'OnRootMismatch',
    ...(supplementalGroups === undefined ? {} : { supplementalGroups }),
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

function scheduling(network: TendermintNetwork) {
  const { affinity, ...rest } = network.spec.scheduling ?? {};
  const apart = {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: {
            topologyKey: 'kubernetes.io/hostname',
            labelSelector: {
              matchLabels: podSelector(network, {}),
            },
          },
        },
      ],
    },
  };
  return { affinity: affinity ?? apart, ...rest };
}
