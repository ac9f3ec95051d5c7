/**
 * The containers of a node, and in which order they are started. Everything is in one pod, so that the kubelet itself keeps order: steps
 * before the node run one after the other, and what is started among them stops last, in reverse. A full API node: database, recovery,
 * server, broker, REST; REST stops first and the database last.
 */
import type { Container } from '../../../kube/objects.ts';
import { HEALTH_PORT } from '../rpc/health.ts';
import type { SymbolNode } from '../schema.ts';
import type { Settings } from '../settings.ts';

export const PEER_PORT = 7900;
export const REST_PORT = 3000;
export const CLIENT_CONTAINER = 'client';
export const BROKER_CONTAINER = 'broker';
export const PREPARE_CONTAINER = 'prepare';
export const RECOVERY_CONTAINER = 'recovery';

/** Of the tutorial. */
const CLIENT_RESOURCES = { requests: { cpu: '1.0', memory: '2Gi' }, limits: { cpu: '2.0', memory: '4Gi' } };
const AGENT_RESOURCES = { requests: { cpu: '5m', memory: '24Mi' }, limits: { memory: '96Mi' } };
const BROKER_RESOURCES = { requests: { cpu: '100m', memory: '512Mi' } };
const REST_RESOURCES = { requests: { cpu: '100m', memory: '256Mi' } };
const MONGO_RESOURCES = { requests: { cpu: '250m', memory: '1Gi' } };
const RESTRICTED = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const LIBRARIES = { name: 'LD_LIBRARY_PATH', value: '/usr/catapult/lib:/usr/catapult/deps' };
/** Below the claim, beside what catapult keeps there. */
const OWN_FOLDER = 'nodewright';
const START_FOLDER = '/start';
/** A node that has to load a long chain is not given up. */
const A_DAY_OF_TENS = 8640;

export type ContainerContext = {
  settings: Settings;
  /** The name of the node. */
  node: string;
  agentImage: string;
  images: { rest: string; mongo: string };
  /** The first block comes in parts, which have to be joined. */
  joinsSeed: boolean;
};

export function buildContainers(
  resource: SymbolNode,
  context: ContainerContext,
): { initContainers: Container[]; containers: Container[] } {
  const { settings } = context;
  const health = buildHealth(context);
  const prepare = buildPrepare(resource, context);
  const recovery = settings.recovery.enabled ? [buildRecovery(resource, context)] : [];
  const client = buildClient(resource, context);
  if (settings.api !== 'full') {
    const rest = settings.api === 'light' ? [buildRest(resource, context)] : [];
    return { initContainers: [prepare, ...recovery], containers: [client, ...rest, health] };
  }
  return {
    initContainers: [
      prepare,
      sidecar(buildMongo(resource, context), {
        exec: { command: ['mongosh', '--quiet', '--eval', 'db.runCommand({ ping: 1 })'] },
        timeoutSeconds: 10,
      }),
      buildMongoPrepare(resource, context),
      ...recovery,
      sidecar(client, { tcpSocket: { port: PEER_PORT } }),
      sidecar(buildBroker(resource, context)),
    ],
    containers: [buildRest(resource, context), health],
  };
}

/** What comes after it waits until the probe is answered. */
function sidecar(container: Container, probe?: NonNullable<Container['startupProbe']>): Container {
  const startupProbe = { ...probe, periodSeconds: 10, failureThreshold: A_DAY_OF_TENS };
  return { ...container, restartPolicy: 'Always', ...(probe === undefined ? {} : { startupProbe }) };
}

function buildClient(resource: SymbolNode, context: ContainerContext): Container {
  const { type, port } = context.settings.exposure;
  return {
    name: CLIENT_CONTAINER,
    image: resource.spec.image,
    ...pullPolicy(resource),
    command: ['/usr/catapult/bin/catapult.server', '/'],
    env: [LIBRARIES],
    ports: [
      {
        name: 'peer',
        containerPort: PEER_PORT,
        protocol: 'TCP',
        ...(type === 'HostPort' ? { hostPort: port ?? PEER_PORT } : {}),
      },
    ],
    resources: resource.spec.resources?.client ?? CLIENT_RESOURCES,
    ...restricted(resource),
    volumeMounts: catapultMounts(context),
  } as Container;
}

