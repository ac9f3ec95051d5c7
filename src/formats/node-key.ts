/** CometBFT's node_key.json: the identity of a node towards its peers. */
import { createHash } from 'node:crypto';
import type { KeyPair } from './ed25519.ts';
import { asObject, parseJson } from './json-members.ts';
import { encodePrivateKeyMember, readPrivateKeyMember } from './private-key-member.ts';

export function encodeNodeKey(pair: KeyPair): string {
  return `${JSON.stringify({ priv_key: encodePrivateKeyMember(pair) })}\n`;
}

/** Throws a FormatError that names the member; it never contains key material. */
export function parseNodeKey(text: string): { nodeId: string; keyPair: KeyPair } {
  const where = 'node_key.json';
  const keyPair = readPrivateKeyMember(asObject(parseJson(text, where), where), where);
  return { nodeId: nodeId(keyPair.publicKey), keyPair };
}

/** A node's id, as in `id@host:port`: the first 20 bytes of the public key's SHA-256 in lower-case hex. */
export function nodeId(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 40);
}
