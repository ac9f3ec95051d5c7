/** The keys of CometBFT 0.38's config.toml, which CometBFT itself doesn't check: it ignores a misspelt one without a word. */
import { findNearestName } from './nearest-name.ts';
import { isTomlTable, type TomlTable } from './toml.ts';

/** What `cometbft init` writes, and what it reads besides; '' is the top of the file. */
const cometConfigKeys: Readonly<Record<string, readonly string[]>> = {
  '': words(`version proxy_app moniker db_backend db_dir log_level log_format genesis_file priv_validator_key_file
    priv_validator_state_file priv_validator_laddr node_key_file abci filter_peers event_bus_buffer_capacity home`),
  rpc: words(`laddr cors_allowed_origins cors_allowed_methods cors_allowed_headers grpc_laddr grpc_max_open_connections unsafe
    max_open_connections max_subscription_clients max_subscriptions_per_client experimental_subscription_buffer_size
    experimental_websocket_write_buffer_size experimental_close_on_slow_client timeout_broadcast_tx_commit max_request_batch_size
    max_body_bytes max_header_bytes tls_cert_file tls_key_file pprof_laddr`),
  p2p: words(`laddr external_address seeds persistent_peers addr_book_file addr_book_strict max_num_inbound_peers
    max_num_outbound_peers unconditional_peer_ids persistent_peers_max_dial_period flush_throttle_timeout
    max_packet_msg_payload_size send_rate recv_rate pex seed_mode private_peer_ids allow_duplicate_ip handshake_timeout dial_timeout
    test_dial_fail test_fuzz test_fuzz_config`),
  mempool:
    words(`type recheck recheck_timeout broadcast wal_dir size max_txs_bytes cache_size keep-invalid-txs-in-cache max_tx_bytes
    max_batch_bytes experimental_max_gossip_connections_to_persistent_peers
    experimental_max_gossip_connections_to_non_persistent_peers`),
  statesync:
    words(`enable rpc_servers trust_height trust_hash trust_period discovery_time temp_dir chunk_request_timeout
    chunk_fetchers max_snapshot_chunks`),
  blocksync: words('version'),
  consensus:
    words(`wal_file timeout_propose timeout_propose_delta timeout_prevote timeout_prevote_delta timeout_precommit
    timeout_precommit_delta timeout_commit double_sign_check_height skip_timeout_commit create_empty_blocks
    create_empty_blocks_interval peer_gossip_sleep_duration peer_query_maj23_sleep_duration block_time_tolerance`),
  storage: words('discard_abci_responses'),
  tx_index: words('indexer psql-conn'),
  instrumentation: words('prometheus prometheus_listen_addr max_open_connections namespace'),
};

/**
 * One sentence for every key of `override` that CometBFT 0.38 doesn't know, with the nearest one it does. A warning and no error,
 * because another version, or an app that shares the file, may know it.
 */
export function findUnknownCometKeys(override: TomlTable): string[] {
  const tables = Object.keys(cometConfigKeys).filter((table) => table !== '');
  const unknown: string[] = [];
  for (const [written, value] of Object.entries(override)) {
    const name = written.toLowerCase(); // as CometBFT does
    const inside = isTomlTable(value);
    const known = inside ? tables : (cometConfigKeys[''] as readonly string[]);
    if (!known.includes(name)) {
      const noun = inside ? `table [${name}]` : `key ${name}`;
      unknown.push(describeUnknown(noun, findNearestPath(name, [...tables, ...(cometConfigKeys[''] ?? [])])));
    } else if (inside) {
      const keys = cometConfigKeys[name] ?? [];
      for (const key of Object.keys(value).filter((key) => !keys.includes(key.toLowerCase()))) {
        unknown.push(
          describeUnknown(`key ${name}.${key}`, findNearestPath(key, keys, `${name}.`) ?? findElsewhere(key)),
        );
      }
    }
  }
  return unknown;
}

function describeUnknown(noun: string, nearest: string | undefined): string {
  return `${noun} is not known to CometBFT 0.38, which ignores it${nearest === undefined ? '' : `; did you mean ${nearest}?`}`;
}

function findNearestPath(name: string, candidates: readonly string[], prefix = ''): string | undefined {
  const nearest = findNearestName(name, candidates);
  return nearest === undefined || nearest === name ? findElsewhere(name) : `${prefix}${nearest}`;
}

/** The place of a key that exists, in another table. */
function findElsewhere(key: string): string | undefined {
  const table = Object.entries(cometConfigKeys).find(([, keys]) => keys.includes(key))?.[0];
  return table === undefined || table === '' ? undefined : `${table}.${key}`;
}

function words(text: string): string[] {
  return text.split(/\s+/);
}
