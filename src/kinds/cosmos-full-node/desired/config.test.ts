import { describe, expect, test } from 'vitest';
import { FormatError } from '../../../formats/format-error.ts';
import { parseToml } from '../../../formats/toml.ts';
import type { AppConfig, CometConfig } from '../schema.ts';
import { buildAppOverlay, buildCometOverlay, type CometInput } from './config.ts';
import { announcedPeers } from './peers.ts';
import { cometPortsOf } from './ports.ts';
import { instanceOf, type Sample, sampleFullNode } from './sample-full-node.ts';

const IDS = new Map([0, 1, 2].map((ordinal) => [`osmosis-${ordinal}`, `id${ordinal}`]));
const ALONE = { replicas: 1 };

function comet(sample: Sample, ordinal = 0, input: Partial<CometInput> = {}): Record<string, unknown> {
  const fullNode = sampleFullNode(sample);
  return parseToml(buildCometOverlay(fullNode, instanceOf(fullNode, ordinal), { nodeIds: IDS, ...input }), 'test');
}

const cometWith = (config: CometConfig, rest: Sample = ALONE) => comet({ ...rest, chain: { config } });

function app(config?: AppConfig, height = 0): Record<string, unknown> {
  const fullNode = sampleFullNode({ ...ALONE, chain: config === undefined ? {} : { app: config } });
  return parseToml(buildAppOverlay(fullNode, instanceOf(fullNode), height), 'test');
}

describe('config.toml', () => {
  test('peers and seeds only', () => {
    expect(cometWith({ peers: 'peer@1.2.3.4:26656', seeds: 'seed@1.2.3.4:26656' })).toEqual({
      log_level: 'info',
      log_format: 'plain',
      priv_validator_laddr: '',
      p2p: {
        laddr: 'tcp://0.0.0.0:26656',
        persistent_peers: 'peer@1.2.3.4:26656',
        'persistent-peers': 'peer@1.2.3.4:26656',
        seeds: 'seed@1.2.3.4:26656',
        max_num_inbound_peers: 20n,
        max_num_outbound_peers: 20n,
      },
      rpc: { laddr: 'tcp://0.0.0.0:26657', cors_allowed_origins: [] },
      tx_index: { indexer: 'kv' },
      instrumentation: { prometheus: true, prometheus_listen_addr: ':26660' },
    });
  });

  test('the other instances come first, and an instance is none of its own peers', () => {
    const config = { peers: 'mine@peer', privatePeerIDs: 'private1,private2', unconditionalPeerIDs: 'unconditional1' };
    const peers =
      'id0@osmosis-p2p-0.test.svc.cluster.local:26656,id2@osmosis-p2p-2.test.svc.cluster.local:26656,mine@peer';
    expect(comet({ chain: { config } }, 1).p2p).toMatchObject({
      persistent_peers: peers,
      'persistent-peers': peers,
      private_peer_ids: 'id0,id2,private1,private2',
      'private-peer-ids': 'id0,id2,private1,private2',
      unconditional_peer_ids: 'id0,id2,unconditional1',
    });
  });

  test('an instance without a key is nobody’s peer', () => {
    const nodeIds = new Map([['osmosis-2', 'id2']]);
    expect(comet({}, 0, { nodeIds }).p2p).toMatchObject({ private_peer_ids: 'id2' });
  });

  test('domain of the cluster and port of P2P', () => {
    const sample = {
      service: { clusterDomain: 'kube.example' },
      chain: { config: { p2pListenAddress: 'tcp://[::]:27146' } },
    };
    expect(comet(sample, 1).p2p).toMatchObject({
      laddr: 'tcp://[::]:27146',
      persistent_peers: expect.stringMatching(/^id0@osmosis-p2p-0\.test\.svc\.kube\.example:27146,/),
    });
  });

  test('a sentry waits for its signer and indexes nothing', () => {
    expect(comet({ ...ALONE, type: 'Sentry' })).toMatchObject({
      priv_validator_laddr: 'tcp://0.0.0.0:1234',
      'priv-validator-laddr': 'tcp://0.0.0.0:1234',
      tx_index: { indexer: 'null' },
      'tx-index': { indexer: 'null' },
    });
  });

  test('what is set stands under both spellings', () => {
    const chain = {
      logLevel: 'debug' as const,
      logFormat: 'json' as const,
      config: { maxInboundPeers: 0, maxOutboundPeers: 7, corsAllowedOrigins: ['*'] },
    };
    expect(comet({ ...ALONE, chain })).toMatchObject({
      log_level: 'debug',
      'log-level': 'debug',
      log_format: 'json',
      'log-format': 'json',
      p2p: { max_num_inbound_peers: 0n, 'max-num-inbound-peers': 0n, 'max-num-outbound-peers': 7n },
      rpc: { cors_allowed_origins: ['*'], 'cors-allowed-origins': ['*'] },
    });
  });

  test('the address from outside: that of the load balancer, unless the instance has its own', () => {
    const both = (address: string) => ({ external_address: address, 'external-address': address });
    const overridden = { instanceOverrides: { 'osmosis-0': { externalAddress: 'own.example:1' } } };
    expect(comet({}, 0, { externalAddress: '1.1.1.1:26656' }).p2p).toMatchObject(both('1.1.1.1:26656'));
    expect(comet(overridden, 0, { externalAddress: '1.1.1.1:26656' }).p2p).toMatchObject(both('own.example:1'));
    expect(comet({}).p2p).not.toHaveProperty('external_address');
  });

  test('overrides win over everything, add, and leave the rest', () => {
    const overrides = `
      new = 1
      [p2p]
      seeds = "override@seed"
      external_address = "override.example"
      [rpc]
      cors_allowed_origins = ["override"]
      [new_section]
      test = "value"`;
    const config = { seeds: 'seed', corsAllowedOrigins: ['*'], overrides };
    expect(comet({ ...ALONE, chain: { config } }, 0, { externalAddress: '1.1.1.1:26656' })).toMatchObject({
      new: 1n,
      p2p: { seeds: 'override@seed', external_address: 'override.example', laddr: 'tcp://0.0.0.0:26656' },
      rpc: { cors_allowed_origins: ['override'], laddr: 'tcp://0.0.0.0:26657' },
      new_section: { test: 'value' },
    });
  });

  test('text that is no TOML is named with its place', () => {
    const overrides = 'ok = 1\ninvalid_toml = should be invalid';
    expect(() => cometWith({ overrides })).toThrow(FormatError);
    expect(() => cometWith({ overrides })).toThrow(/^spec\.chain\.config\.overrides: line 2, column \d+: /);
  });
});

