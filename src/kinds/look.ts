/** A look at one resource as the operator would take it, for those who write nothing. */
import { isForbidden } from '../kube/api-error.ts';
import { uidOf } from '../kube/objects.ts';
import type { Kind } from './kind.ts';
import type { AnyRecipe, PlanOfAnyKind } from './recipe.ts';

const LOOK_TIMEOUT_MS = 5000;

export function lookBy(recipe: AnyRecipe): Kind['look'] {
  return async (resource, { reader, podGet, options: given, now, random }) => {
    const options = recipe.optionsOfItsOperator?.(resource, given) ?? given;
    // Whoever only looks may have fewer rights than the operator.
    const refusal = await recipe
      .createGuard({ reader, options, now })(resource)
      .catch((error) => {
        if (isForbidden(error)) return undefined;
        throw error;
      });
    const observed = await recipe.observe(resource, reader, options, reader);
    const readings = new Map<string, unknown>();
    await Promise.all(
      (recipe.nodes?.(resource, observed) ?? []).map(async (node) => {
        const answer = await node.ask(podGet, AbortSignal.timeout(LOOK_TIMEOUT_MS)).catch((error: Error) => error);
        readings.set(uidOf(node.pod), node.fold(undefined, answer, now().getTime()));
      }),
    );
    const plan = recipe.plan(
      resource,
      { ...observed, readings },
      { now: now(), random, options, residues: new Map() },
    ) as PlanOfAnyKind;
    return {
      changes: plan.changes,
      waits: refusal === undefined ? plan.waits : [{ what: 'every change', why: refusal }, ...plan.waits],
      problems: plan.problems.map((problem) => problem.message),
      status: recipe.buildStatus(resource, { plan, failure: undefined, now: now(), options }),
      ...(recipe.summarizeNodes === undefined ? {} : { nodes: recipe.summarizeNodes(plan) }),
    };
  };
}
