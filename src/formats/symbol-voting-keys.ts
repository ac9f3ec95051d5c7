/**
 * Voting key files, private_key_treeN.dat: for every epoch of a range a key that signs its votes, and the root key's signature under it.
 * The account links the root public key for the same range; the root private key is needed once, here, and kept nowhere. Catapult writes
 * into the header which key it used last and wipes what is behind it, so that a stolen file cannot vote again in the past.
 */
import { sign } from 'node:crypto';
import { generateKeyPair, type KeyPair, privateKeyObject } from './ed25519.ts';
import { FormatError } from './format-error.ts';

/** Epochs from start to end, both included. */
export type EpochRange = { startEpoch: number; endEpoch: number };

export type VotingKeyHeader = EpochRange & {
  /** 32 bytes: what the account links. */
  rootPublicKey: Uint8Array;
};

const HEADER_SIZE = 80;
const ENTRY_SIZE = 96;
/** In place of an epoch: no key was used or wiped yet. */
const NONE = 0xffff_ffff_ffff_ffffn;
/** Epochs are 32 bits wide in the link transaction. */
const MAX_EPOCH = 0xffff_ffff;

/** A new file. `random` makes the keys of the epochs, last epoch first; the same random bytes give the same file. */
export function makeVotingKeyFile(
  root: KeyPair,
  { startEpoch, endEpoch }: EpochRange,
  random: (size: number) => Uint8Array,
): Uint8Array {
  const range = Buffer.concat([encodeUint64(BigInt(startEpoch)), encodeUint64(BigInt(endEpoch))]);
  const parts: Uint8Array[] = [range, encodeUint64(NONE), encodeUint64(NONE), root.publicKey, range];
  const rootKey = privateKeyObject(root.seed);
  for (let epoch = endEpoch; epoch >= startEpoch; epoch--) {
    const child = generateKeyPair(random);
    parts.push(child.seed, sign(null, Buffer.concat([child.publicKey, encodeUint64(BigInt(epoch))]), rootKey));
  }
  return Buffer.concat(parts);
}

/** Reads what a file is for. Throws a FormatError for one that is cut off or is another file; `where` names it. */
export function readVotingKeyHeader(file: Uint8Array, where: string): VotingKeyHeader {
  const view = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (view.length < HEADER_SIZE) {
    throw new FormatError(
      `${where}: found ${view.length} bytes, need the ${HEADER_SIZE} of a voting key file's header`,
    );
  }
  const start = view.readBigUInt64LE(0);
  const end = view.readBigUInt64LE(8);
  if (view.readBigUInt64LE(64) !== start || view.readBigUInt64LE(72) !== end || start > end || end > MAX_EPOCH) {
    throw new FormatError(
      `${where}: found no range of epochs at its start: this is no voting key file, or a damaged one`,
    );
  }
  const range = { startEpoch: Number(start), endEpoch: Number(end) };
  const size = HEADER_SIZE + ENTRY_SIZE * countEpochs(range);
  if (view.length !== size) {
    throw new FormatError(`${where}: found ${view.length} bytes, need ${size} for epochs ${start} to ${end}`);
  }
  return { ...range, rootPublicKey: Uint8Array.from(view.subarray(32, 64)) };
}

/** The finalization epoch that a block belongs to. `grouping` is votingSetGrouping of the network, in blocks. */
export function epochOf(height: number, grouping: number): number {
  return height <= 1 ? 1 : 1 + Math.ceil(height / grouping);
}

/**
 * The epochs of the next file, as many as a key may live (maxVotingKeyLifetime of the network): right behind the last file, but no
 * sooner than two epochs ahead, so that the link is confirmed when voting begins. Without that a node whose keys have all expired would
 * get keys that have expired as well.
 */
export function nextEpochs(existing: readonly EpochRange[], currentEpoch: number, lifetime: number): EpochRange {
  const startEpoch = Math.max(currentEpoch + 2, ...existing.map(({ endEpoch }) => endEpoch + 1));
  return { startEpoch, endEpoch: startEpoch + lifetime - 1 };
}

function countEpochs({ startEpoch, endEpoch }: EpochRange): number {
  return endEpoch - startEpoch + 1;
}

function encodeUint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
