/**
 * Storage of a fleet: claims get volumes, volumes go with their claims or are kept, snapshots are cut and fill new volumes. What is on a
 * volume belongs to the volume, whatever claim it has.
 */

import type { VolumeSnapshot } from '../../../src/kinds/volume-snapshot.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../src/kube/objects.ts';
import { keyOf } from '../../../src/kube/objects.ts';
import {
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  VOLUME_SNAPSHOTS,
} from '../../../src/kube/resource-types.ts';
import type { Clock } from '../../../src/runtime/clock.ts';
import type { ModelApi } from '../model-api.ts';
import type { Random } from '../random.ts';

/** `damaged`: no node can open what is on it. */
export type Volume = { height: number; damaged: boolean };

const SIZE = '10Gi';
const CHANCE = { bind: 0.5, reclaim: 0.3, cut: 0.2, unmount: 0.4 };

export class FleetStorage {
  /** By name of the PersistentVolume. */
  readonly volumes = new Map<string, Volume>();
  /** Height of what was cut, by uid of the snapshot. */
  readonly #cuts = new Map<string, number>();
  readonly #api: ModelApi;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(parts: { api: ModelApi; clock: Clock; random: Random }) {
    this.#api = parts.api;
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  step(): void {
    for (const claim of this.#api.list<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS)) this.#stepClaim(claim);
    for (const volume of this.#api.list<PersistentVolume>(PERSISTENT_VOLUMES)) this.#stepVolume(volume);
    for (const snapshot of this.#api.list<VolumeSnapshot>(VOLUME_SNAPSHOTS)) this.#stepSnapshot(snapshot);
  }

  /** What is on the volume of a claim; undefined while it has none. */
  volumeOf(claim: PersistentVolumeClaim | undefined): Volume | undefined {
    if (claim?.status?.phase !== 'Bound') return undefined;
    return this.volumes.get(claim.spec?.volumeName ?? '');
  }

  #stepClaim(claim: PersistentVolumeClaim): void {
    const key = keyOf(claim);
    if (claim.metadata.deletionTimestamp !== undefined) {
      const isUsed = this.#api
        .list<Pod>(PODS, key.namespace)
        .some((pod) => pod.spec?.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === key.name));
      if (!isUsed && this.#random.chance(CHANCE.unmount)) this.#api.remove(PERSISTENT_VOLUME_CLAIMS, key, 'system');
      return;
    }
    if (claim.status?.phase === 'Bound' || !this.#random.chance(CHANCE.bind)) return;
    const name = claim.spec?.volumeName ?? this.#provision(claim);
    const volume = this.#api.get<PersistentVolume>(PERSISTENT_VOLUMES, { name: name ?? '' });
    if (volume === undefined || volume.spec?.claimRef?.uid !== claim.metadata.uid) return;
    this.#api.edit(PERSISTENT_VOLUME_CLAIMS, key, (copy) => {
      copy.spec = { ...copy.spec, volumeName: volume.metadata.name };
      copy.status = { phase: 'Bound', capacity: { storage: SIZE } };
    });
  }

  /** Undefined while what it is to be made from is not there. */
  #provision({ metadata, spec }: PersistentVolumeClaim): string | undefined {
    const name = `volume-${metadata.uid}`;
    if (this.volumes.has(name)) return name;
    const source = spec?.dataSource;
    const from = { namespace: metadata.namespace, name: source?.name ?? '' };
    const snapshot = source && this.#api.get<VolumeSnapshot>(VOLUME_SNAPSHOTS, from);
    if (source !== undefined && snapshot?.status?.readyToUse !== true) return undefined;
    this.volumes.set(name, { height: this.#cuts.get(snapshot?.metadata.uid ?? '') ?? 0, damaged: false });
    const { namespace, uid } = metadata;
    this.#api.create(
      PERSISTENT_VOLUMES,
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name },
        spec: {
          capacity: { storage: SIZE },
          storageClassName: 'fast',
          persistentVolumeReclaimPolicy: 'Delete',
          claimRef: { namespace, name: metadata.name, uid },
        },
        status: { phase: 'Bound' },
      } as PersistentVolume,
      'system',
    );
    return name;
  }

  #stepVolume({ metadata, spec, status }: PersistentVolume): void {
    const { namespace, name = '', uid } = spec?.claimRef ?? {};
    const claim = this.#api.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, { namespace, name });
    const phase = claim?.metadata.uid === uid ? 'Bound' : 'Released';
    if (status?.phase !== phase)
      this.#api.edit(PERSISTENT_VOLUMES, { name: metadata.name }, (copy) => {
        copy.status = { phase };
      });
    if (phase === 'Bound' || spec?.persistentVolumeReclaimPolicy === 'Retain') return;
    if (!this.#random.chance(CHANCE.reclaim)) return;
    this.volumes.delete(metadata.name);
    this.#api.remove(PERSISTENT_VOLUMES, { name: metadata.name }, 'system');
  }

  #stepSnapshot(snapshot: VolumeSnapshot): void {
    const { namespace, uid = '' } = snapshot.metadata;
    if (snapshot.status?.readyToUse === true || !this.#random.chance(CHANCE.cut)) return;
    const creationTime = snapshot.status?.creationTime ?? new Date(this.#clock.now()).toISOString();
    if (snapshot.status?.creationTime === undefined) {
      const name = snapshot.spec?.source.persistentVolumeClaimName ?? '';
      const source = this.volumeOf(this.#api.get(PERSISTENT_VOLUME_CLAIMS, { namespace, name }));
      if (source === undefined) return;
      this.#cuts.set(uid, source.height);
    }
    const readyToUse = snapshot.status?.creationTime !== undefined;
    this.#api.edit(VOLUME_SNAPSHOTS, keyOf(snapshot), (copy) => {
      copy.status = { creationTime, readyToUse, restoreSize: SIZE };
    });
  }
}
