/** Whether resources are looked after, and whether their nodes can be reached. */
import type { Kind, Look } from '../../kinds/kind.ts';
import type { NodeView } from '../../kinds/node-view.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { reporterOf } from '../plan.ts';
import { type Finding, listSome } from './finding.ts';
import type { InstalledOperator } from './installed-operator.ts';
import { describeObject, type Surroundings } from './surroundings.ts';

export type Examined = { kind: Kind; object: KubeObject; look: Look | Error };

/** A deletion waits for the nodes to stop; one that takes longer waits for somebody. */
const DELETION_TOO_LONG_MS = 10 * 60_000;
/** An operator that is there has seen a change after this. */
const LOOKED_AFTER_MS = 60_000;

export function checkResources(around: Surroundings, examined: readonly Examined[]): Finding[] {
  const findings = around.resourcesHidden.map(
    (refusal): Finding => ({
      ...{ check: 'resources', level: 'unknown', message: `not all are seen: ${refusal}` },
      fix: 'run the doctor with an account that may list them, or with -n NAME',
    }),
  );
  if (examined.length === 0) return [...findings, { check: 'resources', level: 'info', message: 'there are none' }];
  const guards = new Map<string, string[]>();
  let fine = 0;
  for (const { kind, object, look } of examined) {
    const subject = describeObject(object);
    const found = [
      ...examineCare(kind, object, around),
      ...(look instanceof Error ? [failedLook(look)] : examineLook(look)),
    ];
    const guard = look instanceof Error ? undefined : look.waits.find(({ what }) => what === 'every change');
    if (guard !== undefined) guards.set(guard.why, [...(guards.get(guard.why) ?? []), subject]);
    if (found.length === 0 && guard === undefined) fine++;
    findings.push(...found.map((finding): Finding => ({ check: 'resources', subject, ...finding })));
  }
  for (const [why, subjects] of guards)
    findings.push({
      ...{ check: 'resources', level: 'error', message: `${listSome(subjects, 3)}: nothing is changed, as ${why}` },
      fix: 'do as it says; the pages docs/migrate-from-*.md tell the way from other operators, and back',
    });
  if (fine > 0)
    findings.unshift({
      check: 'resources',
      level: 'ok',
      message: `${fine} of ${examined.length} are as they should be, or on their way there`,
    });
  return findings;
}

type Partly = Pick<Finding, 'level' | 'message' | 'fix'>;

/** Whether there is somebody who acts on it. */
function examineCare(kind: Kind, object: KubeObject, { operators, outside, now }: Surroundings): Partly[] {
  const { metadata } = object;
  const { status } = object as { status?: { observedGeneration?: number } | null };
  const age = (time: string | undefined) => now().getTime() - Date.parse(time ?? '');
  const found: Partly[] = [];
  if (metadata.deletionTimestamp !== undefined && age(metadata.deletionTimestamp) > DELETION_TOO_LONG_MS)
    found.push({
      level: 'error',
      message: `it has been deleted for ${Math.round(age(metadata.deletionTimestamp) / 60_000)} min, and is held by ${listSome(metadata.finalizers ?? [])}`,
      fix: 'an operator has to run to end it; without one, nodewright release takes our finalizers away',
    });
  const isOutside = outside.some(({ namespace }) => namespace === reporterOf(object));
  const isInside = operators.some((operator) => isCaredFor(kind, metadata.namespace, operator));
  if (operators.length > 0 && !isInside && !isOutside)
    found.push({
      level: 'error',
      message: `no operator watches ${kind.type.plural} in namespace ${metadata.namespace}`,
      fix: 'add the namespace to its --namespaces, or the kind to its --kinds',
    });
  const { observedGeneration } = status ?? {};
  const isBehind = observedGeneration === undefined ? status == null : observedGeneration !== metadata.generation;
  if (found.length === 0 && isBehind && age(metadata.creationTimestamp) > LOOKED_AFTER_MS)
    found.push({
      level: 'warning',
      message: `the operator has not reported on generation ${metadata.generation} of its spec`,
      fix:
        kind.isEnabled === undefined
          ? 'look again in a minute; then see whether an operator leads, and its log'
          : 'an operator looks after this kind only with --hopr-config; with it, look again in a minute',
    });
  return found;
}

function isCaredFor({ name }: Kind, namespace: string | undefined, operator: InstalledOperator): boolean {
  const { kinds, namespaces } = operator;
  return (kinds?.includes(name) ?? true) && (namespaces?.includes(namespace ?? '') ?? true);
}

function failedLook({ message }: Error): Partly {
  return { level: 'unknown', message: `it could not be examined: ${message}` };
}

function examineLook({ view, problems }: Look): Partly[] {
  if (view.deleting) return [];
  if (view.paused) return [{ level: 'info', message: 'it is paused: the annotation nodewright.dev/paused is true' }];
  if (problems.length > 0)
    return [
      {
        level: 'error',
        message: problems.join('; '),
        fix: 'change the spec, or what it refers to, as the message says',
      },
    ];
  const silent = view.nodes.filter(({ state }) => state === 'Unreachable');
  const bad = view.nodes.filter((node) => node.health === 'bad' && !silent.includes(node));
  return [
    ...describeNodes(
      silent,
      view.nodes.length,
      'do not answer',
      'see the log of the node; from outside of the cluster nodes are asked through pods/proxy, which a NetworkPolicy may forbid',
    ),
    ...describeNodes(
      bad,
      view.nodes.length,
      'are not as they should be',
      'nodewright status tells more of each, and kubectl describe pod and kubectl logs of its pod',
    ),
    ...(view.health === 'bad' && silent.length + bad.length === 0 ? [notReady(view.conditions)] : []),
  ];
}

function describeNodes(nodes: readonly NodeView[], total: number, what: string, fix: string): Partly[] {
  if (nodes.length === 0) return [];
  const words = nodes.map(
    ({ name, state, words: why }) => `${name} is ${state}${why === undefined ? '' : ` (${why})`}`,
  );
  return [{ level: 'error', message: `${nodes.length} of ${total} nodes ${what}: ${listSome(words, 3)}`, fix }];
}

function notReady(conditions: readonly { type: string; reason: string; message: string }[]): Partly {
  const ready = conditions.find(({ type }) => type === 'Ready');
  return {
    level: 'error',
    message: ready === undefined ? 'it is not ready' : `it is not ready: ${ready.reason}: ${ready.message}`,
    fix: 'nodewright status tells more, and docs/troubleshooting.md what to do for each reason',
  };
}
