/** For tests: a main account, keys of a node, and what the chain may say of them. */
import { keyPairFromSeed } from '../../../formats/ed25519.ts';
import { addressOf } from '../../../formats/symbol-keys.ts';
import { type AccountLinks, loadSymbolTransactions, planLinks } from '../../../formats/symbol-transactions.ts';
import type { AccountView } from '../rpc/account.ts';
import type { TransactionStatus } from '../rpc/rest.ts';
import { makeRecord } from './make.ts';
import type { LinkSituation } from './plan.ts';
import type { LinkRecord } from './record.ts';

export const pair = (byte: number) => keyPairFromSeed(new Uint8Array(32).fill(byte));
const pairs = [1, 2, 3, 4, 5, 6].map(pair);
export const [main, cosigner] = [pair(1), pair(5)];
const network = {
  name: 'testnet',
  identifier: 152,
  epochAdjustment: 1_667_250_467,
  generationHashSeed: new Uint8Array(32).fill(0x5a),
};
export const settings = {
  transaction: {
    feeMultiplier: 200,
    timeoutHours: 1,
    hashLockDuration: 1440,
    currencyMosaicId: 0x72c0212e67a08bcen,
    lockedFundsPerAggregate: 10_000_000,
  },
  blockSeconds: 30,
};
const currency = '72C0212E67A08BCE';
export const minute = 60_000n;
export const hour = 60n * minute;
export const key = (index: number) => (pairs[index] as ReturnType<typeof pair>).publicKey;
export const voting = { rootPublicKey: key(3), startEpoch: 10, endEpoch: 729 };
export const wanted = { remote: key(1), vrf: key(2), voting: [voting] };
export const transactions = await loadSymbolTransactions(network);

export function view(
  more: Partial<AccountView> & { links?: Partial<AccountLinks>; balance?: bigint } = {},
): AccountView {
  const { links, balance = 1_000_000n, ...rest } = more;
  return {
    rest: 'http://rest:3000',
    state: { links: { voting: [], ...links }, balances: new Map([[currency, balance]]) },
    multisig: { minApproval: 0, cosignatories: [] },
    isMultilevel: false,
    networkTime: 1000n,
    transactions: new Map(),
    ...rest,
  };
}

export function situation(more: Partial<LinkSituation> = {}): LinkSituation {
  return {
    mode: 'Announce',
    account: key(0),
    network,
    hasAccountKey: true,
    cosigner: undefined,
    wanted,
    maxVotingKeys: 3,
    view: view(),
    record: undefined,
    currency,
    ...more,
  };
}

export function record(minApproval = 0, signer: number | 'nobody' = 0): LinkRecord {
  return makeRecord(transactions, {
    changes: planLinks({ voting: [] }, wanted),
    account: key(0),
    minApproval,
    signer: signer === 'nobody' ? undefined : pairs[signer],
    networkTime: 1000n,
    settings,
  });
}

export const complete = record();
export const bonded = record(2, 4);
export const multisig = { minApproval: 2, cosignatories: [addressOf(key(4), 152)] };
export const seen = (entries: [string | undefined, TransactionStatus['group'], string?][]) =>
  new Map(entries.map(([hash, group, code = 'Success']) => [hash as string, { group, code }]));
