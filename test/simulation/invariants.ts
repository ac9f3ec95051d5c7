/** What the operator must never do, whatever happens around it. Looks at every change of the API and at the chain. */
import { listMembers } from '../../src/kinds/tendermint-network/members.ts';
import { TENDERMINT_NETWORKS, type TendermintNetwork } from '../../src/kinds/tendermint-network/schema.ts';
import type { KubeObject, Lease, Pod } from '../../src/kube/objects.ts';
import { LEASES, PERSISTENT_VOLUME_CLAIMS, PODS, type ResourceType, SECRETS } from '../../src/kube/resource-types.ts';
import { LABEL_NODE, LABEL_RESOURCE, LABEL_RETAINED_FROM } from '../../src/reconcile/labels.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { ApiChange, ModelApi } from './model-api.ts';
import { type ModelChain, type ModelChains, nameOf, type Process } from './model-chain.ts';

/** What the operator may not have noticed yet: the lag of watches, the interval and time limit of polls, a slow call. */
const NOTICE_MS = 15_000;

/** What people have done to a network, by namespace and name. */
export type Record = {
  everDelete: boolean;
  allowHaltAt: number;
  /** When something was last asked for that restarts nodes. */
  restartCauseAt: number;
  specChangedAt: number;
  pausedSince: number | undefined;
  deletedAt: number;
  /** Nodes that the spec named within the last moments, by name of the pod. */
  named: Map<string, number>;
};

export class Invariants {
  readonly records = new Map<string, Record>();
  readonly #api: ModelApi;
  readonly #chains: ModelChains;
  readonly #clock: Clock;
  readonly #violate: (what: string) => void;
  /** When each address was last seen voting, by chain. */
  readonly #voted = new Map<ModelChain, Map<string, number>>();
  /** Healthy nodes that the operator stopped and that are not back yet: uid of the old pod by name. */
  readonly #stopped = new Map<string, { network: string; uid: string }>();

  constructor(parts: { api: ModelApi; chains: ModelChains; clock: Clock; violate: (what: string) => void }) {
    this.#api = parts.api;
    this.#chains = parts.chains;
    this.#clock = parts.clock;
    this.#violate = parts.violate;
    parts.api.onChange((change) => this.#look(change));
  }

  recordOf(key: string): Record {
    const fresh: Record = {
      everDelete: false,
      allowHaltAt: -Infinity,
      restartCauseAt: -Infinity,
      specChangedAt: -Infinity,
      pausedSince: undefined,
      deletedAt: -Infinity,
      named: new Map(),
    };
    const record = this.records.get(key) ?? fresh;
    this.records.set(key, record);
    return record;
  }

  /** Once per block time, after the chain has moved. */
  tick(): void {
    const now = this.#clock.now();
    for (const chain of this.#chains.chains.values()) {
      const voted = this.#voted.get(chain) ?? new Map<string, number>();
      this.#voted.set(chain, voted);
      for (const address of this.#chains.voting(chain)) voted.set(address, now);
    }
    this.#forgetThoseBack();
  }

  #forgetThoseBack(): void {
    for (const [name, { uid }] of this.#stopped) {
      const back = [...this.#chains.processes.values()].some(
        (process) => nameOf(process) === name && process.podUid !== uid && process.running && isCurrent(process),
      );
      if (back) this.#stopped.delete(name);
    }
  }

  #look(change: ApiChange): void {
    if (is(change.type, TENDERMINT_NETWORKS)) this.#lookAtNetwork(change);
    if (change.actor !== 'operator') return;
    this.#checkPause(change);
    const { before, after } = change;
    if (is(change.type, LEASES) && before !== undefined && holderOf(after) === '' && holderOf(before) !== '')
      this.#checkRelease(before);
    const deletes =
      before !== undefined &&
      before.metadata.deletionTimestamp === undefined &&
      (after === undefined || after.metadata.deletionTimestamp !== undefined);
    if (!deletes) return;
    if (is(change.type, PODS)) this.#checkStop(before as Pod);
    else if (['persistentvolumeclaims', 'secrets'].includes(change.type.plural) || isGenesis(before)) {
      const record = this.recordOf(ownerOf(before));
      if (!record.everDelete)
        this.#violate(`the operator deleted ${before.kind} ${before.metadata.name}, and the policy is Retain`);
    }
  }

