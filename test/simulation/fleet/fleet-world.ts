/** A fleet, its users and the operator together, in virtual time. */

import { listInstances, podWanted } from '../../../src/kinds/cosmos-full-node/instances.ts';
import { cosmosFullNode } from '../../../src/kinds/cosmos-full-node/kind.ts';
import { ApiError } from '../../../src/kube/api-error.ts';
import type { KubeObject, PersistentVolumeClaim, Pod } from '../../../src/kube/objects.ts';
import { CONFIG_MAPS, PERSISTENT_VOLUME_CLAIMS, PODS, SERVICES } from '../../../src/kube/resource-types.ts';
import { NameTakenError } from '../../../src/reconcile/act.ts';
import { type ManualClock, manualClock } from '../../../src/runtime/manual-clock.ts';
import { ModelApi } from '../model-api.ts';
import { ModelOperator } from '../model-operator.ts';
import { createRandom, type Random } from '../random.ts';
import { Fleet, type Process } from './fleet.ts';
import { FleetInvariants } from './fleet-invariants.ts';
import { FleetStorage } from './fleet-storage.ts';
import { FleetUser, KEY } from './fleet-user.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const STEP_MS = 500;
const CHAOS_SECONDS = 420;
const MENDING_SECONDS = 1800;
const REST_SECONDS = 240;

export class FleetWorld {
  readonly clock: ManualClock = manualClock(START);
  readonly random: Random;
  readonly api: ModelApi;
  readonly storage: FleetStorage;
  readonly fleet: Fleet;
  readonly invariants: FleetInvariants;
  readonly user: FleetUser;
  readonly violations: string[] = [];
  readonly trace: string[] = [];
  #writes: { what: string; status: boolean }[] = [];
  #faults = 0.02;
  #killEvery: number;
  #untilKill = 0;
  #operator: ModelOperator | undefined;
  #steps = 0;

  constructor(seed: number) {
    this.random = createRandom(seed);
    this.#killEvery = seed % 3 === 0 ? 12 : 60;
    const violate = (what: string) => {
      this.say(`VIOLATION: ${what}`);
      this.violations.push(what);
    };
    this.api = new ModelApi(this.clock);
    const parts = { api: this.api, clock: this.clock };
    this.storage = new FleetStorage({ ...parts, random: this.random.fork() });
    this.fleet = new Fleet({ ...parts, random: this.random.fork(), storage: this.storage });
    this.invariants = new FleetInvariants({ ...parts, fleet: this.fleet, storage: this.storage, violate });
    this.user = new FleetUser(this);
    this.api.onChange(({ type, before, after, actor }) => {
      if (actor === 'system' && before !== undefined && after !== undefined) return;
      const { name } = ((after ?? before) as KubeObject).metadata;
      const verb = before === undefined ? 'created' : after === undefined ? 'removed' : 'changed';
      this.say(`${actor} ${verb} ${type.kind} ${name}`);
    });
  }

  say(line: string): void {
    this.trace.push(`${((this.clock.now() - START) / 1000).toFixed(2).padStart(8)} ${line}`);
  }

