/** A look at one resource as the operator would take it, for those who write nothing. */
import { isForbidden } from '../kube/api-error.ts';
import { type KubeObject, type Pod, uidOf } from '../kube/objects.ts';
import type { Reader } from '../kube/reader.ts';
import type { Kind, Look } from './kind.ts';
import type { AnyRecipe, PlanOfAnyKind } from './recipe.ts';

const LOOK_TIMEOUT_MS = 5000;

type LookContext = Parameters<Kind['look']>[1];

export function lookBy(recipe: AnyRecipe): Kind['look'] {
  return (resource, context) => lookAt(recipe, resource, context);
}

/**
 * @param live as in Recipe.observe
 * @param known what is known of the node of a pod already; who is unknown is asked
 */
export async function lookAt(
  recipe: AnyRecipe,
  resource: KubeObject,
  { reader, podGet, options: given, now, random, memory = new Map() }: LookContext,
  { live = reader, known = () => undefined }: { live?: Reader; known?: (pod: Pod) => unknown } = {},
): Promise<Look> {
  const options = recipe.optionsOfItsOperator?.(resource, given) ?? given;
  // Whoever only looks may have fewer rights than the operator.
  const refusal = await recipe
    .createGuard({ reader, options, now })(resource)
    .catch((error) => {
      if (isForbidden(error)) return undefined;
      throw error;
    });
  const observed = await recipe.observe(resource, reader, options, live);
  const readings = new Map<string, unknown>();
  await Promise.all(
    (recipe.nodes?.(resource, observed) ?? []).map(async (node) => {
      const uid = uidOf(node.pod);
      const last = known(node.pod);
      if (last !== undefined) return readings.set(uid, last);
      const before = memory.get(uid);
      const answer = await node
        .ask(podGet, AbortSignal.timeout(LOOK_TIMEOUT_MS), before)
        .catch((error: Error) => error);
      const reading = node.fold(before, answer, now().getTime());
      memory.set(uid, reading);
      return readings.set(uid, reading);
    }),
  );
  const plan = recipe.plan(
    resource,
    { ...observed, readings },
    { now: now(), random, options, residues: new Map() },
  ) as PlanOfAnyKind;
  const status = recipe.buildStatus(resource, { plan, failure: undefined, now: now(), options });
  const reading = (pod: Pod) => readings.get(uidOf(pod));
  return {
    changes: plan.changes,
    waits: refusal === undefined ? plan.waits : [{ what: 'every change', why: refusal }, ...plan.waits],
    problems: plan.problems.map((problem) => problem.message),
    status,
    view: await recipe.view({ ...resource, status }, { reader, reading, options, now: now() }),
  };
}
