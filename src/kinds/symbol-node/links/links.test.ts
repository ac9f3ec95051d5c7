import fc from 'fast-check';
import { models } from 'symbol-sdk/symbol';
import { describe, expect, it } from 'vitest';
import { keyPairFromSeed } from '../../../formats/ed25519.ts';
import { addressOf, renderHex } from '../../../formats/symbol-keys.ts';
import { type AccountLinks, loadSymbolTransactions, planLinks } from '../../../formats/symbol-transactions.ts';
import type { AccountView } from '../rpc/account.ts';
import type { TransactionStatus } from '../rpc/rest.ts';
import { announce, describeAnnouncement, makeRecord } from './make.ts';
import { type LinkSituation, planLinkStep } from './plan.ts';
import { hashesOf, type LinkRecord, parseRecord, renderRecord } from './record.ts';

const pair = (byte: number) => keyPairFromSeed(new Uint8Array(32).fill(byte));
const pairs = [1, 2, 3, 4, 5, 6].map(pair);
const [main, cosigner] = [pair(1), pair(5)];
const network = {
  name: 'testnet',
  identifier: 152,
  epochAdjustment: 1_667_250_467,
  generationHashSeed: new Uint8Array(32).fill(0x5a),
};
const settings = {
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
const minute = 60_000n;
const hour = 60n * minute;
const key = (index: number) => (pairs[index] as ReturnType<typeof pair>).publicKey;
const voting = { rootPublicKey: key(3), startEpoch: 10, endEpoch: 729 };
const wanted = { remote: key(1), vrf: key(2), voting: [voting] };
const transactions = await loadSymbolTransactions(network);

function view(more: Partial<AccountView> & { links?: Partial<AccountLinks>; balance?: bigint } = {}): AccountView {
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

function situation(more: Partial<LinkSituation> = {}): LinkSituation {
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

function record(minApproval = 0, signer: number | 'nobody' = 0): LinkRecord {
  return makeRecord(transactions, {
    changes: planLinks({ voting: [] }, wanted),
    account: key(0),
    minApproval,
    signer: signer === 'nobody' ? undefined : pairs[signer],
    networkTime: 1000n,
    settings,
  });
}

const complete = record();
const bonded = record(2, 4);
const multisig = { minApproval: 2, cosignatories: [addressOf(key(4), 152)] };
const seen = (entries: [string | undefined, TransactionStatus['group'], string?][]) =>
  new Map(entries.map(([hash, group, code = 'Success']) => [hash as string, { group, code }]));

describe('planLinkStep', () => {
  it.each<[string, Partial<LinkSituation>, object]>([
    [
      'nobody was asked',
      { view: undefined },
      { state: 'Unknown', message: expect.stringContaining('nobody was asked yet') },
    ],
    [
      'nobody answers',
      { view: undefined, viewError: 'rest: the name does not resolve' },
      { state: 'Unknown', message: 'the links of the main account are not known: rest: the name does not resolve' },
    ],
    [
      'the account is new',
      { view: view({ state: undefined }) },
      { state: 'Unknown', message: expect.stringContaining(addressOf(key(0), 152)) },
    ],
    [
      'all is linked',
      { view: view({ links: { remote: key(1), vrf: key(2), voting: [voting] } }) },
      { state: 'Linked', action: undefined },
    ],
    [
      'all is linked, whatever waits',
      { view: view({ links: { remote: key(1), vrf: key(2), voting: [voting] } }), record: complete },
      { state: 'Linked', action: { do: 'forget' } },
    ],
    ['nothing is linked', {}, { state: 'Signed', action: { do: 'make', changes: planLinks({ voting: [] }, wanted) } }],
    ['a person signs', { mode: 'Prepare', hasAccountKey: false }, { state: 'Prepared', action: { do: 'make' } }],
    [
      'it is prepared',
      { mode: 'Prepare', record: record(0, 'nobody') },
      { state: 'Prepared', action: undefined, message: expect.stringContaining(`link vrf key ${renderHex(key(2))}`) },
    ],
    [
      'it was prepared too long ago',
      { mode: 'Prepare', record: record(0, 'nobody'), view: view({ networkTime: 1001n + hour + 5n * minute }) },
      { state: 'Prepared', action: { do: 'make' } },
    ],
    [
      'something else was prepared',
      { mode: 'Prepare', record: { ...record(0, 'nobody'), changes: ['x'] } },
      { action: { do: 'make' } },
    ],
    [
      'the key is missing',
      { hasAccountKey: false },
      { state: 'Failed', message: expect.stringContaining('set spec.caKeySecret'), action: undefined },
    ],
    ['it is only signed', { mode: 'Sign', record: complete }, { state: 'Signed', action: undefined }],
    [
      'it waits to be announced',
      { record: complete },
      { state: 'Announced', action: { do: 'announce', part: 'transaction' } },
    ],
    [
      'it is under way',
      { record: complete, view: view({ transactions: seen([[complete.hash, 'unconfirmed']]) }) },
      { state: 'Announced', action: undefined },
    ],
    [
      'it is under way and something else is wanted by now',
      {
        record: complete,
        wanted: { remote: key(5) },
        view: view({ transactions: seen([[complete.hash, 'unconfirmed']]) }),
      },
      { state: 'Announced', action: undefined },
    ],
    [
      'it is confirmed and the account does not show it yet',
      { record: complete, view: view({ transactions: seen([[complete.hash, 'confirmed']]) }) },
      { state: 'Announced', action: undefined },
    ],
    [
      'it was confirmed and something else is wanted by now',
      {
        record: complete,
        wanted: { remote: key(5) },
        view: view({ links: { remote: key(1) }, transactions: seen([[complete.hash, 'confirmed']]) }),
      },
      {
        action: {
          do: 'make',
          changes: expect.arrayContaining([{ action: 'unlink', key: 'account', publicKey: key(1) }]),
        },
      },
    ],
    [
      'it has failed',
      {
        record: complete,
        view: view({ transactions: seen([[complete.hash, 'failed', 'Failure_Core_Insufficient_Balance']]) }),
      },
      { state: 'Failed', action: undefined, message: expect.stringContaining('Failure_Core_Insufficient_Balance') },
    ],
    [
      'it has failed, and its time is over',
      {
        record: complete,
        view: view({
          networkTime: 1001n + hour + 5n * minute,
          transactions: seen([[complete.hash, 'failed', 'Failure_X']]),
        }),
      },
      { action: { do: 'make' } },
    ],
    [
      'it was lost',
      { record: complete, view: view({ networkTime: 1001n + hour + 5n * minute }) },
      { action: { do: 'make' } },
    ],
    [
      'the account cannot pay',
      { record: complete, view: view({ balance: 87_999n }) },
      {
        state: 'Failed',
        action: undefined,
        message: expect.stringContaining('has 87999 atomic units of the currency, and the fee is 88000'),
      },
    ],
    [
      'the account links too many voting keys',
      { view: view({ links: { voting: [1, 2, 3].map((byte) => ({ ...voting, rootPublicKey: key(byte % 3) })) } }) },
      { state: 'Failed', message: expect.stringContaining('would link 4 voting keys, and the network allows 3') },
    ],
    [
      'one of too many is unlinked with it',
      {
        view: view({ links: { voting: [0, 1, 2].map((index) => ({ ...voting, rootPublicKey: key(index) })) } }),
        wanted: { ...wanted, unlinkVoting: [{ ...voting, rootPublicKey: key(0) }] },
      },
      { state: 'Signed', action: { do: 'make' } },
    ],
  ])('when %s', (_, more, step) => {
    expect({ action: undefined, ...planLinkStep(situation(more)) }).toMatchObject(step);
  });

  const ofMultisig = (more: Partial<AccountView> = {}) => view({ multisig, ...more });
  it.each<[string, Partial<LinkSituation>, object]>([
    ['has no cosigner', {}, { state: 'Failed', message: expect.stringContaining('set spec.accounts.cosigner') }],
    [
      'has a stranger for a cosigner',
      { cosigner: key(5) },
      { state: 'Failed', message: expect.stringContaining('is no cosigner of') },
    ],
    [
      'has a cosigner with cosigners',
      { cosigner: key(4), view: ofMultisig({ isMultilevel: true }) },
      { state: 'Failed', message: expect.stringContaining('by hand') },
    ],
    ['has nothing yet', { cosigner: key(4) }, { state: 'Signed', action: { do: 'make' } }],
    [
      'has a transaction',
      { cosigner: key(4), record: bonded },
      { state: 'Announced', action: { do: 'announce', part: 'lock' } },
    ],
    [
      'waits for its lock',
      {
        cosigner: key(4),
        record: bonded,
        view: ofMultisig({ transactions: seen([[bonded.lock?.hash, 'unconfirmed']]) }),
      },
      { state: 'Announced', action: undefined },
    ],
    [
      'has its lock',
      {
        cosigner: key(4),
        record: bonded,
        view: ofMultisig({ transactions: seen([[bonded.lock?.hash, 'confirmed']]) }),
      },
      { state: 'AwaitingCosignatures', action: { do: 'announce', part: 'transaction' } },
    ],
    [
      'cannot pay its lock',
      {
        cosigner: key(4),
        record: bonded,
        view: ofMultisig({ transactions: seen([[bonded.lock?.hash, 'failed', 'Failure_Core_Insufficient_Balance']]) }),
      },
      { state: 'Failed', action: undefined },
    ],
    [
      'lost its lock',
      { cosigner: key(4), record: bonded, view: ofMultisig({ networkTime: 1001n + hour + 5n * minute }) },
      { action: { do: 'make' } },
    ],
    [
      'waits for cosigners',
      {
        cosigner: key(4),
        record: bonded,
        view: ofMultisig({
          networkTime: 1001n + hour + 5n * minute,
          transactions: seen([
            [bonded.lock?.hash, 'confirmed'],
            [bonded.hash, 'partial'],
          ]),
        }),
      },
      { state: 'AwaitingCosignatures', action: undefined },
    ],
  ])('when a multisig account %s', (_, more, step) => {
    const found = planLinkStep(situation({ hasAccountKey: false, view: ofMultisig(), ...more }));
    expect({ action: undefined, ...found }).toMatchObject(step);
  });
});

describe('makeRecord', () => {
  const read = (payload: string | undefined) =>
    models.TransactionFactory.deserialize(Uint8Array.from(Buffer.from(payload ?? '', 'hex'))).toJson();

  it('signs for an hour', () => {
    expect(complete).toMatchObject({ isBonded: false, deadline: 1000n + hour });
    expect(read(complete.payload)).toMatchObject({ deadline: String(1000n + hour), fee: String(200 * 440) });
    expect(record()).toEqual(complete);
  });

  it('leaves the signature to a person', () => {
    const unsigned = record(0, 'nobody');
    expect(unsigned.hash).toBeUndefined();
    expect(read(unsigned.payload)).toMatchObject({ signature: '00'.repeat(64), signerPublicKey: renderHex(key(0)) });
  });

  it('gives cosigners as long as the deposit lasts, and deposits it within the hour', () => {
    expect(bonded).toMatchObject({ isBonded: true, deadline: 1000n + 12n * hour, lock: { deadline: 1000n + hour } });
    expect(read(bonded.lock?.payload)).toMatchObject({ hash: bonded.hash, duration: '1440' });
    const slow = { ...settings, blockSeconds: 3600 };
    const options = { changes: planLinks({ voting: [] }, wanted), account: key(0), minApproval: 2, networkTime: 0n };
    expect(makeRecord(transactions, { ...options, signer: cosigner, settings: slow }).deadline).toBe(48n * hour);
  });

  it.each([
    ['complete', complete],
    ['bonded', bonded],
    ['unsigned', record(0, 'nobody')],
    ['unsigned and bonded', record(2, 'nobody')],
  ])('is kept in a ConfigMap: %s', (_, made) => {
    expect(parseRecord(renderRecord(made), 'ConfigMap t')).toEqual(made);
  });

  it.each([
    [{ payload: 'XX' }, 'ConfigMap t: payload: found something else, need a transaction in hex: delete the ConfigMap'],
    [{ deadline: 'soon' }, 'deadline: found something else, need milliseconds'],
    [{ 'lock-hash': '' }, 'lock-hash: found something else'],
    [{ kind: 'bound' }, 'kind: found something else, need bonded or complete'],
  ])('is refused when it was edited: %j', (edits, message) => {
    expect(() => parseRecord({ ...renderRecord(bonded), ...edits }, 'ConfigMap t')).toThrow(message);
  });
});

describe('announce', () => {
  it.each([
    [complete, 'transaction', '/transactions', complete.payload],
    [bonded, 'transaction', '/transactions/partial', bonded.payload],
    [bonded, 'lock', '/transactions', bonded.lock?.payload],
  ] as const)('sends to the right place', async (made, part, path, payload) => {
    const sent: unknown[] = [];
    const text = describeAnnouncement('http://rest:3000', made, part);
    await announce(async (url, { method, json }) => {
      sent.push([method, url, json]);
      return { status: 202, body: '{"message":"packet 9 was pushed to the network via /transactions"}' };
    }, text);
    expect(sent).toEqual([['PUT', `http://rest:3000${path}`, { payload }]]);
  });

  it('throws when REST does not take it', async () => {
    const refuse = async () => ({ status: 409, body: '{"code":"InvalidArgument"}' });
    await expect(announce(refuse, describeAnnouncement('http://rest:3000', complete, 'transaction'))).rejects.toThrow(
      'rest:3000 did not take the transaction: HTTP 409 {"code":"InvalidArgument"}',
    );
  });
});

/**
 * A chain that takes what is announced or loses it, shows the account late, and an operator that forgets everything but the ConfigMap. Whatever
 * happens, no two transactions are under way at once, and in the end the keys are linked.
 */
describe('the whole way', () => {
  type Step = { minutes: number; isLost: boolean; showsLate: boolean; isRefused: boolean };
  const steps = fc.array(
    fc.record({
      minutes: fc.integer({ min: 0, max: 40 }),
      isLost: fc.boolean(),
      showsLate: fc.boolean(),
      isRefused: fc.boolean(),
    }),
    { maxLength: 25 },
  );

  function run(trouble: readonly Step[], minApproval: number) {
    let now = 1000n;
    let stored: Record<string, string> | undefined;
    let links: AccountLinks = { voting: [] };
    let shown: AccountLinks = links;
    const chain = new Map<string, TransactionStatus>();
    const announced = new Map<string, bigint>();
    for (let count = 0; count < 400; count++) {
      const step = trouble[count] ?? { minutes: 10, isLost: false, showsLate: false, isRefused: false };
      now += BigInt(step.minutes) * minute;
      for (const [hash, status] of chain) if (status.group === 'unconfirmed') confirm(hash);
      if (!step.showsLate) shown = links;
      const waiting = stored === undefined ? undefined : parseRecord(stored, 'ConfigMap t');
      const who = { multisig: { ...multisig, minApproval }, networkTime: now };
      const transactionsSeen = new Map([...chain].filter(([hash]) => hashesOf(waiting).includes(hash)));
      const { state, action } = planLinkStep(
        situation({
          cosigner: key(4),
          record: waiting,
          view: view({
            links: shown,
            transactions: transactionsSeen,
            ...(minApproval > 0 ? who : { networkTime: now }),
          }),
        }),
      );
      if (state === 'Linked' && action === undefined) return { links, announced };
      if (action?.do === 'forget') stored = undefined;
      if (action?.do === 'make') {
        const signer = minApproval > 0 ? cosigner : main;
        stored = renderRecord(
          makeRecord(transactions, {
            changes: action.changes,
            account: key(0),
            minApproval,
            signer,
            networkTime: now,
            settings,
          }),
        );
      }
      if (action?.do === 'announce' && waiting !== undefined) send(waiting, action.part, step);
    }
    return { links, announced };

    function send(made: LinkRecord, part: 'lock' | 'transaction', { isLost, isRefused }: Step) {
      const hash = (part === 'lock' ? made.lock?.hash : made.hash) as string;
      if (part === 'transaction') {
        const live = [...announced].filter(([other, deadline]) => other !== hash && deadline >= now && !isOver(other));
        expect(live).toEqual([]);
        announced.set(hash, made.deadline);
      }
      if (isLost || chain.has(hash)) return;
      chain.set(hash, isRefused ? { group: 'failed', code: 'Failure_X' } : { group: 'unconfirmed', code: 'Success' });
    }
    function isOver(hash: string): boolean {
      return ['confirmed', 'failed'].includes(chain.get(hash)?.group ?? '');
    }
    function confirm(hash: string) {
      chain.set(hash, { group: 'confirmed', code: 'Success' });
      if (announced.has(hash)) links = { remote: key(1), vrf: key(2), voting: [voting] };
    }
  }

  it.each([[0], [2]])('ends with the keys linked, with %i cosignatures', (minApproval) => {
    fc.assert(
      fc.property(steps, (trouble) => {
        expect(run(trouble, minApproval).links.voting).toEqual([voting]);
      }),
      { numRuns: 60 },
    );
  });

  it('announces one transaction where nothing goes wrong', () => {
    expect(run([], 0).announced.size).toBe(1);
  });
});
