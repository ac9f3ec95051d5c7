/** Everything together, in virtual time. */

import { tendermintNetwork } from '../../src/kinds/tendermint-network/kind.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { NameTakenError } from '../../src/reconcile/act.ts';
import { type ManualClock, manualClock } from '../../src/runtime/manual-clock.ts';
import { Invariants } from './invariants.ts';
import { ModelApi } from './model-api.ts';
import { ModelChains } from './model-chain.ts';
import { ModelMachines } from './model-machines.ts';
import { ModelOperator } from './model-operator.ts';
import { createRandom, type Random } from './random.ts';
import { renderedLabel } from './rendered-label.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const STEP_MS = 500;

export type WorldOptions = {
  seed: number;
  /** Chance that a call of the operator fails. */
  faults: number;
  /** Kill the operator at every so many writes, at random around it; 0: never. */
  killEvery: number;
  machines?: number;
};

export class World {
  readonly clock: ManualClock = manualClock(START);
  readonly random: Random;
  readonly api: ModelApi;
  readonly chains: ModelChains;
  readonly machines: ModelMachines;
  readonly invariants: Invariants;
  readonly violations: string[] = [];
  readonly trace: string[] = [];
  /** Writes of the operator since the last reset. */
  writes: { at: number; what: string; status: boolean }[] = [];
  faults: number;
  killEvery: number;
  restarts = 0;
  #operator: ModelOperator | undefined;
  #untilKill = 0;
  #steps = 0;

  constructor(options: WorldOptions) {
    this.random = createRandom(options.seed);
    this.faults = options.faults;
    this.killEvery = options.killEvery;
    const violate = (what: string) => {
      this.say(`VIOLATION: ${what}`);
      this.violations.push(what);
    };
    this.api = new ModelApi(this.clock);
    this.chains = new ModelChains(violate);
    this.machines = new ModelMachines({
      api: this.api,
      chains: this.chains,
      clock: this.clock,
      random: this.random.fork(),
      machines: options.machines ?? 4,
    });
    this.invariants = new Invariants({ api: this.api, chains: this.chains, clock: this.clock, violate });
    this.api.onChange(({ type, before, after, actor }) => {
      const object = (after ?? before) as KubeObject;
      const verb =
        before === undefined
          ? 'created'
          : after === undefined
            ? 'removed'
            : after.metadata.deletionTimestamp !== before.metadata.deletionTimestamp
              ? 'deleting'
              : 'changed';
      if (verb !== 'changed' || actor !== 'system')
        this.say(`${actor} ${verb} ${type.kind} ${object.metadata.namespace}/${object.metadata.name}`);
    });
  }

  say(line: string): void {
    this.trace.push(`${((this.clock.now() - START) / 1000).toFixed(2).padStart(8)} ${line}`);
  }

  get seconds(): number {
    return (this.clock.now() - START) / 1000;
  }

  /** A new operator, of whatever version; the old one is killed. */
  startOperator(version: { agentImage?: string; label?: string | undefined } = {}): void {
    this.#operator?.kill();
    renderedLabel.value = version.label;
    this.#untilKill = this.killEvery === 0 ? 0 : this.random.between(1, 2 * this.killEvery);
    this.say(`operator starts: ${JSON.stringify(version)}`);
    this.#operator = new ModelOperator({
      api: this.api,
      kind: tendermintNetwork,
      askPod: (pod, path) => {
        if (!this.machines.isReachable(pod)) throw new Error('connect EHOSTUNREACH');
        return this.chains.answer(pod.metadata.uid as string, path);
      },
      clock: this.clock,
      random: this.random.fork(),
      agentImage: version.agentImage ?? 'agent:v1',
      faultChance: () => this.faults,
      killsAt: () => this.killEvery > 0 && --this.#untilKill <= 0,
      onKilled: () => this.#restartLater(),
      onWrite: (verb, type, name, subresource) =>
        this.writes.push({
          at: this.clock.now(),
          what: `${verb} ${type.kind} ${name}`,
          status: subresource === 'status',
        }),
      onError: (error) => this.#checkError(error),
      trace: (line) => this.say(line),
    });
  }

  #restartLater(): void {
    this.restarts++;
    this.clock.after(this.random.chance(0.7) ? this.random.between(100, 3000) : this.random.between(3000, 30_000), () =>
      this.startOperator({
        agentImage: this.random.pick(['agent:v1', 'agent:v2']),
        label: this.random.pick([undefined, 'one-more']),
      }),
    );
  }

  /** The operator may fail for a while, but only for reasons that the world gave it. */
  #checkError(error: unknown): void {
    const known = error instanceof ApiError || error instanceof NameTakenError;
    const ofNode = error instanceof Error && /RPC error|connect E|application refused|is gone$/.test(error.message);
    if (known || ofNode) return;
    this.violations.push(`reconcile threw ${error instanceof Error ? (error.stack ?? error.message) : error}`);
  }

  async step(): Promise<void> {
    await this.clock.advance(STEP_MS);
    this.machines.step();
    if (this.#steps++ % 2 === 0) {
      this.chains.tick(this.clock.now());
      this.invariants.tick();
    }
  }

  /** Runs until `done`, which is asked after every step, or until the time is over. */
  async run(seconds: number, done: () => boolean = () => false): Promise<boolean> {
    const end = this.seconds + seconds;
    while (this.seconds < end && this.violations.length === 0) {
      await this.step();
      if (done()) return true;
    }
    return false;
  }

  stop(): void {
    this.#operator?.kill();
    renderedLabel.value = undefined;
  }
}
