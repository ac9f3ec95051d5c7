import { Hash256 } from 'symbol-sdk';
import { models, Network, SymbolFacade } from 'symbol-sdk/symbol';
import { describe, expect, it } from 'vitest';
import { keyPairFromSeed } from './ed25519.ts';
import { renderHex } from './symbol-keys.ts';
import {
  type AccountLinks,
  type LinkChange,
  loadSymbolTransactions,
  planLinks,
  type SignedTransaction,
  type WantedLinks,
} from './symbol-transactions.ts';

const keyPair = (byte: number) => keyPairFromSeed(new Uint8Array(32).fill(byte));
const [account, cosigner] = [keyPair(1), keyPair(2)];
const [a, b, c] = [keyPair(3).publicKey, keyPair(4).publicKey, keyPair(5).publicKey];
const voting = (rootPublicKey: Uint8Array, startEpoch: number) => ({
  rootPublicKey,
  startEpoch,
  endEpoch: startEpoch + 719,
});

describe('planLinks', () => {
  const nothing: AccountLinks = { voting: [] };
  it.each<[string, AccountLinks, WantedLinks, LinkChange[]]>([
    ['nothing is wanted', { remote: a, vrf: b, voting: [voting(c, 10)] }, {}, []],
    [
      'nothing is linked yet',
      nothing,
      { remote: a, vrf: b, voting: [voting(c, 10)] },
      [
        { action: 'link', key: 'account', publicKey: a },
        { action: 'link', key: 'vrf', publicKey: b },
        { action: 'link', key: 'voting', ...voting(c, 10) },
      ],
    ],
    [
      'all is linked',
      { remote: a, vrf: b, voting: [voting(c, 10)] },
      { remote: Buffer.from(a), vrf: Buffer.from(b), voting: [voting(Buffer.from(c), 10)] },
      [],
    ],
    [
      'others are linked',
      { remote: b, vrf: a, voting: [voting(a, 10), voting(b, 730)] },
      { remote: a, vrf: b, voting: [voting(c, 1450)], unlinkVoting: [voting(a, 10)] },
      [
        { action: 'unlink', key: 'account', publicKey: b },
        { action: 'unlink', key: 'vrf', publicKey: a },
        { action: 'link', key: 'account', publicKey: a },
        { action: 'link', key: 'vrf', publicKey: b },
        { action: 'unlink', key: 'voting', ...voting(a, 10) },
        { action: 'link', key: 'voting', ...voting(c, 1450) },
      ],
    ],
    [
      'the same key is linked for other epochs',
      { voting: [voting(a, 10)] },
      { voting: [voting(a, 730)] },
      [{ action: 'link', key: 'voting', ...voting(a, 730) }],
    ],
    ['what is to go is not there', nothing, { unlinkVoting: [voting(a, 10)] }, []],
  ])('when %s', (_, found, wanted, changes) => {
    expect(planLinks(found, wanted)).toEqual(changes);
  });
});

describe('transactions', async () => {
  const network = {
    name: 'testnet',
    identifier: 152,
    epochAdjustment: 1_667_250_467,
    generationHashSeed: new Uint8Array(32).fill(0x5a),
  };
  const facade = new SymbolFacade(
    new Network(network.name, 152, new Date(1_667_250_467_000), new Hash256(network.generationHashSeed)),
  );
  const transactions = await loadSymbolTransactions(network);
  const options = { account: account.publicKey, minCosignatures: 0, feeMultiplier: 200, deadline: 127_056_789n };
  const changes = planLinks({ voting: [] }, { remote: a, vrf: b, voting: [voting(c, 2827)] });
  const verify = ({ payload, hash }: SignedTransaction) => {
    const transaction = models.TransactionFactory.deserialize(Uint8Array.from(payload));
    const { signature } = transaction as unknown as { signature: { bytes: Uint8Array } };
    expect(facade.hashTransaction(transaction).toString()).toBe(hash);
    // biome-ignore lint/suspicious/noExplicitAny: the two Signature types of the SDK are one class in all but name
    expect(facade.verifyTransaction(transaction, signature as any)).toBe(true);
    return transaction.toJson() as Record<string, unknown>;
  };

  // The sizes of shoestring's files.
  it.each([
    [changes, 440],
    [changes.slice(0, 2), 344],
    [changes.slice(2), 264],
  ])('link keys in one aggregate', (some, size) => {
    const unsigned = transactions.makeLinkTransaction(some, options);
    expect(unsigned.length).toBe(size);
    expect(Buffer.from(unsigned.subarray(8, 72)).equals(Buffer.alloc(64))).toBe(true);
    const signed = transactions.signTransaction(unsigned, account);
    expect(signed.isBonded).toBe(false);
    expect(verify(signed)).toMatchObject({
      signerPublicKey: renderHex(account.publicKey),
      fee: String(200 * size),
      deadline: '127056789',
      type: models.TransactionType.AGGREGATE_COMPLETE.value,
      version: 3,
      cosignatures: [],
    });
  });

  it('say exactly what changes', () => {
    const signed = transactions.signTransaction(
      transactions.makeLinkTransaction([...changes, { action: 'unlink', key: 'voting', ...voting(a, 10) }], options),
      account,
    );
    const signerPublicKey = renderHex(account.publicKey);
    expect(verify(signed).transactions).toMatchObject([
      { signerPublicKey, type: 0x414c, linkedPublicKey: renderHex(a), linkAction: 1 },
      { signerPublicKey, type: 0x4243, linkedPublicKey: renderHex(b), linkAction: 1 },
      { signerPublicKey, type: 0x4143, linkedPublicKey: renderHex(c), startEpoch: 2827, endEpoch: 3546, linkAction: 1 },
      { signerPublicKey, type: 0x4143, linkedPublicKey: renderHex(a), startEpoch: 10, endEpoch: 729, linkAction: 0 },
    ]);
  });

  it('of a multisig account are bonded, paid for with all cosignatures, and begun by a cosigner', () => {
    const unsigned = transactions.makeLinkTransaction(changes, { ...options, minCosignatures: 3 });
    const signed = transactions.signTransaction(unsigned, cosigner);
    expect(signed.isBonded).toBe(true);
    expect(verify(signed)).toMatchObject({
      signerPublicKey: renderHex(cosigner.publicKey),
      fee: String(200 * (440 + 2 * 104)),
      type: models.TransactionType.AGGREGATE_BONDED.value,
      transactions: changes.map(() => ({ signerPublicKey: renderHex(account.publicKey) })),
    });
    const lock = transactions.makeHashLock(signed, cosigner, {
      feeMultiplier: 200,
      deadline: 127_056_789n,
      mosaicId: 0x72c0212e67a08bcen,
      amount: 10_000_000,
      duration: 1440,
    });
    expect(lock.isBonded).toBe(false);
    expect(verify(lock)).toMatchObject({
      signerPublicKey: renderHex(cosigner.publicKey),
      type: models.TransactionType.HASH_LOCK.value,
      fee: String(200 * 184),
      mosaic: { mosaicId: String(0x72c0212e67a08bcen), amount: '10000000' },
      duration: '1440',
      hash: signed.hash,
    });
  });

  it('of an account with one cosigner are complete', () => {
    const unsigned = transactions.makeLinkTransaction(changes, { ...options, minCosignatures: 1 });
    expect(transactions.signTransaction(unsigned, cosigner).isBonded).toBe(false);
    expect(unsigned).toEqual(transactions.makeLinkTransaction(changes, options));
  });

  it('change something', () => {
    expect(() => transactions.makeLinkTransaction([], options)).toThrow('needs a change');
  });
});
