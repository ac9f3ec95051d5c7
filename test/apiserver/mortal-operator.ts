/** Operators of one kind that end: at once, when told to, or after every write, when another one takes its place. */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { setUpKind } from '../../src/cli/operator.ts';
import type { Kind, PodGet } from '../../src/kinds/kind.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { EVENTS } from '../../src/kube/resource-types.ts';
import { type RunningManager, startManager } from '../../src/runtime/manager.ts';

export type OperatorOptions = { kube: Kube; kind: Kind; namespaces?: string[]; podGet: PodGet; now: () => Date };

const log = pino({ level: process.env.NODEWRIGHT_TEST_LOG ?? 'silent' });

export function startOperator({ kube, kind, namespaces, podGet, now }: OperatorOptions): Promise<RunningManager> {
  return startManager({
    kube,
    ...(namespaces === undefined ? {} : { namespaces }),
    leaderElection: false,
    healthAddress: false,
    drainMs: 1000,
    log,
    setUp: (runtime) => {
      const options = { operatorNamespace: 'default', agentImage: 'nodewright:test' };
      const { controller, reconciler } = setUpKind(kind, runtime, { podGet, options, now, random: randomBytes });
      return { controllers: [controller], leaderTasks: [reconciler] };
    },
  });
}

/** One operator after the other, each until its first write, which comes about. Returns how many there were when `isDone` is true. */
export async function runUntil(isDone: () => Promise<boolean>, options: OperatorOptions): Promise<number> {
  let count = 0;
  for (let isOver = false; !isOver; count++) {
    const life = mortal(options.kube);
    const manager = await startOperator({ ...options, kube: life.kube });
    while (!life.hasEnded() && !isOver) {
      isOver = await isDone();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await manager.stop();
  }
  return count;
}

function mortal(kube: Kube): { kube: Kube; hasEnded: () => boolean } {
  let ended = false;
  const last = <Args extends [{ kind: string }, ...unknown[]], Result>(write: (...args: Args) => Promise<Result>) => {
    return async (...args: Args): Promise<Result> => {
      if (args[0].kind === EVENTS.kind) return write(...args);
      if (ended) throw new Error('the operator has ended');
      ended = true;
      return write(...args);
    };
  };
  // Writes by `guarded` would go past.
  const { guarded: _guarded, ...rest } = kube;
  const { create, apply, mergePatch, replace } = kube;
  const remove = kube.delete;
  return {
    kube: {
      ...rest,
      create: last(create as never) as typeof create,
      apply: last(apply as never) as typeof apply,
      mergePatch: last(mergePatch as never) as typeof mergePatch,
      replace: last(replace as never) as typeof replace,
      delete: last(remove as never) as typeof remove,
    },
    hasEnded: () => ended,
  };
}
