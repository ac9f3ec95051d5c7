/** What is wrong with a node, or with the nodes of a cluster, as it is written. */
import { FormatError } from '../../formats/format-error.ts';
import { parseYamlText } from '../../formats/yaml-text.ts';
import type { Deployment } from '../../kube/objects.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import type { HoprSettings } from '../hopr-settings.ts';
import type { Problem } from '../problem.ts';
import { findTextProblems } from './desired/container-settings.ts';
import { LABEL_NAME } from './desired/metadata.ts';
import { findReservedNames } from './desired/node-env.ts';
import type { ClusterHoprd, Hoprd } from './schema.ts';

/** Of a problem with which nothing of a node is made or changed: what runs, runs on. */
const BLOCKING: ReadonlySet<string> = new Set(['ConfigInvalid', 'DeploymentInvalid', 'VersionInvalid']);

/** A tag, and behind it perhaps the digest of the image. */
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}(@sha256:[0-9a-f]{64})?$/;

export function findNodeProblems({ spec }: Hoprd | ClusterHoprd): Problem[] {
  const { faults, oversights } = findTextProblems(spec.deployment);
  const toProblem =
    (reason: Reason) =>
    (message: string): Problem => ({ reason, message });
  return [
    ...findConfigProblem(spec.config),
    ...(TAG.test(spec.version)
      ? []
      : [
          {
            reason: 'VersionInvalid' as const,
            message: `spec.version: ${JSON.stringify(spec.version)} is no tag of an image; it must be such as 2.1.0`,
          },
        ]),
    ...faults.map(toProblem('DeploymentInvalid')),
    ...oversights.map(toProblem('UnknownField')),
    ...(faults.length > 0 ? [] : findReservedNames(spec.deployment).map(toProblem('EnvReserved'))),
  ];
}

/** Its Services would lead to none of its pods any more, and its selector can't be changed while it runs. */
export function findRename(deployment: Deployment | undefined, { instanceName }: HoprSettings): Problem | undefined {
  const found = deployment?.spec?.template.metadata?.labels?.[LABEL_NAME];
  if (deployment === undefined || found === instanceName) return undefined;
  const message = `Deployment ${deployment.metadata.name} was made under instance.name ${found ?? '(none)'}, and the configuration of the operator says ${instanceName} now; set it back, or delete this Hoprd and make it anew`;
  return { reason: 'InstanceRenamed', message };
}

export function isBlocking({ reason }: Problem): boolean {
  return BLOCKING.has(reason);
}

function findConfigProblem(config: string): Problem[] {
  try {
    parseYamlText(config, 'spec.config');
    return [];
  } catch (error) {
    if (error instanceof FormatError) return [{ reason: 'ConfigInvalid', message: error.message }];
    throw error;
  }
}
