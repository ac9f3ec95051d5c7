import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CometRpcError,
  parseAbciInfo,
  parseBlockTxs,
  parseBroadcastTx,
  parseConsensusState,
  parseNetInfo,
  parseSigners,
  parseStatus,
  parseSyncInfo,
  parseTxHeight,
  parseUnconfirmedTxs,
  parseValidators,
} from './comet-rpc.ts';
import { FormatError } from './format-error.ts';

/** Answers of CometBFT 0.38.26, long members cut. */
const envelope = (result: string) => `{"jsonrpc":"2.0","id":-1,"result":${result}}`;
const nodeInfo = `{"protocol_version":{"p2p":"8","block":"11","app":"1"},"id":"d51fa085cc2ae9de2ee3508366aaf2e82fa4c713","listen_addr":"tcp://127.0.0.1:36656","network":"demo","version":"0.38.26","channels":"40202122233038606100","moniker":"n0","other":{"tx_index":"on","rpc_address":"tcp://127.0.0.1:36657"}}`;
const publicKey = `{"type":"tendermint/PubKeyEd25519","value":"LVBX7fWZDk1gCDL1rkdg2KbHulB8baPpfE2c5vJmF4c="}`;
const status = envelope(
  `{"node_info":${nodeInfo},"sync_info":{"latest_block_hash":"7E96","latest_app_hash":"0000000000000000","latest_block_height":"5","latest_block_time":"2026-11-21T06:33:19.594842973Z","earliest_block_hash":"DC7A","earliest_app_hash":"0000000000000000","earliest_block_height":"1","earliest_block_time":"2026-01-31T11:00:00.5Z","catching_up":false},"validator_info":{"address":"8D91025419EB7E7B536DFF3F1AE5DDF704C64D9F","pub_key":${publicKey},"voting_power":"10"}}`,
);
const netInfo = envelope(
  `{"listening":true,"listeners":["Listener(@)"],"n_peers":"1","peers":[{"node_info":${nodeInfo},"is_outbound":true,"connection_status":{"Duration":"7946685042","Channels":[{"ID":48,"SendQueueCapacity":"1"}]},"remote_ip":"127.0.0.1"}]}`,
);
const validators = envelope(
  `{"block_height":"6","validators":[{"address":"8D91025419EB7E7B536DFF3F1AE5DDF704C64D9F","pub_key":${publicKey},"voting_power":"36028797018963969","proposer_priority":"-10"}],"count":"1","total":"7"}`,
);
const consensusState = envelope(
  '{"round_state":{"height/round/step":"6/0/1","start_time":"2026-11-21T06:33:22.306140162Z","proposal_block_hash":"","height_vote_set":[{"round":0,"prevotes":["nil-Vote"]}],"proposer":{"address":"8D91025419EB7E7B536DFF3F1AE5DDF704C64D9F","index":1}}}',
);
const abciInfo = envelope(
  '{"response":{"data":"{\\"size\\":0}","version":"2.0.0","app_version":"1","last_block_height":"5","last_block_app_hash":"AAAAAAAAAAA="}}',
);
const commit = envelope(
  '{"signed_header":{"header":{"height":"629"},"commit":{"height":"629","round":0,"signatures":[{"block_id_flag":2,"validator_address":"5818","signature":"1X0Y"},{"block_id_flag":1,"validator_address":"","timestamp":"0001-01-01T00:00:00Z","signature":null},{"block_id_flag":3,"validator_address":"8D91","signature":"aaaa"}]}},"canonical":false}',
);
const accepted = envelope('{"code":0,"data":"","log":"","codespace":"","hash":"42144F"}');
const cached =
  '{"jsonrpc":"2.0","id":-1,"error":{"code":-32603,"message":"Internal error","data":"tx already exists in cache"}}';

