/**
 * CometBFT as far as an operator can tell: processes with a key, a volume and a genesis make blocks while more than two thirds of the
 * power votes. It watches for what must never happen: one key running twice, and a key that signs from an older state than it had.
 */
import { createHash } from 'node:crypto';
import { parseGenesis } from '../../src/formats/genesis.ts';
import { parseValidatorKey, validatorAddress } from '../../src/formats/validator-key.ts';
import { hasQuorum, sum } from '../../src/kinds/tendermint-network/quorum.ts';

/** What outlives a process: the content of one claim. */
export type Volume = {
  claimUid: string;
  /** The chain that the node began with; a genesis that is mounted later is ignored. */
  chain: ModelChain | undefined;
  height: number;
  /** Last signed height by validator address. */
  signed: Map<string, number>;
};

export type Process = {
  podUid: string;
  namespace: string;
  podName: string;
  nodeId: string;
  validator: { address: string; publicKey: string } | undefined;
  volume: Volume;
  chain: ModelChain;
  running: boolean;
  startedAt: number;
};

type Validator = { publicKey: string; power: bigint };

export type ModelChain = {
  chainId: string;
  hash: string;
  height: number;
  blockTime: number;
  validators: Map<string, Validator>;
  pending: { at: number; address: string; validator: Validator }[];
  /** Transactions that wait for a block. No node remembers what it had before, as after a restart. */
  mempool: Set<string>;
  /** The height of the block of each transaction. */
  committed: Map<string, number>;
  signers: string[];
  /** Where each key signed last: the height, and the claim that knows of it. */
  signed: Map<string, { height: number; claimUid: string }>;
  setChangedAt: number;
};

const CATCH_UP_BLOCKS = 40;

export class ModelChains {
  readonly chains = new Map<string, ModelChain>();
  /** By uid of the pod. */
  readonly processes = new Map<string, Process>();
  readonly #violate: (what: string) => void;
  /** Claims whose sign state a person has given up. */
  readonly givenUp = new Set<string>();

  constructor(violate: (what: string) => void) {
    this.#violate = violate;
  }

  /** The chain of a genesis file; the same text is the same chain. */
  of(genesisText: string): ModelChain {
    const known = this.chains.get(genesisText);
    if (known !== undefined) return known;
    const { chainId, validators } = parseGenesis(genesisText);
    const chain: ModelChain = {
      chainId,
      hash: String(this.chains.size),
      height: 0,
      blockTime: 0,
      validators: new Map(
        validators.map(({ publicKeyBase64, power }) => [
          addressOf(publicKeyBase64),
          { publicKey: publicKeyBase64, power },
        ]),
      ),
      pending: [],
      mempool: new Set(),
      committed: new Map(),
      signers: [],
      signed: new Map(),
      setChangedAt: 0,
    };
    this.chains.set(genesisText, chain);
    return chain;
  }

  start(process: Process): void {
    process.running = true;
    this.processes.set(process.podUid, process);
    const { validator, chain, volume } = process;
    if (validator === undefined) return;
    const twin = [...this.processes.values()].find(
      (other) =>
        other !== process &&
        other.running &&
        other.chain.chainId === chain.chainId &&
        other.validator?.address === validator.address,
    );
    if (twin !== undefined) {
      this.#violate(`key ${validator.address} runs twice: ${nameOf(twin)} and ${nameOf(process)}`);
    }
    const last = chain.signed.get(validator.address);
    if (
      last !== undefined &&
      (volume.signed.get(validator.address) ?? 0) < last.height &&
      !this.givenUp.has(last.claimUid)
    ) {
      this.#violate(`${nameOf(process)} signs with ${validator.address} from a state before height ${last.height}`);
    }
  }

  stop(podUid: string): void {
    const process = this.processes.get(podUid);
    if (process !== undefined) process.running = false;
  }

  /** A new key file in front of a process that starts again. */
  static readKey(text: string): { address: string; publicKey: string } {
    const { address, publicKeyBase64 } = parseValidatorKey(text);
    return { address, publicKey: publicKeyBase64 };
  }

  running(chain: ModelChain): Process[] {
    return [...this.processes.values()].filter((process) => process.running && process.chain === chain);
  }

  /** Addresses that vote at this moment. */
  voting(chain: ModelChain): Set<string> {
    return new Set(
      this.running(chain).flatMap(({ validator, volume }) =>
        validator !== undefined && volume.height >= chain.height ? [validator.address] : [],
      ),
    );
  }

  powerOf(chain: ModelChain, addresses: ReadonlySet<string>): bigint {
    return sum([...chain.validators].flatMap(([address, { power }]) => (addresses.has(address) ? [power] : [])));
  }

  hasQuorum(chain: ModelChain, addresses: ReadonlySet<string>): boolean {
    return hasQuorum(this.powerOf(chain, addresses), sum([...chain.validators.values()].map(({ power }) => power)));
  }

  /** One block time. */
  tick(now: number): void {
    for (const chain of this.chains.values()) {
      const voters = this.voting(chain);
      for (const { volume } of this.running(chain))
        volume.height = Math.min(chain.height, volume.height + CATCH_UP_BLOCKS);
      if (!this.hasQuorum(chain, voters)) continue;
      chain.height++;
      chain.blockTime = now;
      chain.signers = [...voters].filter((address) => chain.validators.has(address));
      for (const { validator, volume } of this.running(chain)) {
        if (volume.height === chain.height - 1) volume.height = chain.height;
        if (validator === undefined || !chain.signers.includes(validator.address)) continue;
        volume.signed.set(validator.address, chain.height);
        chain.signed.set(validator.address, { height: chain.height, claimUid: volume.claimUid });
      }
      this.#applyUpdates(chain, now);
      this.#takeTransactions(chain);
    }
  }