  /** A time of chaos, a time of mending, a time of rest. */
  async tell(): Promise<void> {
    this.user.create();
    this.#startOperator('agent:v1');
    let next = this.#seconds + this.random.between(20, 60);
    await this.#run(CHAOS_SECONDS, () => {
      this.#trouble();
      if (this.#seconds < next) return false;
      next = this.#seconds + (this.random.chance(0.3) ? this.random.between(1, 5) : this.random.between(15, 60));
      this.user.act();
      return false;
    });
    if (this.violations.length === 0) await this.#mend();
    if (this.violations.length === 0) await this.#rest();
    this.#operator?.kill();
  }

  async #mend(): Promise<void> {
    this.say('--- chaos ends');
    this.#faults = 0;
    this.#killEvery = 0;
    this.#startOperator('agent:v2');
    let wellSince: number | undefined;
    const well = await this.#run(MENDING_SECONDS, () => {
      this.user.heal();
      wellSince = this.#findFaults().length === 0 ? (wellSince ?? this.#seconds) : undefined;
      return wellSince !== undefined && this.#seconds - wellSince > 90;
    });
    if (!well && this.violations.length === 0)
      this.violations.push(`not well after ${MENDING_SECONDS} s: ${this.#findFaults().join('; ')}`);
  }

  /** A fleet in peace costs one status write a minute. */
  async #rest(): Promise<void> {
    this.say('--- rest');
    this.#writes = [];
    await this.#run(REST_SECONDS);
    const others = this.#writes.filter(({ status }) => !status).map(({ what }) => what);
    if (others.length > 0) this.violations.push(`writes at rest: ${others.join(', ')}`);
    const statusWrites = this.#writes.length - others.length;
    if (statusWrites > REST_SECONDS / 60 + 1) this.violations.push(`${statusWrites} status writes at rest`);
  }

  /** What the fleet lacks, by the truth of the model and not by its status. */
  #findFaults(): string[] {
    const { fullNode } = this.user;
    if (fullNode === undefined) return ['there is no resource'];
    const at = (name: string) => ({ namespace: KEY.namespace, name });
    const wanted = listInstances(fullNode).filter((instance) => podWanted(fullNode, instance));
    const names = new Set(wanted.map(({ name }) => name));
    const extra = fullNode.spec.additionalVersionedPods?.length
      ? listInstances(fullNode).map(({ ordinal }) => `side-${ordinal}`)
      : [];
    for (const name of extra) names.add(name);
    const pods = this.api.list<Pod>(PODS, KEY.namespace);
    return [
      ...wanted.flatMap(({ name, claimName, p2pServiceName }) => {
        const pod = this.api.get<Pod>(PODS, at(name));
        const claim = this.api.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, at(claimName));
        const image = this.fleet.imageAt(this.storage.volumeOf(claim)?.height ?? 0);
        const isCurrent = this.fleet.isCurrent(this.fleet.processes.get(pod?.metadata.uid ?? ''));
        return [
          ...(isCurrent ? [] : [`${name} is not in sync`]),
          ...(image === undefined || pod?.spec?.containers[0]?.image === image ? [] : [`${name} has another image`]),
          ...(this.api.get(SERVICES, at(p2pServiceName)) === undefined ? [`no Service ${p2pServiceName}`] : []),
          ...(this.api.get(CONFIG_MAPS, at(name)) === undefined ? [`no ConfigMap ${name}`] : []),
        ];
      }),
      ...this.invariants.volumes.findLost(),
      ...pods.filter(({ metadata }) => !names.has(metadata.name)).map(({ metadata }) => `stray pod ${metadata.name}`),
    ];
  }

  #trouble(): void {
    const running = this.api
      .list<Pod>(PODS)
      .filter(({ metadata }) => this.fleet.processes.get(metadata.uid ?? '')?.running);
    if (running.length === 0) return;
    if (this.random.chance(0.004)) this.fleet.crash(this.random.pick(running).metadata.uid as string);
    if (this.random.chance(0.002)) this.fleet.evict(this.random.pick(running));
    if (running.length > 1 && this.random.chance(0.004)) this.fleet.damage(this.#processOf(this.random.pick(running)));
  }

  #processOf(pod: Pod): Process {
    return this.fleet.processes.get(pod.metadata.uid as string) as Process;
  }

  #startOperator(agentImage: string): void {
    this.#operator?.kill();
    this.#untilKill = this.#killEvery === 0 ? 0 : this.random.between(1, 2 * this.#killEvery);
    this.say(`operator starts: ${agentImage}`);
    this.#operator = new ModelOperator({
      kind: cosmosFullNode,
      api: this.api,
      askPod: (pod, path) => this.fleet.answer(pod, path),
      clock: this.clock,
      random: this.random.fork(),
      agentImage,
      faultChance: () => this.#faults,
      killsAt: () => this.#killEvery > 0 && --this.#untilKill <= 0,
      onKilled: () => {
        this.clock.after(this.random.between(100, 10_000), () =>
          this.#startOperator(this.random.pick(['agent:v1', 'agent:v2'])),
        );
      },
      onWrite: (verb, type, name, subresource) =>
        this.#writes.push({ what: `${verb} ${type.kind} ${name}`, status: subresource === 'status' }),
      onError: (error) => {
        if (error instanceof ApiError || error instanceof NameTakenError) return;
        this.violations.push(`reconcile threw ${error instanceof Error ? (error.stack ?? error.message) : error}`);
      },
      trace: (line) => this.say(line),
    });
  }

  get #seconds(): number {
    return (this.clock.now() - START) / 1000;
  }

  async #run(seconds: number, done: () => boolean = () => false): Promise<boolean> {
    const end = this.#seconds + seconds;
    while (this.#seconds < end && this.violations.length === 0) {
      await this.clock.advance(STEP_MS);
      this.fleet.step(this.#steps++ % 4 === 0);
      this.invariants.tick();
      if (done()) return true;
    }
    return false;
  }
}