describe('an answer of CometBFT', () => {
  it.each<[string, (answer: unknown) => unknown, string, unknown]>([
    [
      '/status',
      parseStatus,
      status,
      {
        nodeId: 'd51fa085cc2ae9de2ee3508366aaf2e82fa4c713',
        network: 'demo',
        moniker: 'n0',
        version: '0.38.26',
        listenAddress: 'tcp://127.0.0.1:36656',
        latestHeight: 5,
        latestBlockTime: '2026-11-21T06:33:19.594842973Z',
        earliestHeight: 1,
        catchingUp: false,
        address: '8D91025419EB7E7B536DFF3F1AE5DDF704C64D9F',
        publicKeyBase64: 'LVBX7fWZDk1gCDL1rkdg2KbHulB8baPpfE2c5vJmF4c=',
        votingPower: 10n,
      },
    ],
    [
      '/net_info',
      parseNetInfo,
      netInfo,
      {
        listening: true,
        peerCount: 1,
        peers: [
          { nodeId: 'd51fa085cc2ae9de2ee3508366aaf2e82fa4c713', moniker: 'n0', remoteIp: '127.0.0.1', outbound: true },
        ],
      },
    ],
    [
      '/net_info without peers',
      parseNetInfo,
      envelope('{"listening":true,"n_peers":"0","peers":null}'),
      { listening: true, peerCount: 0, peers: [] },
    ],
    [
      '/validators',
      parseValidators,
      validators,
      {
        height: 6,
        total: 7,
        validators: [
          {
            address: '8D91025419EB7E7B536DFF3F1AE5DDF704C64D9F',
            publicKeyBase64: 'LVBX7fWZDk1gCDL1rkdg2KbHulB8baPpfE2c5vJmF4c=',
            power: 36028797018963969n,
          },
        ],
      },
    ],
    [
      '/consensus_state',
      parseConsensusState,
      consensusState,
      { height: 6, round: 0, step: 1, startTime: '2026-11-21T06:33:22.306140162Z' },
    ],
    [
      '/abci_info',
      parseAbciInfo,
      abciInfo,
      {
        data: '{"size":0}',
        version: '2.0.0',
        appVersion: 1n,
        lastBlockHeight: 5,
        lastBlockAppHashBase64: 'AAAAAAAAAAA=',
      },
    ],
    [
      '/abci_info of an app that says nothing',
      parseAbciInfo,
      envelope('{"response":{}}'),
      { data: '', version: '', appVersion: 0n, lastBlockHeight: 0, lastBlockAppHashBase64: '' },
    ],
    ['/commit, with one validator absent and one that voted nil', parseSigners, commit, ['5818']],
    ['/tx', parseTxHeight, envelope('{"hash":"42144F","height":"7","index":0,"tx":"YT1i"}'), 7],
    [
      '/unconfirmed_txs',
      parseUnconfirmedTxs,
      envelope('{"n_txs":"1","total":"1","total_bytes":"3","txs":["YT1i"]}'),
      { transactions: [Buffer.from('a=b')], total: 1 },
    ],
    [
      '/unconfirmed_txs of an empty mempool',
      parseUnconfirmedTxs,
      envelope('{"n_txs":"0","total":"0","total_bytes":"0","txs":null}'),
      { transactions: [], total: 0 },
    ],
    [
      '/block',
      parseBlockTxs,
      envelope('{"block_id":{},"block":{"header":{},"data":{"txs":["YT1i"]}}}'),
      [Buffer.from('a=b')],
    ],
    ['/block without transactions', parseBlockTxs, envelope('{"block":{"data":{"txs":null}}}'), []],
    ['/block before the first one', parseBlockTxs, envelope('{"block_id":{},"block":null}'), []],
    ['/broadcast_tx_sync', parseBroadcastTx, accepted, { code: 0, codespace: '', log: '', hash: '42144F' }],
  ])('to %s is read from text and from parsed JSON', (_, parse, answer, expected) => {
    expect(parse(answer)).toEqual(expected);
    expect(parse(JSON.parse(answer))).toEqual(expected);
  });
});

