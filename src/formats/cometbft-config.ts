/**
 * config.toml of a CometBFT node in one of our pods: only what differs from CometBFT's defaults, so that a new version's defaults
 * take effect. The pod has its home, on the claim, at /cometbft; the keys of its Secret at /keys and the genesis at /genesis, both read-only.
 */
import { FormatError } from './format-error.ts';
import { isTomlTable, mergeToml, type TomlTable } from './toml.ts';

/** Where a pod has its files, and the ports that its Services and probes count on. */
export const cometPaths = {
  home: '/cometbft',
  validatorKey: '/keys/priv_validator_key.json',
  nodeKey: '/keys/node_key.json',
  genesis: '/genesis/genesis.json',
  /** Relative to the home. */
  validatorState: 'data/priv_validator_state.json',
} as const;
export const cometPorts = { p2p: 26656, rpc: 26657, metrics: 26660 } as const;

export type CometConfigSpec = {
  moniker: string;
  /** `kvstore`, `persistent_kvstore`, `noop`, or an address such as `unix:///socks/app.sock`. */
  proxyApp: string;
  /** Transport to an app outside the process; has no meaning for the built-in ones. */
  abci: 'socket' | 'grpc';
  /** A validator signs with the mounted key. Any other node lets CometBFT make a key that has no power. */
  validator: boolean;
  p2p: {
    /** `id@host:port` of every other node that this one keeps dialling. */
    persistentPeers: readonly string[];
    /** `id@host:port` of nodes that are asked for addresses. */
    seeds: readonly string[];
    /** `host:port` under which peers outside of the cluster reach this node. */
    externalAddress?: string | undefined;
  };
  /** The user's tables, laid over in this order. Numbers follow toml.ts: integers are bigints. */
  overrides: readonly TomlTable[];
};

/** The table to render as config.toml. Throws a FormatError for an override of a key that the pod depends on. */
export function buildCometConfig(spec: CometConfigSpec): TomlTable {
  const base: TomlTable = {
    proxy_app: spec.proxyApp,
    moniker: spec.moniker,
    abci: spec.abci,
    db_backend: 'goleveldb',
    genesis_file: cometPaths.genesis,
    node_key_file: cometPaths.nodeKey,
    ...(spec.validator ? { priv_validator_key_file: cometPaths.validatorKey } : {}),
    priv_validator_state_file: cometPaths.validatorState,
    rpc: { laddr: `tcp://0.0.0.0:${cometPorts.rpc}`, pprof_laddr: '' },
    p2p: {
      laddr: `tcp://0.0.0.0:${cometPorts.p2p}`,
      ...(spec.p2p.externalAddress === undefined ? {} : { external_address: spec.p2p.externalAddress }),
      seeds: spec.p2p.seeds.join(','),
      persistent_peers: spec.p2p.persistentPeers.join(','),
      addr_book_file: 'data/addrbook.json',
      // Pod and Service addresses are private, and nodes behind one NAT share an address.
      addr_book_strict: false,
      allow_duplicate_ip: true,
      pex: true,
    },
    instrumentation: { prometheus: true, prometheus_listen_addr: `:${cometPorts.metrics}` },
  };
  const overrides = spec.overrides.map(lowerKeys);
  for (const override of overrides) refuseFixedKeys(override);
  return overrides.reduce(mergeToml, base);
}

const operatorSetsIt = 'the operator sets it';
const appField = 'it follows from the app of the spec';
const mountedFile = 'the file is mounted there';
const fixedPort = 'Services and probes use this address and port';
const plainHttp =
  'probes, the operator and the RPC Service speak plain HTTP to the node; put TLS in front of the Service';
const onClaim = 'the data, which keeps a validator from signing twice, must stay at its place on the claim';

/** Keys that an override may not touch, with the reason; '' is the top of the file. */
const fixedKeys: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '': {
    home: operatorSetsIt,
    proxy_app: appField,
    abci: appField,
    genesis_file: mountedFile,
    node_key_file: mountedFile,
    priv_validator_key_file: mountedFile,
    priv_validator_state_file: onClaim,
    db_dir: onClaim,
    priv_validator_laddr:
      'a remote signer is not supported: the operator could not see whether its key already signs elsewhere',
  },
  rpc: { laddr: fixedPort, tls_cert_file: plainHttp, tls_key_file: plainHttp },
  p2p: {
    laddr: fixedPort,
    persistent_peers: 'name peers outside of the network in spec.peers; those inside are added by the operator',
    seeds: 'name them in spec.seeds',
  },
  consensus: { wal_file: onClaim },
};

/**
 * CometBFT reads keys without regard to case, and takes a quoted "rpc.laddr" for the key laddr of [rpc]. Both would get past the
 * checks below and leave it to chance which of two values holds.
 */
function lowerKeys(table: TomlTable): TomlTable {
  const lowered: TomlTable = {};
  for (const [key, value] of Object.entries(table)) {
    const name = key.toLowerCase();
    if (key.includes('.'))
      throw new FormatError(`key "${key}" can't be set: write a table and a key instead of a dot in quotes`);
    if (Object.hasOwn(lowered, name)) throw new FormatError(`key ${key} is there twice: CometBFT disregards case`);
    lowered[name] = isTomlTable(value) ? lowerKeys(value) : value;
  }
  return lowered;
}

/** Names every key at fault, not only the first, so that a person corrects them in one go. */
function refuseFixedKeys(override: TomlTable): void {
  const refused: string[] = [];
  for (const [section, reasons] of Object.entries(fixedKeys)) {
    const table = section === '' ? override : override[section];
    if (table === undefined) continue;
    if (!isTomlTable(table)) {
      refused.push(`${section}: is a table of config.toml, found a single value`);
      continue;
    }
    for (const [key, reason] of Object.entries(reasons)) {
      if (Object.hasOwn(table, key))
        refused.push(`${section === '' ? key : `${section}.${key}`} can't be set: ${reason}`);
    }
  }
  if (refused.length > 0) throw new FormatError(refused.join('; '));
}
