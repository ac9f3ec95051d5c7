/**
 * The transactions by which an account hands its rights to a node: it links the remote key that signs blocks, the VRF key that draws who
 * may, and the voting keys. All changes go into one aggregate, so that they happen together or not at all. Made and signed here without
 * any network; symbol-sdk knows the wire format, and is loaded only when asked for, as few operators ever need it.
 */
import { sign } from 'node:crypto';
import { type KeyPair, privateKeyObject } from './ed25519.ts';
import { renderHex } from './symbol-keys.ts';
import type { SymbolNetwork } from './symbol-network-package.ts';
import type { VotingKeyHeader } from './symbol-voting-keys.ts';

/** What an account has linked, as REST's /accounts says it; public keys of 32 bytes. */
export type AccountLinks = {
  remote?: Uint8Array | undefined;
  vrf?: Uint8Array | undefined;
  voting: readonly VotingKeyHeader[];
};

export type LinkChange = { action: 'link' | 'unlink' } & (
  | { key: 'account' | 'vrf'; publicKey: Uint8Array }
  | ({ key: 'voting' } & VotingKeyHeader)
);

/** What a node needs linked; what is left out stays as it is. */
export type WantedLinks = {
  remote?: Uint8Array | undefined;
  vrf?: Uint8Array | undefined;
  /** Voting keys whose files the node has. */
  voting?: readonly VotingKeyHeader[];
  /** Voting keys to give up; those that are not linked are passed over. */
  unlinkVoting?: readonly VotingKeyHeader[];
};

/** The changes that are left to make, in the order of shoestring: an account has one remote and one VRF key at a time. */
export function planLinks(found: AccountLinks, wanted: WantedLinks): LinkChange[] {
  const remote = replaceKey('account', found.remote, wanted.remote);
  const vrf = replaceKey('vrf', found.vrf, wanted.vrf);
  const isLinked = (key: VotingKeyHeader) => found.voting.some((other) => isSameVotingKey(other, key));
  const voting = (action: 'link' | 'unlink', keys: readonly VotingKeyHeader[]) =>
    keys.map((key): LinkChange => ({ action, key: 'voting', ...key }));
  return [
    ...remote.unlink,
    ...vrf.unlink,
    ...remote.link,
    ...vrf.link,
    ...voting('unlink', (wanted.unlinkVoting ?? []).filter(isLinked)),
    ...voting(
      'link',
      (wanted.voting ?? []).filter((key) => !isLinked(key)),
    ),
  ];
}

/** Of the whole transaction as announced. */
export type SignedTransaction = {
  payload: Uint8Array;
  /** 64 upper-case hex digits: what the transaction is asked after by. */
  hash: string;
  /** It is announced apart from others, after its hash lock is confirmed, and waits for cosignatures. */
  isBonded: boolean;
};

type LinkOptions = {
  /** The main account; 32 bytes. */
  account: Uint8Array;
  /** Of the account, when it is a multisig account: with more than 1 the aggregate is bonded. Otherwise 0. */
  minCosignatures: number;
  /** Atomic units for each byte. */
  feeMultiplier: number;
  /** By the network's clock, milliseconds since its epochAdjustment, as REST's /node/time tells it. */
  deadline: bigint;
};

type HashLockOptions = {
  feeMultiplier: number;
  /** As in LinkOptions. */
  deadline: bigint;
  mosaicId: bigint;
  /** Atomic units; returned when the bonded aggregate is complete. */
  amount: number;
  /** In blocks. */
  duration: number;
};

export type SymbolTransactions = {
  /** An aggregate of all changes, of which there must be one at least; unsigned, as bytes. */
  makeLinkTransaction(changes: readonly LinkChange[], options: LinkOptions): Uint8Array;
  /** Signs an unsigned transaction. An aggregate gets the signer as its initiator: for a multisig account that is one of its cosigners. */
  signTransaction(unsigned: Uint8Array, signer: KeyPair): SignedTransaction;
  /** The deposit without which nodes take no bonded aggregate, signed by the same initiator; announced and confirmed first. */
  makeHashLock(bonded: SignedTransaction, signer: KeyPair, options: HashLockOptions): SignedTransaction;
};

