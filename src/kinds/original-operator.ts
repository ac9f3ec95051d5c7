/** Looking for the operator that a kind stands in for. While it runs, nothing is written: two would undo each other's work, and restart nodes. */
const LOOK_EVERY_MS = 10_000;

/**
 * One look serves all resources for some seconds; one that failed is not kept.
 *
 * @param find says why resources are to be left alone, or undefined
 */
export function lookNowAndThen(
  now: () => Date,
  find: () => Promise<string | undefined>,
): () => Promise<string | undefined> {
  let last: { at: number; answer: Promise<string | undefined> } | undefined;
  return () => {
    const at = now().getTime();
    if (last === undefined || at - last.at >= LOOK_EVERY_MS) {
      last = { at, answer: find() };
      last.answer.catch(() => {
        last = undefined;
      });
    }
    return last.answer;
  };
}

/** In all namespaces, or in those that the operator may look into. */
export async function listInEach<T>(
  namespaces: readonly string[] | undefined,
  list: (where: { namespace?: string }) => Promise<T[]>,
): Promise<T[]> {
  const lists = await Promise.all(
    (namespaces ?? [undefined]).map((namespace) => list(namespace === undefined ? {} : { namespace })),
  );
  return lists.flat();
}
