/** What is wrong with a spec that the API server has let through. */
import { parseDuration } from '../../formats/duration.ts';
import type { Problem } from '../problem.ts';
import type { StatefulJob } from './schema.ts';

const REQUIRED = ['podTemplate', 'selector', 'volumeClaimTemplate'] as const;
const RESTART_POLICIES = ['Never', 'OnFailure'];

/** Why nothing can be done for a resource at all; the API server lets one without a spec through. */
export function findUnusable({ spec }: StatefulJob): string[] {
  return REQUIRED.filter((member) => (spec as Partial<typeof spec> | undefined)?.[member] === undefined).map(
    (member) => `spec.${member}: must be set`,
  );
}

/** What is merely wrong. While there is something, no Job is made. */
export function findProblems({ spec }: StatefulJob): Problem[] {
  const { interval, podTemplate } = spec;
  const problems: Problem[] = [];
  if (interval !== undefined && interval !== '' && parseDuration(interval) === undefined)
    problems.push({
      reason: 'IntervalInvalid',
      message: `spec.interval: ${JSON.stringify(interval)} is no duration; use one such as 6h30m`,
    });
  if ((podTemplate.spec?.containers ?? []).length === 0)
    problems.push({
      reason: 'PodTemplateInvalid',
      message: 'spec.podTemplate.spec.containers: must have at least one container',
    });
  if (podTemplate.spec?.volumes?.some(({ name }) => name === 'snapshot'))
    problems.push({
      reason: 'PodTemplateInvalid',
      message: 'spec.podTemplate.spec.volumes: the name snapshot is taken by the volume with the data; choose another',
    });
  return problems;
}

/** What is strange, but of no harm. */
export function findWarnings({ spec }: StatefulJob): string[] {
  const { restartPolicy, containers = [], initContainers = [] } = spec?.podTemplate?.spec ?? {};
  const mounts = [...containers, ...initContainers].flatMap(({ volumeMounts = [] }) => volumeMounts);
  return [
    ...(restartPolicy !== undefined && !RESTART_POLICIES.includes(restartPolicy)
      ? [`spec.podTemplate.spec.restartPolicy: ${restartPolicy} is not possible for a Job; Never is used`]
      : []),
    ...(containers.length > 0 && !mounts.some(({ name }) => name === 'snapshot')
      ? ['spec.podTemplate.spec.containers: none mounts the volume snapshot, which has the data']
      : []),
  ];
}
