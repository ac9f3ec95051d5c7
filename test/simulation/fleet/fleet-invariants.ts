/** What the operator must never do to a fleet, whatever happens around it. */
import { listInstances, podWanted } from '../../../src/kinds/cosmos-full-node/instances.ts';
import { COSMOS_FULL_NODES, type CosmosFullNode } from '../../../src/kinds/cosmos-full-node/schema.ts';
import type { ConfigMap, KubeObject, PersistentVolumeClaim, Pod } from '../../../src/kube/objects.ts';
import { CONFIG_MAPS, PERSISTENT_VOLUME_CLAIMS, PODS } from '../../../src/kube/resource-types.ts';
import { maxUnavailableOf } from '../../../src/reconcile/rollout-budget.ts';
import type { Clock } from '../../../src/runtime/clock.ts';
import type { ApiChange, ModelApi } from '../model-api.ts';
import type { Fleet } from './fleet.ts';
import type { FleetStorage } from './fleet-storage.ts';
import { VolumeInvariants } from './volume-invariants.ts';

/** What the operator may not have noticed yet: the lag of watches, the interval and time limit of polls, a slow call. */
const NOTICE_MS = 15_000;

type Parts = {
  api: ModelApi;
  fleet: Fleet;
  storage: FleetStorage;
  clock: Clock;
  violate: (what: string) => void;
};

export class FleetInvariants {
  /** When the user last did something after which pods may be stopped. */
  restartCauseAt = -Infinity;
  pausedSince: number | undefined;
  everDelete = false;
  readonly volumes: VolumeInvariants;
  readonly #parts: Parts;
  /** When each pod's node was last seen in sync, by name. */
  readonly #currentAt = new Map<string, number>();
  /** Since when it has been so without a break, by uid of the pod. */
  readonly #currentSince = new Map<string, number>();
  /** Healthy nodes that the operator stopped and that are not back yet: uid of the old pod by name. */
  readonly #stopped = new Map<string, string>();
  /** Node keys by name of the ConfigMap. */
  readonly #keys = new Map<string, string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.volumes = new VolumeInvariants(parts);
    parts.api.onChange((change) => this.#look(change));
  }

  tick(): void {
    const { api, fleet, clock } = this.#parts;
    this.volumes.tick();
    for (const pod of api.list<Pod>(PODS)) {
      const { name, uid = '' } = pod.metadata;
      if (!fleet.isCurrent(fleet.processes.get(uid))) {
        this.#currentSince.delete(uid);
        continue;
      }
      this.#currentSince.set(uid, this.#currentSince.get(uid) ?? clock.now());
      this.#currentAt.set(name, clock.now());
      if (this.#stopped.has(name) && this.#stopped.get(name) !== uid) this.#stopped.delete(name);
    }
  }

  #look({ type, before, after, actor }: ApiChange): void {
    if (type === COSMOS_FULL_NODES && after !== undefined) this.#lookAtResource(after as CosmosFullNode);
    if (type === CONFIG_MAPS) this.#checkKey(before as ConfigMap | undefined, after as ConfigMap | undefined, actor);
    if (actor !== 'operator') return;
    this.#checkPause(type.kind, after ?? before);
    const isDeleted =
      before !== undefined &&
      before.metadata.deletionTimestamp === undefined &&
      (after === undefined || after.metadata.deletionTimestamp !== undefined);
    if (!isDeleted) return;
    if (type === PODS) this.#checkStop(before as Pod);
    if (type === PERSISTENT_VOLUME_CLAIMS && this.volumes.mayDelete(before as PersistentVolumeClaim)) return;
    if ((type === PERSISTENT_VOLUME_CLAIMS || type === CONFIG_MAPS) && !this.everDelete)
      this.#parts.violate(`the operator deleted ${before.kind} ${before.metadata.name}, and the policy is Retain`);
  }

  #lookAtResource(fullNode: CosmosFullNode): void {
    if (fullNode.spec.volumeRetentionPolicy !== 'Retain') this.everDelete = true;
    const paused = fullNode.metadata.annotations?.['nodewright.dev/paused'] === 'true';
    this.pausedSince = paused ? (this.pausedSince ?? this.#parts.clock.now()) : undefined;
  }

  #checkPause(kind: string, object: KubeObject | undefined): void {
    if (this.pausedSince === undefined || this.#parts.clock.now() - this.pausedSince < NOTICE_MS) return;
    if (kind !== COSMOS_FULL_NODES.kind)
      this.#parts.violate(`the operator wrote ${kind} ${object?.metadata.name} while it was paused`);
  }

  /** A key is lost only where a person deleted it, or asked for that by scaling down with policy Delete. */
  #checkKey(before: ConfigMap | undefined, after: ConfigMap | undefined, actor: string): void {
    const name = (after ?? before)?.metadata.name ?? '';
    if (after === undefined) {
      if (actor === 'user' || this.everDelete) this.#keys.delete(name);
      return;
    }
    const key = after.data?.['node_key.json'] ?? '';
    const known = this.#keys.get(name);
    if (known !== undefined && known !== key) this.#parts.violate(`the node key of ${name} was changed by ${actor}`);
    this.#keys.set(name, key);
  }

  #checkStop(pod: Pod): void {
    const { api, fleet, clock, violate } = this.#parts;
    const { name, uid = '' } = pod.metadata;
    const now = clock.now();
    const fullNode = api.list<CosmosFullNode>(COSMOS_FULL_NODES)[0];
    if (fullNode === undefined) return;
    const wanted = listInstances(fullNode).filter((instance) => podWanted(fullNode, instance));
    if (!wanted.some((instance) => instance.name === name)) return;
    if (!fleet.isCurrent(fleet.processes.get(uid)) || now - (this.#currentSince.get(uid) ?? now) < NOTICE_MS) return;
    if (now - this.restartCauseAt > 900_000)
      violate(`the operator stopped ${name}, which was well, and nobody asked for it`);
    this.#stopped.set(name, uid);
    const budget = maxUnavailableOf(fullNode.spec.strategy?.maxUnavailable, wanted.length);
    const outBefore = wanted.filter(
      (instance) =>
        instance.name !== name &&
        (this.#stopped.has(instance.name) || now - (this.#currentAt.get(instance.name) ?? -Infinity) > NOTICE_MS),
    );
    const inSync = wanted.length - outBefore.length;
    // Where nobody else is in sync there is nothing to keep.
    if (outBefore.length + 1 > budget && inSync > 1)
      violate(
        `the operator stopped ${name} while ${outBefore.map((one) => one.name)} were out of service, of ${budget}`,
      );
  }
}
