/** The container of the chain itself, and the init container that runs the chain's own `init` (spec cosmos §2.7). */
import type { Container } from '../../../kube/objects.ts';
import type { Instance } from '../instances.ts';
import type { CosmosFullNode } from '../schema.ts';
import { chainEnvironment, chainHome, chainMounts, initMounts, OPERATOR_HOME } from './chain-home.ts';
import { nodePorts, portOf } from './ports.ts';

export const NODE = 'node';
export const CHAIN_INIT = 'chain-init';
const DEFAULT_SLEEP_SECONDS = 10;

export function buildNodeContainer(fullNode: CosmosFullNode): Container {
  const { podTemplate } = fullNode.spec;
  return {
    name: NODE,
    ...imageOf(fullNode),
    ...startCommand(fullNode),
    workingDir: OPERATOR_HOME,
    ports: nodePorts(fullNode).map((name) => ({ name, containerPort: portOf(fullNode, name), protocol: 'TCP' })),
    env: chainEnvironment(fullNode),
    resources: (podTemplate.resources ?? {}) as Container['resources'] & object,
    volumeMounts: chainMounts(fullNode),
    ...(podTemplate.probes?.strategy === 'None'
      ? {}
      : { readinessProbe: buildReadinessProbe('/health', portOf(fullNode, 'rpc'), 5) }),
  };
}

export function buildReadinessProbe(path: string, port: number, failureThreshold: number) {
  return {
    httpGet: { path, port, scheme: 'HTTP' },
    initialDelaySeconds: 1,
    timeoutSeconds: 10,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold,
  };
}

/** The shell and its script stand apart, in `command` and `args`, for users who give one of the two in their pod template. */
export function buildChainInit(fullNode: CosmosFullNode, instance: Instance): Container {
  return {
    name: CHAIN_INIT,
    ...imageOf(fullNode),
    command: ['sh'],
    args: ['-c', initScript(fullNode, instance)],
    workingDir: OPERATOR_HOME,
    env: chainEnvironment(fullNode),
    resources: {},
    volumeMounts: initMounts(fullNode),
  };
}

/** The image of the pod template; none where only `spec.chain.versions` has images. */
function imageOf({ spec }: CosmosFullNode): { image?: string } {
  return spec.podTemplate.image === undefined ? {} : { image: spec.podTemplate.image };
}

function startCommand(fullNode: CosmosFullNode): { command: string[]; args: string[] } {
  const { chain, type } = fullNode.spec;
  const args = [
    ...['start', '--home', chainHome(fullNode)],
    ...(chain.skipInvariants ? ['--x-crisis-skip-assert-invariants'] : []),
    ...(chain.logLevel ? ['--log_level', chain.logLevel] : []),
    ...(chain.logFormat ? ['--log_format', chain.logFormat] : []),
    ...(chain.additionalStartArgs ?? []),
  ];
  const sleep = chain.privvalSleepSeconds ?? DEFAULT_SLEEP_SECONDS;
  // Time for the signer to let go of the process before this one.
  return type === 'Sentry' && sleep > 0
    ? { command: ['sh'], args: ['-c', `sleep ${sleep}\n${[chain.binary, ...args].join(' ')}`] }
    : { command: [chain.binary], args };
}

/**
 * The home is made once; besides, `init` runs at every start into a directory for throwing away, whose configuration is that of the
 * version which is about to run. It refuses to run where it ran before, so what an earlier try has left there is removed.
 */
function initScript({ spec }: CosmosFullNode, { name }: Instance): string {
  const { binary, chainID, additionalInitArgs = [] } = spec.chain;
  const init = [binary, 'init', '--chain-id', chainID, name, ...additionalInitArgs].join(' ');
  return `set -eu
if [ -d "$CHAIN_HOME/data" ]; then
  echo "$CHAIN_HOME holds data of the chain: no init"
else
  echo "init of the chain's home, $CHAIN_HOME"
  ${init} --home "$CHAIN_HOME"
fi
rm -rf "$HOME/.tmp/config" "$HOME/.tmp/data" || true
echo "init into $HOME/.tmp, for the configuration that this version of ${binary} begins with"
${init} --home "$HOME/.tmp"
`;
}
