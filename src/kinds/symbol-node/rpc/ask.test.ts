import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { keyPairFromSeed } from '../../../formats/ed25519.ts';
import { addressOf, renderHex } from '../../../formats/symbol-keys.ts';
import { askNode, type Questions } from './ask.ts';
import { type CallOutside, callOutside } from './outside.ts';
import { foldAnswer, type NodeReading, significanceOf } from './reading.ts';

const main = keyPairFromSeed(new Uint8Array(32).fill(1)).publicKey;
const health = '{"height":100,"finalizedHeight":90}';
const nodewatch = 'http://nodewatch';
const times = '{"communicationTimestamps":{"receiveTimestamp":"1"}}';
const nobody = '{"code":"ResourceNotFound","message":""}';

/** A world of URLs; what is not in it does not resolve. */
function world(answers: Record<string, string | Error>) {
  const asked: string[] = [];
  const call: CallOutside = async (url) => {
    asked.push(url);
    const answer = answers[url] ?? new Error(`${new URL(url).host}: the name does not resolve`);
    if (answer instanceof Error) throw answer;
    return { status: 200, body: answer };
  };
  return { asked, call };
}

const pod = (answers: Record<string, string>) => async (port: number, path: string) => {
  const answer = answers[`${port}${path}`];
  if (answer === undefined) throw new Error('no connection (ECONNREFUSED)');
  return answer;
};
const questions: Questions = { hasFullRest: false, nodewatch, others: [] };
const never = new AbortController().signal;

describe('askNode', () => {
  it('asks the node and nodewatch', async () => {
    const { call } = world({ [`${nodewatch}/api/symbol/height`]: '{"height":107,"finalizedHeight":90}' });
    const answer = await askNode(pod({ '1251/': health }), call, questions, undefined, never);
    expect(answer).toEqual({
      node: { height: 100, finalizedHeight: 90 },
      network: { height: 107, finalizedHeight: 90, source: 'nodewatch' },
    });
  });

  it('throws when the node does not answer, whoever else does', async () => {
    const { call } = world({ [`${nodewatch}/api/symbol/height`]: '{"height":107,"finalizedHeight":90}' });
    await expect(askNode(pod({}), call, questions, undefined, never)).rejects.toThrow('ECONNREFUSED');
  });

  it('takes what goes wrong elsewhere for an answer', async () => {
    const answer = await askNode(
      pod({ '1251/': health }),
      world({}).call,
      {
        ...questions,
        hasFullRest: true,
        account: { rest: undefined, publicKey: main, network: { identifier: 152 }, hashes: [] },
      },
      undefined,
      never,
    );
    expect(answer.node.height).toBe(100);
    expect(answer.network).toEqual(new Error('nodewatch: the name does not resolve'));
    expect(answer.account).toEqual(new Error('nodewatch: the name does not resolve'));
    expect(answer.rest).toEqual(new Error('no connection (ECONNREFUSED)'));
  });

  it('takes the median of other nodes where nodewatch does not answer', async () => {
    const info = (height: number) =>
      JSON.stringify({ height, latestFinalizedBlock: { height: height - 9, finalizationEpoch: 1 } });
    const { call } = world({
      'http://a/chain/info': info(5000),
      'http://b/chain/info': info(110),
      'http://c/chain/info': info(100),
    });
    const others = ['http://a', 'http://b', 'http://c', 'http://d'];
    const answer = await askNode(pod({ '1251/': health }), call, { ...questions, others }, undefined, never);
    expect(answer.network).toEqual({ height: 110, finalizedHeight: 101, source: '3 of 4 nodes' });
  });

  it('asks for the main account at the first node that answers', async () => {
    const address = addressOf(main, 152);
    const hash = 'AB'.repeat(32);
    const { asked, call } = world({
      [`${nodewatch}/api/symbol/nodes/peer`]: JSON.stringify([
        { endpoint: 'http://gone:3000', roles: 3 },
        { endpoint: 'http://rest:3000', roles: 3 },
      ]),
      [`http://rest:3000/accounts/${renderHex(main)}`]: '{"account":{}}',
      [`http://rest:3000/account/${address}/multisig`]: nobody,
      'http://rest:3000/node/time': times,
      [`http://rest:3000/transactionStatus/${hash}`]: '{"group":"unconfirmed","code":"Success"}',
    });
    const account = { rest: undefined, publicKey: main, network: { identifier: 152 }, hashes: [hash] };
    const answer = await askNode(pod({ '1251/': health }), call, { ...questions, account }, undefined, never);
    expect(answer.account).toEqual({
      rest: 'http://rest:3000',
      state: { links: { remote: undefined, vrf: undefined, voting: [] }, balances: new Map() },
      multisig: { minApproval: 0, cosignatories: [] },
      isMultilevel: false,
      networkTime: 1n,
      transactions: new Map([[hash, { group: 'unconfirmed', code: 'Success' }]]),
    });
    expect(asked).toContain('http://gone:3000/node/time');
  });

  it('asks the network once a minute, the node every time', async () => {
    const { asked, call } = world({ [`${nodewatch}/api/symbol/height`]: '{"height":107,"finalizedHeight":90}' });
    let reading: NodeReading | undefined;
    for (let now = 3000; now <= 123_000; now += 3000) {
      reading = foldAnswer(reading, await askNode(pod({ '1251/': health }), call, questions, reading, never), now, 5);
    }
    expect(asked).toHaveLength(2);
    expect(reading).toMatchObject({ at: 123_000, behindSince: 3000, advancedAt: undefined });
  });
});

