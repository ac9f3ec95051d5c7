/**
 * Which node to restart next, if any. One at a time: a node that was restarted has to be well again before the next one goes, so a bad
 * image or setting costs one node and not the fleet. What is down already costs nothing and is replaced at once.
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
  /** Whether it is well enough, after its restart, for the next one to go. */
  settled: boolean;
};

export type RolloutDecision = {
  /** Names to restart now, with the reason. */
  restart: { name: string; why: string }[];
  /** Why the rest waits; absent when nothing waits. */
  wait?: { what: string; why: string };
};

/**
 * @param members in the order in which they should be restarted
 * @param mayStop says why a member must not be stopped now, or undefined when it may; asked only for members that run
 */
export function planRollout(
  members: readonly RolloutMember[],
  mayStop: (member: RolloutMember) => string | undefined,
): RolloutDecision {
  const stale = members.filter((member) => member.restart !== undefined && member.health !== 'changing');
  const restart = stale
    .filter((member) => member.health === 'down')
    .map((member) => ({ name: member.name, why: `${member.restart}; it is down already` }));
  const running = stale.filter((member) => member.health !== 'down');
  if (running.length === 0) return { restart };
  const what = `restart of ${running.map((member) => member.name).join(', ')}`;
  const isUnderWay = (member: RolloutMember) => member.restart === undefined || member.health === 'changing';
  const unsettled = members.find((member) => isUnderWay(member) && !member.settled);
  if (unsettled !== undefined || restart.length > 0) {
    const name = unsettled?.name ?? restart[0]?.name;
    return { restart, wait: { what, why: `${name} has to be in sync again first` } };
  }
  // The sick go first: they have the least to lose, and may need the change most.
  const inOrder = [...running.filter((m) => m.health !== 'healthy'), ...running.filter((m) => m.health === 'healthy')];
  const refusals: string[] = [];
  for (const member of inOrder) {
    const refusal = mayStop(member);
    if (refusal === undefined) {
      const rest = inOrder.length - 1;
      const why = `${member.restart}; 1 at a time, ${rest === 0 ? 'the last one' : `${rest} more to go`}`;
      return { restart: [{ name: member.name, why }] };
    }
    refusals.push(refusal);
  }
  return { restart: [], wait: { what, why: refusals[0] as string } };
}
