/**
 * What is to be done next so that the main account links the keys that the node has. Decided each time from what the chain says of the
 * account, and from the one transaction that waits, if any; never from what was done last. Pure.
 */

import { addressOf } from '../../../formats/symbol-keys.ts';
import type { SymbolNetwork } from '../../../formats/symbol-network-package.ts';
import { type LinkChange, planLinks, type WantedLinks } from '../../../formats/symbol-transactions.ts';
import type { AccountView } from '../rpc/account.ts';
import { describeLinkChange, type LinkRecord } from './record.ts';

/** As in the status. */
type LinkState = 'Unknown' | 'Linked' | 'Prepared' | 'Signed' | 'Announced' | 'AwaitingCosignatures' | 'Failed';

export type LinkStep = {
  state: LinkState;
  /** For a person: what has to be done, what is waited for, or why it failed. */
  message: string;
  /** Undefined: nothing now. */
  action?:
    | { do: 'make'; changes: LinkChange[] }
    | { do: 'announce'; part: 'lock' | 'transaction' }
    /** The record is of no use any more. */
    | { do: 'forget' };
};

export type LinkSituation = {
  /** As far as the user allows it. */
  mode: 'Prepare' | 'Sign' | 'Announce';
  /** Main account, 32 bytes. */
  account: Uint8Array;
  network: Pick<SymbolNetwork, 'identifier'>;
  /** Whether the private key of the main account is here. */
  hasAccountKey: boolean;
  /** Public key of the cosigner whose private key is here. */
  cosigner: Uint8Array | undefined;
  wanted: WantedLinks;
  /** Of the network. */
  maxVotingKeys: number;
  /** What the chain says; undefined while nobody has told yet. */
  view: AccountView | undefined;
  /** Why nobody tells. */
  viewError?: string | undefined;
  record: LinkRecord | undefined;
  /** Of the currency that fees are paid in, 16 upper-case hex digits. */
  currency: string;
};

export function planLinkStep(situation: LinkSituation): LinkStep {
  const { view, viewError, record, account, network } = situation;
  if (view === undefined)
    return {
      state: 'Unknown',
      message: `the links of the main account are not known: ${viewError ?? 'nobody was asked yet'}`,
    };
  const address = addressOf(account, network.identifier);
  if (view.state === undefined)
    return {
      state: 'Unknown',
      message: `the chain has not seen the main account ${address}: send it something for the fees`,
    };
  const changes = planLinks(view.state.links, situation.wanted);
  if (changes.length === 0)
    return { state: 'Linked', message: 'the main account links the keys of the node', ...forget(record) };
  return (
    followRecord(situation, view, changes) ??
    refuse(situation, view, changes) ??
    keepPrepared(situation, view, changes) ?? {
      state: situation.mode === 'Prepare' ? 'Prepared' : 'Signed',
      message: `to do: ${list(changes)}`,
      action: { do: 'make', changes },
    }
  );
}

function forget(record: LinkRecord | undefined): Pick<LinkStep, 'action'> {
  return record === undefined ? {} : { action: { do: 'forget' } };
}

/**
 * A signed transaction is waited for until it is confirmed or can never be, even where something else is wanted by now: two that are under
 * way could undo each other. Undefined: it is over, or there is none.
 */
function followRecord(
  { record, mode, currency }: LinkSituation,
  view: AccountView,
  changes: readonly LinkChange[],
): LinkStep | undefined {
  if (record?.hash === undefined) return undefined;
  const { hash, lock, deadline, isBonded } = record;
  const isExpired = isOver(deadline, view);
  const status = view.transactions.get(hash);
  const name = `transaction ${hash}`;
  switch (status?.group) {
    case 'confirmed': {
      const isStillToDo = changes.some((change) => record.changes.includes(describeLinkChange(change)));
      // The node that was asked for the account may be a block behind the one that was asked for the transaction.
      if (!isStillToDo || isExpired) return undefined;
      return { state: 'Announced', message: `${name} is confirmed; the account does not show it yet` };
    }
    case 'failed':
      if (isExpired || status.code === PAST_DEADLINE) return undefined;
      return { state: 'Failed', message: `${name}: ${status.code}; another one is made after its deadline` };
    case 'partial':
      if (isExpired) return undefined;
      return {
        state: 'AwaitingCosignatures',
        message: `${name} waits for its cosigners: ${record.changes.join('; ')}`,
      };
    case 'unconfirmed':
      return { state: 'Announced', message: `${name} waits for a block` };
    case undefined:
      break;
  }
  if (isExpired) return undefined;
  if (mode !== 'Announce')
    return {
      state: 'Signed',
      message: `${name} is signed and announced by nobody: set spec.accounts.links to Announce, or announce it: ${record.changes.join('; ')}`,
    };
  const missing = findMissingFunds(record, view, currency);
  if (missing !== undefined) return { state: 'Failed', message: missing };
  if (!isBonded || lock === undefined)
    return { state: 'Announced', message: `${name} is announced`, action: { do: 'announce', part: 'transaction' } };
  const lockStatus = view.transactions.get(lock.hash);
  switch (lockStatus?.group) {
    case 'confirmed':
      return {
        state: 'AwaitingCosignatures',
        message: `${name} is announced to its cosigners`,
        action: { do: 'announce', part: 'transaction' },
      };
    case 'failed':
      if (lockStatus.code === PAST_DEADLINE || isOver(lock.deadline, view)) return undefined;
      return {
        state: 'Failed',
        message: `hash lock ${lock.hash}: ${lockStatus.code}; another one is made after its deadline`,
      };
    case undefined:
      if (isOver(lock.deadline, view)) return undefined;
      return { state: 'Announced', message: 'its hash lock is announced', action: { do: 'announce', part: 'lock' } };
    default:
      return { state: 'Announced', message: `hash lock ${lock.hash} waits for a block` };
  }
}

