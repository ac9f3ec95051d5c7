/**
 * The throw-away node that is started on a copy of a snapshot: a claim made from it, and a pod after the pattern of the node's own. It is
 * another node: with an id and a key of its own, which its program makes when it finds none, and behind no Service. Pure.
 */
import type { Container, ObjectMeta, PersistentVolumeClaim, Pod, PodSpec } from '../../../kube/objects.ts';
import { VOLUME_SNAPSHOTS } from '../../../kube/resource-types.ts';
import { ownedBy } from '../../../reconcile/ownership.ts';
import { type PodSecurity, securePod } from '../../../reconcile/pod-security.ts';
import { compareQuantities } from '../../../reconcile/quantity.ts';
import type { VolumeSnapshot } from '../../volume-snapshot.ts';
import type { ScheduledVolumeSnapshot } from '../schema.ts';
import { snapshotLabels, trialName } from '../snapshots.ts';

export const DATA_VOLUME = 'vol-chain-home';
export const NODE = 'node';
/** They speak of the node, to the operator and to Services. */
const HELPERS = ['healthcheck', 'version-check-interval'];
/** Set by the API server or the scheduler, or made for the name of the pod. */
const OF_THE_ORIGINAL = [
  ...['nodeName', 'hostname', 'subdomain', 'schedulingGates', 'ephemeralContainers', 'initContainers'],
  ...['serviceAccount', 'priority', 'preemptionPolicy', 'overhead', 'containers', 'volumes'],
] as const satisfies (keyof PodSpec)[];

/** What the node of the snapshot is known by to others, and what it signs with; and the address at which others find it. */
const MAKE_ANOTHER_NODE = `set -eu
cd "$NODE_HOME"
rm -f config/node_key.json config/priv_validator_key.json data/priv_validator_state.json
if [ -f config/config.toml ]; then
  sed -i -E 's/^( *external[_-]address *=).*/\\1 ""/' config/config.toml
fi
echo "$NODE_HOME is the home of a node of its own"
`;

/** @param original the claim that the snapshot was taken of */
export function buildTrialClaim(
  resource: ScheduledVolumeSnapshot,
  snapshot: VolumeSnapshot,
  original: PersistentVolumeClaim,
): PersistentVolumeClaim {
  const { accessModes, storageClassName, volumeMode, resources } = original.spec ?? {};
  const sizes = [snapshot.status?.restoreSize, original.status?.capacity?.storage, resources?.requests?.storage];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: trialMetadata(resource, snapshot),
    spec: {
      accessModes: accessModes ?? ['ReadWriteOnce'],
      ...(storageClassName === undefined ? {} : { storageClassName }),
      ...(volumeMode === undefined ? {} : { volumeMode }),
      resources: { requests: { storage: largest(sizes) } },
      dataSource: { apiGroup: VOLUME_SNAPSHOTS.group, kind: VOLUME_SNAPSHOTS.kind, name: snapshot.metadata.name },
    },
  };
}

/**
 * @param original the pod of the node whose snapshot it is
 * @param agentImage of the step before the node
 * @param lifeSeconds after them the kubelet ends the pod, even where no operator is left
 */
export function buildTrialPod(
  resource: ScheduledVolumeSnapshot,
  snapshot: VolumeSnapshot,
  original: Pod,
  {
    agentImage,
    lifeSeconds,
    podSecurity,
  }: { agentImage: string; lifeSeconds: number; podSecurity?: PodSecurity | undefined },
): Pod {
  const spec = original.spec ?? { containers: [] };
  const containers = spec.containers.filter(isPartOfNode).map(withoutHostPorts);
  const mounted = new Set(containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name)));
  const metadata = trialMetadata(resource, snapshot);
  const rest = Object.fromEntries(
    Object.entries(spec).filter(([member]) => !(OF_THE_ORIGINAL as readonly string[]).includes(member)),
  );
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: securePod(
      {
        ...rest,
        restartPolicy: 'Always',
        automountServiceAccountToken: false,
        activeDeadlineSeconds: lifeSeconds,
        initContainers: [buildIdentityStep(spec, agentImage)],
        containers,
        volumes: (spec.volumes ?? [])
          .filter(({ name }) => mounted.has(name))
          .map((volume) =>
            volume.name === DATA_VOLUME
              ? { name: DATA_VOLUME, persistentVolumeClaim: { claimName: metadata.name } }
              : volume,
          ),
      },
      podSecurity,
    ),
  };
}

/** Where a node has its home; undefined for a pod that the Cosmos Operator would not make. */
export function homeOf({ containers }: PodSpec): string | undefined {
  const node = containers.find(({ name }) => name === NODE);
  return node?.volumeMounts?.find(({ name }) => name === DATA_VOLUME)?.mountPath;
}

/** The node, and whatever else works on its volume: on some chains the application is a process of its own. */
export function isPartOfNode({ name, volumeMounts = [] }: Container): boolean {
  return name === NODE || (!HELPERS.includes(name) && volumeMounts.some((mount) => mount.name === DATA_VOLUME));
}

function buildIdentityStep(spec: PodSpec, agentImage: string): Container {
  const node = spec.containers.find(({ name }) => name === NODE);
  const mounts = node?.volumeMounts?.filter(({ name }) => name === DATA_VOLUME) ?? [];
  return {
    name: 'another-node',
    image: agentImage,
    ...(node?.imagePullPolicy === undefined ? {} : { imagePullPolicy: node.imagePullPolicy }),
    command: ['sh', '-c', MAKE_ANOTHER_NODE],
    env: [{ name: 'NODE_HOME', value: homeOf(spec) ?? '' }],
    resources: { requests: { cpu: '5m', memory: '16Mi' } },
    volumeMounts: mounts,
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
}

/** Its original has them already. The token of the service account is left out with its volume. */
function withoutHostPorts(container: Container): Container {
  const volumeMounts = container.volumeMounts?.filter(({ name }) => !name.startsWith('kube-api-access-'));
  const ports = container.ports?.map(({ hostPort: _port, hostIP: _ip, ...port }) => port);
  return {
    ...container,
    ...(volumeMounts === undefined ? {} : { volumeMounts }),
    ...(ports === undefined ? {} : { ports }),
  };
}

/** With an owner: both go with the resource. With no label of the node's, so that nothing that selects nodes finds them. */
function trialMetadata(resource: ScheduledVolumeSnapshot, snapshot: VolumeSnapshot): ObjectMeta {
  const { namespace } = resource.metadata;
  return {
    name: trialName(snapshot.metadata.name),
    ...(namespace === undefined ? {} : { namespace }),
    labels: snapshotLabels(resource),
    ...ownedBy(resource),
  };
}

function largest(sizes: (string | number | undefined)[]): string {
  return sizes.reduce<string>(
    (found, size) => (size !== undefined && (compareQuantities(String(size), found) ?? 0) > 0 ? String(size) : found),
    '0',
  );
}