describe('foldAnswer', () => {
  const node = { height: 100, finalizedHeight: 90 };
  const first = foldAnswer(undefined, { node }, 1000, 5);

  it('keeps what was known when the node does not answer', () => {
    const after = foldAnswer(first, new Error('no answer within 2.5 s'), 4000, 5);
    expect(after).toMatchObject({ at: 4000, node, error: 'no answer within 2.5 s' });
    expect(significanceOf(after)).not.toBe(significanceOf(first));
    const again = foldAnswer(after, new Error('no answer within 3.5 s'), 7000, 5);
    expect(significanceOf(again)).toBe(significanceOf(after));
  });

  it('sees blocks come, and wakes nobody for them', () => {
    const after = foldAnswer(first, { node: { ...node, height: 101 } }, 4000, 5);
    expect(after.advancedAt).toBe(4000);
    expect(significanceOf(after)).toBe(significanceOf(first));
  });

  it('knows since when a node has been behind', () => {
    const at = (height: number) => ({ height, finalizedHeight: 90, source: 'nodewatch' });
    const behind = foldAnswer(first, { node, network: at(106) }, 4000, 5);
    expect(behind.behindSince).toBe(4000);
    expect(foldAnswer(behind, { node }, 7000, 5).behindSince).toBe(4000);
    expect(foldAnswer(behind, { node: { ...node, height: 101 } }, 7000, 5).behindSince).toBeUndefined();
    expect(foldAnswer(first, { node, network: at(105) }, 4000, 5).behindSince).toBeUndefined();
  });

  it('keeps the last word of the network when it falls silent', () => {
    const known = foldAnswer(first, { node, network: { height: 106, finalizedHeight: 1, source: 'x' } }, 4000, 5);
    const after = foldAnswer(known, { node, network: new Error('gone') }, 64_000, 5);
    expect(after.network).toMatchObject({ value: { height: 106 }, valueAt: 4000, askedAt: 64_000, error: 'gone' });
  });
});

describe('callOutside', () => {
  it('gives the answer whatever its status, and sends JSON', async () => {
    const heard: unknown[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      heard.push([request.method, request.headers['content-type'], body]);
      if (request.url === '/slow') return;
      response.writeHead(request.url === '/away' ? 302 : 404, { location: '/elsewhere' }).end('{"code":"x"}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    expect(await callOutside(`${url}/a`, { timeoutMs: 5000 })).toEqual({ status: 404, body: '{"code":"x"}' });
    await callOutside(`${url}/a`, { method: 'PUT', json: { payload: 'AB' }, timeoutMs: 5000 });
    expect(heard[1]).toEqual(['PUT', 'application/json', '{"payload":"AB"}']);
    await expect(callOutside(`${url}/away`, { timeoutMs: 5000 })).rejects.toThrow(`127.0.0.1:${port}: `);
    await expect(callOutside(`${url}/slow`, { timeoutMs: 200 })).rejects.toThrow('no answer within 0.2 s');
    server.closeAllConnections();
    server.close();
    await expect(callOutside(url, { timeoutMs: 5000 })).rejects.toThrow('no connection (');
    await expect(callOutside('http://does-not-resolve.invalid/', { timeoutMs: 5000 })).rejects.toThrow(
      'does-not-resolve.invalid: the name does not resolve',
    );
    await expect(callOutside('nonsense', { timeoutMs: 5000 })).rejects.toThrow('an address that is no URL');
  });
});
