/**
 * A SymbolNode in a world where views are stale, writes fail before or after they were done, the operator ends at any of them and the network outside
 * comes and goes; with a StatefulSet controller, a kubelet, garbage collection, a volume that is left locked, and a chain.
 */
import { keyPairFromSeed } from '../../src/formats/ed25519.ts';
import { addressOf, renderPrivateKeyPem } from '../../src/formats/symbol-keys.ts';
import { loadSymbolTransactions } from '../../src/formats/symbol-transactions.ts';
import { confirmView } from '../../src/kinds/symbol-node/confirm.ts';
import { followedHashes } from '../../src/kinds/symbol-node/link-plan.ts';
import { parseRecord } from '../../src/kinds/symbol-node/links/record.ts';
import { createNetworkSource } from '../../src/kinds/symbol-node/network-source.ts';
import { observe } from '../../src/kinds/symbol-node/observe.ts';
import { type Plan, planSymbolNode } from '../../src/kinds/symbol-node/plan.ts';
import { foldAnswer, type NodeReading } from '../../src/kinds/symbol-node/rpc/reading.ts';
import { SYMBOL_NODES, type SymbolNode, type SymbolNodeSpec } from '../../src/kinds/symbol-node/schema.ts';
import { buildStatus } from '../../src/kinds/symbol-node/status.ts';
import { PACKAGE_URL, packageZip } from '../../src/kinds/symbol-node/symbol-world.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import { type ConfigMap, type KubeObject, keyOf, type Pod, type StatefulSet } from '../../src/kube/objects.ts';
import { PODS, SECRETS } from '../../src/kube/resource-types.ts';
import { type Actor, act } from '../../src/reconcile/act.ts';
import { type Change, formatChange } from '../../src/reconcile/change.ts';
import { ANNOTATION_ASKED } from '../../src/reconcile/labels.ts';
import { MemoryApi } from './memory-api.ts';
import type { Random } from './random.ts';
import { GROUPING, SymbolChain } from './symbol-chain.ts';
import { SymbolCluster } from './symbol-cluster.ts';
import { Keeper } from './symbol-keeper.ts';

export const NODE = 'testnode';
const NAMESPACE = 'symbol';
const OPTIONS = { operatorNamespace: 'nodewright', agentImage: 'nodewright:test' };
const NODEWATCH = 'https://nodewatch.test/api/symbol';
const COSIGNER = keyPairFromSeed(Buffer.alloc(32, 77));
const TRANSACTIONS = await loadSymbolTransactions({
  ...{ name: 'testnet', identifier: 152, epochAdjustment: 1_600_000_000 },
  generationHashSeed: Buffer.alloc(32, 0x5a),
});
/** Voting keys live for 40 days, so that there are some to renew, and few to make. */
const PACKAGE = packageZip({
  'sai/resources/config-network.properties': `[network]\n\ngenerationHashSeed = ${'5A'.repeat(32)}\n\n[chain]\n\nblockGenerationTargetTime = 30s\nvotingSetGrouping = ${GROUPING}\nmaxVotingKeysPerAccount = 3\nminVotingKeyLifetime = 28\nmaxVotingKeyLifetime = 160\n`,
});
/** Each names what a person asked for, or what keeps the node from starting. */
const NAMED_REASONS =
  /^((image|images|features|lightApi|hostName|friendlyName|overrides|resources|certificates|voting|package|resync|restartedAt)(, |(?= changed)))+ changed$|did not stop cleanly|begins anew|allows another recovery/;

export class SymbolWorld {
  readonly api = new MemoryApi();
  readonly violations: string[] = [];
  readonly trace: string[] = [];
  readonly chain: SymbolChain;
  /** Faults stop when this is false. */
  faulty = true;
  /** How often each kind of thing happened, to see that it did. */
  readonly counts = new Map<string, number>();
  readonly #random: Random;
  #time = Date.parse('2026-01-02T03:00:00Z');
  #source: ReturnType<typeof createNetworkSource>;
  #readings = new Map<string, NodeReading>();
  #residues = new Map<string, string>();
  #isOnline = true;
  readonly #cluster: SymbolCluster;
  readonly #keeper: Keeper;