describe('/status of other kinds of nodes', () => {
  const sync = { latestHeight: 5, latestBlockTime: '2026-11-21T06:33:19.594842973Z', catchingUp: false };
  const bare = JSON.stringify(JSON.parse(status).result);
  const syncOnly = JSON.stringify({ sync_info: JSON.parse(bare).sync_info });

  it.each<[string, string]>([
    ['the usual form', status],
    ['Sei: no envelope', bare],
    ['nothing but what is needed', envelope(syncOnly)],
    ['the same without an envelope', syncOnly],
  ])('%s says how far it has followed its chain', (_, answer) => {
    expect(parseSyncInfo(answer)).toEqual(sync);
    expect(parseSyncInfo(JSON.parse(answer))).toEqual(sync);
  });

  it('is read whole without an envelope too', () => {
    expect(parseStatus(bare)).toEqual(parseStatus(status));
  });

  it.each<[string, string, string]>([
    ['no sync_info', envelope('{}'), '/status.sync_info: found nothing, need an object'],
    ['null', 'null', '/status: found null, need an object'],
    ['a list', '[{"sync_info":{}}]', '/status: found an array, need an object'],
    ['a bare sync_info of another type', '{"sync_info":7}', '/status.sync_info: found a number, need an object'],
    [
      'no catching_up',
      '{"sync_info":{"latest_block_height":"5","latest_block_time":""}}',
      'catching_up: found nothing',
    ],
  ])('with %s is an error', (_, answer, message) => {
    expect(() => parseSyncInfo(answer)).toThrow(FormatError);
    expect(() => parseSyncInfo(answer)).toThrow(message);
  });
});

describe('a bad answer', () => {
  it.each<[string, (answer: unknown) => unknown, unknown, string]>([
    ['404 page not found', parseStatus, '404 page not found\n', '/status: found text that is not JSON'],
    ['nothing', parseStatus, undefined, '/status: found nothing, need an object'],
    ['another service', parseStatus, '{"ok":true}', '/status.result: found nothing, need an object'],
    [
      'a missing member',
      parseStatus,
      status.replace('catching_up', 'x'),
      '/status.sync_info.catching_up: found nothing, need true or false',
    ],
    [
      'a height that is no number',
      parseStatus,
      status.replace('"5"', '"five"'),
      '/status.sync_info.latest_block_height: found "five", need an integer',
    ],
    [
      'a negative height',
      parseStatus,
      status.replace('"5"', '"-5"'),
      '/status.sync_info.latest_block_height: found -5, need an integer from 0',
    ],
    [
      'a height over 2^53',
      parseStatus,
      status.replace('"5"', '"9007199254740993"'),
      'found 9007199254740993, need an integer from 0 to 2^53 - 1',
    ],
    [
      'a list that is none',
      parseNetInfo,
      netInfo.replace(/"peers":\[.*\]/, '"peers":{}'),
      '/net_info.peers: found an object, need an array',
    ],
    [
      'a broken entry',
      parseValidators,
      validators.replace('voting_power', 'x'),
      '/validators.validators[0].voting_power: found nothing, need an integer',
    ],
    [
      'a strange position',
      parseConsensusState,
      consensusState.replace('6/0/1', '6/0'),
      'height/round/step: found "6/0", need three integers',
    ],
  ])('(%s) names the member', (_, parse, answer, message) => {
    expect(() => parse(answer)).toThrow(FormatError);
    expect(() => parse(answer)).toThrow(message);
  });

  it("is told apart from the node's own error", () => {
    expect(() => parseBroadcastTx(cached)).toThrow(CometRpcError);
    expect(() => parseBroadcastTx(cached)).toThrow('RPC error -32603: Internal error: tx already exists in cache');
  });

  it('never fails in another way', () => {
    const parsers = [
      parseStatus,
      parseSyncInfo,
      parseNetInfo,
      parseSigners,
      parseValidators,
      parseConsensusState,
      parseAbciInfo,
      parseBroadcastTx,
    ];
    const member = fc.constantFrom(
      'result',
      'error',
      'node_info',
      'sync_info',
      'peers',
      'validators',
      'round_state',
      'response',
      'pub_key',
    );
    const answers = fc.oneof(fc.anything(), fc.json(), fc.dictionary(member, fc.dictionary(member, fc.jsonValue())));
    fc.assert(
      fc.property(fc.constantFrom(...parsers), answers, (parse, answer) => {
        try {
          parse(answer);
        } catch (error) {
          expect(error instanceof FormatError || error instanceof CometRpcError).toBe(true);
        }
      }),
    );
  });
});
