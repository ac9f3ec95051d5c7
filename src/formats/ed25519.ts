/**
 * Ed25519 key pairs as raw bytes, by node:crypto, which itself takes and gives only encoded ones: JSON Web Keys (RFC 8037), because reading
 * DER takes six times as long and a fleet has thousands of keys.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

export type KeyPair = {
  /** 32 bytes; the secret. */
  seed: Uint8Array;
  /** 32 bytes. */
  publicKey: Uint8Array;
};

/** Makes a key pair from 32 bytes of `random`, which must be a source fit for keys: `randomBytes` of node:crypto outside of tests. */
export function generateKeyPair(random: (size: number) => Uint8Array): KeyPair {
  return keyPairFromSeed(random(32));
}

/** Throws a RangeError unless the seed has 32 bytes. */
export function keyPairFromSeed(seed: Uint8Array): KeyPair {
  if (seed.length !== 32) throw new RangeError(`an Ed25519 seed has 32 bytes, not ${seed.length}`);
  return { seed: Uint8Array.from(seed), publicKey: rawPublicKey(privateKeyObject(seed)) };
}

/** As node:crypto wants it: to sign, or to write PEM. */
export function privateKeyObject(seed: Uint8Array): KeyObject {
  // The public key has to be there, and is not looked at.
  return createPrivateKey({ key: { ...WEB_KEY, d: toBase64Url(seed), x: '' }, format: 'jwk' });
}

/** As node:crypto wants it, of 32 bytes. */
export function publicKeyObject(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: { ...WEB_KEY, x: toBase64Url(publicKey) }, format: 'jwk' });
}

/** The 32 bytes of an Ed25519 key of node:crypto; of a private key, those of its public half. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  return Uint8Array.from(Buffer.from(key.export({ format: 'jwk' }).x as string, 'base64url'));
}

const WEB_KEY = { kty: 'OKP', crv: 'Ed25519' };

function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
