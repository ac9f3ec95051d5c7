import { describe, expect, it } from 'vitest';
import {
  makePacket,
  makeRequest,
  parseChainStatistics,
  parseFinalizationStatistics,
  parseNodeInfo,
  parseNodeInfos,
  readAnswer,
  renderVersion,
} from './symbol-peer-packets.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const ones = '11'.repeat(32);
const seed = '5A'.repeat(32);
/** Size, version, keys, roles, port, network, lengths, host and name, as catapult sends them. */
const info = hex(
  `5a000000 07030001 ${ones} ${seed} c5000000 dc1e 98 05 04 ${Buffer.from('a.com').toString('hex')} ${Buffer.from('näm').toString('hex')}`,
);

describe('packets', () => {
  it('are requests without a body', () => {
    expect(Buffer.from(makeRequest('chainStatistics'))).toEqual(hex('08000000 05000000'));
    expect(Buffer.from(makeRequest('finalizationStatistics'))).toEqual(hex('08000000 32010000'));
  });

  it('are read as soon as they are complete, and no further', () => {
    const packet = makePacket(0x111, hex('0102'));
    for (let length = 0; length < packet.length; length++)
      expect(readAnswer(packet.subarray(0, length), 'nodeInfo')).toBeUndefined();
    expect(Buffer.from(readAnswer(Buffer.concat([packet, hex('ff')]), 'nodeInfo') ?? [])).toEqual(hex('0102'));
  });

  it.each([
    ['07000000 05000000', 'chainStatistics: found a packet of 7 bytes, need 8 to'],
    ['ffffffff 05000000', 'found a packet of 4294967295 bytes'],
    ['08000000 11010000', 'found a packet of type 0x111, need 0x5'],
    [Buffer.from('HTTP/1.1').toString('hex'), 'found a packet of 1347703880 bytes'],
  ])('that begin with %s are refused', (bytes, message) => {
    expect(() => readAnswer(hex(bytes), 'chainStatistics')).toThrow(message);
  });
});

describe('answers', () => {
  it('tell heights', () => {
    const body = hex(`d2040000 00000000 b0040000 00000000 ${'00'.repeat(16)}`);
    expect(parseChainStatistics(body)).toEqual({ height: 1234, finalizedHeight: 1200 });
    expect(parseFinalizationStatistics(hex(`0b000000 2a000000 b004000000000000 ${ones}`))).toEqual({
      epoch: 11,
      point: 42,
      height: 1200,
    });
  });

  it('tell who a node is', () => {
    expect(parseNodeInfo(info)).toEqual({
      version: '1.0.3.7',
      mainPublicKey: ones,
      generationHashSeed: seed,
      roles: 0xc5,
      port: 7900,
      networkIdentifier: 152,
      host: 'a.com',
      friendlyName: 'näm',
    });
    expect(parseNodeInfos(Buffer.concat([info, info]))).toHaveLength(2);
    expect(parseNodeInfos(new Uint8Array())).toEqual([]);
    expect(renderVersion(0x01000307)).toBe('1.0.3.7');
  });

  it.each<[string, () => unknown, string]>([
    ['too short', () => parseChainStatistics(hex('01')), 'chainStatistics: found 1 bytes, need 32'],
    [
      'upside down',
      () => parseChainStatistics(hex(`0100000000000000 0200000000000000 ${'00'.repeat(16)}`)),
      'found finalized height 2 above height 1',
    ],
    [
      'beyond every chain',
      () => parseChainStatistics(hex(`ffffffffffffffff 0200000000000000 ${'00'.repeat(16)}`)),
      'chainStatistics: height: found 18446744073709551615',
    ],
    ['no node', () => parseNodeInfo(new Uint8Array()), 'nodeInfo: found nothing, need one'],
    ['two nodes', () => parseNodeInfo(Buffer.concat([info, info])), 'nodeInfo: found several, need one'],
    ['a node cut off', () => parseNodeInfos(info.subarray(0, 89)), 'peers: found a node of 90 bytes where 89 are left'],
    ['a node without an end', () => parseNodeInfos(hex('00000000')), 'peers: found a node of 0 bytes'],
    [
      'a node with other lengths',
      () => parseNodeInfos(Buffer.concat([info.subarray(0, 79), hex('06'), info.subarray(80)])),
      'found a node of 90 bytes whose host and name have 10',
    ],
  ])('that are %s are refused', (_, read, message) => {
    expect(read).toThrow(message);
  });
});
