import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyPairFromSeed, publicKeyObject, rawPublicKey } from './ed25519.ts';
import {
  addressOf,
  parsePrivateKey,
  parsePublicKey,
  renderHex,
  renderPrivateKeyPem,
  renderPublicKeyPem,
} from './symbol-keys.ts';

// The key of RFC 8032, section 7.1, test 1; the PEM texts are what openssl makes of it.
const seedHex = '9D61B19DEFFD5A60BA844AF492EC2CC44449C5697B326919703BAC031CAE7F60';
const publicKeyHex = 'D75A980182B10AB7D54BFED3C964073A0EE172F3DAA62325AF021A68F707511A';
const pair = keyPairFromSeed(Buffer.from(seedHex, 'hex'));
const privateKeyPem = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
`;
const publicKeyPem = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----
`;

describe('keys', () => {
  it('are written as openssl and catapult write them', () => {
    expect(renderPrivateKeyPem(pair)).toBe(privateKeyPem);
    expect(renderPublicKeyPem(pair.publicKey)).toBe(publicKeyPem);
    expect(renderHex(pair.seed)).toBe(seedHex);
  });

  it.each([[privateKeyPem], [seedHex], [`${seedHex.toLowerCase()}\n`]])('are read from %j', (text) => {
    expect(parsePrivateKey(text, 'Secret main-account')).toEqual(pair);
  });

  it.each([[publicKeyPem], [publicKeyHex], [` ${publicKeyHex.toLowerCase()}\n`]])(
    'are read from %j, the public half',
    (text) => {
      expect(Buffer.from(parsePublicKey(text, 'ca.pubkey.pem'))).toEqual(Buffer.from(pair.publicKey));
    },
  );

  it('come back from PEM', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        const made = keyPairFromSeed(seed);
        expect(parsePrivateKey(renderPrivateKeyPem(made), 'key')).toEqual(made);
        expect(rawPublicKey(publicKeyObject(made.publicKey))).toEqual(made.publicKey);
      }),
      { numRuns: 20 },
    );
  });

  const other = generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  it.each([
    ['', 'found text that is no key, need an Ed25519 private key in PEM or as 64 hex digits'],
    [seedHex.slice(1), 'found text that is no key'],
    [privateKeyPem.replace('MC4C', 'MC4D'), 'found text that is no key'],
    [publicKeyPem, 'found text that is no key'],
    [other, 'found a x25519 key, need an Ed25519 private key'],
    ['-----BEGIN ENCRYPTED PRIVATE KEY-----', 'is encrypted, need it in the clear: openssl pkey'],
  ])('that are none are refused without repeating them: %j', (text, message) => {
    const refusal = catchError(() => parsePrivateKey(text, 'Secret main-account'));
    expect(refusal.message).toContain(`Secret main-account: ${message}`);
    expect(`${refusal.message}${refusal.stack}`).not.toContain('MC4');
    expect(refusal.message).not.toContain(seedHex.slice(1));
  });

  it('that are private are not taken for public ones', () => {
    expect(() => parsePublicKey(privateKeyPem, 'ca.pubkey.pem')).toThrow('found a private key, need a public key');
    expect(() => parsePublicKey('x', 'ca.pubkey.pem')).toThrow('ca.pubkey.pem: found text that is no key');
  });
});

describe('addressOf', () => {
  // As symbol-sdk 3.3.2 says.
  it.each([
    [104, 'NBDHG3NHBCNLOAAK4OJFQALFUZUTWNE4ERJ4C2A'],
    [152, 'TBDHG3NHBCNLOAAK4OJFQALFUZUTWNE4ESDA7WA'],
  ])('gives the address in network %i', (network, address) => {
    expect(addressOf(pair.publicKey, network)).toBe(address);
  });
});

function catchError(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
