/**
 * Whether the tutorial's operator still runs. While it does, nothing is written for resources of its group: both would make the objects of
 * a new one, with other keys each.
 */
import type { Deployment } from '../../kube/objects.ts';
import { DEPLOYMENTS } from '../../kube/resource-types.ts';
import type { ReconcilerContext } from '../kind.ts';
import { listInEach, lookNowAndThen } from '../original-operator.ts';

/** Its Deployment (spec symbol §1.5), which has no labels. */
const NAME = 'symbolnode-operator';

type Context = Pick<ReconcilerContext, 'reader' | 'options' | 'now'>;

export function guardAgainstTutorial({ reader, options, now }: Context): () => Promise<string | undefined> {
  return lookNowAndThen(now, () => findOriginal(reader, options.namespaces));
}

async function findOriginal(
  reader: Context['reader'],
  namespaces: readonly string[] | undefined,
): Promise<string | undefined> {
  const deployments = await listInEach(namespaces, (where) =>
    reader.list<Deployment>(DEPLOYMENTS, { ...where, name: NAME }),
  );
  const running = deployments.find(({ status }) => (status?.readyReplicas ?? 0) > 0);
  return running === undefined
    ? undefined
    : `the tutorial's operator still runs: Deployment ${running.metadata.namespace}/${NAME} has ready pods. Scale it to 0 first`;
}
