import { describe, expect, test } from 'vitest';
import { reachedHeight, versionAt } from './chain-versions.ts';
import { crc32c } from './crc32c.ts';
import { readLogRecords } from './leveldb.ts';
import { decompressSnappy } from './snappy.ts';

test('CRC-32C of the check string', () => expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283));

describe('snappy', () => {
  const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

  test.each<[string, string, string]>([
    ['a literal', '03 08 616263', 'abc'],
    ['a copy that overlaps itself', '09 08 616263 0903', 'abcabcabc'],
    ['a copy with a distance of two bytes', '06 08 616263 0a0300', 'abcabc'],
    ['a copy with a distance of four bytes', '06 08 616263 0b03000000', 'abcabc'],
    ['a literal whose length follows', '03 f002 616263', 'abc'],
  ])('%s', (_name, input, output) => {
    expect(Buffer.from(decompressSnappy(hex(input), 100)).toString()).toBe(output);
  });

  test.each<[string, string, string]>([
    ['too long', '65', 'it says that it has 101 bytes, need at most 100'],
    ['before the beginning', '09 08 616263 0904', 'a copy goes beyond its bounds'],
    ['a literal that is not there', '09 2061', 'a literal goes beyond its end'],
    ['too little', '09 08 616263', 'it has 3 bytes, and says 9'],
  ])('%s', (_name, input, message) => {
    expect(() => decompressSnappy(hex(input), 100)).toThrow(message);
  });
});

test('a log of zeros has no records', () => expect([...readLogRecords(new Uint8Array(100))]).toEqual([]));

describe('versions of a chain', () => {
  const versions = [{ height: 1 }, { height: 100 }, { height: 200 }];

  test.each([
    [0, undefined],
    [1, 1],
    [99, 1],
    [100, 100],
    [500, 200],
  ])('at height %d', (height, expected) => expect(versionAt(versions, height)?.height).toBe(expected));

  test.each<[string, number, number | undefined, number]>([
    ['a new node needs the first version', 0, undefined, 1],
    ['one above the last block', 50, undefined, 51],
    ['before an upgrade that the node has not come to', 99, undefined, 99],
    ['it has stopped for an earlier upgrade', 199, 100, 199],
    ['it has stopped for the upgrade', 99, 100, 100],
    ['it has halted after the block', 100, undefined, 101],
  ])('%s', (_name, lastBlock, halted, expected) => expect(reachedHeight(versions, lastBlock, halted)).toBe(expected));
});
