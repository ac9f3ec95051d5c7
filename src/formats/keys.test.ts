import { createPrivateKey, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateKeyPair, keyPairFromSeed } from './ed25519.ts';
import { encodeNodeKey, nodeId, parseNodeKey } from './node-key.ts';
import { encodeValidatorKey, INITIAL_VALIDATOR_STATE, parseValidatorKey } from './validator-key.ts';

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
const pair = keyPairFromSeed(new Uint8Array(32).fill(7));
const other = keyPairFromSeed(new Uint8Array(32).fill(8));

/** A key file with some members replaced. */
function edit(text: string, members: Record<string, unknown>): string {
  return JSON.stringify({ ...JSON.parse(text), ...members });
}

describe('ed25519', () => {
  it.each([
    // RFC 8032, section 7.1, tests 1 and 2.
    [
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    ],
    [
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    ],
  ])('derives the public key of seed %s', (seed, publicKey) => {
    expect(Buffer.from(keyPairFromSeed(Buffer.from(seed, 'hex')).publicKey).toString('hex')).toBe(publicKey);
  });

  it('makes pairs that sign and verify', () => {
    const made = generateKeyPair((size) => new Uint8Array(size).fill(1));
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(made.publicKey).toString('base64url') };
    const secret = createPrivateKey({
      key: { ...jwk, d: Buffer.from(made.seed).toString('base64url') },
      format: 'jwk',
    });
    const signature = sign(null, Buffer.from('block'), secret);
    expect(verify(null, Buffer.from('block'), { key: jwk, format: 'jwk' } as never, signature)).toBe(true);
  });

  it('refuses a seed of another length', () => {
    expect(() => keyPairFromSeed(new Uint8Array(31))).toThrow('32 bytes, not 31');
  });
});

describe('node_key.json', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const made = keyPairFromSeed(seed);
        expect(parseNodeKey(encodeNodeKey(made))).toEqual({ nodeId: nodeId(made.publicKey), keyPair: made });
      }),
    );
  });
});

describe('priv_validator_key.json', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const made = keyPairFromSeed(seed);
        const read = parseValidatorKey(encodeValidatorKey(made));
        expect(read.keyPair).toEqual(made);
        expect(read.address).toBe(nodeId(made.publicKey).toUpperCase());
        expect(Buffer.from(read.publicKeyBase64, 'base64')).toEqual(Buffer.from(made.publicKey));
      }),
    );
  });

  it('may have its address in lower case, as CometBFT allows', () => {
    const text = edit(encodeValidatorKey(pair), { address: nodeId(pair.publicKey) });
    expect(parseValidatorKey(text).address).toBe(nodeId(pair.publicKey).toUpperCase());
  });

  it('comes with a state in which nothing was signed', () => {
    expect(JSON.parse(INITIAL_VALIDATOR_STATE)).toEqual({ height: '0', round: 0, step: 0 });
  });
});