  constructor(random: Random, isMultisig: boolean) {
    this.#random = random;
    const multisig = isMultisig
      ? { minApproval: 2, cosignatories: [addressOf(COSIGNER.publicKey, 152)] }
      : { minApproval: 0, cosignatories: [] };
    this.chain = new SymbolChain(random, this.#time, multisig);
    this.#source = this.#createSource();
    const count = (what: string) => this.#count(what);
    this.#cluster = new SymbolCluster({ api: this.api, random, count, isFaulty: () => this.faulty });
    this.#keeper = new Keeper(this.api, (what) => this.#violate(what));
    const data = { key: Buffer.from(renderPrivateKeyPem(COSIGNER)).toString('base64') };
    this.api.create(SECRETS, {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { namespace: NAMESPACE, name: 'cosigner' } },
      ...{ data },
    } as KubeObject);
    this.create();
  }

  get resource(): SymbolNode | undefined {
    return this.api.list<SymbolNode>('SymbolNode')[0];
  }

  create(spec: Partial<SymbolNodeSpec> = {}): void {
    this.api.create(SYMBOL_NODES, {
      apiVersion: 'nodewright.dev/v1alpha1',
      kind: 'SymbolNode',
      metadata: { namespace: NAMESPACE, name: 'node' },
      spec: {
        ...{ image: 'catapult:1', volumeSize: '70Gi', hostName: '', friendlyName: 'n', network: 'sai', name: NODE },
        ...{ features: ['HARVESTER', 'VOTER'], package: { url: PACKAGE_URL } },
        accounts: { links: 'Announce', cosigner: { name: 'cosigner', key: 'key' } },
        ...spec,
      },
    } as KubeObject);
  }

  edit(patch: object): void {
    const { resource } = this;
    if (resource !== undefined) this.api.patch(SYMBOL_NODES, keyOf(resource), patch);
  }

  pod(): Pod | undefined {
    return this.#cluster.pod();
  }

