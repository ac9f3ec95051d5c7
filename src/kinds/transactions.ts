/** Transactions that a plan sends to nodes. */
import type { Pod } from '../kube/objects.ts';
import type { Change } from '../reconcile/change.ts';
import { NotLeadingError } from '../runtime/operator-kube.ts';
import type { PodGet, ReconcilerContext } from './kind.ts';
import type { AnyRecipe } from './recipe.ts';

type Broadcast = Change & { verb: 'broadcast' };

export type TransactionSender = {
  /** A block takes its time: the same transaction is not sent again before the chain can have answered. */
  wasJustSent(change: Broadcast): boolean;
  /** Throws NotLeadingError where another process may lead by now, at every question to the node and not only at the first. */
  send(change: Broadcast): Promise<void>;
};

const RESEND_MS = 15_000;

export function createTransactionSender(
  recipe: AnyRecipe,
  { reader, podGet, now, mayWrite }: ReconcilerContext,
  timeoutMs: number,
): TransactionSender {
  /** When each was last sent, milliseconds; a handful in the life of a resource. */
  const sent = new Map<string, number>();
  const idOf = ({ key, transaction }: Broadcast) => `${key.namespace} ${transaction}`;
  return {
    wasJustSent(change) {
      const last = sent.get(idOf(change));
      return last !== undefined && now().getTime() - last < RESEND_MS;
    },
    async send(change) {
      const { type, key, transaction } = change;
      const pod = await reader.get<Pod>(type, key);
      if (pod === undefined) throw new Error(`Pod ${key.name} is gone`);
      const get: PodGet = async (...question) => {
        if (mayWrite?.() === false) throw new NotLeadingError(`transaction to Pod ${key.name}`);
        return podGet(...question);
      };
      await recipe.broadcast?.(pod, transaction, get, AbortSignal.timeout(timeoutMs));
      sent.set(idOf(change), now().getTime());
    },
  };
}
