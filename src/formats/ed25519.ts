/** Ed25519 key pairs as raw bytes, by node:crypto, which itself takes and gives only DER. */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';

export type KeyPair = {
  /** 32 bytes; the secret. */
  seed: Uint8Array;
  /** 32 bytes. */
  publicKey: Uint8Array;
};

/** RFC 8410: algorithm 1.3.101.112 and a bit string of 32 bytes. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
/** RFC 8410: version 0, algorithm 1.3.101.112, an octet string that holds the 32-byte octet string of the seed. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Makes a key pair from 32 bytes of `random`, which must be a source fit for keys: `randomBytes` of node:crypto outside of tests. */
export function generateKeyPair(random: (size: number) => Uint8Array): KeyPair {
  return keyPairFromSeed(random(32));
}

/** Throws a RangeError unless the seed has 32 bytes. */
export function keyPairFromSeed(seed: Uint8Array): KeyPair {
  if (seed.length !== 32) throw new RangeError(`an Ed25519 seed has 32 bytes, not ${seed.length}`);
  return { seed: Uint8Array.from(seed), publicKey: rawPublicKey(privateKeyObject(seed)) };
}

/** The 64 bytes of RFC 8032. */
export function signEd25519(message: Uint8Array, pair: KeyPair): Uint8Array {
  return Uint8Array.from(sign(null, message, privateKeyObject(pair.seed)));
}

/** As node:crypto wants it, to write PEM for example. */
export function privateKeyObject(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
}

/** As node:crypto wants it, of 32 bytes. */
export function publicKeyObject(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: 'der', type: 'spki' });
}

/** The 32 bytes of an Ed25519 key of node:crypto, private or public. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'der', type: 'spki' });
  return Uint8Array.from(spki.subarray(-32));
}
