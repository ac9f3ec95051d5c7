/** What recoveries and snapshots must never do: cut a snapshot of an upgrade while a node runs on the volume, or after the upgrade; lose a volume, use one twice, begin a node with nothing, or be two at a time. */
import { recoveryOf } from '../../../src/kinds/cosmos-full-node/desired/broken-claim.ts';
import { upgradeHeightOf } from '../../../src/kinds/cosmos-full-node/desired/upgrade-snapshot.ts';
import type { VolumeSnapshot } from '../../../src/kinds/volume-snapshot.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../src/kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, VOLUME_SNAPSHOTS } from '../../../src/kube/resource-types.ts';
import type { ApiChange, ModelApi } from '../model-api.ts';
import type { Fleet } from './fleet.ts';
import type { FleetStorage } from './fleet-storage.ts';

type Parts = { api: ModelApi; fleet: Fleet; storage: FleetStorage; violate: (what: string) => void };

export class VolumeInvariants {
  /** Recoveries that were begun. */
  begun = 0;
  /** Snapshots of upgrades that were cut. */
  cut = 0;
  readonly #parts: Parts;
  /** Names of volumes that a recovery has taken from their claims. */
  readonly #kept = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.api.onChange((change) => this.#look(change));
  }

  /** Whether the operator may delete a claim whatever the policy says; notes that its volume has to stay. */
  mayDelete(claim: PersistentVolumeClaim): boolean {
    const name = claim.spec?.volumeName ?? '';
    if (recoveryOf(claim) !== undefined) return claim.status?.phase !== 'Bound';
    const isKept = this.#claims().some((one) => recoveryOf(one)?.replacedUid === claim.metadata.uid);
    const volume = this.#parts.api.get<PersistentVolume>(PERSISTENT_VOLUMES, { name });
    if (!isKept || volume?.spec?.persistentVolumeReclaimPolicy !== 'Retain') return false;
    this.#kept.add(name);
    return true;
  }

  tick(): void {
    const running = [...this.#parts.fleet.processes.values()].filter((process) => process.running);
    if (new Set(running.map(({ volume }) => volume)).size < running.length)
      this.#parts.violate('two nodes run on one volume');
  }

  /** Volumes that a recovery has kept and that no claim has; of those whose claim a person deleted nothing is asked. */
  findLost(): string[] {
    const held = new Set(this.#claims().map(({ spec, status }) => status?.phase === 'Bound' && spec?.volumeName));
    return [...this.#kept].filter((name) => !held.has(name)).map((name) => `no claim has the kept volume ${name}`);
  }

  #look({ type, before, after, actor }: ApiChange): void {
    const name = (after ?? before)?.metadata.name ?? '';
    if (type === PERSISTENT_VOLUMES && after === undefined && this.#kept.has(name))
      this.#parts.violate(`volume ${name} was to be kept and is gone`);
    if (type === VOLUME_SNAPSHOTS) this.#checkCut(before as VolumeSnapshot | undefined, after as VolumeSnapshot);
    if (type !== PERSISTENT_VOLUME_CLAIMS) return;
    if (actor === 'user' && after?.metadata.deletionTimestamp !== undefined)
      this.#kept.delete((after as PersistentVolumeClaim).spec?.volumeName ?? '');
    if (actor === 'operator' && before === undefined) this.#checkNew(after as PersistentVolumeClaim);
  }

  #checkNew(claim: PersistentVolumeClaim): void {
    const { name, uid } = claim.metadata;
    const underWay = this.#claims().filter((one) => one.metadata.uid !== uid && recoveryOf(one) !== undefined);
    if (recoveryOf(claim) !== undefined) {
      this.begun++;
      if (underWay.length > 0) this.#parts.violate(`${name} is recovered while ${underWay[0]?.metadata.name} is`);
    } else if (claim.spec?.dataSource === undefined && underWay.some((one) => recoveryOf(one)?.claimName === name))
      this.#parts.violate(`claim ${name} was made empty in the middle of its recovery`);
  }

  #checkCut(before: VolumeSnapshot | undefined, after: VolumeSnapshot | undefined): void {
    if (before === undefined || before.status?.creationTime !== undefined || after?.status?.creationTime === undefined)
      return;
    const height = upgradeHeightOf(after);
    if (height === 0) return;
    this.cut++;
    const claimName = after.spec?.source.persistentVolumeClaimName ?? '';
    const users = [...this.#parts.fleet.processes.values()].filter((process) => process.claimName === claimName);
    const claim = this.#claims().find(({ metadata }) => metadata.name === claimName);
    const found = this.#parts.storage.volumeOf(claim)?.height ?? 0;
    if (users.some((process) => process.running))
      this.#parts.violate(`${after.metadata.name} is cut while its node runs`);
    if (found > height) this.#parts.violate(`${after.metadata.name} has data of height ${found}`);
  }

  #claims(): PersistentVolumeClaim[] {
    return this.#parts.api
      .list<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }
}
