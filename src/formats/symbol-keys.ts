/**
 * Keys as Symbol's tools keep them: Ed25519, in PEM files (shoestring, the node's own) or as 64 hex digits (.properties files, wallets);
 * and the address that an account's public key gives.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { type KeyPair, keyPairFromSeed, privateKeyObject, publicKeyObject, rawPublicKey } from './ed25519.ts';
import { FormatError } from './format-error.ts';

/** PKCS#8, not encrypted, as `openssl genpkey -algorithm ed25519` writes it. */
export function renderPrivateKeyPem(pair: KeyPair): string {
  return privateKeyObject(pair.seed).export({ format: 'pem', type: 'pkcs8' }).toString();
}

export function renderPublicKeyPem(publicKey: Uint8Array): string {
  return publicKeyObject(publicKey).export({ format: 'pem', type: 'spki' }).toString();
}

/** Upper case, as catapult and its tools write keys and hashes. */
export function renderHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase();
}

/** Reads a private key in PEM or as 64 hex digits. `where` names it; no error repeats any of it. */
export function parsePrivateKey(text: string, where: string): KeyPair {
  const seed = parseHex(text);
  if (seed !== undefined) return keyPairFromSeed(seed);
  if (text.includes('ENCRYPTED')) {
    throw new FormatError(
      `${where}: is encrypted, need it in the clear: openssl pkey -in ENCRYPTED.pem -out CLEAR.pem`,
    );
  }
  const key = readKey(() => createPrivateKey(text), 'private', where);
  return keyPairFromSeed(Buffer.from(key.export({ format: 'jwk' }).d as string, 'base64url'));
}

/** Reads a public key in PEM or as 64 hex digits; 32 bytes. `where` names it; no error repeats any of it. */
export function parsePublicKey(text: string, where: string): Uint8Array {
  if (text.includes('PRIVATE KEY')) throw new FormatError(`${where}: found a private key, need a public key`);
  return parseHex(text) ?? rawPublicKey(readKey(() => createPublicKey(text), 'public', where));
}

/**
 * The address of an account: 39 characters. `network` is the network's identifier, 104 (mainnet, N…) or 152 (testnets, T…). Nodes are
 * known by that of their CA key, which is the node's main account.
 */
export function addressOf(publicKey: Uint8Array, network: number): string {
  const account = createHash('ripemd160').update(sha3(publicKey)).digest();
  const body = Buffer.concat([Buffer.of(network), account]);
  return renderAddress(Buffer.concat([body, sha3(body).subarray(0, 3)]));
}

/** 24 bytes, as REST has them in hex, in the form that people read. */
export function renderAddress(bytes: Uint8Array): string {
  return encodeBase32(bytes);
}

function sha3(bytes: Uint8Array): Buffer {
  return createHash('sha3-256').update(bytes).digest();
}

/** RFC 4648 without padding. */
function encodeBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const digits = bits.match(/.{1,5}/g) ?? [];
  return digits.map((digit) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(digit.padEnd(5, '0'), 2)]).join('');
}

function parseHex(text: string): Buffer | undefined {
  const digits = text.trim();
  return /^[0-9a-fA-F]{64}$/.test(digits) ? Buffer.from(digits, 'hex') : undefined;
}

function readKey(read: () => KeyObject, half: 'private' | 'public', where: string): KeyObject {
  const need = `need an Ed25519 ${half} key in PEM or as 64 hex digits`;
  let key: KeyObject;
  try {
    key = read();
  } catch {
    throw new FormatError(`${where}: found text that is no key, ${need}`);
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new FormatError(`${where}: found a ${key.asymmetricKeyType} key, ${need}`);
  return key;
}
