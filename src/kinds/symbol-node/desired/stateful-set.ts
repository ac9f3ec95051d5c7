/** The StatefulSet of a node, in the tutorial's form. Its pod is restarted by us alone (updateStrategy OnDelete), for a reason that has a name. */
import type { PersistentVolumeClaim, StatefulSet } from '../../../kube/objects.ts';
import { STATEFUL_SETS } from '../../../kube/resource-types.ts';
import type { Desired } from '../../../reconcile/diff.ts';
import { differences } from '../../../reconcile/difference.ts';
import { ANNOTATION_ASKED, ANNOTATION_RENDERED, ANNOTATION_RESTARTED_AT } from '../../../reconcile/labels.ts';
import type { PodSecurity } from '../../../reconcile/pod-security.ts';
import { formatParts } from '../../../reconcile/pod-stamps.ts';
import type { Observed } from '../observe.ts';
import type { SymbolNode } from '../schema.ts';
import { buildContainers } from './containers.ts';
import { childMetadata, LABEL_APP, labelsOf } from './metadata.ts';
import type { Seed } from './package-copy.ts';

export type WorkloadParts = {
  seed: Pick<Seed, 'items' | 'configMaps'>;
  images: { rest: string; mongo: string };
  agentImage: string;
  /** What of keys and package the pod is started with; a difference restarts it. */
  identity: Record<string, unknown>;
  podSecurity: PodSecurity | undefined;
  /** The configuration as rendered. */
  rendered: unknown;
};

const GRACE_SECONDS = 300;

export function buildStatefulSet(resource: SymbolNode, observed: Observed, parts: WorkloadParts): Desired {
  const { names, settings, statefulSets } = observed;
  const { spec } = resource;
  const secured = withPodSecurity(resource, parts.podSecurity);
  const live = statefulSets.get(names.statefulSet);
  const { initContainers, containers } = buildContainers(secured, {
    settings,
    node: names.node,
    agentImage: parts.agentImage,
    images: parts.images,
    joinsSeed: parts.seed.items === undefined,
  });
  const podSpec = {
    terminationGracePeriodSeconds: GRACE_SECONDS,
    enableServiceLinks: false,
    automountServiceAccountToken: false,
    ...podSecurity(secured),
    ...(spec.imagePullSecrets === undefined ? {} : { imagePullSecrets: spec.imagePullSecrets }),
    ...scheduling(resource),
    // The configuration names them as shoestring does, and all are in this pod.
    ...(settings.api === 'full' ? { hostAliases: [{ ip: '127.0.0.1', hostnames: ['client', 'db', 'broker'] }] } : {}),
    ...(settings.api === 'light' ? { hostAliases: [{ ip: '127.0.0.1', hostnames: ['client'] }] } : {}),
    initContainers,
    containers,
    volumes: buildVolumes(observed, parts.seed),
  };
  const annotations = {
    'kubectl.kubernetes.io/default-container': 'client',
    [ANNOTATION_ASKED]: formatParts(askedOf(resource, parts.identity)),
    [ANNOTATION_RENDERED]: formatParts({ pod: podSpec, config: parts.rendered }),
  };
  const labels = labelsOf(resource, { node: names.node, component: 'node' });
  const object = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: childMetadata(resource, names.statefulSet, { node: names.node, component: 'node', owned: true }),
    spec: {
      replicas: settings.replicas,
      selector: { matchLabels: { [LABEL_APP]: names.node } },
      updateStrategy: { type: 'OnDelete' },
      persistentVolumeClaimRetentionPolicy: {
        whenDeleted: settings.retain ? 'Retain' : 'Delete',
        whenScaled: 'Retain',
      },
      template: { metadata: { labels, annotations }, spec: podSpec },
      volumeClaimTemplates: keepClaimTemplates(live, [buildClaimTemplate(resource, observed) as ClaimTemplate]),
    },
  } as unknown as StatefulSet;
  return { type: STATEFUL_SETS, write: 'apply', object, purpose: 'runs the node' };
}

/** As if the user had asked for it by an empty `securityContext`; what they asked for stays as it is. */
function withPodSecurity(resource: SymbolNode, podSecurity: PodSecurity | undefined): SymbolNode {
  const { spec } = resource;
  if (podSecurity !== 'Restricted' || spec.securityContext !== undefined) return resource;
  return { ...resource, spec: { ...spec, securityContext: {} } };
}