describe('app.toml', () => {
  const base = {
    api: { enable: true, swagger: true, address: 'tcp://0.0.0.0:1317', 'enabled-unsafe-cors': false },
    grpc: { enable: true, address: '0.0.0.0:9090' },
    'grpc-web': { enable: true, address: '0.0.0.0:9091', 'enable-unsafe-cors': false },
  };

  test('the gas price only', () => {
    expect(app({ minGasPrice: '0.123token' })).toEqual({ 'minimum-gas-prices': '0.123token', ...base });
  });

  test('nothing at all', () => expect(app()).toEqual({ 'minimum-gas-prices': '', ...base }));

  test('everything', () => {
    const pruning = {
      strategy: 'custom' as const,
      interval: 222,
      keepEvery: 333,
      keepRecent: 444,
      minRetainBlocks: 271500,
    };
    const config = {
      minGasPrice: '0.123token',
      apiEnableUnsafeCORS: true,
      grpcWebEnableUnsafeCORS: true,
      haltHeight: 34567,
      pruning,
    };
    expect(app(config)).toEqual({
      'minimum-gas-prices': '0.123token',
      'halt-height': 34567n,
      pruning: 'custom',
      'pruning-interval': '222',
      'pruning-keep-every': '333',
      'pruning-keep-recent': '444',
      'min-retain-blocks': 271500n,
      api: { ...base.api, 'enabled-unsafe-cors': true },
      grpc: base.grpc,
      'grpc-web': { ...base['grpc-web'], 'enable-unsafe-cors': true },
    });
  });

  test('a strategy of pruning brings all of its numbers', () => {
    expect(app({ minGasPrice: '', pruning: { strategy: 'nothing' } })).toMatchObject({
      pruning: 'nothing',
      'pruning-interval': '0',
      'pruning-keep-every': '0',
      'pruning-keep-recent': '0',
      'min-retain-blocks': 0n,
    });
  });

  test('the halt height of the next version takes the place of that of the resource', () => {
    const versions = [
      { height: 1, image: 'v1' },
      { height: 100, image: 'v2', setHaltHeight: true },
    ];
    const fullNode = sampleFullNode({ chain: { versions, app: { minGasPrice: '', haltHeight: 7 } } });
    const halt = (height: number) =>
      parseToml(buildAppOverlay(fullNode, instanceOf(fullNode), height), '')['halt-height'];
    expect([halt(5), halt(100)]).toEqual([100n, 0n]);
  });

  test('overrides', () => {
    const overrides = 'minimum-gas-prices = "override"\n[api]\nenable = false\n[custom]\nx = 1.0';
    expect(app({ minGasPrice: '1', overrides })).toMatchObject({
      'minimum-gas-prices': 'override',
      api: { ...base.api, enable: false },
      custom: { x: 1 },
    });
    expect(() => app({ minGasPrice: '', overrides: '[api\n' })).toThrow(
      /^spec\.chain\.app\.overrides: line 1, column \d+: /,
    );
  });
});

describe('ports and peers', () => {
  test.each([
    ['', 26657, 26656],
    ['0.0.0.0:99', 99, 99],
    ['bogus', 26657, 26656],
    ['tcp://0.0.0.0', 26657, 26656],
    ['tcp://0.0.0.0:1', 1, 1],
    ['tcp://[::]:26000', 26000, 26000],
    ['tcp://0.0.0.0:0', 26657, 26656],
    ['tcp://0.0.0.0:65536', 26657, 26656],
  ])('%s: RPC on %i, P2P on %i', (address, rpc, p2p) => {
    const config = { rpcListenAddress: address, p2pListenAddress: address };
    expect(cometPortsOf(sampleFullNode({ chain: { config } }))).toEqual({ rpc, p2p });
  });

  test('the status names everybody, and those that cannot be reached with no address', () => {
    const addresses = new Map([['osmosis-2', 'host.example.com:26656']]);
    const nodeIds = new Map([...IDS].reverse());
    expect(announcedPeers(sampleFullNode(), nodeIds, addresses)).toEqual([
      ...['id0@0.0.0.0:26656', 'id1@0.0.0.0:26656', 'id2@host.example.com:26656'],
    ]);
  });
});
