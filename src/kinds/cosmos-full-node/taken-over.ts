/**
 * Pods that another operator made (the Cosmos Operator in Go): whether such a pod is, by its meaning, what we would make. Helper images,
 * helper scripts and stamps are left aside (design, "Taking over"), the API server's defaults too.
 */
import type { ConfigMap, KubeObject, Pod } from '../../kube/objects.ts';
import { describeDifference, differences } from '../../reconcile/difference.ts';
import { ANNOTATION_ASKED } from '../../reconcile/labels.ts';
import { type PodSecurity, securePod } from '../../reconcile/pod-security.ts';
import { HELPER_CONTAINERS } from './desired/helper-containers.ts';
import { sameSettings } from './settings.ts';

/** The Go operator's stamps: the hash of an object as wanted, and on a pod that of its ConfigMap (spec cosmos §2.2, §3.3). */
const LABEL_REVISION = 'app.kubernetes.io/revision';
const ANNOTATION_CONFIG_CHECKSUM = 'cosmos.strange.love/config-checksum';
const CHAIN_INIT = 'chain-init';

type PodSpec = NonNullable<Pod['spec']>;
type Container = PodSpec['containers'][number];

/** Made by another operator: it does not say what was asked for. */
export function isForeign(pod: Pod): boolean {
  return pod.metadata.annotations?.[ANNOTATION_ASKED] === undefined;
}

/**
 * In what a node's pod of another operator differs from ours, as phrases; empty when in nothing that matters.
 *
 * @param configs the ConfigMap as it is, with which the pod must have started, and as it should be; undefined where it cannot be rendered
 * @param nodeIds of the instances of the resource; which of them a node lists as peers does not matter
 */
export function foreignDifferences(
  live: Pod,
  desired: Pod,
  configs: { live: ConfigMap | undefined; desired: ConfigMap | undefined },
  nodeIds: ReadonlySet<string>,
): string[] {
  return [...foreignPodDifferences(live, desired), ...configDifferences(live, configs.live, configs.desired, nodeIds)];
}

/** With what an operator adds to its pods: that they lack it is no difference, and restarts nobody. */
export function secured(pod: Pod, podSecurity: PodSecurity | undefined): Pod {
  return pod.spec === undefined ? pod : { ...pod, spec: securePod(pod.spec, podSecurity) };
}

/** The same for a pod without settings of ours. */
export function foreignPodDifferences(live: Pod, desired: Pod): string[] {
  const [wanted, found] = [desired, live].map((pod) => comparable(pod.spec as PodSpec)) as [PodSpec, PodSpec];
  return [
    ...differences(wanted, found, 'spec').map((difference) => describeDifference(difference)),
    ...surplus(wanted, found),
  ];
}

/**
 * The Go operator's stamp stays on an object that means the same as when it was written: it tells what pods have started with, and on the
 * way back that nothing has changed. On one that we change it would be untrue.
 *
 * @param isSame whether the two mean the same
 */
export function keepRevision<T extends KubeObject>(
  desired: T,
  live: T | undefined,
  isSame: (live: T, desired: T) => boolean = containsAll,
): T {
  const revision = live?.metadata.labels?.[LABEL_REVISION];
  if (live === undefined || revision === undefined || !isSame(live, desired)) return desired;
  const labels = { ...desired.metadata.labels, [LABEL_REVISION]: revision };
  return { ...desired, metadata: { ...desired.metadata, labels } };
}

function containsAll(live: KubeObject, desired: KubeObject): boolean {
  return differences(desired, live).length === 0;
}

/**
 * Whether the version check of the Go operator runs in a pod, or runs again when the pod's machine has been restarted; it reads its own pod
 * through the API server.
 */
export function hasForeignVersionCheck({ spec }: Pod): boolean {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return containers.some(({ command }) => command?.[0] === '/manager' && command[1] === 'versioncheck');
}

function comparable(spec: PodSpec): PodSpec {
  const { initContainers = [], containers, ...rest } = spec;
  return {
    ...rest,
    initContainers: initContainers.map(comparableContainer),
    containers: containers.map(comparableContainer),
  };
}

/** Our helper scripts are other ones; the same goes for the script in the chain's image, unless the user gave it. */
function comparableContainer(container: Container): Container {
  const { image: _image, command: _command, args: _args, ...rest } = container;
  if (HELPER_CONTAINERS.has(container.name)) return rest;
  if (container.name !== CHAIN_INIT || container.command?.[0] !== 'sh') return container;
  return { ...rest, ...(container.image === undefined ? {} : { image: container.image }) };
}

/** What the live pod has and we would not make; what the API server and admission add on their own is not meant. */
function surplus(wanted: PodSpec, found: PodSpec): string[] {
  const named = (what: string, ours: { name: string }[] = [], theirs: { name: string }[] = []) =>
    theirs
      .filter(({ name }) => !ours.some((own) => own.name === name) && !name.startsWith('kube-api-access-'))
      .map(({ name }) => `${what} ${name} is not wanted any more`);
  const perContainer = [...(found.initContainers ?? []), ...found.containers].flatMap((container) => {
    const own = [...(wanted.initContainers ?? []), ...wanted.containers].find(({ name }) => name === container.name);
    if (own === undefined) return [];
    const where = `of container ${container.name}`;
    const mounts = (container.volumeMounts ?? []).filter(
      ({ mountPath }) =>
        !mountPath.startsWith('/var/run/secrets/kubernetes.io/') &&
        !own.volumeMounts?.some((mount) => mount.mountPath === mountPath),
    );
    return [
      ...named(`environment variable ${where}:`, own.env, container.env),
      ...mounts.map(({ mountPath }) => `mount ${mountPath} ${where} is not wanted any more`),
      ...(['args', 'command'] as const)
        .filter((member) => own[member] === undefined && container[member] !== undefined)
        .map((member) => `${member} ${where} are not wanted any more`),
      ...(own.readinessProbe === undefined && container.readinessProbe !== undefined
        ? [`readiness probe ${where} is not wanted any more`]
        : []),
    ];
  });
  return [
    ...named('init container', wanted.initContainers, found.initContainers),
    ...named('container', wanted.containers, found.containers),
    ...named('volume', wanted.volumes, found.volumes),
    ...(wanted.nodeSelector === undefined && found.nodeSelector !== undefined ? ['node selector'] : []),
    ...(wanted.affinity === undefined && found.affinity !== undefined ? ['affinity'] : []),
    ...perContainer,
  ];
}

function configDifferences(
  live: Pod,
  before: ConfigMap | undefined,
  after: ConfigMap | undefined,
  nodeIds: ReadonlySet<string>,
): string[] {
  if (before === undefined) return ['its ConfigMap is gone'];
  const started = live.metadata.annotations?.[ANNOTATION_CONFIG_CHECKSUM];
  const written = before.metadata.labels?.[LABEL_REVISION];
  if (started !== written) return ['it runs with settings from before the last change of its ConfigMap'];
  return after === undefined || sameSettings(before, after, nodeIds) ? [] : ['settings in its ConfigMap differ'];
}