function buildBroker(resource: SymbolNode, context: ContainerContext): Container {
  return {
    name: BROKER_CONTAINER,
    image: resource.spec.image,
    ...pullPolicy(resource),
    command: ['/usr/catapult/bin/catapult.broker', '/'],
    env: [LIBRARIES],
    resources: resource.spec.resources?.broker ?? BROKER_RESOURCES,
    ...restricted(resource),
    volumeMounts: catapultMounts(context),
  } as Container;
}

/** Catapult's own tool or, where the node stopped cleanly, a program that does nothing: `prepare` says which by a link. */
function buildRecovery(resource: SymbolNode, context: ContainerContext): Container {
  return {
    name: RECOVERY_CONTAINER,
    image: resource.spec.image,
    ...pullPolicy(resource),
    command: [`${START_FOLDER}/recovery`, '/'],
    env: [LIBRARIES],
    resources: resource.spec.resources?.client ?? CLIENT_RESOURCES,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    ...restricted(resource),
    volumeMounts: [...catapultMounts(context), { name: 'start', mountPath: START_FOLDER, readOnly: true }],
  } as Container;
}

function catapultMounts({ node, settings }: ContainerContext) {
  return [
    { name: `data-${node}`, mountPath: '/data' },
    { name: 'resources', mountPath: '/resources', readOnly: true },
    { name: 'certificates', mountPath: '/certificates', readOnly: true },
    { name: 'seed', mountPath: '/seed', readOnly: true },
    { name: 'logs', mountPath: '/logs' },
    // Catapult writes into the files which keys it has used.
    ...(settings.features.has('VOTER')
      ? [{ name: `data-${node}`, mountPath: '/votingkeys', subPath: `${OWN_FOLDER}/votingkeys` }]
      : []),
  ];
}

function buildPrepare(resource: SymbolNode, { settings, node, agentImage, joinsSeed }: ContainerContext): Container {
  const isVoter = settings.features.has('VOTER');
  const resync = resource.spec.requests?.resync;
  return {
    name: PREPARE_CONTAINER,
    image: agentImage,
    ...pullPolicy(resource),
    command: [
      ...['nodewright-agent', 'symbol-prepare', '--data', '/data', '--own-folder', OWN_FOLDER, '--start', START_FOLDER],
      ...['--max-recoveries', String(settings.recovery.maxAttempts)],
      ...(isVoter ? ['--voting-keys', '/voting-secret'] : []),
      ...(joinsSeed ? ['--seed-parts', '/seed-parts', '--seed', '/seed'] : []),
      ...(resync === undefined ? [] : ['--resync', resync.id]),
      ...(resync?.purgeHarvesters === true ? ['--purge-harvesters'] : []),
    ],
    resources: AGENT_RESOURCES,
    ...asOwnerOfTheData(resource),
    volumeMounts: [
      { name: `data-${node}`, mountPath: '/data' },
      { name: 'start', mountPath: START_FOLDER },
      ...(isVoter ? [{ name: 'voting', mountPath: '/voting-secret', readOnly: true }] : []),
      ...(joinsSeed
        ? [
            { name: 'seed-parts', mountPath: '/seed-parts', readOnly: true },
            { name: 'seed', mountPath: '/seed' },
          ]
        : []),
    ],
  } as Container;
}