  #lookAtNetwork({ before, after }: ApiChange): void {
    const network = (after ?? before) as unknown as TendermintNetwork;
    const record = this.recordOf(`${network.metadata.namespace}/${network.metadata.name}`);
    const now = this.#clock.now();
    if (after === undefined) record.deletedAt = now;
    else
      record.deletedAt = network.metadata.deletionTimestamp === undefined ? Math.min(record.deletedAt, now) : Infinity;
    if (network.spec.deletionPolicy === 'Delete') record.everDelete = true;
    if (network.spec.strategy?.allowHalt === true) record.allowHaltAt = now;
    const paused = network.metadata.annotations?.['nodewright.dev/paused'] === 'true';
    record.pausedSince = paused ? (record.pausedSince ?? now) : undefined;
    if ((before?.metadata.generation ?? 0) !== (after?.metadata.generation ?? 0)) record.specChangedAt = now;
    if (after === undefined) this.#checkEnd(network);
    const old = before as unknown as TendermintNetwork | undefined;
    for (const member of old === undefined ? [] : listMembers(old)) record.named.set(member.objectName, now);
    if (after !== undefined) for (const member of listMembers(network)) record.named.set(member.objectName, Infinity);
  }

  /** What a network leaves behind: all of it marked as kept, or nothing. */
  #checkEnd({ metadata, spec }: TendermintNetwork): void {
    const left = [PERSISTENT_VOLUME_CLAIMS, SECRETS].flatMap((type) =>
      this.#api
        .list<KubeObject>(type, metadata.namespace)
        .filter(({ metadata: { labels } }) => labels?.[LABEL_RESOURCE] === metadata.name),
    );
    const prefix = `${metadata.namespace}/${metadata.name}/`;
    const reserved = this.#api.list<Lease>(LEASES).filter((lease) => lease.spec?.holderIdentity?.startsWith(prefix));
    const wrong =
      spec.deletionPolicy === 'Delete'
        ? [...left, ...reserved]
        : left.filter((object) => object.metadata.labels?.[LABEL_RETAINED_FROM] === undefined);
    if (wrong.length > 0) {
      const names = wrong.map(({ kind, metadata: { name } }) => `${kind} ${name}`).join(', ');
      this.#violate(`${prefix} ended (${spec.deletionPolicy ?? 'Retain'}) and left behind: ${names}`);
    }
  }

  #checkPause({ type, before, after }: ApiChange): void {
    const object = (after ?? before) as KubeObject;
    if (is(type, TENDERMINT_NETWORKS) || object.metadata.labels?.[LABEL_RESOURCE] === undefined) return;
    const { pausedSince, deletedAt } = this.recordOf(ownerOf(object));
    const now = this.#clock.now();
    if (pausedSince !== undefined && now - pausedSince > NOTICE_MS && now - deletedAt > NOTICE_MS) {
      this.#violate(`the operator wrote ${type.kind} ${object.metadata.name} of a paused network`);
    }
  }

  #checkStop(pod: Pod): void {
    const key = ownerOf(pod);
    const now = this.#clock.now();
    const record = this.recordOf(key);
    const process = this.#chains.processes.get(pod.metadata.uid as string);
    if (process?.running === true && !this.#isNamed(`/${pod.metadata.name}`, record) && record.deletedAt <= now)
      this.#checkRemoval(process);
    const healthy = process?.running === true && isCurrent(process) && now - process.startedAt > NOTICE_MS;
    if (process === undefined || !healthy || now - record.deletedAt < NOTICE_MS) return;
    const name = nameOf(process);
    this.#checkQuorum(process, record);
    if ((record.named.get(pod.metadata.name) ?? 0) !== Infinity) return;
    const caused = record.restartCauseAt >= Date.parse(pod.metadata.creationTimestamp as unknown as string) - NOTICE_MS;
    if (!caused) this.#violate(`the operator stopped the healthy pod ${name} although nobody asked for a restart`);
    this.#forgetThoseBack();
    for (const [other, { network }] of this.#stopped) {
      if (network === key && other !== name && this.#isNamed(other, record)) {
        this.#violate(`the operator stopped ${name} while ${other}, which it stopped before, was not back`);
      }
    }
    this.#stopped.set(name, { network: key, uid: pod.metadata.uid as string });
  }

  /** One that is let go has no power any more, and none to come. */
  #checkRemoval({ chain, validator, namespace, podName }: Process): void {
    if (validator !== undefined && this.#chains.hasPowerSoon(chain, validator.address))
      this.#violate(`the operator removed ${namespace}/${podName}, which has voting power or is about to get it`);
  }

  #isNamed(podName: string, record: Record): boolean {
    return record.named.get(podName.split('/')[1] ?? '') === Infinity;
  }

  /** Judged by the best that the operator can have believed: everyone who voted within the last moments still does. */
  #checkQuorum({ chain, validator, namespace, podName }: Process, record: Record): void {
    const now = this.#clock.now();
    if (validator === undefined || now - record.allowHaltAt < NOTICE_MS || now - chain.setChangedAt < NOTICE_MS) return;
    const voting = this.#chains.voting(chain);
    // Of a chain that was halted until a moment ago the operator cannot know that it is not any more.
    const known = [...this.#chains.processes.values()]
      .filter(({ running, startedAt }) => running && now - startedAt > NOTICE_MS)
      .flatMap(({ validator }) => (validator === undefined ? [] : [validator.address]));
    if (!this.#chains.hasQuorum(chain, new Set(known.filter((address) => voting.has(address))))) return;
    const recently = [...(this.#voted.get(chain) ?? [])].filter(([, at]) => now - at < NOTICE_MS);
    const believed = new Set([...recently.map(([address]) => address), ...voting]);
    believed.delete(validator.address);
    if (!this.#chains.hasQuorum(chain, believed)) {
      this.#violate(
        `the operator halted the chain: it stopped ${namespace}/${podName}, without which there is no quorum`,
      );
    }
  }

  /** A key may be given free only when nothing runs with it any more. */
  #checkRelease(lease: KubeObject): void {
    const address = lease.metadata.annotations?.['nodewright.dev/validator'];
    const holder = holderOf(lease);
    const [namespace, name] = holder.split('/');
    if (!this.recordOf(`${namespace}/${name}`).everDelete)
      this.#violate(`the operator released ${holder}, and the policy is Retain`);
    const runs = [...this.#chains.processes.values()].find(
      (process) => process.running && process.validator?.address === address,
    );
    if (runs !== undefined)
      this.#violate(`the operator released the key of ${holder} while ${nameOf(runs)} runs with it`);
  }
}

function isCurrent({ volume, chain }: Process): boolean {
  return volume.height >= chain.height - 1;
}

function holderOf(lease: KubeObject | undefined): string {
  return (lease as Lease | undefined)?.spec?.holderIdentity ?? '';
}

function ownerOf(object: KubeObject): string {
  return `${object.metadata.namespace}/${object.metadata.labels?.[LABEL_RESOURCE]}`;
}

function isGenesis(object: KubeObject): boolean {
  return object.kind === 'ConfigMap' && object.metadata.labels?.[LABEL_NODE] === undefined;
}

function is(a: ResourceType, b: ResourceType): boolean {
  return a.group === b.group && a.plural === b.plural;
}