/** A block that took the transaction in time may still be on its way to the node that is asked. */
const MARGIN_MS = 300_000n;

function isOver(deadline: bigint, { networkTime }: AccountView): boolean {
  return networkTime > deadline + MARGIN_MS;
}

const PAST_DEADLINE = 'Failure_Core_Past_Deadline';

/** Only what the main account pays is known; of a multisig account a cosigner pays. */
function findMissingFunds(record: LinkRecord, view: AccountView, currency: string): string | undefined {
  if (view.multisig.minApproval > 0 || view.state === undefined) return undefined;
  const fee = readFee(record.payload);
  const balance = view.state.balances.get(currency) ?? 0n;
  if (balance >= fee) return undefined;
  return `the main account has ${balance} atomic units of the currency, and the fee is ${fee}: send it the difference`;
}

/** Every transaction has its fee at the same place. */
function readFee(payload: string): bigint {
  return Buffer.from(payload.slice(2 * 112, 2 * 120), 'hex').readBigUInt64LE();
}

/** Why no transaction can be made. */
function refuse(
  { mode, account, network, hasAccountKey, cosigner, maxVotingKeys, wanted }: LinkSituation,
  { multisig, isMultilevel, state }: AccountView,
  changes: readonly LinkChange[],
): LinkStep | undefined {
  const failed = (message: string): LinkStep => ({ state: 'Failed', message: `${message} (to do: ${list(changes)})` });
  const count = (action: 'link' | 'unlink') =>
    changes.filter((change) => change.key === 'voting' && change.action === action).length;
  const linked = (state?.links.voting.length ?? 0) + count('link') - count('unlink');
  if (count('link') > 0 && linked > maxVotingKeys)
    return failed(
      `the account would link ${linked} voting keys, and the network allows ${maxVotingKeys}: unlink one that the node has no file of${(wanted.voting ?? []).length > maxVotingKeys ? ', or wait until one has expired' : ''}`,
    );
  if (isMultilevel) return failed('a cosigner of the main account is a multisig account itself: link the keys by hand');
  if (mode === 'Prepare') return undefined;
  if (multisig.minApproval === 0)
    return hasAccountKey ? undefined : failed('the key of the main account is not here: set spec.caKeySecret');
  if (cosigner === undefined)
    return failed(
      'the main account is a multisig account: set spec.accounts.cosigner, or spec.accounts.links to Prepare',
    );
  const address = addressOf(cosigner, network.identifier);
  if (!multisig.cosignatories.includes(address))
    return failed(
      `spec.accounts.cosigner is ${address}, which is no cosigner of ${addressOf(account, network.identifier)}`,
    );
  return undefined;
}

/** An unsigned transaction is for a person: it is made anew when something else is wanted, or its time has run out. */
function keepPrepared(
  { mode, record }: LinkSituation,
  { networkTime }: AccountView,
  changes: readonly LinkChange[],
): LinkStep | undefined {
  if (mode !== 'Prepare' || record === undefined || record.hash !== undefined) return undefined;
  const isSame = record.changes.join('\n') === changes.map(describeLinkChange).join('\n');
  if (!isSame || networkTime > record.deadline) return undefined;
  return { state: 'Prepared', message: `a transaction is there to be signed and announced: ${list(changes)}` };
}

function list(changes: readonly LinkChange[]): string {
  return changes.map(describeLinkChange).join('; ');
}
