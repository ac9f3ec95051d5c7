/** Which epochs a voter can vote in: with the files that it has, and with the keys that its main account links. */
import type { EpochRange, VotingKeyHeader } from '../../../formats/symbol-voting-keys.ts';
import type { Reason } from '../../../reconcile/reasons.ts';
import type { Judgement } from './finding.ts';

const DAY_SECONDS = 86_400;

export type VotingPolicy = { renewBeforeDays: number; autoRenew: boolean };

export type Voting = {
  /** Files of the node. */
  keys: readonly VotingKeyHeader[];
  /** What the account links; undefined while that is not known. */
  linked: readonly VotingKeyHeader[] | undefined;
  /** That is being voted on now. */
  epoch: number;
  secondsPerEpoch: number;
};

/** The first epochs from `epoch` on that no range covers although a later one does. */
export function findGap(ranges: readonly EpochRange[], epoch: number): EpochRange | undefined {
  const end = coveredUntil(ranges, epoch);
  const later = ranges.map(({ startEpoch }) => startEpoch).filter((start) => start > end + 1);
  return later.length === 0 ? undefined : { startEpoch: end + 1, endEpoch: Math.min(...later) - 1 };
}

/**
 * The epochs of a file that closes the gap. It begins where the link can be confirmed in time; a gap that is shorter than what the network lets one
 * link is left, as it passes by itself; of one that is longer than one key may live the beginning is closed first.
 */
export function epochsToFill(
  ranges: readonly EpochRange[],
  epoch: number,
  { minLifetime, maxLifetime }: { minLifetime: number; maxLifetime: number },
): EpochRange | undefined {
  const gap = findGap(ranges, epoch);
  if (gap === undefined) return undefined;
  const startEpoch = Math.max(gap.startEpoch, epoch + 2);
  const endEpoch = Math.min(gap.endEpoch, startEpoch + maxLifetime - 1);
  return endEpoch - startEpoch + 1 < minLifetime ? undefined : { startEpoch, endEpoch };
}

/** Links that no vote needs any more; each takes up one of the few that an account may have. */
export function findExpiredLinks(linked: readonly VotingKeyHeader[], epoch: number): VotingKeyHeader[] {
  return linked.filter(({ endEpoch }) => endEpoch < epoch);
}

/** @param voting undefined while the epoch is not known */
export function judgeVotingKeys(voting: Voting | undefined, { renewBeforeDays, autoRenew }: VotingPolicy): Judgement {
  const say = (status: 'True' | 'False' | 'Unknown', reason: Reason, message: string): Judgement => ({
    condition: { type: 'VotingKeysValid', status, reason, message },
  });
  const warn = (reason: Reason, message: string, severity: 'critical' | 'warning' = 'critical'): Judgement => ({
    ...say('False', reason, message),
    finding: { name: reason, severity, message },
  });
  if (voting === undefined) return say('Unknown', 'EpochUnknown', 'the finalization epoch is not known yet');
  const { keys, linked, epoch, secondsPerEpoch } = voting;
  const daysUntil = (later: number) => Math.floor(((later - epoch) * secondsPerEpoch) / DAY_SECONDS);
  if (keys.length === 0) return say('False', 'NoVotingKeys', 'the node has no voting keys yet');
  const last = Math.max(...keys.map(({ endEpoch }) => endEpoch));
  if (last < epoch)
    return warn(
      'VotingKeysExpired',
      `the last voting key ended with epoch ${last}, and this is epoch ${epoch}: the node does not vote`,
    );
  const until = coveredUntil(keys, epoch);
  const gap = findGap(keys, epoch);
  if (until < epoch) {
    const start = gap?.endEpoch === undefined ? epoch : gap.endEpoch + 1;
    // New keys begin two epochs ahead: that is how it begins, and not worth an alert.
    if (start <= epoch + 2)
      return say('False', 'NotYet', `the voting keys begin with epoch ${start}, and this is epoch ${epoch}`);
    return warn(
      'VotingKeysGap',
      `the node has no voting keys for epochs ${epoch} to ${start - 1} and does not vote until then`,
    );
  }
  if (gap !== undefined)
    return warn(
      'VotingKeysGap',
      `the node has no voting keys for epochs ${gap.startEpoch} to ${gap.endEpoch}, in ${daysUntil(gap.startEpoch)} days`,
      'warning',
    );
  const unlinked = linked === undefined ? undefined : keys.find((key) => covers(key, epoch) && !isLinked(key, linked));
  if (unlinked !== undefined)
    return warn(
      'VotingKeyNotLinked',
      `the main account does not link the voting key for epochs ${unlinked.startEpoch} to ${unlinked.endEpoch}: the node's votes do not count`,
    );
  const message = `voting keys until epoch ${until}, in ${daysUntil(until)} days`;
  if ((until - epoch) * secondsPerEpoch >= renewBeforeDays * DAY_SECONDS) return say('True', 'Valid', message);
  if (autoRenew) return say('True', 'Renewing', `${message}; the next are made`);
  const todo = `${message}: ask for the next with spec.requests.renewVotingKeys`;
  return {
    ...say('True', 'ExpireSoon', todo),
    finding: { name: 'VotingKeysExpireSoon' satisfies Reason, severity: 'warning', message: todo },
  };
}

/** The last epoch up to which there is no hole, from `epoch` on; epoch - 1 where there is none at `epoch` already. */
function coveredUntil(ranges: readonly EpochRange[], epoch: number): number {
  let end = epoch - 1;
  for (;;) {
    const next = Math.max(...ranges.filter((range) => covers(range, end + 1)).map(({ endEpoch }) => endEpoch));
    if (next <= end) return end;
    end = next;
  }
}

function covers({ startEpoch, endEpoch }: EpochRange, epoch: number): boolean {
  return startEpoch <= epoch && epoch <= endEpoch;
}

function isLinked(key: VotingKeyHeader, linked: readonly VotingKeyHeader[]): boolean {
  return linked.some(
    ({ rootPublicKey, startEpoch, endEpoch }) =>
      startEpoch === key.startEpoch &&
      endEpoch === key.endEpoch &&
      Buffer.compare(rootPublicKey, key.rootPublicKey) === 0,
  );
}
