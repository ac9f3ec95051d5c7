/** Peer ids of libp2p: a multihash in base58, of which the digest is the public key itself where that is short. */
import { FormatError } from './format-error.ts';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const IDENTITY = 0x00;
const SHA2_256 = 0x12;
/** Longer ones cannot be peer ids. */
const MAX_LENGTH = 128;

/** Throws a FormatError where a text is no peer id. */
export function checkPeerId(text: string, where: string): void {
  const refuse = (why: string) => new FormatError(`${where}: ${JSON.stringify(shorten(text))} is no peer id: ${why}`);
  if (text === '') throw refuse('it is empty; peer ids begin with 12D3KooW, 16Uiu2HA or Qm');
  const foreign = [...text].findIndex((character) => !ALPHABET.includes(character));
  if (foreign >= 0) throw refuse(`character ${foreign + 1} is none of base58, which has no 0, O, I and l`);
  if (text.length > MAX_LENGTH) throw refuse(`it has ${text.length} characters`);
  const [code, length = 0, ...digest] = decodeBase58(text);
  if (code !== IDENTITY && code !== SHA2_256) throw refuse('peer ids begin with 12D3KooW, 16Uiu2HA or Qm');
  if (digest.length !== length)
    throw refuse(`it should hold ${length} bytes after its head and holds ${digest.length}; copy it again`);
  if (code === SHA2_256 && length !== 32) throw refuse(`a hash has 32 bytes, not ${length}`);
  if (code === IDENTITY && !isPublicKey(digest)) throw refuse('what it holds is no public key');
}

/** A protobuf of two members: the type of the key, and its bytes. */
function isPublicKey([typeTag, type = -1, keyTag, length, ...key]: number[]): boolean {
  return typeTag === 0x08 && type <= 3 && keyTag === 0x12 && length === key.length;
}

function decodeBase58(text: string): number[] {
  let value = 0n;
  for (const character of text) value = value * 58n + BigInt(ALPHABET.indexOf(character));
  const bytes: number[] = [];
  for (; value > 0n; value >>= 8n) bytes.unshift(Number(value & 0xffn));
  const zeros = /^1*/.exec(text)?.[0].length ?? 0;
  return [...Array<number>(zeros).fill(0), ...bytes];
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
