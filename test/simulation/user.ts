/** People at work: they make networks, change them and break things. */
import { listMembers } from '../../src/kinds/tendermint-network/members.ts';
import { TENDERMINT_NETWORKS, type TendermintNetwork } from '../../src/kinds/tendermint-network/schema.ts';
import { type KubeObject, keyOf, type ObjectKey, type Pod, type Secret } from '../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  PERSISTENT_VOLUME_CLAIMS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  SECRETS,
  SERVICES,
} from '../../src/kube/resource-types.ts';
import { LABEL_NODE, LABEL_RESOURCE } from '../../src/reconcile/labels.ts';
import type { Loose } from './model-api.ts';
import { BAD_IMAGE, CRASHING_LEVEL } from './model-machines.ts';
import type { World } from './world.ts';

type Spec = TendermintNetwork['spec'];

const IMAGES = ['cometbft:v1', 'cometbft:v2', 'cometbft:v3'];
const NAMESPACES = ['alpha', 'beta'] as const;

export class User {
  readonly #world: World;
  readonly #lastSpecs = new Map<string, Spec>();

  constructor(world: World) {
    this.#world = world;
    world.api.onChange(({ type, before, after }) => {
      if (type.plural === TENDERMINT_NETWORKS.plural && after === undefined && before !== undefined) {
        this.#lastSpecs.set(
          `${before.metadata.namespace}/${before.metadata.name}`,
          (before as unknown as TendermintNetwork).spec,
        );
      }
    });
  }

  networks(): TendermintNetwork[] {
    return this.#world.api.list<TendermintNetwork>(TENDERMINT_NETWORKS);
  }

  create(namespace: string, name: string, spec: Partial<Spec> = {}): void {
    const object: TendermintNetwork = {
      apiVersion: 'nodewright.dev/v1alpha1',
      kind: 'TendermintNetwork',
      metadata: { name, namespace },
      spec: { chainId: `${namespace}-1`, image: 'cometbft:v1', validators: { replicas: 4 }, ...spec },
    };
    this.#world.api.create(TENDERMINT_NETWORKS, object, 'user');
  }

  /** A network that comes back names the validators that it had: its genesis may have been kept. */
  createRandom(namespace: string, name: string): void {
    const { random } = this.#world;
    const before = this.#lastSpecs.get(`${namespace}/${name}`);
    if (before !== undefined) {
      this.create(namespace, name, before);
      return;
    }
    const powers = random.pick([
      [10, 10, 10, 10],
      [10, 10, 10, 10, 10],
      [1],
      [10, 10],
      [10, 10, 10],
      [50, 10, 10, 10],
      [3, 3, 3, 2, 2, 2],
      [1, 1, 1, 1, 1, 1, 1],
    ]);
    const byList = random.chance(0.5);
    this.create(namespace, name, {
      validators: byList
        ? { nodes: powers.map((power, index) => ({ name: `v${index}`, power })) }
        : { replicas: powers.length },
      fullNodes: { replicas: random.between(0, 2) },
      deletionPolicy: random.chance(0.3) ? 'Delete' : 'Retain',
      ...(random.chance(0.2) ? { strategy: { allowHalt: true } } : {}),
    });
  }

  change(network: TendermintNetwork, spec: Record<string, unknown>, causesRestart = false): void {
    if (causesRestart) this.#causeRestart(network);
    this.#world.say(`user: ${network.metadata.name} spec ${JSON.stringify(spec)}`);
    this.#world.api.patch(TENDERMINT_NETWORKS, keyOf(network), { spec }, 'user');
  }

  annotate(network: TendermintNetwork, annotations: Record<string, string | null>): void {
    if ('nodewright.dev/restartedAt' in annotations) this.#causeRestart(network);
    this.#world.api.patch(TENDERMINT_NETWORKS, keyOf(network), { metadata: { annotations } }, 'user');
  }

  delete(network: TendermintNetwork): void {
    this.#world.api.delete(TENDERMINT_NETWORKS, keyOf(network), 'user');
  }

  #causeRestart({ metadata }: TendermintNetwork): void {
    this.#world.invariants.recordOf(`${metadata.namespace}/${metadata.name}`).restartCauseAt = this.#world.clock.now();
  }

  /** One random deed. */
  act(): void {
    const { random } = this.#world;
    const networks = this.networks();
    for (const namespace of NAMESPACES) {
      const known = networks.some(({ metadata }) => metadata.namespace === namespace);
      if (!known && random.chance(namespace === 'alpha' ? 0.8 : 0.15)) this.createRandom(namespace, 'net');
    }
    const [first] = networks;
    if (first === undefined) return;
    const network = random.pick(networks);
    if (network.metadata.deletionTimestamp !== undefined) return;
    random.pick([...this.#changes(network), ...this.#breakages(network)])();
  }

  #changes(network: TendermintNetwork): (() => void)[] {
    const { random, clock } = this.#world;
    const image = () => this.change(network, { image: random.pick(IMAGES) }, true);
    return [
      image,
      image,
      () => this.change(network, { image: BAD_IMAGE }, true),
      () => this.change(network, { config: `[mempool]\nsize = ${random.between(1, 9)}000\n` }, true),
      () => this.change(network, { config: '[mempool]\nsize = = 1\n' }, true),
      () => this.change(network, { config: `log_level = "${CRASHING_LEVEL}"\n` }, true),
      () => this.change(network, { labels: { team: random.pick(['red', 'blue']) } }),
      () => this.change(network, { fullNodes: { replicas: random.between(0, 3) } }),
      () => this.change(network, { strategy: { allowHalt: random.chance(0.5) } }),
      () => this.#changeValidators(network),
      () => this.#changeValidators(network),
      () => this.#addValidatorForAMoment(network),
      () => this.annotate(network, { 'nodewright.dev/restartedAt': String(clock.now()) }),
      () => this.annotate(network, { 'nodewright.dev/paused': random.chance(0.4) ? 'true' : null }),
      () => (random.chance(0.5) ? this.delete(network) : undefined),
      () => this.#copyKey(network),
      () => this.#copyKey(network),
      () => this.#copyKey(network),
    ];
  }

  #changeValidators(network: TendermintNetwork): void {
    const { random } = this.#world;
    const { replicas, nodes } = network.spec.validators;
    if (nodes === undefined) {
      this.change(network, { validators: { replicas: Math.max(1, (replicas ?? 1) + random.pick([-1, 1])) } });
      return;
    }
    const added = { name: `w${random.between(0, 99)}`, power: random.between(1, 20) };
    const leaving = random.pick(nodes);
    const next = random.chance(0.4)
      ? [...nodes.filter(({ name }) => name !== added.name), added]
      : random.chance(0.5) && nodes.length > 1
        ? nodes.filter((node) => node !== leaving)
        : nodes.map((node, index) => (index === 0 ? { ...node, power: random.between(1, 30) } : node));
    this.change(network, { validators: { nodes: next } });
  }

  /** Whoever takes it back may do so at any moment of its coming. */
  #addValidatorForAMoment(network: TendermintNetwork): void {
    const { random, clock } = this.#world;
    const { replicas, nodes } = network.spec.validators;
    const added = { name: `w${random.between(0, 99)}`, power: random.between(1, 20) };
    if (nodes?.some(({ name }) => name === added.name)) return;
    this.change(network, {
      validators: nodes === undefined ? { replicas: (replicas ?? 1) + 1 } : { nodes: [...nodes, added] },
    });
    const { generation } = this.#world.api.get<TendermintNetwork>(TENDERMINT_NETWORKS, keyOf(network))?.metadata ?? {};
    clock.after(random.between(0, 40_000), () => {
      const now = this.#world.api.get<TendermintNetwork>(TENDERMINT_NETWORKS, keyOf(network));
      if (now?.metadata.generation !== generation) return;
      this.change(network, { validators: nodes === undefined ? { replicas } : { nodes } });
    });
  }

  #breakages(network: TendermintNetwork): (() => void)[] {
    const { random, api } = this.#world;
    const children = (type: typeof PODS) =>
      api
        .list<KubeObject>(type, network.metadata.namespace)
        .filter(({ metadata }) => metadata.labels?.[LABEL_RESOURCE] === network.metadata.name);
    // The key of a validator that still has power and that nobody names any more would be lost for good.
    const named = new Set(listMembers(network).map(({ name }) => name));
    const remove =
      (type: typeof PODS, onlyNamed = false) =>
      () => {
        const objects = children(type).filter(
          ({ metadata }) => !onlyNamed || named.has(metadata.labels?.[LABEL_NODE] ?? ''),
        );
        if (objects.length === 0) return;
        api.delete(type, keyOf(random.pick(objects)), 'user');
      };
    return [
      remove(PODS),
      remove(PODS),
      remove(SERVICES),
      remove(SERVICES),
      remove(POD_DISRUPTION_BUDGETS),
      remove(CONFIG_MAPS),
      remove(CONFIG_MAPS),
      () => random.chance(0.5) && remove(SECRETS, true)(),
      () => random.chance(0.5) && remove(PERSISTENT_VOLUME_CLAIMS)(),
      () => this.#drain(),
      () => this.#drift(children(SERVICES)),
    ];
  }

  #drift(services: KubeObject[]): void {
    if (services.length === 0) return;
    const service = this.#world.random.pick(services);
    this.#world.api.patch(
      SERVICES,
      keyOf(service),
      { spec: { selector: { extra: 'x' }, publishNotReadyAddresses: false } },
      'user',
    );
  }

  /** The same key in another namespace, where it must never run. */
  #copyKey(network: TendermintNetwork): void {
    const { api } = this.#world;
    const [namespace, other] = [network.metadata.namespace as string, 'gamma'];
    const secret = api
      .list<Secret>(SECRETS, namespace)
      .find(({ data }) => data?.['priv_validator_key.json'] !== undefined);
    if (secret === undefined || api.list(TENDERMINT_NETWORKS, other).length > 0) return;
    const key: ObjectKey = { namespace: other, name: 'stolen' };
    if (api.get(SECRETS, key) !== undefined) api.delete(SECRETS, key, 'user');
    const copy = { apiVersion: 'v1', kind: 'Secret', metadata: key, data: secret.data } as KubeObject;
    api.create(SECRETS, copy, 'user');
    this.create(other, 'copy', {
      chainId: network.spec.chainId,
      validators: { nodes: [{ name: 'twin', keySecret: { name: 'stolen' } }] },
      // Whoever copies keys also silences warnings.
      acceptSignStateLoss: api
        .list<KubeObject>(PERSISTENT_VOLUME_CLAIMS, namespace)
        .map(({ metadata }) => metadata.uid as string),
    });
  }

  /** As `kubectl drain`: one pod is evicted where the budgets allow it. */
  #drain(): void {
    const { random, api } = this.#world;
    const ready = api.list<Pod>(PODS).filter(isReady);
    if (ready.length > 0) this.evict(random.pick(ready));
  }

  /** Evicts a ready pod if its budget allows that, and holds the budget to its promise. */
  evict(pod: Pod): boolean {
    const { api, chains, clock, invariants } = this.#world;
    const pods = api.list<Pod>(PODS, pod.metadata.namespace).filter(isReady);
    const selects = (budget: Loose, candidate: Pod) =>
      Object.entries((budget.spec as { selector: { matchLabels: Record<string, string> } }).selector.matchLabels).every(
        ([label, value]) => candidate.metadata.labels?.[label] === value,
      );
    const budgets = api
      .list<Loose>(POD_DISRUPTION_BUDGETS, pod.metadata.namespace)
      .filter((budget) => selects(budget, pod));
    const allowed = budgets.every(
      (budget) =>
        pods.filter((candidate) => selects(budget, candidate)).length - 1 >= Number(budget.spec?.minAvailable),
    );
    const process = chains.processes.get(pod.metadata.uid as string);
    if (!allowed) return false;
    if (process?.validator !== undefined && budgets.length > 0) {
      const { chain } = process;
      const { specChangedAt } = invariants.recordOf(
        `${pod.metadata.namespace}/${pod.metadata.labels?.[LABEL_RESOURCE]}`,
      );
      const settled = clock.now() - Math.max(chain.setChangedAt, specChangedAt) > 60_000;
      const addresses = pods.flatMap(
        ({ metadata }) => chains.processes.get(metadata.uid as string)?.validator?.address ?? [],
      );
      const left = new Set(addresses.filter((address) => address !== process.validator?.address));
      if (settled && chains.hasQuorum(chain, new Set(addresses)) && !chains.hasQuorum(chain, left)) {
        this.#world.violations.push(`the budget let ${pod.metadata.name} go, without which there is no quorum`);
      }
    }
    api.delete(PODS, keyOf(pod), 'user');
    return true;
  }
}

export function isReady(pod: Pod): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined &&
    pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
  );
}
