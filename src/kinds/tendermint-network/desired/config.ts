/** config.toml of each node, in a ConfigMap of its own. */
import { buildCometConfig, cometPorts } from '../../../formats/cometbft-config.ts';
import { findUnknownCometKeys } from '../../../formats/cometbft-config-keys.ts';
import { parseDuration } from '../../../formats/duration.ts';
import { isTomlTable, parseToml, renderToml, type TomlTable } from '../../../formats/toml.ts';
import { CONFIG_MAPS } from '../../../kube/resource-types.ts';
import type { Desired } from '../../../reconcile/diff.ts';
import { isProblem, orProblem, type Problem } from '../../problem.ts';
import type { Identity } from '../identities.ts';
import type { Member } from '../members.ts';
import type { TendermintNetwork } from '../schema.ts';
import { childMetadata } from './metadata.ts';

export const CONFIG_FILE = 'config.toml';
/** On the ConfigMap of a node: the address its Service had, given to it again if it has to be made anew. */
export const ANNOTATION_CLUSTER_IP = 'nodewright.dev/cluster-ip';
export const UNIX_SOCKET = '/socks/app.sock';

/** Where the node finds its application, as CometBFT's proxy_app. */
export function abciAddress(network: TendermintNetwork): string {
  const { app } = network.spec;
  if (app?.container === undefined) return app?.builtin ?? 'persistent_kvstore';
  return app.transport === 'tcp' ? 'tcp://127.0.0.1:26658' : `unix://${UNIX_SOCKET}`;
}

/** The nodes of the network that a node keeps dialling: host and port, and the node id. */
export function internalPeers(network: TendermintNetwork, identities: Iterable<Identity>, self: Member) {
  return [...identities]
    .filter((other) => other.member.name !== self.name)
    .map((other) => ({
      nodeId: other.nodeId,
      address: `${other.member.objectName}.${network.metadata.namespace}.svc:${cometPorts.p2p}`,
    }));
}

/** The text of one node's config.toml, or what is wrong with the overrides. */
export function renderConfig(
  network: TendermintNetwork,
  identity: Identity,
  identities: Iterable<Identity>,
): string | Problem {
  const { member } = identity;
  const { spec } = network;
  return orProblem(
    () =>
      renderToml(
        buildCometConfig({
          moniker: member.objectName,
          proxyApp: abciAddress(network),
          abci: 'socket',
          validator: member.role === 'validator',
          p2p: {
            persistentPeers: [
              ...internalPeers(network, identities, member).map((peer) => `${peer.nodeId}@${peer.address}`),
              ...(spec.peers ?? []),
            ],
            seeds: spec.seeds ?? [],
          },
          overrides: [
            ...parseOverride(spec.config, 'spec.config'),
            ...parseOverride(member.config, `spec.validators.nodes[${member.name}].config`),
          ],
        }),
      ),
    (message) => ({ reason: 'ConfigInvalid', message }),
  );
}

/** Settings that CometBFT does not know, each with the nearest one it does; a typo would otherwise go unnoticed. */
export function unknownSettings(network: TendermintNetwork): string[] {
  const texts = [
    { text: network.spec.config, where: 'spec.config' },
    ...(network.spec.validators.nodes ?? []).map(({ name, config }) => ({
      text: config,
      where: `spec.validators.nodes[${name}].config`,
    })),
  ];
  return texts.flatMap(({ text, where }) => {
    const found = orProblem(
      () => parseOverride(text, where).flatMap(findUnknownCometKeys),
      (message) => ({ reason: 'ConfigInvalid', message }),
    );
    return isProblem(found) ? [] : found.map((sentence) => `${where}: ${sentence}`);
  });
}

export function buildConfigMap(
  network: TendermintNetwork,
  identity: Identity,
  text: string,
  clusterIp: string | undefined,
): Desired {
  const { member } = identity;
  return {
    type: CONFIG_MAPS,
    write: 'apply',
    purpose: `config.toml of node ${member.name}`,
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: childMetadata(network, member.objectName, {
        role: member.role,
        node: member.name,
        owned: true,
        ...(clusterIp === undefined ? {} : { annotations: { [ANNOTATION_CLUSTER_IP]: clusterIp } }),
      }),
      data: { [CONFIG_FILE]: text },
    } as Desired['object'],
  };
}

/** CometBFT's defaults: propose 3 s, prevote 1 s, precommit 1 s, commit 1 s. */
const DEFAULT_TIMEOUTS = {
  timeout_propose: 3000,
  timeout_prevote: 1000,
  timeout_precommit: 1000,
  timeout_commit: 1000,
};
const ROUNDS_BEFORE_STALL = 4;
const MIN_STALL_MS = 20_000;

/**
 * How long the height may stand still before the chain counts as stalled: four rounds, as the consensus timeouts of the spec have them.
 * Infinity where a chain without transactions makes no blocks.
 */
export function stallTimeOf(network: TendermintNetwork): number {
  const config = orProblem(
    () => parseToml(network.spec.config ?? '', 'spec.config'),
    (message) => ({ reason: 'ConfigInvalid', message }),
  );
  // The nodes go on with settings that cannot be read here: then nothing is said about their pace.
  if (isProblem(config)) return Number.POSITIVE_INFINITY;
  const consensus: TomlTable = isTomlTable(config.consensus) ? config.consensus : {};
  if (consensus.create_empty_blocks === false) return Number.POSITIVE_INFINITY;
  const round = Object.entries(DEFAULT_TIMEOUTS).reduce(
    (sum, [key, fallback]) => sum + (milliseconds(consensus[key]) ?? fallback),
    0,
  );
  const pause = milliseconds(consensus.create_empty_blocks_interval) ?? 0;
  return Math.max(MIN_STALL_MS, ROUNDS_BEFORE_STALL * round + pause);
}

function milliseconds(value: unknown): number | undefined {
  return typeof value === 'string' ? parseDuration(value) : undefined;
}

function parseOverride(text: string | undefined, where: string): TomlTable[] {
  return text === undefined ? [] : [parseToml(text, where)];
}
