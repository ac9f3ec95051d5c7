import { describe, expect, it } from 'vitest';
import { addressOf, renderHex } from '../../../formats/symbol-keys.ts';
import { planLinks } from '../../../formats/symbol-transactions.ts';
import type { AccountView } from '../rpc/account.ts';
import {
  bonded,
  complete,
  hour,
  key,
  minute,
  multisig,
  record,
  seen,
  situation,
  view,
  voting,
  wanted,
} from './links-fixture.ts';
import { type LinkSituation, planLinkStep } from './plan.ts';

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
