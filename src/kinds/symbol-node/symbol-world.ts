/** For tests: a cluster of plain objects in which the plans of one resource are carried out, and a network outside that can be out of reach. */
import { makePackageFiles } from '../../formats/symbol-package-fixture.ts';
import type { SymbolTransactions } from '../../formats/symbol-transactions.ts';
import { makeZip } from '../../formats/zip-fixture.ts';
import type { ConfigMap, KubeObject, Pod, Secret, StatefulSet } from '../../kube/objects.ts';
import { hasLabels, type Reader } from '../../kube/reader.ts';
import { PERSISTENT_VOLUME_CLAIMS, PODS, type ResourceType, STATEFUL_SETS } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import type { PodSecurity } from '../../reconcile/pod-security.ts';
import { createNetworkSource } from './network-source.ts';
import { observe } from './observe.ts';
import { type Plan, planSymbolNode } from './plan.ts';
import type { NodeReading } from './rpc/reading.ts';
import type { SymbolNode, SymbolNodeSpec } from './schema.ts';

const OPTIONS = { operatorNamespace: 'nodewright', agentImage: 'nodewright:test' };
export const PACKAGE_URL = 'https://packages.test/network.zip';
const NODEWATCH_NODES = [
  {
    ...{ mainPublicKey: 'A'.repeat(64), endpoint: 'http://one.test:3000', name: 'one', version: '1.0.3.7' },
    ...{ height: 1440, finalizedHeight: 1400, balance: 1, roles: 3 },
  },
];

/** @param edits of the files of the package */
export function packageZip(edits: Readonly<Record<string, string | undefined>> = {}): Uint8Array {
  return makeZip([...makePackageFiles(edits)].map(([name, content]) => ({ name, content })));
}

export class SymbolWorld {
  /** Of the operator. */
  podSecurity: PodSecurity = 'Original';
  readonly objects = new Map<string, KubeObject>();
  /** Bodies by URL; what is not in it is out of reach. */
  readonly outside = new Map<string, string | Uint8Array>([
    [PACKAGE_URL, packageZip()],
    ['https://nodewatch.test/api/symbol/height', JSON.stringify({ height: 1440, finalizedHeight: 1400 })],
    ['https://nodewatch.test/api/symbol/nodes/peer', JSON.stringify(NODEWATCH_NODES)],
    ['https://nodewatch.test/api/symbol/nodes/api', JSON.stringify(NODEWATCH_NODES)],
  ]);
  now = new Date('2026-01-02T03:04:05Z');
  reading: NodeReading | undefined;
  transactions: SymbolTransactions | undefined;
  resource: SymbolNode;
  #writes = 0;
  #source = this.#createSource();

  constructor(
    spec: Partial<SymbolNodeSpec> = {},
    identity: { apiVersion?: SymbolNode['apiVersion']; name?: string } = {},
  ) {
    const { apiVersion = 'example.com/v1', name = 'testnode' } = identity;
    this.resource = {
      apiVersion,
      kind: 'SymbolNode',
      metadata: { name, namespace: 'symbol', uid: `uid of ${name} in ${apiVersion}`, generation: 1 },
      spec: {
        ...{ image: 'catapult:1', volumeSize: '70Gi', hostName: 'node.example.org', friendlyName: 'testNode' },
        ...{ network: 'sai', package: { url: PACKAGE_URL }, ...spec },
      },
    };
  }

  /** What a new process knows: nothing of what was fetched. */
  restartOperator(): void {
    this.#source = this.#createSource();
  }

