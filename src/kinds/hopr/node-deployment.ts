/**
 * What becomes of the Deployment of a node. Only what the user asked for changes its pods: what this release of Nodewright would merely
 * write in another way, or what another operator has written so that it means the same, is left as it is until then.
 */
import type { Container, Deployment, PodSpec } from '../../kube/objects.ts';
import { differences } from '../../reconcile/difference.ts';
import { ANNOTATION_ASKED, ANNOTATION_RENDERED, ANNOTATION_RESTARTED_AT } from '../../reconcile/labels.ts';
import type { PodSecurity } from '../../reconcile/pod-security.ts';
import { changedAsked, describeRendered, formatParts } from '../../reconcile/pod-stamps.ts';
import { canonicalJson } from '../../reconcile/stamp.ts';
import { containerSettingsOf } from './desired/container-settings.ts';
import { buildDeployment } from './desired/deployment.ts';
import type { NodeInput } from './desired/node.ts';
import { secureHoprPod } from './desired/pod-user.ts';
import { NODE_CONTAINER } from './desired/ports.ts';

export type DeploymentPlan =
  /** To be applied; `restarts` says why the pod is replaced by it, if it is. */
  | { how: 'apply'; object: Deployment; restarts?: string }
  /** Its pods stay as they are. `patch` is what else of it is to be written; `pending` is what the next restart brings. */
  | { how: 'keep'; patch: object | undefined; pending: string }
  /** To be deleted first, as its selector can't be changed. */
  | { how: 'replace'; object: Deployment; restarts: string };

/** Parts of the stamp of what the user asked for, in words. */
const ASKED_PARTS: Record<string, string> = {
  version: 'version',
  release: 'supported release',
  config: 'configuration',
  settings: 'settings of the container',
  identity: 'the identity',
  pool: 'the pool',
  address: 'address and ports for peers',
  restartedAt: 'a restart was asked for',
};

const RENDERED_PARTS: Record<string, string> = { template: 'the pod as this version of Nodewright makes it' };

/**
 * @param replicas 0 while the node must not run
 * @param hasPods false where it has none that a change could restart
 */
export function planDeployment(
  input: NodeInput,
  live: Deployment | undefined,
  { replicas, hasPods }: { replicas: number; hasPods: boolean },
): DeploymentPlan {
  const desired = withStamps(input, withReplicas(restartedDeployment(input), replicas));
  if (live === undefined) return { how: 'apply', object: desired };
  const changed = isForeign(live)
    ? foreignDifferences(secured(live, input.settings.podSecurity), desired)
    : describeChanged(live, desired);
  if (changed.length === 0) {
    const pending = describeRendered(live, desired, RENDERED_PARTS);
    return pending === undefined || (!hasPods && !isForeign(live))
      ? { how: 'apply', object: desired }
      : { how: 'keep', patch: patchBesidesPods(live, desired), pending };
  }
  const restarts = changed.slice(0, 3).join(', ');
  return { how: isSameSelector(live, desired) ? 'apply' : 'replace', object: desired, restarts };
}

function restartedDeployment(input: NodeInput): Deployment {
  const deployment = buildDeployment(input);
  const at = input.hoprd.metadata.annotations?.[ANNOTATION_RESTARTED_AT];
  if (at === undefined || deployment.spec === undefined) return deployment;
  const { template } = deployment.spec;
  const metadata = { ...template.metadata, annotations: { [ANNOTATION_RESTARTED_AT]: at } };
  return { ...deployment, spec: { ...deployment.spec, template: { ...template, metadata } } };
}

function withStamps({ hoprd, pool, identity, host, ports }: NodeInput, deployment: Deployment): Deployment {
  const { version, supportedRelease, config, deployment: texts } = hoprd.spec;
  const asked = {
    version,
    release: supportedRelease,
    config,
    settings: containerSettingsOf(texts),
    identity: { name: identity.metadata.name, ...identity.spec },
    pool: { network: pool.spec.network, secretName: pool.spec.secretName },
    address: { host, ports },
    restartedAt: hoprd.metadata.annotations?.[ANNOTATION_RESTARTED_AT],
  };
  const annotations = {
    ...deployment.metadata.annotations,
    [ANNOTATION_ASKED]: formatParts(asked),
    [ANNOTATION_RENDERED]: formatParts({ template: deployment.spec?.template }),
  };
  return { ...deployment, metadata: { ...deployment.metadata, annotations } };
}

