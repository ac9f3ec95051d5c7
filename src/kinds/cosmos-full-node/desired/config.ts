/**
 * The settings of a node that are laid over what its own `init` makes: config.toml of CometBFT and app.toml of the SDK (spec cosmos §2.4,
 * §2.5). Some chains write their keys with dashes; a value stands under both spellings, and what a chain does not know it ignores.
 */
import { mergeToml, parseToml, type TomlTable, type TomlValue } from '../../../formats/toml.ts';
import { renderSortedToml } from '../../../formats/toml-sorted.ts';
import type { Instance } from '../instances.ts';
import type { CosmosFullNode } from '../schema.ts';
import { haltHeight } from '../versions.ts';
import { type NodeIds, privatePeers } from './peers.ts';
import { portOf } from './ports.ts';

const COMET_DEFAULTS: TomlTable = {
  log_level: 'info',
  log_format: 'plain',
  priv_validator_laddr: '',
  p2p: { laddr: 'tcp://0.0.0.0:26656', max_num_inbound_peers: 20n, max_num_outbound_peers: 20n },
  rpc: { laddr: 'tcp://0.0.0.0:26657', cors_allowed_origins: [] },
  tx_index: { indexer: 'kv' },
  instrumentation: { prometheus: true, prometheus_listen_addr: ':26660' },
};

const APP_DEFAULTS: TomlTable = {
  api: { enable: true, swagger: true, address: 'tcp://0.0.0.0:1317' },
  grpc: { enable: true, address: '0.0.0.0:9090' },
  'grpc-web': { enable: true, address: '0.0.0.0:9091' },
};

export type CometInput = {
  nodeIds: NodeIds;
  /** `host:port` that a load balancer gave; an address in the instance's overrides wins. */
  externalAddress?: string | undefined;
};

/** Throws a FormatError that names spec.chain.config.overrides, line and column. */
export function buildCometOverlay(fullNode: CosmosFullNode, instance: Instance, input: CometInput): string {
  const { logLevel, logFormat, config } = fullNode.spec.chain;
  const generated: TomlTable = {
    ...bothSpellings({ log_level: logLevel || undefined, log_format: logFormat || undefined }),
    ...(fullNode.spec.type === 'Sentry' ? sentrySettings(fullNode) : {}),
    p2p: p2pSettings(fullNode, instance, input),
    rpc: {
      laddr: config?.rpcListenAddress || 'tcp://0.0.0.0:26657',
      ...bothSpellings({ cors_allowed_origins: config?.corsAllowedOrigins }),
    },
  };
  return renderWith(COMET_DEFAULTS, generated, config?.overrides, 'spec.chain.config.overrides');
}

/**
 * Throws a FormatError that names spec.chain.app.overrides, line and column.
 *
 * @param height the block in consensus, 0 when it is not known; the halt height follows it
 */
export function buildAppOverlay(fullNode: CosmosFullNode, _instance: Instance, height: number): string {
  const { app } = fullNode.spec.chain;
  const halt = haltHeight(fullNode, height);
  const generated: TomlTable = {
    'minimum-gas-prices': app?.minGasPrice ?? '',
    api: { 'enabled-unsafe-cors': app?.apiEnableUnsafeCORS ?? false },
    'grpc-web': { 'enable-unsafe-cors': app?.grpcWebEnableUnsafeCORS ?? false },
    ...(halt === undefined ? {} : { 'halt-height': BigInt(halt) }),
    ...pruningSettings(fullNode),
  };
  return renderWith(APP_DEFAULTS, generated, app?.overrides, 'spec.chain.app.overrides');
}

function p2pSettings(
  fullNode: CosmosFullNode,
  instance: Instance,
  { nodeIds, externalAddress }: CometInput,
): TomlTable {
  const { config } = fullNode.spec.chain;
  const others = privatePeers(fullNode, instance, nodeIds);
  const ids = others.map(({ nodeId }) => nodeId).sort();
  const lists = {
    private_peer_ids: joinPeers([...ids, config?.privatePeerIDs]),
    unconditional_peer_ids: joinPeers([...ids, config?.unconditionalPeerIDs]),
  };
  return {
    seeds: config?.seeds ?? '',
    ...(config?.p2pListenAddress ? { laddr: config.p2pListenAddress } : {}),
    ...bothSpellings({
      persistent_peers: joinPeers([...others.map(({ nodeId, address }) => `${nodeId}@${address}`), config?.peers]),
      private_peer_ids: lists.private_peer_ids || undefined,
      unconditional_peer_ids: lists.unconditional_peer_ids || undefined,
      max_num_inbound_peers: toInteger(config?.maxInboundPeers),
      max_num_outbound_peers: toInteger(config?.maxOutboundPeers),
      external_address: instance.override?.externalAddress || externalAddress,
    }),
  };
}

/** A sentry waits for its signer, and needs no index: it serves nobody but its validator. */
function sentrySettings(fullNode: CosmosFullNode): TomlTable {
  return bothSpellings({
    priv_validator_laddr: `tcp://0.0.0.0:${portOf(fullNode, 'privval')}`,
    tx_index: { indexer: 'null' },
  });
}

function pruningSettings({ spec }: CosmosFullNode): TomlTable {
  const pruning = spec.chain.app?.pruning;
  if (pruning === undefined) return {};
  return {
    pruning: pruning.strategy,
    'pruning-interval': String(pruning.interval ?? 0),
    'pruning-keep-every': String(pruning.keepEvery ?? 0),
    'pruning-keep-recent': String(pruning.keepRecent ?? 0),
    'min-retain-blocks': BigInt(pruning.minRetainBlocks ?? 0),
  };
}

/** What the user wrote wins over what is generated, and that over the defaults. */
function renderWith(defaults: TomlTable, generated: TomlTable, overrides: string | undefined, where: string): string {
  const settings = mergeToml(defaults, generated);
  return renderSortedToml(overrides === undefined ? settings : mergeToml(settings, parseToml(overrides, where)));
}

function bothSpellings(settings: Record<string, TomlValue | undefined>): TomlTable {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value] as const, [key.replaceAll('_', '-'), value] as const],
    ),
  );
}

function joinPeers(peers: (string | undefined)[]): string {
  return peers.filter((peer) => peer !== undefined && peer !== '').join(',');
}

function toInteger(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}