export async function loadSymbolTransactions(network: SymbolNetwork): Promise<SymbolTransactions> {
  const { Hash256, models, Network, PublicKey, SymbolFacade } = await import('./symbol-sdk.ts');
  const facade = new SymbolFacade(
    new Network(
      network.name,
      network.identifier,
      new Date(network.epochAdjustment * 1000),
      new Hash256(network.generationHashSeed),
    ),
  );
  const signTransaction = (unsigned: Uint8Array, signer: KeyPair): SignedTransaction => {
    const transaction = models.TransactionFactory.deserialize(Uint8Array.from(unsigned));
    if ('cosignatures' in transaction)
      transaction.signerPublicKey = new models.PublicKey(Uint8Array.from(signer.publicKey));
    const signature = sign(null, facade.extractSigningPayload(transaction), privateKeyObject(signer.seed));
    transaction.signature = new models.Signature(signature);
    return {
      payload: transaction.serialize(),
      hash: renderHex(facade.hashTransaction(transaction).bytes),
      isBonded: transaction instanceof models.AggregateBondedTransactionV3,
    };
  };
  return {
    makeLinkTransaction(changes, { account, minCosignatures, feeMultiplier, deadline }) {
      if (changes.length === 0) throw new RangeError('a link transaction needs a change at least');
      const signerPublicKey = new PublicKey(account);
      const transactions = changes.map((change) =>
        facade.transactionFactory.createEmbedded({ ...describeChange(change), signerPublicKey }),
      );
      const aggregate = facade.transactionFactory.create({
        type: minCosignatures > 1 ? 'aggregate_bonded_transaction_v3' : 'aggregate_complete_transaction_v3',
        signerPublicKey,
        deadline,
        transactionsHash: SymbolFacade.hashEmbeddedTransactions(transactions),
        transactions,
      });
      // Cosignatures are added later and paid for now; the first one is the signature itself.
      const cosignatures = Math.max(0, minCosignatures - 1) * new models.Cosignature().size;
      aggregate.fee = new models.Amount(BigInt(feeMultiplier) * BigInt(aggregate.size + cosignatures));
      return aggregate.serialize();
    },

    signTransaction,

    makeHashLock(bonded, signer, { feeMultiplier, deadline, mosaicId, amount, duration }) {
      const lock = facade.transactionFactory.create({
        type: 'hash_lock_transaction_v1',
        signerPublicKey: new PublicKey(signer.publicKey),
        deadline,
        mosaic: { mosaicId, amount: BigInt(amount) },
        duration: BigInt(duration),
        hash: new Hash256(bonded.hash),
      });
      lock.fee = new models.Amount(BigInt(feeMultiplier) * BigInt(lock.size));
      return signTransaction(lock.serialize(), signer);
    },
  };

  function describeChange(change: LinkChange): object {
    const { action: linkAction, key } = change;
    const type = `${key}_key_link_transaction_v1`;
    if (key !== 'voting') return { type, linkAction, linkedPublicKey: new PublicKey(change.publicKey) };
    const { rootPublicKey, startEpoch, endEpoch } = change;
    return { type, linkAction, linkedPublicKey: new PublicKey(rootPublicKey), startEpoch, endEpoch };
  }
}

function replaceKey(key: 'account' | 'vrf', found: Uint8Array | undefined, wanted: Uint8Array | undefined) {
  const change = (action: 'link' | 'unlink', publicKey: Uint8Array | undefined): LinkChange[] =>
    publicKey === undefined ? [] : [{ action, key, publicKey }];
  if (wanted === undefined || (found !== undefined && isSameKey(found, wanted))) return { unlink: [], link: [] };
  return { unlink: change('unlink', found), link: change('link', wanted) };
}

function isSameVotingKey(one: VotingKeyHeader, other: VotingKeyHeader): boolean {
  return (
    one.startEpoch === other.startEpoch &&
    one.endEpoch === other.endEpoch &&
    isSameKey(one.rootPublicKey, other.rootPublicKey)
  );
}

function isSameKey(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
