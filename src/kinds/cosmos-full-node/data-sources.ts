/**
 * Where the data of a new claim comes from: a VolumeSnapshot or claim that is named, or the best snapshot with certain labels (spec cosmos
 * §3.6; ../volume-snapshot.ts). Asked only for claims that are wanted and missing.
 */
import type { PersistentVolumeClaim } from '../../kube/objects.ts';
import type { Reader } from '../../kube/reader.ts';
import { PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS } from '../../kube/resource-types.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import type { Problem } from '../problem.ts';
import { bestFirst, listVolumeSnapshots, type VolumeSnapshot } from '../volume-snapshot.ts';
import { claimTemplateOf } from './desired/claims.ts';
import { LABEL_INSTANCE } from './desired/metadata.ts';
import { claimWanted, type Instance, listInstances } from './instances.ts';
import type { CosmosFullNode } from './schema.ts';
import { holdsKeyOfAnother } from './validator-key.ts';

type DataSource = {
  dataSource?: { apiGroup?: string; kind: string; name: string };
  /** Of what is copied; a claim made from it must be as large. */
  size?: string;
  /** Why there is none although one was asked for. */
  problem?: Problem;
  /** It was found by labels, and not named. */
  automatic?: boolean;
};

/** By name of the claim. */
export type DataSources = ReadonlyMap<string, DataSource>;

export async function findDataSources(
  fullNode: CosmosFullNode,
  claims: ReadonlyMap<string, PersistentVolumeClaim>,
  reader: Reader,
): Promise<DataSources> {
  const missing = listInstances(fullNode).filter(
    (instance) => claimWanted(instance) && !claims.has(instance.claimName),
  );
  const found = await Promise.all(missing.map((instance) => findDataSource(fullNode, instance, claims, reader)));
  return new Map(missing.flatMap(({ claimName }, index) => (found[index] ? [[claimName, found[index]] as const] : [])));
}

async function findDataSource(
  fullNode: CosmosFullNode,
  instance: Instance,
  claims: ReadonlyMap<string, PersistentVolumeClaim>,
  reader: Reader,
): Promise<DataSource | undefined> {
  const { dataSource, autoDataSource } = claimTemplateOf(fullNode, instance);
  const namespace = fullNode.metadata.namespace ?? '';
  if (dataSource !== undefined) return resolveNamed(dataSource, namespace, reader);
  const selector = autoDataSource?.volumeSnapshotSelector;
  if (selector === undefined || Object.keys(selector).length === 0) return undefined;
  const labels = {
    ...selector,
    ...(autoDataSource?.matchInstance ? { [LABEL_INSTANCE]: instance.name } : {}),
  };
  const [best] = bestFirst((await listVolumeSnapshots(reader, namespace, labels)) ?? []).filter(
    (snapshot) => !holdsKeyOfAnother(snapshot, instance.claimName, claims),
  );
  if (best === undefined) {
    const words = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
    return {
      problem: {
        reason: 'AutoDataSourceFindSnapshot',
        message: `claim ${instance.claimName} begins empty: no VolumeSnapshot in namespace ${namespace} with labels ${words.join(',')} is ready to use, good, and not of an instance that signs`,
      },
    };
  }
  return { ...fromSnapshot(best), automatic: true };
}

async function resolveNamed(
  wanted: { apiGroup?: string | undefined; kind: string; name: string },
  namespace: string,
  reader: Reader,
): Promise<DataSource> {
  const key = { namespace, name: wanted.name };
  const missing = (reason: Reason): DataSource => ({
    problem: { reason, message: `data source ${wanted.kind} ${wanted.name} does not exist in namespace ${namespace}` },
  });
  if (wanted.kind === VOLUME_SNAPSHOTS.kind && wanted.apiGroup === VOLUME_SNAPSHOTS.group) {
    const snapshot = await reader.get<VolumeSnapshot>(VOLUME_SNAPSHOTS, key);
    return snapshot === undefined ? missing('DataSourceGetSnapshot') : fromSnapshot(snapshot);
  }
  if (wanted.kind === PERSISTENT_VOLUME_CLAIMS.kind && !wanted.apiGroup) {
    const claim = await reader.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, key);
    if (claim === undefined) return missing('DataSourceGetPVC');
    const size = claim.status?.capacity?.storage;
    return { dataSource: { kind: wanted.kind, name: wanted.name }, ...(size === undefined ? {} : { size }) };
  }
  return {
    problem: {
      reason: 'DataSourceUnsupported',
      message: `unsupported data source ${wanted.kind} of API group "${wanted.apiGroup ?? ''}": use a VolumeSnapshot of ${VOLUME_SNAPSHOTS.group} or a PersistentVolumeClaim`,
    },
  };
}

function fromSnapshot({ metadata, status }: VolumeSnapshot): DataSource {
  return {
    dataSource: { apiGroup: VOLUME_SNAPSHOTS.group, kind: VOLUME_SNAPSHOTS.kind, name: metadata.name },
    ...(status?.restoreSize === undefined ? {} : { size: status.restoreSize }),
  };
}