  async plan(): Promise<Plan> {
    const observed = await observe(this.resource, this.reader, this.#source);
    const pod = this.pod;
    const readings = new Map(
      this.reading === undefined || pod === undefined ? [] : [[pod.metadata.uid ?? '', this.reading]],
    );
    let calls = 0;
    const random = (size: number) => Buffer.alloc(size, `${++calls} ${this.#writes}`);
    return planSymbolNode(
      this.resource,
      { ...observed, readings, transactions: this.transactions },
      { now: this.now, random, options: { ...OPTIONS, podSecurity: this.podSecurity }, residues: new Map() },
    );
  }

  /** One pass; returns its plan. */
  async pass(): Promise<Plan> {
    const plan = await this.plan();
    for (const change of plan.changes) this.carryOut(change);
    this.#runStatefulSets();
    return plan;
  }

  /** Until nothing changes any more. */
  async settle(): Promise<Plan> {
    for (let count = 0; count < 12; count++) {
      const plan = await this.pass();
      if (plan.changes.length === 0) return plan;
    }
    throw new Error('does not settle');
  }

  carryOut(change: Change): void {
    const key = keyOf(change.type, change.key.name);
    const live = this.objects.get(key);
    if (change.verb === 'delete') this.objects.delete(key);
    else if (change.verb === 'patch' && live !== undefined)
      this.put(change.type, merge(live, change.patch) as KubeObject);
    else if (change.verb === 'create' || change.verb === 'apply') {
      if (change.verb === 'create' && live !== undefined) throw new Error(`${key} exists`);
      this.put(change.type, { ...change.object, metadata: { ...live?.metadata, ...change.object.metadata } });
    }
  }

  put(type: ResourceType, object: KubeObject): void {
    const uid = object.metadata.uid ?? `uid ${++this.#writes}`;
    this.objects.set(keyOf(type, object.metadata.name), {
      ...object,
      metadata: { ...object.metadata, namespace: 'symbol', uid, resourceVersion: String(++this.#writes) },
    });
  }

  get<T extends KubeObject>(kind: string, name: string): T | undefined {
    return this.objects.get(`${kind}/${name}`) as T | undefined;
  }

  get pod(): Pod | undefined {
    return [...this.objects.values()].find(({ kind }) => kind === 'Pod') as Pod | undefined;
  }

  get statefulSet(): StatefulSet | undefined {
    return [...this.objects.values()].find(({ kind }) => kind === 'StatefulSet') as StatefulSet | undefined;
  }

  secret(name: string): Secret | undefined {
    return this.get<Secret>('Secret', name);
  }

  configMap(name: string): ConfigMap | undefined {
    return this.get<ConfigMap>('ConfigMap', name);
  }

  readonly reader: Reader = {
    get: async <T extends KubeObject>(type: ResourceType, { name }: { name: string }) =>
      this.objects.get(keyOf(type, name)) as T | undefined,
    list: async <T extends KubeObject>(type: ResourceType, { labels = {} }: { labels?: Record<string, string> }) =>
      [...this.objects.values()].filter((object) => object.kind === type.kind && hasLabels(object, labels)) as T[],
  };

  #createSource() {
    const find = (url: string) => {
      const body = this.outside.get(url);
      if (body === undefined) throw new Error(`${new URL(url).host}: the name does not resolve`);
      return Buffer.from(body as string);
    };
    return createNetworkSource({
      call: async (url) => ({ status: 200, body: find(url).toString() }),
      download: async (url) => find(url),
      findHost: async (host) => host !== 'nowhere.example.org',
      now: () => this.now.getTime(),
    });
  }

  /** As the controller does it: a pod and its claim where there are none. */
  #runStatefulSets(): void {
    const live = this.statefulSet;
    if (live === undefined) return;
    this.objects.set(keyOf(STATEFUL_SETS, live.metadata.name), {
      ...live,
      status: { replicas: 1, observedGeneration: live.metadata.generation ?? 0 },
    } as StatefulSet);
    const name = `${live.metadata.name}-0`;
    const [template] = live.spec?.volumeClaimTemplates ?? [];
    const claim = `${template?.metadata?.name}-${name}`;
    if (template !== undefined && !this.objects.has(keyOf(PERSISTENT_VOLUME_CLAIMS, claim)))
      this.put(PERSISTENT_VOLUME_CLAIMS, {
        ...template,
        kind: 'PersistentVolumeClaim',
        metadata: { ...template.metadata, name: claim },
      } as KubeObject);
    if (this.objects.has(keyOf(PODS, name)) || live.spec?.replicas === 0) return;
    const { metadata, spec } = live.spec?.template ?? {};
    const owner = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      name: live.metadata.name,
      uid: live.metadata.uid ?? '',
      controller: true,
    };
    this.put(PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, name, ownerReferences: [owner] },
      spec,
    } as KubeObject);
  }
}

function keyOf(type: ResourceType, name: string): string {
  return `${type.kind}/${name}`;
}

/** RFC 7386. */
function merge(target: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch;
  const merged: Record<string, unknown> = { ...(target as object) };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = merge(merged[name], value);
  }
  return merged;
}
