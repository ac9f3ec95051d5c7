/**
 * What runs beside the node and before it, in the image of the agent: one container per step, with the names, the order and the means of the
 * Cosmos Operator's (spec cosmos §2.7, §2.10), so that what users say about them in their pod templates finds them.
 */
import type { Container, PodSpec } from '../../../kube/objects.ts';
import type { CosmosFullNode } from '../schema.ts';
import { chainEnvironment, chainHome, chainMounts, initMounts, OPERATOR_HOME, TMP_HOME } from './chain-home.ts';
import { buildReadinessProbe, NODE } from './node-container.ts';
import { portOf } from './ports.ts';

const HEALTH_PORT = 1251;
/** Helpers that are a shell with a script in the Cosmos Operator. */
export const SCRIPT_HELPERS: ReadonlySet<string> = new Set([
  'clean-init',
  'genesis-init',
  'addrbook-init',
  'config-merge',
  'snapshot-restore',
]);
/** Containers, init containers too, whose image and command are the operator's to choose. */
export const HELPER_CONTAINERS: ReadonlySet<string> = new Set([
  ...SCRIPT_HELPERS,
  'version-check',
  'healthcheck',
  'version-check-interval',
]);

const AGENT = 'nodewright-agent';
const SMALL = { requests: { cpu: '5m', memory: '16Mi' } };

export function buildHealthcheck(fullNode: CosmosFullNode, image: string): Container {
  const { strategy } = fullNode.spec.podTemplate.probes ?? {};
  return {
    name: 'healthcheck',
    image,
    command: [AGENT, 'healthcheck', '--rpc', `http://localhost:${portOf(fullNode, 'rpc')}`],
    ports: [{ containerPort: HEALTH_PORT, protocol: 'TCP' }],
    resources: SMALL,
    volumeMounts: [{ name: 'vol-chain-home', mountPath: chainHome(fullNode), readOnly: true }],
    ...(strategy === undefined || strategy === 'InSync'
      ? { readinessProbe: buildReadinessProbe('/', HEALTH_PORT, 3) }
      : {}),
  };
}

/** Reports heights while the node runs; only where there are versions to wait for. */
export function buildVersionCheckInterval(fullNode: CosmosFullNode, pod: string, image: string): Container[] {
  if (!fullNode.spec.chain.versions?.length) return [];
  return [
    {
      name: 'version-check-interval',
      image,
      command: [AGENT, 'version-check', '--daemon', ...checkedNode(fullNode, pod)],
      workingDir: OPERATOR_HOME,
      env: chainEnvironment(fullNode),
      resources: SMALL,
      volumeMounts: chainMounts(fullNode),
      securityContext: {},
    },
  ];
}

/** @param chainInit runs second, when the directory that it fills is empty */
export function buildInitContainers(
  fullNode: CosmosFullNode,
  pod: string,
  image: string,
  chainInit: Container,
): Container[] {
  const { chain } = fullNode.spec;
  const helper = (name: string, ...command: string[]): Container => ({
    name,
    image,
    command: [AGENT, ...command],
    workingDir: OPERATOR_HOME,
    env: chainEnvironment(fullNode),
    resources: {},
    volumeMounts: initMounts(fullNode),
  });
  const genesis = sourceOptions(chain.genesisScript, chain.genesisURL, chain.genesisSHA256);
  const addressBook = sourceOptions(chain.addrbookScript, chain.addrbookURL);
  const snapshot = sourceOptions(chain.snapshotScript, chain.snapshotURL, chain.snapshotSHA256);
  return [
    helper('clean-init', 'empty-directory', TMP_HOME),
    chainInit,
    helper('genesis-init', 'fetch-genesis', ...genesis),
    helper('addrbook-init', 'fetch-addrbook', ...addressBook),
    helper('config-merge', 'merge-config'),
    ...(snapshot.length === 0 ? [] : [helper('snapshot-restore', 'restore-snapshot', ...snapshot)]),
    {
      ...helper('version-check', 'version-check', ...checkedNode(fullNode, pod)),
      resources: SMALL,
      securityContext: {},
    },
  ];
}

/** Whom the version check is about. A pod without versions needs no API server to start. */
function checkedNode(fullNode: CosmosFullNode, pod: string): string[] {
  if (!fullNode.spec.chain.versions?.length) return [];
  const rpc = `http://localhost:${portOf(fullNode, 'rpc')}`;
  return ['--resource', fullNode.metadata.name, '--pod', pod, '--rpc', rpc];
}

/** Tells the version check which image the node got, when all that may choose it has. */
export function withCheckedImage(spec: PodSpec): PodSpec {
  const image = spec.containers.find(({ name }) => name === NODE)?.image;
  const complete = (container: Container): Container =>
    image !== undefined && isVersionCheck(container)
      ? { ...container, command: [...(container.command ?? []), '--image', image] }
      : container;
  return {
    ...spec,
    containers: spec.containers.map(complete),
    ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(complete) }),
  };
}

function isVersionCheck({ command = [] }: Container): boolean {
  return command[0] === AGENT && command[1] === 'version-check' && command.includes('--resource');
}

/** A script wins over a URL. */
function sourceOptions(script?: string, url?: string, sha256?: string): string[] {
  if (script) return ['--script', script];
  return url ? ['--url', url, ...(sha256 ? ['--sha256', sha256] : [])] : [];
}