function withReplicas(deployment: Deployment, replicas: number): Deployment {
  if (deployment.spec === undefined) return deployment;
  return { ...deployment, spec: { ...deployment.spec, replicas } };
}

/** Made by another operator: it does not say what was asked for. */
function isForeign({ metadata }: Deployment): boolean {
  return metadata.annotations?.[ANNOTATION_ASKED] === undefined;
}

/** With what an operator adds to its pods: that they lack it is no difference, and restarts nobody. */
function secured(live: Deployment, podSecurity: PodSecurity | undefined): Deployment {
  const { spec } = live;
  if (spec?.template.spec === undefined) return live;
  const template = { ...spec.template, spec: secureHoprPod(spec.template.spec, podSecurity) };
  return { ...live, spec: { ...spec, template } };
}

function describeChanged(live: Deployment, desired: Deployment): string[] {
  const parts = changedAsked(live, desired);
  const [before, after] = [live, desired].map((deployment) => nodeContainer(deployment)?.image);
  const image = parts.includes('version') && before !== after ? [`image ${before} → ${after}`] : [];
  return [
    ...image,
    ...parts.filter((part) => part !== 'version' || image.length === 0).map((part) => ASKED_PARTS[part] ?? part),
  ];
}

/** What others have made of the pods is not even sent back: the HOPR operator lists variables twice, which apply does not take. */
function patchBesidesPods(live: Deployment, desired: Deployment): object | undefined {
  const { uid, annotations } = live.metadata;
  const rendered = annotations?.[ANNOTATION_RENDERED] ?? 'template=taken-over';
  const stamps = {
    [ANNOTATION_ASKED]: desired.metadata.annotations?.[ANNOTATION_ASKED],
    [ANNOTATION_RENDERED]: rendered,
  };
  const wanted = { metadata: { annotations: stamps }, spec: { replicas: desired.spec?.replicas } };
  const found = { metadata: { annotations }, spec: { replicas: live.spec?.replicas } };
  return differences(wanted, found).length === 0 ? undefined : { ...wanted, metadata: { uid, ...wanted.metadata } };
}

function isSameSelector(live: Deployment, desired: Deployment): boolean {
  return canonicalJson(live.spec?.selector) === canonicalJson(desired.spec?.selector);
}

/** In what a Deployment of another operator differs from ours by its meaning, as phrases (design, "Taking over"). */
function foreignDifferences(live: Deployment, desired: Deployment): string[] {
  const [found, wanted] = [live, desired].map(({ spec }) => comparable(spec?.template.spec as PodSpec)) as [
    PodSpec,
    PodSpec,
  ];
  return [
    ...differences(wanted, found, 'spec').map(({ path }) => path),
    ...surplus('container', wanted.containers, found.containers),
    ...surplus('variable', nodeEnv(wanted), nodeEnv(found)),
  ];
}

/** Images and scripts of helper containers are other ones in every release; of a name that stands twice the kubelet takes the last. */
function comparable(spec: PodSpec): PodSpec {
  const { initContainers = [], containers, ...rest } = spec;
  const compare = ({ image, command: _command, args: _args, env = [], ...container }: Container): Container => ({
    ...container,
    ...(container.name === NODE_CONTAINER && image !== undefined ? { image } : {}),
    env: [...new Map(env.map((entry) => [entry.name, entry])).values()],
  });
  return { ...rest, initContainers: initContainers.map(compare), containers: containers.map(compare) };
}

function surplus(what: string, ours: readonly { name: string }[], theirs: readonly { name: string }[]): string[] {
  return theirs
    .filter(({ name }) => !ours.some((own) => own.name === name))
    .map(({ name }) => `${what} ${name} is not wanted any more`);
}

function nodeEnv({ containers }: PodSpec) {
  return containers.find(({ name }) => name === NODE_CONTAINER)?.env ?? [];
}

function nodeContainer({ spec }: Deployment): Container | undefined {
  return spec?.template.spec?.containers.find(({ name }) => name === NODE_CONTAINER);
}