  #applyUpdates(chain: ModelChain, now: number): void {
    for (const { at, address, validator } of chain.pending) {
      if (at > chain.height + 1) continue;
      chain.setChangedAt = now;
      setPower(chain.validators, address, validator);
    }
    chain.pending = chain.pending.filter(({ at }) => at > chain.height + 1);
  }

  /** As CometBFT, which halts for a validator that a block changes twice, and for one that is to go and is gone. */
  #takeTransactions(chain: ModelChain): void {
    const soon = new Map(chain.validators);
    for (const { address, validator } of chain.pending) setPower(soon, address, validator);
    const changed = new Set<string>();
    for (const transaction of chain.mempool) {
      const validator = readUpdate(transaction);
      const address = addressOf(validator.publicKey);
      if (changed.has(address))
        this.#violate(`chain ${chain.chainId} halts: block ${chain.height} changes ${address} twice`);
      if (validator.power === 0n && !soon.has(address))
        this.#violate(`chain ${chain.chainId} halts: block ${chain.height} removes ${address}, which is gone`);
      changed.add(address);
      chain.committed.set(transaction, chain.height);
      chain.pending.push({ at: chain.height + 2, address, validator });
    }
    chain.mempool.clear();
  }

  /** Now, or when everything that was sent to the chain is carried out. */
  hasPowerSoon(chain: ModelChain, address: string): boolean {
    const soon = new Map(chain.validators);
    for (const update of chain.pending) setPower(soon, update.address, update.validator);
    for (const validator of [...chain.mempool].map(readUpdate))
      setPower(soon, addressOf(validator.publicKey), validator);
    return chain.validators.has(address) || soon.has(address);
  }

  /** The answer of a node's RPC; throws where there would be none. */
  answer(podUid: string, path: string): string {
    const process = this.processes.get(podUid);
    if (process === undefined || !process.running) throw new Error('connect ECONNREFUSED');
    const { chain, volume } = process;
    const [method = '', query = ''] = path.split('?');
    const height = String(volume.height);
    switch (method) {
      case '/status':
        return result({
          node_info: {
            id: process.nodeId,
            network: chain.chainId,
            moniker: process.podName,
            version: '0.38.26',
            listen_addr: 'tcp://0.0.0.0:26656',
          },
          sync_info: {
            latest_block_height: height,
            latest_block_time: new Date(chain.blockTime).toISOString(),
            earliest_block_height: '1',
            catching_up: volume.height < chain.height,
          },
          validator_info: {
            address: process.validator?.address ?? 'F'.repeat(40),
            pub_key: {
              type: 'tendermint/PubKeyEd25519',
              value: process.validator?.publicKey ?? Buffer.alloc(32).toString('base64'),
            },
            voting_power: '0',
          },
        });
      case '/net_info':
        return result({ listening: true, n_peers: String(this.running(chain).length - 1), peers: [] });
      case '/validators': {
        const set = [...chain.validators].map(([address, { publicKey, power }]) => ({
          address,
          pub_key: { type: 'tendermint/PubKeyEd25519', value: publicKey },
          voting_power: String(power),
          proposer_priority: '0',
        }));
        return result({
          block_height: String(volume.height + 1),
          total: String(set.length),
          count: String(set.length),
          validators: set,
        });
      }
      case '/commit': {
        const signatures = chain.signers.map((address) => ({ block_id_flag: 2, validator_address: address }));
        return result({ signed_header: { commit: { height, signatures } } });
      }
      case '/tx': {
        const found = [...chain.committed].find(([transaction]) => query === `hash=0x${hashOf(transaction)}`);
        if (found === undefined || found[1] > volume.height) return failure('tx (AA) not found');
        return result({ height: String(found[1]) });
      }
      case '/unconfirmed_txs': {
        const txs = [...chain.mempool].map((transaction) => Buffer.from(transaction).toString('base64'));
        return result({ n_txs: String(txs.length), total: String(txs.length), txs });
      }
      case '/block': {
        const inBlock = [...chain.committed].filter(([, height]) => height === volume.height);
        const txs = inBlock.map(([transaction]) => Buffer.from(transaction).toString('base64'));
        return result({ block: { data: { txs } } });
      }
      case '/broadcast_tx_sync':
        return this.#broadcast(chain, JSON.parse(decodeURIComponent(query.slice('tx='.length))) as string);
      default:
        throw new Error(`the model does not know ${method}`);
    }
  }

  #broadcast(chain: ModelChain, transaction: string): string {
    if (chain.mempool.has(transaction)) return failure('tx already exists in cache');
    readUpdate(transaction);
    chain.mempool.add(transaction);
    return result({ code: 0, codespace: '', log: '', hash: 'AA' });
  }
}

function readUpdate(transaction: string): Validator {
  const [, publicKey, power] = /^val=ed25519!([^!]+)!(\d+)$/.exec(transaction) ?? [];
  if (publicKey === undefined || power === undefined) throw new Error(`the model cannot read ${transaction}`);
  return { publicKey, power: BigInt(power) };
}

function hashOf(transaction: string): string {
  return createHash('sha256').update(transaction).digest('hex');
}

function setPower(validators: Map<string, Validator>, address: string, validator: Validator): void {
  if (validator.power === 0n) validators.delete(address);
  else validators.set(address, validator);
}

function failure(data: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id: -1, error: { code: -32603, message: 'Internal error', data } });
}

export function nameOf({ namespace, podName }: { namespace: string; podName: string }): string {
  return `${namespace}/${podName}`;
}

function addressOf(publicKeyBase64: string): string {
  return validatorAddress(Buffer.from(publicKeyBase64, 'base64'));
}

function result(value: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id: -1, result: value });
}
