/** CometBFT's priv_validator_key.json and priv_validator_state.json: what a validator signs with, and what it signed last. */
import { createHash } from 'node:crypto';
import type { KeyPair } from './ed25519.ts';
import { FormatError } from './format-error.ts';
import { asObject, parseJson, readObject, readString } from './json-members.ts';
import {
  encodeBase64,
  encodePrivateKeyMember,
  publicKeyType,
  readKeyBytes,
  readPrivateKeyMember,
  requireKeyType,
} from './private-key-member.ts';

/**
 * priv_validator_state.json of a validator that never signed. Only ever for a key that is new or whose earlier owner is certainly
 * gone: with it a validator may sign a height a second time.
 */
export const INITIAL_VALIDATOR_STATE = '{\n  "height": "0",\n  "round": 0,\n  "step": 0\n}\n';

export type ValidatorKey = {
  /** 40 upper-case hex digits. */
  address: string;
  publicKey: Uint8Array;
  publicKeyBase64: string;
  keyPair: KeyPair;
};

export function encodeValidatorKey(pair: KeyPair): string {
  const key = {
    address: validatorAddress(pair.publicKey),
    pub_key: { type: publicKeyType, value: encodeBase64(pair.publicKey) },
    priv_key: encodePrivateKeyMember(pair),
  };
  return `${JSON.stringify(key, null, 2)}\n`;
}

/** Throws a FormatError unless address, pub_key and priv_key are of one Ed25519 key; it never contains key material. */
export function parseValidatorKey(text: string): ValidatorKey {
  const where = 'priv_validator_key.json';
  const key = asObject(parseJson(text, where), where);
  const keyPair = readPrivateKeyMember(key, where);
  const publicKeyMember = readObject(key, 'pub_key', where);
  requireKeyType(publicKeyMember, publicKeyType, `${where}.pub_key`);
  const publicKey = readKeyBytes(publicKeyMember, 32, 'a public key', `${where}.pub_key`);
  if (!publicKey.equals(keyPair.publicKey)) {
    throw new FormatError(`${where}.pub_key.value: is not the public key of priv_key; the file mixes two keys`);
  }
  const address = validatorAddress(publicKey);
  if (readString(key, 'address', where).toUpperCase() !== address) {
    throw new FormatError(`${where}.address: is not the address of pub_key, need ${address}`);
  }
  return { address, publicKey: keyPair.publicKey, publicKeyBase64: encodeBase64(publicKey), keyPair };
}

/** A validator's address: the first 20 bytes of the public key's SHA-256 in upper-case hex. */
export function validatorAddress(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 40).toUpperCase();
}