describe('a malformed key', () => {
  const node = encodeNodeKey(pair);
  const validator = encodeValidatorKey(pair);
  const value = (size: number) => Buffer.alloc(size, 9).toString('base64');
  const ed25519 = 'tendermint/PrivKeyEd25519';

  it.each([
    ['not JSON', '{"priv_key": ', 'found text that is not JSON'],
    ['an array', '[]', 'found an array, need an object'],
    ['nothing inside', '{}', '.priv_key: found nothing, need an object'],
    ['null', edit(node, { priv_key: null }), '.priv_key: found null, need an object'],
    ['no type', edit(node, { priv_key: { value: value(64) } }), '.priv_key.type: found nothing, need a string'],
    [
      'secp256k1',
      edit(node, { priv_key: { type: 'tendermint/PrivKeySecp256k1', value: value(32) } }),
      'found "tendermint/PrivKeySecp256k1", need "tendermint/PrivKeyEd25519" (only Ed25519',
    ],
    [
      'a key as the type',
      edit(node, { priv_key: { type: value(64), value: value(64) } }),
      '.priv_key.type: found another string',
    ],
    [
      'a number',
      edit(node, { priv_key: { type: ed25519, value: 12 } }),
      '.priv_key.value: found a number, need a string',
    ],
    [
      'not base64',
      edit(node, { priv_key: { type: ed25519, value: `${value(64)}!` } }),
      '.priv_key.value: found text that is not base64',
    ],
    [
      'only a seed',
      edit(node, { priv_key: { type: ed25519, value: value(32) } }),
      '.priv_key.value: found 32 bytes, need 64',
    ],
    [
      'halves of two keys',
      edit(node, {
        priv_key: { type: ed25519, value: Buffer.concat([pair.seed, other.publicKey]).toString('base64') },
      }),
      'not the public key of the first 32',
    ],
  ])('(%s) is refused in both files', (_, text, message) => {
    expect(() => parseNodeKey(text)).toThrow(message);
    expect(() => parseNodeKey(text)).toThrow(/^node_key\.json/);
    expect(() => parseValidatorKey(text)).toThrow(message);
    expect(() => parseValidatorKey(text)).toThrow(/^priv_validator_key\.json/);
  });

  it.each([
    ['no pub_key', edit(validator, { pub_key: undefined }), 'pub_key: found nothing, need an object'],
    [
      'another pub_key',
      edit(validator, { pub_key: JSON.parse(encodeValidatorKey(other)).pub_key }),
      'the file mixes two keys',
    ],
    [
      'a secp256k1 pub_key',
      edit(validator, { pub_key: { type: 'tendermint/PubKeySecp256k1', value: value(33) } }),
      'only Ed25519',
    ],
    [
      'another address',
      edit(validator, { address: JSON.parse(encodeValidatorKey(other)).address }),
      'address: is not the address of pub_key',
    ],
  ])('(%s) is refused in priv_validator_key.json', (_, text, message) => {
    expect(() => parseValidatorKey(text)).toThrow(message);
  });

  it('is described without its content', () => {
    fc.assert(
      fc.property(seeds, fc.nat(100), (seed, cut) => {
        const text = encodeValidatorKey(keyPairFromSeed(seed));
        const secret = Buffer.from(seed).toString('base64').slice(0, 40);
        for (const broken of [text.slice(0, cut), text.replace('=="', '"'), text.replace('Ed25519', ''), `${text}x`]) {
          try {
            parseValidatorKey(broken);
          } catch (error) {
            expect((error as Error).message).not.toContain(secret);
            expect((error as Error).stack).not.toContain(secret);
          }
        }
      }),
    );
  });
});

/** Files of `cometbft init` 0.38.26; the id is what `cometbft show-node-id` says. */
describe('key files made by CometBFT', () => {
  it('are read', () => {
    const node =
      '{"priv_key":{"type":"tendermint/PrivKeyEd25519","value":"Fr6mhmc2lZHVlXmuMtlcy8X9takc7aC7YRuyGMxFYccA5O+R6naN2pGfmqAu2NpjQGq6qtYcEvm5SJ+XtgO8Sw=="}}';
    expect(parseNodeKey(node).nodeId).toBe('80e9b7dfb619ad2f99244ed6ffd8ae5bb1087bd5');
    const validator = `{
  "address": "BBC5602604675D5C268DD0334E1A17C0434462B8",
  "pub_key": {
    "type": "tendermint/PubKeyEd25519",
    "value": "Hk6Vy+T6EOGaLBtOQZladr4eoPxxBFOSgaeKRhd9kLo="
  },
  "priv_key": {
    "type": "tendermint/PrivKeyEd25519",
    "value": "fV+WhCO7NGvRHd3R0zcNOzVNKpRFihIk4fHETWjVJsEeTpXL5PoQ4ZosG05BmVp2vh6g/HEEU5KBp4pGF32Qug=="
  }
}`;
    expect(parseValidatorKey(validator).publicKeyBase64).toBe('Hk6Vy+T6EOGaLBtOQZladr4eoPxxBFOSgaeKRhd9kLo=');
    expect(encodeValidatorKey(parseValidatorKey(validator).keyPair).trimEnd()).toBe(validator);
  });
});
