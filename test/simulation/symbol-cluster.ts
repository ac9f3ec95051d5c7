/** What Kubernetes does for a SymbolNode: garbage collection, the StatefulSet controller, the kubelet, and a volume that may be left locked. */
import { type KubeObject, keyOf, type Pod, type StatefulSet } from '../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  SECRETS,
  SERVICES,
  STATEFUL_SETS,
} from '../../src/kube/resource-types.ts';
import type { MemoryApi } from './memory-api.ts';
import type { Random } from './random.ts';

const CHILDREN = [CONFIG_MAPS, SECRETS, SERVICES, STATEFUL_SETS, PODS];
const KUBELET = 'model/kubelet';

export class SymbolCluster {
  readonly #parts: { api: MemoryApi; random: Random; isFaulty: () => boolean; count: (what: string) => void };
  /** A process was killed, and how often it was recovered in a row. */
  readonly #volume = { isLocked: false, attempts: 0 };

  constructor(parts: { api: MemoryApi; random: Random; isFaulty: () => boolean; count: (what: string) => void }) {
    this.#parts = parts;
  }

  pod(): Pod | undefined {
    return this.#parts.api.list<Pod>('Pod')[0];
  }

  /** The process that serves blocks is killed, and leaves its locks. */
  crash(): void {
    const pod = this.pod();
    if (pod?.status?.podIP === undefined) return;
    this.#volume.isLocked = true;
    this.#parts.count('crash');
    const lastState = { terminated: { exitCode: 253 } };
    const containerStatuses = [{ name: 'client', state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState }];
    this.#parts.api.patch(PODS, keyOf(pod), { status: { podIP: null, conditions: null, containerStatuses } });
  }

  /** Garbage collection, the StatefulSet controller and the kubelet do what is due, sooner or later. */
  turn(): void {
    const speed = this.#parts.isFaulty() ? 0.6 : 1;
    const uids = new Set(
      ['SymbolNode', 'StatefulSet'].flatMap((kind) => this.#parts.api.list(kind)).map(({ metadata }) => metadata.uid),
    );
    for (const type of CHILDREN)
      for (const object of this.#parts.api.list(type.kind)) {
        const { ownerReferences = [], deletionTimestamp } = object.metadata;
        if (!this.#parts.random.chance(speed)) continue;
        if (deletionTimestamp !== undefined) {
          // A clean end leaves no locks, and one that was locked stays so.
          this.#parts.api.remove(type, keyOf(object));
        } else if (ownerReferences.length > 0 && ownerReferences.every(({ uid }) => !uids.has(uid)))
          this.#parts.api.delete(type, keyOf(object));
      }
    const [set] = this.#parts.api.list<StatefulSet>('StatefulSet');
    if (set !== undefined && set.metadata.deletionTimestamp === undefined && this.#parts.random.chance(speed))
      this.#runSet(set);
    const pod = this.pod();
    const isStarting = pod?.metadata.deletionTimestamp === undefined && pod?.status?.podIP === undefined;
    if (pod !== undefined && isStarting && this.#parts.random.chance(speed / 2)) this.#start(pod);
  }

  #runSet(set: StatefulSet): void {
    const { namespace, name, uid = '', generation } = set.metadata;
    // This API server counts the status, too.
    if (set.status?.observedGeneration !== generation)
      this.#parts.api.patch(STATEFUL_SETS, keyOf(set), { status: { observedGeneration: (generation ?? 0) + 1 } });
    const [template] = set.spec?.volumeClaimTemplates ?? [];
    if (this.#parts.api.list('PersistentVolumeClaim').length === 0)
      this.#parts.api.create(PERSISTENT_VOLUME_CLAIMS, {
        ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: template?.spec },
        metadata: { ...template?.metadata, namespace, name: `${template?.metadata?.name}-${name}-0` },
      } as KubeObject);
    if (this.pod() !== undefined || set.spec?.replicas === 0) return;
    this.#parts.api.create(PODS, {
      ...{ apiVersion: 'v1', kind: 'Pod', spec: set.spec?.template.spec },
      metadata: {
        ...set.spec?.template.metadata,
        ...{ namespace, name: `${name}-0`, finalizers: [KUBELET] },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid, controller: true }],
      },
    } as KubeObject);
  }

  /** The steps before the node, as the agent makes them, and then the node; a recovery may fail. */
  #start(pod: Pod): void {
    const command = pod.spec?.initContainers?.[0]?.command ?? [];
    const max = Number(command[command.indexOf('--max-recoveries') + 1]);
    const volume = this.#volume;
    const hasPrepared = pod.status?.initContainerStatuses !== undefined;
    if (hasPrepared) return;
    const state = !volume.isLocked ? 'none' : volume.attempts >= max ? 'exhausted' : 'needed';
    if (state === 'needed') volume.attempts++;
    if (state === 'none') volume.attempts = 0;
    const message = JSON.stringify({ recovery: state, attempts: volume.attempts });
    const prepared = { name: 'prepare', state: { terminated: { exitCode: 0, message } } };
    const fails =
      state === 'exhausted' || (state === 'needed' && this.#parts.isFaulty() && this.#parts.random.chance(0.7));
    const exitCode = fails ? 1 : 0;
    const initContainerStatuses = [prepared, { name: 'recovery', state: { terminated: { exitCode } } }];
    if (state === 'exhausted') this.#parts.count('recoveries exhausted');
    if (!fails) volume.isLocked = false;
    const containerStatuses = [{ name: 'client', state: { running: {} } }];
    const conditions = [{ type: 'Ready', status: 'True' }];
    const running = fails ? {} : { podIP: '10.0.0.1', containerStatuses, conditions };
    this.#parts.api.patch(PODS, keyOf(pod), { status: { phase: 'Running', initContainerStatuses, ...running } });
  }
}
