import { expect, test } from 'vitest';
import type { Reading } from './node.ts';
import { arePeersDue, askNode } from './rpc.ts';

const SYNC = { latest_block_height: '7', latest_block_time: '2026-01-01T00:00:00Z', catching_up: false };
const STATUS = JSON.stringify({ result: { sync_info: SYNC } });
const NET_INFO = JSON.stringify({ result: { listening: true, n_peers: '2', peers: [] } });

test.each<[string, number | undefined, string, number, string[]]>([
  ['peers are asked for', undefined, NET_INFO, 2, ['/status', '/net_info']],
  ['known peers are not', 5, NET_INFO, 5, ['/status']],
  [
    'an answer of no use means none',
    undefined,
    '{"error":{"code":-32601,"message":"no"}}',
    0,
    ['/status', '/net_info'],
  ],
])('%s', async (_name, known, netInfo, peers, paths) => {
  const asked: string[] = [];
  const answer = await askNode(async (path) => {
    asked.push(path);
    return path === '/status' ? STATUS : netInfo;
  }, known);
  expect(answer).toEqual({
    status: { latestHeight: 7, latestBlockTime: SYNC.latest_block_time, catchingUp: false },
    peers,
  });
  expect(asked).toEqual(paths);
});

test.each<[string, Partial<Reading> | undefined, boolean]>([
  ['never asked', undefined, true],
  ['asked just now', { at: 1000, peersAt: 1000 }, false],
  ['asked a while ago', { at: 26_000, peersAt: 0 }, false],
  ['asked half a minute ago', { at: 30_000, peersAt: 0 }, true],
  ['it has never answered', { at: 1000, peersAt: 1000, answer: undefined }, true],
])('whether to ask for peers: %s', (_name, last, due) => {
  const answer = {
    status: { latestHeight: 7, latestBlockTime: '', catchingUp: false },
    peers: 1,
    dueVersion: undefined,
  };
  const reading: Reading = {
    ...{ since: 0, at: 0, error: undefined, advancedAt: undefined, stallAfterMs: 1 },
    answer,
    ...last,
  };
  expect(arePeersDue(last && reading)).toBe(due);
});

test.each<[string, object, string | undefined]>([
  ['none without power', { voting_power: '0' }, 'none'],
  ['one with power', { voting_power: '10' }, 'ABCD'],
  ['nobody says', {}, undefined],
])('whom a node signs for: %s', async (_name, power, signsFor) => {
  const node_info = { id: 'a', network: 'hub-1', moniker: 'm', version: '1', listen_addr: 'tcp://0.0.0.0:1' };
  const validator_info = { address: 'ABCD', pub_key: { value: 'AA==' }, ...power };
  const sync_info = { ...SYNC, earliest_block_height: '1' };
  const status = JSON.stringify({ result: { node_info, sync_info, validator_info } });
  expect((await askNode(async () => status, 1)).signsFor).toBe(signsFor);
});