  /** @param seconds that have gone by since the last */
  async step(seconds: number): Promise<Plan | undefined> {
    this.#time += seconds * 1000;
    if (this.faulty && this.#random.chance(0.05)) this.#isOnline = !this.#isOnline;
    if (!this.faulty) this.#isOnline = true;
    this.chain.turn(this.#time, !this.faulty);
    this.#cluster.turn();
    const plan = await this.#pass();
    this.#keeper.check(this.chain.finalizedHeight);
    this.violations.push(...this.chain.violations);
    return plan;
  }

  crash(): void {
    this.#cluster.crash();
  }

  restartOperator(): void {
    this.#readings = new Map();
    this.#residues = new Map();
    this.#source = this.#createSource();
    this.#count('restart of the operator');
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  async #pass(): Promise<Plan | undefined> {
    const ages = new Map<string, number>();
    const reader = this.api.reader((kind) => {
      const age = ages.get(kind) ?? (this.faulty && this.#random.chance(0.3) ? this.#random.between(1, 12) : 0);
      ages.set(kind, age);
      return age;
    });
    const [resource] = await reader.list<SymbolNode>(SYMBOL_NODES, { namespace: NAMESPACE });
    if (resource === undefined) return undefined;
    const observed = await observe(resource, reader, this.#source);
    const pod = observed.pods.get(observed.names.pod);
    if (pod !== undefined) this.#ask(pod, observed.configMaps.get(observed.names.transaction));
    const now = new Date(this.#time);
    const context = { now, random: this.#random.bytes, options: OPTIONS, residues: this.#residues };
    const isConfirmed = await confirmView(resource, observed, this.api.reader());
    const facts = { ...observed, isConfirmed, readings: this.#readings, transactions: TRANSACTIONS };
    const plan = planSymbolNode(resource, facts, context);
    const endsAt = this.faulty && this.#random.chance(0.25) ? this.#random.between(0, 4) : Number.POSITIVE_INFINITY;
    const { kube, hasEnded } = this.#kube(endsAt);
    for (const change of plan.changes) this.#learn(change);
    const outcome = await act(plan.changes, {
      ...{ kube, fieldManager: 'nodewright-symbol-node', residues: this.#residues },
      broadcast: async ({ transaction }) => {
        const { url, payload } = JSON.parse(transaction) as { url: string; payload: string };
        this.chain.announce(url, payload, this.faulty && this.#random.chance(0.3));
        if (this.faulty && this.#random.chance(0.2)) throw new Error('socket hang up');
      },
    });
    for (const change of outcome.done) this.trace.push(`${now.toISOString()} ${formatChange(change)}`);
    for (const { change, error } of outcome.failures)
      this.trace.push(`${now.toISOString()} ${formatChange(change)} FAILED ${error}`);
    const status = buildStatus(resource, { plan, failure: undefined, now, operatorNamespace: 'nodewright' });
    const patch = { metadata: { uid: resource.metadata.uid }, status };
    await kube.mergePatch(SYMBOL_NODES, keyOf(resource), patch).catch(() => {});
    if (hasEnded()) this.restartOperator();
    return plan;
  }

  /** Writes that are refused, done without an answer, or the operator's last. */
  #kube(endsAt: number): { kube: Actor['kube']; hasEnded: () => boolean } {
    let sent = 0;
    let hasEnded = false;
    const direct = this.api.kube(() => true);
    const guard =
      <Arguments extends unknown[], Result>(
        verb: string,
        write: (...values: Arguments) => Promise<Result>,
      ): ((...values: Arguments) => Promise<Result>) =>
      async (...values) => {
        if (hasEnded) throw new ApiError('the operator has ended', 0, 'NotSent');
        hasEnded = sent++ >= endsAt;
        const isRefused = this.faulty && this.#random.chance(0.06);
        const isLost = this.faulty && this.#random.chance(0.06);
        if (isRefused || (hasEnded && this.#random.chance(0.5)))
          throw new ApiError('etcdserver: request timed out', 500, 'InternalError');
        if (verb === 'delete') this.#judgeDeletion(values as unknown[]);
        const answer = await write(...values);
        if (isLost || hasEnded) throw new ApiError('socket hang up', 0, 'NoAnswer');
        return answer;
      };
    return {
      hasEnded: () => hasEnded,
      kube: {
        get: direct.get,
        create: guard('create', direct.create) as Actor['kube']['create'],
        apply: guard('apply', direct.apply) as Actor['kube']['apply'],
        mergePatch: guard('patch', direct.mergePatch) as Actor['kube']['mergePatch'],
        delete: guard('delete', direct.delete) as Actor['kube']['delete'],
      },
    };
  }

  /** As it is decided: a pod goes for a reason that has a name, and nothing else ever goes. */
  #learn(change: Change): void {
    if (change.verb === 'delete' && (change.type !== PODS || !NAMED_REASONS.test(change.why)))
      this.#violate(`delete ${change.type.kind} ${change.key.name}: ${change.why}`);
    const { data } = (
      change.verb === 'create' ? change.object : change.verb === 'patch' ? change.patch : {}
    ) as ConfigMap;
    if (change.key.name !== `transaction-${NODE}` || data?.payload == null) return;
    const present = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null));
    this.chain.learn(parseRecord(present, 'the record'));
  }

  /** As it is done: a node that is well goes only for something that it was not started with. */
  #judgeDeletion([, , preconditions]: unknown[]): void {
    const pod = this.pod();
    if (pod === undefined || pod.metadata.uid !== (preconditions as { uid: string }).uid) return;
    this.#count('restart of the node');
    const set = this.api.list<StatefulSet>('StatefulSet')[0];
    const wanted = set?.spec?.template.metadata?.annotations?.[ANNOTATION_ASKED];
    const isWell = pod.status?.podIP !== undefined;
    if (isWell && wanted === pod.metadata.annotations?.[ANNOTATION_ASKED])
      this.#violate(`a node that is well was stopped for nothing\n${this.trace.slice(-5).join('\n')}`);
  }

  /** The node answers while it runs; the network, now and then. */
  #ask(pod: Pod, record: ConfigMap | undefined): void {
    const uid = pod.metadata.uid ?? '';
    const { height, finalizedHeight } = this.chain;
    const isAnswering = pod.status?.podIP !== undefined && !(this.faulty && this.#random.chance(0.2));
    const asks = this.#isOnline && (!this.faulty || this.#random.chance(0.6));
    const answer = isAnswering
      ? {
          node: { height, finalizedHeight },
          network: this.#isOnline ? { height, finalizedHeight, source: 'nodewatch' as const } : new Error('no route'),
          ...(asks ? { account: this.chain.view(followedHashes(record)) } : {}),
        }
      : new Error('connect ECONNREFUSED');
    this.#readings.set(uid, foldAnswer(this.#readings.get(uid), answer, this.#time, 5));
  }

  #createSource() {
    const find = async (url: string) => {
      if (!this.#isOnline) throw new Error(`${new URL(url).host}: the name of the host does not resolve`);
      const { height, finalizedHeight } = this.chain;
      if (url === PACKAGE_URL) return Buffer.from(PACKAGE);
      return Buffer.from(url === `${NODEWATCH}/height` ? JSON.stringify({ height, finalizedHeight }) : '[]');
    };
    return createNetworkSource({
      call: async (url) => ({ status: 200, body: (await find(url)).toString() }),
      download: find,
      findHost: async () => this.#isOnline,
      now: () => this.#time,
    });
  }

  #violate(what: string): void {
    if (!this.violations.includes(what)) this.violations.push(what);
  }
}