/** The node lets its own identity in from the same host only, which is why it is asked from beside it. */
function buildHealth({ agentImage }: ContainerContext): Container {
  return {
    name: 'health',
    image: agentImage,
    command: [
      ...['nodewright-agent', 'symbol-health', '--certificates', '/certificates'],
      ...['--peer', `127.0.0.1:${PEER_PORT}`, '--listen', `:${HEALTH_PORT}`],
    ],
    ports: [{ name: 'health', containerPort: HEALTH_PORT, protocol: 'TCP' }],
    readinessProbe: {
      httpGet: { path: '/', port: HEALTH_PORT },
      periodSeconds: 10,
      timeoutSeconds: 6,
      failureThreshold: 3,
    },
    resources: AGENT_RESOURCES,
    securityContext: { ...RESTRICTED, readOnlyRootFilesystem: true },
    volumeMounts: [{ name: 'certificates', mountPath: '/certificates', readOnly: true }],
  } as Container;
}

function buildRest(resource: SymbolNode, { settings, images }: ContainerContext): Container {
  const script = settings.api === 'light' ? ['run', 'start-light'] : ['start'];
  const path = settings.api === 'light' ? '/node/info' : '/node/health';
  return {
    name: 'rest-api',
    image: images.rest,
    ...pullPolicy(resource),
    command: ['npm', ...script, '--prefix', '/app', '/userconfig/rest.json'],
    workingDir: '/symbol-workdir',
    env: [
      { name: 'HOME', value: '/symbol-workdir' },
      { name: 'NODE_ENV', value: 'production' },
    ],
    ports: [{ name: 'rest', containerPort: REST_PORT, protocol: 'TCP' }],
    readinessProbe: { httpGet: { path, port: REST_PORT }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    resources: resource.spec.resources?.rest ?? REST_RESOURCES,
    ...restricted(resource),
    volumeMounts: [
      { name: 'rest', mountPath: '/userconfig/rest.json', subPath: 'rest.json', readOnly: true },
      { name: 'resources', mountPath: '/userconfig/resources', readOnly: true },
      { name: 'certificates', mountPath: '/certificates', readOnly: true },
      { name: 'logs', mountPath: '/logs' },
      { name: 'rest-home', mountPath: '/symbol-workdir' },
    ],
  } as Container;
}

function buildMongo(resource: SymbolNode, { images, node }: ContainerContext): Container {
  return {
    name: 'mongo',
    image: images.mongo,
    ...pullPolicy(resource),
    command: ['mongod', '--dbpath=/dbdata', '--bind_ip=127.0.0.1'],
    resources: resource.spec.resources?.mongo ?? MONGO_RESOURCES,
    ...restricted(resource),
    volumeMounts: [{ name: `data-${node}`, mountPath: '/dbdata', subPath: `${OWN_FOLDER}/dbdata` }],
  } as Container;
}

/** Once for a database: the scripts make collections, which they can't do twice. */
const PREPARE_DATABASE =
  "if (db.nodewright.countDocuments({ _id: 'prepared' }) === 0) { load('mongoDbPrepare.js'); db.nodewright.insertOne({ _id: 'prepared' }); }";

function buildMongoPrepare(resource: SymbolNode, { images }: ContainerContext): Container {
  return {
    name: 'mongo-prepare',
    image: images.mongo,
    ...pullPolicy(resource),
    command: ['mongosh', '--quiet', 'mongodb://127.0.0.1:27017/catapult', '--eval', PREPARE_DATABASE],
    workingDir: '/mongo',
    resources: { requests: { cpu: '10m', memory: '64Mi' } },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    ...restricted(resource),
    volumeMounts: [{ name: 'mongo', mountPath: '/mongo', readOnly: true }],
  } as Container;
}

function pullPolicy({ spec }: SymbolNode): { imagePullPolicy?: string } {
  return spec.imagePullPolicy === undefined ? {} : { imagePullPolicy: spec.imagePullPolicy };
}

/** Without a user of the user's own the images run as they are made, as in the tutorial. */
function restricted({ spec }: SymbolNode): Pick<Container, 'securityContext'> {
  return spec.securityContext === undefined ? {} : { securityContext: RESTRICTED };
}

/** Catapult's image runs as root, and so does who has to change its files. */
function asOwnerOfTheData(resource: SymbolNode): Pick<Container, 'securityContext'> {
  return resource.spec.securityContext === undefined ? { securityContext: { runAsUser: 0 } } : restricted(resource);
}
