/**
 * Which nodes to restart next, if any. Never more at a time than may be unavailable: a node that was restarted has to be well again before
 * it counts as there, so a bad image or setting costs that many nodes and not the fleet. What is down already costs nothing and is replaced
 * at once.
 */
export type RolloutMember = {
  name: string;
  /** Why it has to be restarted; absent when it runs what was asked for. */
  restart?: string | undefined;
  /**
   * `healthy`: proven to do its work. `unproven`: running, but not known to be healthy (no reading yet, catching up, no answer).
   * `down`: the kubelet says that it does not run. `changing`: absent or terminating; it will be created again.
   */
  health: 'healthy' | 'unproven' | 'down' | 'changing';
  /** How it is down, where that is not by its process. */
  down?: string;
  /** Whether it is well enough, after its restart, for the next one to go. */
  settled: boolean;
};

export type RolloutDecision = {
  /** Names to restart now, with the reason. */
  restart: { name: string; why: string }[];
  /** Why the rest waits; absent when nothing waits. */
  wait?: { what: string; why: string };
};

export type RolloutOptions = {
  /** How many may be out of service at a time, those included that are so for other reasons. At least 1. */
  maxUnavailable?: number;
  /** Says why a member must not be stopped now, or undefined when it may; asked only for members that run. */
  mayStop?: (member: RolloutMember) => string | undefined;
};

/** @param members in the order in which they should be restarted */
export function planRollout(
  members: readonly RolloutMember[],
  { maxUnavailable = 1, mayStop = () => undefined }: RolloutOptions = {},
): RolloutDecision {
  const stale = members.filter((member) => member.restart !== undefined && member.health !== 'changing');
  const restart = stale
    .filter((member) => member.health === 'down')
    .map((member) => ({ name: member.name, why: `${member.restart}; ${member.down ?? 'it is down already'}` }));
  const running = stale.filter((member) => member.health !== 'down');
  if (running.length === 0) return { restart };
  const comingBack = members.filter((member) => !member.settled && isUnderWay(member));
  const unavailable = members.filter((member) => !member.settled || member.health === 'down').length;
  // The sick go first: they have the least to lose, and may need the change most.
  const sick = running.filter((member) => member.health !== 'healthy');
  const slots = maxUnavailable - comingBack.length - restart.length;
  const picked = pick(sick, slots, mayStop);
  const healthy = running.filter((member) => member.health === 'healthy');
  picked.add(healthy, Math.min(slots - picked.members.length, maxUnavailable - unavailable));
  const rest = running.length - picked.members.length;
  const pace = maxUnavailable === 1 ? '1 at a time' : `at most ${maxUnavailable} down at a time`;
  const more = rest === 0 ? 'the last one' : `${rest} more to go`;
  restart.push(...picked.members.map(({ name, restart: why }) => ({ name, why: `${why}; ${pace}, ${more}` })));
  if (picked.members.length > 0) return { restart };
  const blocking = comingBack[0]?.name ?? restart[0]?.name ?? members.find((member) => !member.settled)?.name;
  const why = picked.refusals[0] ?? `${blocking} has to be in sync again first`;
  return { restart, wait: { what: `restart of ${running.map((member) => member.name).join(', ')}`, why } };
}

/** Restarted, or about to be there again, with what was asked for. */
function isUnderWay(member: RolloutMember): boolean {
  return member.restart === undefined || member.health === 'changing';
}

function pick(candidates: readonly RolloutMember[], limit: number, mayStop: NonNullable<RolloutOptions['mayStop']>) {
  const members: RolloutMember[] = [];
  const refusals: string[] = [];
  const add = (more: readonly RolloutMember[], most: number) => {
    let left = most;
    for (const member of more) {
      if (left <= 0) return;
      const refusal = mayStop(member);
      if (refusal === undefined) {
        members.push(member);
        left--;
      } else refusals.push(refusal);
    }
  };
  add(candidates, limit);
  return { members, refusals, add };
}