/** Exactly as it stands in the spec and without our defaults: nothing that a release of ours changes can change it. */
function askedOf({ spec, metadata }: SymbolNode, identity: Record<string, unknown>): Record<string, unknown> {
  return {
    image: spec.image,
    images: spec.images,
    imagePullPolicy: spec.imagePullPolicy,
    features: [...new Set(spec.features ?? [])].filter((feature) => feature !== 'PEER').sort(),
    lightApi: spec.lightApi,
    hostName: spec.hostName,
    friendlyName: spec.friendlyName,
    overrides: spec.overrides,
    restOverrides: spec.restOverrides,
    peers: spec.peers,
    port:
      spec.exposure?.type === undefined && spec.exposure?.port === undefined
        ? undefined
        : [spec.exposure.type, spec.exposure.port],
    resources: spec.resources,
    scheduling: spec.scheduling,
    securityContext: spec.securityContext,
    resync: spec.requests?.resync,
    ...identity,
    restartedAt: metadata.annotations?.[ANNOTATION_RESTARTED_AT],
  };
}

function buildVolumes({ names, settings }: Observed, seed: WorkloadParts['seed']) {
  const { features, api } = settings;
  const harvests = features.has('HARVESTER');
  return [
    {
      name: 'resources',
      ...(harvests
        ? {
            projected: {
              sources: [{ configMap: { name: names.resources } }, { secret: { name: names.harvesting } }],
            },
          }
        : { configMap: { name: names.resources } }),
    },
    { name: 'certificates', secret: { secretName: names.certificates } },
    ...(seed.items === undefined
      ? [
          { name: 'seed', emptyDir: {} },
          { name: 'seed-parts', projected: { sources: seed.configMaps.map((name) => ({ configMap: { name } })) } },
        ]
      : [{ name: 'seed', configMap: { name: names.seed(0), items: seed.items } }]),
    { name: 'logs', emptyDir: {} },
    { name: 'start', emptyDir: {} },
    // Made when the height of the network is known, which a node need not wait for.
    ...(features.has('VOTER') ? [{ name: 'voting', secret: { secretName: names.votingKeys, optional: true } }] : []),
    ...(api === 'none'
      ? []
      : [
          { name: 'rest', configMap: { name: names.rest } },
          { name: 'rest-home', emptyDir: {} },
        ]),
    ...(api === 'full' ? [{ name: 'mongo', configMap: { name: names.mongo } }] : []),
  ];
}

function buildClaimTemplate(resource: SymbolNode, { names }: Observed): PersistentVolumeClaim {
  const { storage, volumeSize } = resource.spec;
  const labels = labelsOf(resource, { node: names.node, component: 'node' });
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: names.claimTemplate, labels },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: volumeSize } },
      ...(storage?.storageClassName === undefined ? {} : { storageClassName: storage.storageClassName }),
    },
  };
}

type ClaimTemplate = NonNullable<NonNullable<StatefulSet['spec']>['volumeClaimTemplates']>[number];

/**
 * They can't change once they are there; the claim itself grows. Where the API server holds what we want and no more than its own defaults,
 * ours are written again, so that the stamp of the object stays what it was when it was made.
 */
function keepClaimTemplates(live: StatefulSet | undefined, wanted: ClaimTemplate[]): ClaimTemplate[] {
  const kept = live?.spec?.volumeClaimTemplates?.map(withoutDefaults);
  if (kept === undefined) return wanted;
  return differences(wanted, kept).length + differences(kept, wanted).length === 0 ? wanted : kept;
}

/** Without what nobody asked for and every template has. */
function withoutDefaults({ metadata = {}, spec = {} }: ClaimTemplate): ClaimTemplate {
  const { creationTimestamp: _none, ...named } = metadata;
  const { volumeMode, ...asked } = spec;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: named,
    spec: volumeMode === undefined || volumeMode === 'Filesystem' ? asked : spec,
  };
}

function podSecurity({ spec }: SymbolNode) {
  const { securityContext } = spec;
  if (securityContext === undefined) return {};
  const id = securityContext.runAsUser ?? 1000;
  return {
    securityContext: {
      runAsNonRoot: true,
      runAsUser: id,
      runAsGroup: securityContext.runAsGroup ?? id,
      fsGroup: securityContext.fsGroup ?? id,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
      ...(securityContext.supplementalGroups === undefined
        ? {}
        : { supplementalGroups: securityContext.supplementalGroups }),
    },
  };
}

function scheduling({ spec }: SymbolNode) {
  const { nodeSelector, tolerations, affinity, topologySpreadConstraints, priorityClassName } = spec.scheduling ?? {};
  return Object.fromEntries(
    Object.entries({ nodeSelector, tolerations, affinity, topologySpreadConstraints, priorityClassName }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}
