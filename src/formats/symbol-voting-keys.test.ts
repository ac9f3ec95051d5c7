import { createHash, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyPairFromSeed, publicKeyObject } from './ed25519.ts';
import { epochOf, makeVotingKeyFile, nextEpochs, readVotingKeyHeader } from './symbol-voting-keys.ts';

const root = keyPairFromSeed(new Uint8Array(32).fill(9));
const range = { startEpoch: 7, endEpoch: 10 };
const file = makeVotingKeyFile(root, range, countingRandom());
const where = 'private_key_tree1.dat';

describe('a voting key file', () => {
  it('is the one that symbol-sdk makes of the same keys', () => {
    // VotingKeysGenerator of symbol-sdk 3.3.2, keys of the epochs 00…, 01…, 02…, 03….
    expect(createHash('sha256').update(file).digest('hex')).toBe(
      'a0124c8637a7151ef555801f5f5873cda3571bb069d9815e3054918e76affd19',
    );
  });

  it('has a key for each epoch, last first, that the root key has signed', () => {
    expect(file.length).toBe(80 + 4 * 96);
    for (const [index, epoch] of [10, 9, 8, 7].entries()) {
      const entry = file.subarray(80 + 96 * index);
      const message = Buffer.alloc(40);
      message.set(keyPairFromSeed(entry.subarray(0, 32)).publicKey);
      message.writeUInt32LE(epoch, 32);
      expect(verify(null, message, publicKeyObject(root.publicKey), entry.subarray(32, 96))).toBe(true);
    }
  });

  it('is read back', () => {
    expect(readVotingKeyHeader(file, where)).toEqual({ ...range, rootPublicKey: root.publicKey });
  });

  it('is read after catapult has noted what it used', () => {
    const used = Buffer.from(file);
    used.writeBigUInt64LE(8n, 16);
    used.writeBigUInt64LE(7n, 24);
    expect(readVotingKeyHeader(used, where)).toEqual({ ...range, rootPublicKey: root.publicKey });
  });

  it.each([
    ['empty', new Uint8Array(), 'found 0 bytes, need the 80'],
    ['cut off', file.subarray(0, -1), 'found 463 bytes, need 464 for epochs 7 to 10'],
    ['too long', Buffer.concat([file, Buffer.of(0)]), 'found 465 bytes, need 464'],
    ['another file', Buffer.alloc(464, 'x'), 'this is no voting key file'],
    ['ranges that differ', edit(64, 8n), 'this is no voting key file'],
    ['a range that ends before it starts', edit(0, 11n, 64), 'this is no voting key file'],
  ])('that is none is refused: %s', (_, broken, message) => {
    expect(() => readVotingKeyHeader(broken, where)).toThrow(message);
    expect(() => readVotingKeyHeader(broken, where)).toThrow(where);
  });
});

describe('epochOf', () => {
  it.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [720, 2],
    [721, 3],
    [2_033_136, 2825],
  ])('block %i is of epoch %i', (height, epoch) => {
    expect(epochOf(height, 720)).toBe(epoch);
  });
});

describe('nextEpochs', () => {
  const epochs = (startEpoch: number, endEpoch: number) => ({ startEpoch, endEpoch });
  it.each([
    ['the first file', [], epochs(2827, 3546)],
    ['behind the last', [epochs(2000, 2719), epochs(2720, 3439)], epochs(3440, 4159)],
    ['whatever the order', [epochs(2720, 3439), epochs(2000, 2719)], epochs(3440, 4159)],
    ['all have expired', [epochs(1, 720)], epochs(2827, 3546)],
    ['the last one is about to expire', [epochs(2100, 2825)], epochs(2827, 3546)],
  ])('%s', (_, existing, expected) => {
    expect(nextEpochs(existing, 2825, 720)).toEqual(expected);
  });

  it('gives epochs that no file has and that are still to come', () => {
    const ranges = fc.array(fc.tuple(fc.integer({ min: 1, max: 9999 }), fc.nat(999)));
    fc.assert(
      fc.property(
        ranges,
        fc.integer({ min: 1, max: 9999 }),
        fc.integer({ min: 1, max: 999 }),
        (made, current, life) => {
          const existing = made.map(([start, more]) => epochs(start, start + more));
          const next = nextEpochs(existing, current, life);
          expect(existing.filter(({ endEpoch }) => endEpoch >= next.startEpoch)).toEqual([]);
          expect(next.startEpoch).toBeGreaterThan(current + 1);
          expect(next.endEpoch - next.startEpoch + 1).toBe(life);
        },
      ),
    );
  });
});

/** 32 bytes of 0, then of 1, and so on. */
function countingRandom(): (size: number) => Uint8Array {
  let calls = 0;
  return (size) => new Uint8Array(size).fill(calls++);
}

function edit(offset: number, value: bigint, ...more: number[]): Uint8Array {
  const edited = Buffer.from(file);
  for (const place of [offset, ...more]) edited.writeBigUInt64LE(value, place);
  return edited;
}
