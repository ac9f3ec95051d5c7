/** Whether volumes can be made, grow, and be snapshotted. */
import type { KubeObject, PersistentVolumeClaim } from '../../kube/objects.ts';
import {
  apiVersionOf,
  PERSISTENT_VOLUME_CLAIMS,
  SERVICE_MONITORS,
  STORAGE_CLASSES,
  VOLUME_SNAPSHOT_CLASSES,
  VOLUME_SNAPSHOTS,
} from '../../kube/resource-types.ts';
import { type Finding, listSome } from './finding.ts';
import { describeObject, type Surroundings } from './surroundings.ts';

type StorageClass = KubeObject & { provisioner: string; allowVolumeExpansion?: boolean };
type SnapshotClass = KubeObject & { driver: string };

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';
/** A volume that is made when its pod is placed waits that long without anything being wrong. */
const PENDING_TOO_LONG_MS = 3 * 60_000;

export async function checkStorage({ kube, now, resources }: Surroundings): Promise<Finding[]> {
  const classes = await kube.list<StorageClass>(STORAGE_CLASSES);
  const usual = classes.filter(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true');
  const findings: Finding[] = [];
  const add = (level: Finding['level'], message: string, more: { subject?: string; fix?: string } = {}) =>
    findings.push({ check: 'storage', level, message, ...more });
  if (usual.length > 0)
    add('ok', `the default StorageClass is ${usual.map(({ metadata }) => metadata.name).join(', ')}`);
  else
    add(
      resources.length > 0 ? 'warning' : 'info',
      'there is no default StorageClass: volumes that name none are never made',
      {
        fix: `name a class in each resource${classes.length === 0 ? '' : ` (there are ${listSome(names(classes))})`}, or annotate one with ${DEFAULT_CLASS}=true`,
      },
    );

  const wanted = new Map<string, string[]>();
  for (const { object } of resources)
    for (const name of valuesOf(object, 'storageClassName'))
      wanted.set(name, [...(wanted.get(name) ?? []), describeObject(object)]);
  for (const [name, users] of wanted)
    if (!classes.some(({ metadata }) => metadata.name === name))
      add('error', `it does not exist, and ${listSome(users, 3)} asks for it`, {
        subject: `StorageClass ${name}`,
        fix: `make it, or change the spec${classes.length === 0 ? '' : `; there are ${listSome(names(classes))}`}`,
      });

  const claims = await listClaims({ kube, resources });
  const inUse = new Set([...claims.flatMap(({ spec }) => spec?.storageClassName ?? []), ...wanted.keys()]);
  for (const { metadata, provisioner, allowVolumeExpansion } of classes)
    if (inUse.has(metadata.name) && allowVolumeExpansion !== true)
      add('warning', 'its volumes cannot grow: neither a larger size in a spec nor automatic growth does anything', {
        subject: `StorageClass ${metadata.name}`,
        fix: `if ${provisioner} can do it: kubectl patch storageclass ${metadata.name} -p '{"allowVolumeExpansion":true}'`,
      });
  for (const claim of claims) {
    const age = now().getTime() - Date.parse(claim.metadata.creationTimestamp ?? '');
    if (claim.status?.phase !== 'Pending' || age < PENDING_TOO_LONG_MS) continue;
    add('error', `it has waited for its volume for ${Math.round(age / 60_000)} min`, {
      subject: describeObject(claim),
      fix: `kubectl describe pvc ${claim.metadata.name} -n ${claim.metadata.namespace} tells why`,
    });
  }
  return findings;
}

export async function checkSnapshots({ kube, resources }: Surroundings): Promise<Finding[]> {
  const wanted = resources.flatMap(({ object }) =>
    valuesOf(object, 'volumeSnapshotClassName').map((name) => ({ name, object })),
  );
  const served = await kube.discover(apiVersionOf(VOLUME_SNAPSHOTS));
  const isServed = served?.some(({ plural }) => plural === VOLUME_SNAPSHOTS.plural) === true;
  if (!isServed) {
    const users = wanted.map(({ object }) => describeObject(object));
    return [
      {
        check: 'snapshots',
        level: users.length > 0 ? 'error' : 'info',
        message: `the cluster has no VolumeSnapshots${users.length > 0 ? `, and ${listSome(users, 3)} needs them` : ''}`,
        fix: 'install the snapshot controller and its CRDs (kubernetes-csi/external-snapshotter); the operator finds them by itself',
      },
    ];
  }
  const classes = await kube.list<SnapshotClass>(VOLUME_SNAPSHOT_CLASSES);
  if (classes.length === 0)
    return [
      {
        ...{ check: 'snapshots', level: wanted.length > 0 ? 'error' : 'info' },
        message: 'there is no VolumeSnapshotClass',
        fix: 'make one for the CSI driver of your volumes',
      },
    ];
  const findings: Finding[] = [
    { check: 'snapshots', level: 'ok', message: `VolumeSnapshotClasses: ${listSome(names(classes))}` },
  ];
  const provisioners = await provisionersByNamespace({ kube, resources });
  for (const { name, object } of wanted) {
    const subject = describeObject(object);
    const found = classes.find(({ metadata }) => metadata.name === name);
    const drivers = provisioners.get(object.metadata.namespace ?? '') ?? new Set();
    const problem = (message: string, fix: string) =>
      findings.push({ check: 'snapshots', level: 'error', subject, message, fix });
    if (found === undefined)
      problem(`VolumeSnapshotClass ${name} does not exist`, `make it, or take one of ${listSome(names(classes))}`);
    else if (drivers.size > 0 && !drivers.has(found.driver))
      problem(
        `VolumeSnapshotClass ${name} is of driver ${found.driver}, and the volumes of its namespace are of ${[...drivers].join(', ')}`,
        'take a class of the driver of the volumes',
      );
  }
  return findings;
}

/** Nothing is wrong without them. */
export async function checkOptionalApis({ kube }: Surroundings): Promise<Finding[]> {
  const monitors = (await kube.discover(apiVersionOf(SERVICE_MONITORS))) !== undefined;
  return [
    {
      ...{ check: 'optional-apis', level: 'info' },
      message: monitors
        ? 'ServiceMonitors are served: the Prometheus operator is there'
        : 'there are no ServiceMonitors: kinds and charts that make them leave them out until the Prometheus operator is installed',
    },
  ];
}

async function provisionersByNamespace(around: Pick<Surroundings, 'kube' | 'resources'>) {
  const classes = await around.kube.list<StorageClass>(STORAGE_CLASSES);
  const result = new Map<string, Set<string>>();
  for (const { metadata, spec } of await listClaims(around)) {
    const provisioner = classes.find((found) => found.metadata.name === spec?.storageClassName)?.provisioner;
    const namespace = metadata.namespace ?? '';
    if (provisioner !== undefined) result.set(namespace, (result.get(namespace) ?? new Set()).add(provisioner));
  }
  return result;
}

/** Of the namespaces that have resources. */
async function listClaims({ kube, resources }: Pick<Surroundings, 'kube' | 'resources'>) {
  const namespaces = [...new Set(resources.map(({ object }) => object.metadata.namespace ?? ''))];
  const lists = await Promise.all(
    namespaces.map((namespace) => kube.list<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, { namespace })),
  );
  return lists.flat();
}

/** Texts that a member of this name has, wherever it is in the spec. Pure. */
function valuesOf(object: KubeObject, member: string): string[] {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    for (const [name, inner] of Object.entries(value)) {
      if (name === member && typeof inner === 'string' && inner !== '') found.add(inner);
      else visit(inner);
    }
  };
  visit((object as { spec?: unknown }).spec);
  return [...found];
}

function names(objects: readonly KubeObject[]): string[] {
  return objects.map(({ metadata }) => metadata.name);
}
