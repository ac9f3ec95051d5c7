/**
 * Whether the tutorial's operator still runs. While it does, nothing is written for resources of its group: both would make the objects of
 * a new one, with other keys each.
 */
import type { Deployment } from '../../kube/objects.ts';
import { DEPLOYMENTS } from '../../kube/resource-types.ts';
import type { ReconcilerContext } from '../kind.ts';

/** Its Deployment (spec symbol §1.5), which has no labels. */
const NAME = 'symbolnode-operator';
const LOOK_EVERY_MS = 10_000;

type Context = Pick<ReconcilerContext, 'reader' | 'options' | 'now'>;

/** One look serves all resources for some seconds. */
export function guardAgainstTutorial({ reader, options, now }: Context): () => Promise<string | undefined> {
  let last: { at: number; answer: Promise<string | undefined> } | undefined;
  return () => {
    const at = now().getTime();
    if (last === undefined || at - last.at >= LOOK_EVERY_MS) {
      last = { at, answer: findOriginal(reader, options.namespaces) };
      last.answer.catch(() => {
        last = undefined;
      });
    }
    return last.answer;
  };
}

async function findOriginal(
  reader: Context['reader'],
  namespaces: readonly string[] | undefined,
): Promise<string | undefined> {
  const places = namespaces?.map((namespace) => ({ namespace })) ?? [{}];
  const lists = await Promise.all(
    places.map((place) => reader.list<Deployment>(DEPLOYMENTS, { ...place, name: NAME })),
  );
  const running = lists.flat().find(({ status }) => (status?.readyReplicas ?? 0) > 0);
  return running === undefined
    ? undefined
    : `the tutorial's operator still runs: Deployment ${running.metadata.namespace}/${NAME} has ready pods. Scale it to 0 first`;
}
