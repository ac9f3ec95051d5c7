/** What is known of a node from answers over time: whom the poller asks, and what of it matters. */
import type { AccountView } from './account.ts';
import type { NetworkHeight } from './chain-height.ts';
import type { NodeHealth } from './health.ts';
import type { RestHealth } from './rest.ts';

/** One look. What was not asked this time is missing; what was asked in vain is an Error, and fails nothing else. */
export type NodeAnswer = {
  node: NodeHealth;
  rest?: RestHealth | Error;
  network?: NetworkHeight | Error;
  account?: AccountView | Error;
};

/** Something that is asked for now and then, with the last answer that was one. Times in milliseconds. */
export type Known<T> = {
  askedAt: number;
  value: T | undefined;
  valueAt: number | undefined;
  error: string | undefined;
};

export type NodeReading = {
  at: number;
  /** Of this pod. */
  node: NodeHealth | undefined;
  /** Why it did not answer the last time. */
  error: string | undefined;
  /** When its height was last seen to rise; undefined while that was not seen. */
  advancedAt: number | undefined;
  /** Since when it has been behind, by the blocks that are too many. */
  behindSince: number | undefined;
  rest: RestHealth | undefined;
  restError: string | undefined;
  network: Known<NetworkHeight>;
  account: Known<AccountView>;
};

/** Also when nothing was asked yet. */
export function isDue(known: Known<unknown> | undefined, everyMs: number, now: number): boolean {
  return known === undefined || known.askedAt === NEVER || now - known.askedAt >= everyMs;
}

export function foldAnswer(
  previous: NodeReading | undefined,
  answer: NodeAnswer | Error,
  now: number,
  maxBlocksBehind: number,
): NodeReading {
  const before = previous ?? UNKNOWN;
  if (answer instanceof Error) return { ...before, at: now, error: answer.message };
  const { node, rest } = answer;
  const network = learn(before.network, answer.network, now);
  const hasAdvanced = before.node !== undefined && node.height > before.node.height;
  const isBehind = network.value !== undefined && network.value.height - node.height > maxBlocksBehind;
  return {
    at: now,
    node,
    error: undefined,
    advancedAt: hasAdvanced ? now : before.advancedAt,
    behindSince: isBehind ? (before.behindSince ?? now) : undefined,
    rest: rest === undefined || rest instanceof Error ? undefined : rest,
    restError: rest instanceof Error ? rest.message : undefined,
    network,
    account: learn(before.account, answer.account, now),
  };
}

/** A change of this text wakes the reconciler; heights wait for the next refresh. */
export function significanceOf({ node, error, behindSince, rest, restError, account }: NodeReading): string {
  const { value } = account;
  return JSON.stringify([
    error === undefined ? null : withoutNumbers(error),
    node?.node?.version,
    node?.finalizationEpoch,
    behindSince !== undefined,
    rest,
    restError === undefined ? null : withoutNumbers(restError),
    account.error === undefined ? null : withoutNumbers(account.error),
    value === undefined ? null : [describeLinks(value), [...value.transactions]],
  ]);
}

function describeLinks({ state, multisig }: AccountView): unknown {
  const hex = (key: Uint8Array | undefined) => key && Buffer.from(key).toString('hex');
  if (state === undefined) return [null, multisig];
  const { remote, vrf, voting } = state.links;
  const votingKeys = voting.map(({ rootPublicKey, startEpoch }) => [hex(rootPublicKey), startEpoch]);
  return [hex(remote), hex(vrf), votingKeys, multisig];
}

function learn<T>(known: Known<T>, answer: T | Error | undefined, now: number): Known<T> {
  if (answer === undefined) return known;
  if (answer instanceof Error) return { ...known, askedAt: now, error: answer.message };
  return { askedAt: now, value: answer, valueAt: now, error: undefined };
}

/** Errors differ in ports and times from call to call; their words do not. */
function withoutNumbers(text: string): string {
  return text.replace(/\d+/g, '').slice(0, 60);
}

const NEVER = Number.NEGATIVE_INFINITY;
const NOTHING = { askedAt: NEVER, value: undefined, valueAt: undefined, error: undefined };
const UNKNOWN: NodeReading = {
  at: NEVER,
  node: undefined,
  error: undefined,
  advancedAt: undefined,
  behindSince: undefined,
  rest: undefined,
  restError: undefined,
  network: NOTHING,
  account: NOTHING,
};
