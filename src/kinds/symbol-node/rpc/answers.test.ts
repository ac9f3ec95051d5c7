import { describe, expect, it } from 'vitest';
import { keyPairFromSeed } from '../../../formats/ed25519.ts';
import { addressOf, renderHex } from '../../../formats/symbol-keys.ts';
import { parseHealth } from './health.ts';
import {
  parseAccount,
  parseChainInfo,
  parseMultisig,
  parseNetworkTime,
  parseNodewatchHeight,
  parseNodewatchRestNodes,
  parseRestHealth,
  parseTransactionStatus,
} from './rest.ts';

const key = (byte: number) => keyPairFromSeed(new Uint8Array(32).fill(byte)).publicKey;
const notFound = JSON.stringify({ code: 'ResourceNotFound', message: "no resource exists with id 'x'" });

describe('the health check', () => {
  it('tells what the node said', () => {
    const node = { version: '1.0.3.7', mainPublicKey: 'AA', generationHashSeed: '5A' };
    const health = { height: 9, finalizedHeight: 8, finalizationEpoch: 2, peers: 3, node };
    expect(parseHealth(JSON.stringify({ ...health, more: 1 }))).toEqual(health);
    expect(parseHealth('{"height":9,"finalizedHeight":8}')).toEqual({ height: 9, finalizedHeight: 8 });
  });

  it.each([
    ['{"error":"the node shows a certificate that has expired"}', 'the node shows a certificate that has expired'],
    ['{"kind":"Status","message":"error trying to reach service"}', 'error trying to reach service'],
    ['<html>', 'health check: found text that is not JSON'],
    ['{}', 'health check.height: found nothing, need an integer'],
    ['{"height":-1,"finalizedHeight":0}', 'health check.height: found -1'],
    ['{"height":2,"finalizedHeight":0,"node":{}}', 'health check.node.version: found nothing, need a string'],
  ])('that says %s is no answer', (body, message) => {
    expect(() => parseHealth(body)).toThrow(message);
  });
});

describe('REST', () => {
  it('tells of the chain', () => {
    const latestFinalizedBlock = { finalizationEpoch: 12, finalizationPoint: 3, height: '90', hash: 'AB' };
    const body = JSON.stringify({ scoreHigh: '0', scoreLow: '1', height: '100', latestFinalizedBlock });
    expect(parseChainInfo(body)).toEqual({ height: 100, finalizedHeight: 90, finalizationEpoch: 12 });
    expect(parseRestHealth('{"status":{"apiNode":"up","db":"down"}}')).toEqual({ apiNode: 'up', db: 'down' });
    const stamps = { sendTimestamp: '127056789', receiveTimestamp: '127056790' };
    expect(parseNetworkTime(JSON.stringify({ communicationTimestamps: stamps }))).toBe(127056790n);
    expect(parseNodewatchHeight('{"height":100,"finalizedHeight":90}')).toEqual({ height: 100, finalizedHeight: 90 });
  });

  it('tells of an account', () => {
    const publicKeys = [{ publicKey: renderHex(key(3)), startEpoch: 10, endEpoch: 729 }];
    const supplementalPublicKeys = { linked: { publicKey: renderHex(key(1)) }, voting: { publicKeys } };
    const mosaics = [{ id: '72C0212E67A08BCE', amount: '18446744073709551615' }];
    const account = { version: 1, address: 'ignored', supplementalPublicKeys, mosaics };
    expect(parseAccount(JSON.stringify({ account, id: 'x' }))).toEqual({
      links: {
        remote: key(1),
        vrf: undefined,
        voting: [{ rootPublicKey: key(3), startEpoch: 10, endEpoch: 729 }],
      },
      balances: new Map([['72C0212E67A08BCE', 18446744073709551615n]]),
    });
    expect(parseAccount('{"account":{}}')).toEqual({
      links: { remote: undefined, vrf: undefined, voting: [] },
      balances: new Map(),
    });
    expect(parseAccount(notFound)).toBeUndefined();
  });

  it('tells who signs for an account', () => {
    // The address of the key of bytes 1 in network 152, decoded by hand of its Base32 form.
    const address = addressOf(key(1), 152);
    const bits = [...address].map((digit) =>
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(digit).toString(2).padStart(5, '0'),
    );
    const hex = (bits.join('').slice(0, 192).match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
    const multisig = { minApproval: 2, minRemoval: 1, cosignatoryAddresses: [renderHex(Uint8Array.from(hex))] };
    expect(parseMultisig(JSON.stringify({ multisig }))).toEqual({ minApproval: 2, cosignatories: [address] });
    expect(parseMultisig(notFound)).toEqual({ minApproval: 0, cosignatories: [] });
  });

  it('tells what became of a transaction', () => {
    const status = {
      group: 'failed',
      code: 'Failure_Core_Insufficient_Balance',
      hash: 'AB',
      deadline: '1',
      height: '0',
    };
    expect(parseTransactionStatus(JSON.stringify(status))).toEqual({ group: 'failed', code: status.code });
    expect(parseTransactionStatus(notFound)).toBeUndefined();
  });

  it.each<[string, (body: string) => unknown, string]>([
    ['<html>502</html>', parseChainInfo, '/chain/info: found text that is not JSON'],
    ['[]', parseChainInfo, '/chain/info: found an array, need an object'],
    ['{"height":"x"}', parseChainInfo, '/chain/info.latestFinalizedBlock: found nothing'],
    ['{"code":"Internal","message":"db is gone"}', parseAccount, '/accounts: Internal: db is gone'],
    [notFound, parseChainInfo, '/chain/info: ResourceNotFound: no resource exists'],
    [
      '{"status":{"apiNode":"yes","db":"up"}}',
      parseRestHealth,
      '/node/health.status.apiNode: found "yes", need up or down',
    ],
    [
      '{"account":{"supplementalPublicKeys":{"vrf":{"publicKey":"AB"}}}}',
      parseAccount,
      'vrf.publicKey: found text that is no key',
    ],
    [
      '{"multisig":{"minApproval":1,"cosignatoryAddresses":["AB"]}}',
      parseMultisig,
      'cosignatoryAddresses[0]: need 48 hex digits',
    ],
    ['{"group":"lost","code":"Success"}', parseTransactionStatus, '/transactionStatus.group: found "lost"'],
    [
      '{"communicationTimestamps":{"receiveTimestamp":1.5}}',
      parseNetworkTime,
      'receiveTimestamp: found "1.5", need an integer',
    ],
  ])('that says %s is told from an answer', (body, parse, message) => {
    expect(() => parse(body)).toThrow(message);
  });
});

describe('nodewatch', () => {
  it('knows nodes with REST', () => {
    const nodes = [
      { endpoint: 'https://a.b:3001', roles: 3 },
      { endpoint: 'http://c.d:3000', roles: 1 },
      { endpoint: '', roles: 3 },
      { endpoint: 'http://e.f:3000/../x', roles: 2 },
      { roles: 7 },
    ];
    expect(parseNodewatchRestNodes(JSON.stringify(nodes))).toEqual(['https://a.b:3001']);
    expect(() => parseNodewatchRestNodes('{}')).toThrow('nodewatch nodes: found an object, need an array');
  });
});
