/** The `priv_key` member that CometBFT's node_key.json and priv_validator_key.json share. */
import { type KeyPair, keyPairFromSeed } from './ed25519.ts';
import { FormatError } from './format-error.ts';
import { type JsonObject, readObject, readString } from './json-members.ts';

export const publicKeyType = 'tendermint/PubKeyEd25519';
const privateKeyType = 'tendermint/PrivKeyEd25519';

export function encodePrivateKeyMember(pair: KeyPair): { type: string; value: string } {
  return { type: privateKeyType, value: encodeBase64(Buffer.concat([pair.seed, pair.publicKey])) };
}

/** Reads `priv_key`, seed and public key in base64, and checks that the two belong together. No message repeats any of it. */
export function readPrivateKeyMember(object: JsonObject, where: string): KeyPair {
  const member = readObject(object, 'priv_key', where);
  requireKeyType(member, privateKeyType, `${where}.priv_key`);
  const bytes = readKeyBytes(member, 64, 'a seed and a public key', `${where}.priv_key`);
  const pair = keyPairFromSeed(bytes.subarray(0, 32));
  if (!Buffer.from(pair.publicKey).equals(bytes.subarray(32))) {
    throw new FormatError(`${where}.priv_key.value: the last 32 bytes are not the public key of the first 32`);
  }
  return pair;
}

/** Refuses key types that CometBFT knows and we do not, by name. */
export function requireKeyType(member: JsonObject, type: string, where: string): void {
  const found = readString(member, 'type', where);
  if (found === type) return;
  // Only CometBFT's own type names are quoted: a key pasted into the wrong member must not reach a log.
  const name = /^tendermint\/[A-Za-z0-9]{1,32}$/.test(found) ? `"${found}"` : 'another string';
  throw new FormatError(`${where}.type: found ${name}, need "${type}" (only Ed25519 keys are supported)`);
}

/** Reads `value` as strict base64 of exactly `size` bytes. */
export function readKeyBytes(member: JsonObject, size: number, content: string, where: string): Buffer {
  const text = readString(member, 'value', where);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new FormatError(`${where}.value: found text that is not base64`);
  if (bytes.length !== size) {
    throw new FormatError(`${where}.value: found ${bytes.length} bytes, need ${size} (${content})`);
  }
  return bytes;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
