import { describe, expect, it } from 'vitest';
import { buildCometConfig, type CometConfigSpec } from './cometbft-config.ts';
import { findUnknownCometKeys } from './cometbft-config-keys.ts';
import { parseToml, renderToml } from './toml.ts';

const spec: CometConfigSpec = {
  moniker: 'demo-0',
  proxyApp: 'kvstore',
  abci: 'socket',
  validator: true,
  p2p: { persistentPeers: ['aa@demo-1:26656', 'bb@demo-2:26656'], seeds: [] },
  overrides: [],
};

const build = (...overrides: string[]) =>
  buildCometConfig({ ...spec, overrides: overrides.map((text) => parseToml(text, 'spec.config')) });

describe('buildCometConfig', () => {
  it('names the files and addresses of the pod', () => {
    expect(renderToml(buildCometConfig(spec))).toBe(`proxy_app = "kvstore"
moniker = "demo-0"
abci = "socket"
db_backend = "goleveldb"
genesis_file = "/genesis/genesis.json"
node_key_file = "/keys/node_key.json"
priv_validator_key_file = "/keys/priv_validator_key.json"
priv_validator_state_file = "data/priv_validator_state.json"

[rpc]
laddr = "tcp://0.0.0.0:26657"
pprof_laddr = ""

[p2p]
laddr = "tcp://0.0.0.0:26656"
seeds = ""
persistent_peers = "aa@demo-1:26656,bb@demo-2:26656"
addr_book_file = "data/addrbook.json"
addr_book_strict = false
allow_duplicate_ip = true
pex = true

[instrumentation]
prometheus = true
prometheus_listen_addr = ":26660"
`);
  });

  it('leaves the validator key of a full node to CometBFT', () => {
    expect(buildCometConfig({ ...spec, validator: false })).not.toHaveProperty('priv_validator_key_file');
  });

  it('names the address for peers outside only where there is one', () => {
    const p2p = { ...spec.p2p, externalAddress: '192.0.2.1:26656' };
    expect(buildCometConfig({ ...spec, p2p }).p2p).toMatchObject({ external_address: '192.0.2.1:26656' });
    expect(buildCometConfig(spec).p2p).not.toHaveProperty('external_address');
  });

  it('knows every key it writes', () => {
    expect(findUnknownCometKeys(buildCometConfig({ ...spec, p2p: { ...spec.p2p, externalAddress: 'a:1' } }))).toEqual(
      [],
    );
  });

  it('lets the last override win and keeps the rest', () => {
    const config = build(
      'log_level = "info"\n[p2p]\nsend_rate = 1',
      'log_level = "debug"\n[consensus]\ntimeout_commit = "2s"',
    );
    expect(config).toMatchObject({
      log_level: 'debug',
      p2p: { send_rate: 1n, pex: true },
      consensus: { timeout_commit: '2s' },
    });
  });

  it('takes keys in any case, as CometBFT does', () => {
    expect(build('[P2P]\nPex = false').p2p).toMatchObject({ pex: false });
  });

  it.each([
    ['home = "/"', "home can't be set: the operator sets it"],
    ['proxy_app = "noop"', "proxy_app can't be set: it follows from the app of the spec"],
    ['abci = "grpc"', "abci can't be set"],
    ['genesis_file = "x"', "genesis_file can't be set: the file is mounted there"],
    ['node_key_file = "x"', "node_key_file can't be set"],
    ['priv_validator_key_file = "x"', "priv_validator_key_file can't be set"],
    ['priv_validator_state_file = "/tmp/x"', "priv_validator_state_file can't be set: the data, which keeps"],
    ['db_dir = "/tmp"', "db_dir can't be set"],
    ['priv_validator_laddr = "tcp://0.0.0.0:1"', "priv_validator_laddr can't be set: a remote signer is not supported"],
    ['rpc.laddr = "tcp://127.0.0.1:1"', "rpc.laddr can't be set: Services and probes use this address and port"],
    ['rpc.tls_cert_file = "x"', "rpc.tls_cert_file can't be set: probes"],
    ['p2p.laddr = ""', "p2p.laddr can't be set"],
    ['consensus.wal_file = "/tmp/x"', "consensus.wal_file can't be set"],
    ['RPC.Laddr = ""', "rpc.laddr can't be set"],
    ['"rpc.laddr" = ""', 'key "rpc.laddr" can\'t be set: write a table and a key instead of a dot in quotes'],
    ['[rpc]\nunsafe = true\n[RPC]\nunsafe = false', 'key RPC is there twice: CometBFT disregards case'],
    ['p2p = 3', 'p2p: is a table of config.toml, found a single value'],
    ['abci = "grpc"\n[p2p]\nladdr = ""', /abci can't be set: .*; p2p\.laddr can't be set: /],
  ])('refuses %j', (override, message) => {
    expect(() => build('log_level = "info"', override)).toThrow(message);
  });
});

describe('findUnknownCometKeys', () => {
  it.each([
    ['log_level = "info"\n[mempool]\nsize = 1\nkeep-invalid-txs-in-cache = true', []],
    ['[p2p.test_fuzz_config]\nMode = 1', []],
    ['loglevel = "info"', ['key loglevel is not known to CometBFT 0.38, which ignores it; did you mean log_level?']],
    [
      'timeout_commit = "1s"',
      ['key timeout_commit is not known to CometBFT 0.38, which ignores it; did you mean consensus.timeout_commit?'],
    ],
    [
      '[mem_pool]\nsize = 1',
      ['table [mem_pool] is not known to CometBFT 0.38, which ignores it; did you mean mempool?'],
    ],
    [
      '[rpc]\nTimeout_Commit = 1\nunsafe = true',
      ['key rpc.Timeout_Commit is not known to CometBFT 0.38, which ignores it'],
    ],
    [
      '[p2p]\npersistant_peers = ""',
      ['key p2p.persistant_peers is not known to CometBFT 0.38, which ignores it; did you mean p2p.persistent_peers?'],
    ],
    [
      '[p2p]\ncreate_empty_blocks = false',
      [
        'key p2p.create_empty_blocks is not known to CometBFT 0.38, which ignores it; did you mean consensus.create_empty_blocks?',
      ],
    ],
    [
      'wasm = 1\n[zzzzzzzz]',
      [
        'key wasm is not known to CometBFT 0.38, which ignores it',
        'table [zzzzzzzz] is not known to CometBFT 0.38, which ignores it',
      ],
    ],
    ['rpc = 3', ['key rpc is not known to CometBFT 0.38, which ignores it']],
  ])('reports %j', (override, warnings) => {
    expect(findUnknownCometKeys(parseToml(override, 'spec.config'))).toEqual(warnings);
  });
});
