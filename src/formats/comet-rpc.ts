/**
 * Answers of CometBFT's RPC (0.34 to 1.0), parsed strictly. Every function takes a response body as text, or the value that
 * JSON.parse made of it, and returns the few members we use; it throws `CometRpcError` when the node itself answered with an error
 * and `FormatError` when the answer is not what CometBFT sends. Heights are numbers, voting powers bigints.
 */
import { FormatError } from './format-error.ts';
import {
  asObject,
  describeType,
  type JsonObject,
  parseJson,
  readArray,
  readBigInt,
  readBoolean,
  readCount,
  readObject,
  readOptionalString,
  readString,
} from './json-members.ts';

/** The node answered, and its answer is an error. */
export class CometRpcError extends Error {
  /** JSON-RPC error code, such as -32603. */
  readonly code: number;
  /** What CometBFT adds to its general message, often the real reason. */
  readonly data: string;

  constructor(code: number, message: string, data: string) {
    super(`RPC error ${code}: ${message}${data === '' ? '' : `: ${data}`}`);
    this.name = 'CometRpcError';
    this.code = code;
    this.data = data;
  }
}

/** `/status` */
export type NodeStatus = {
  /** 40 lower-case hex digits. */
  nodeId: string;
  /** The chain id. */
  network: string;
  moniker: string;
  /** CometBFT's version, such as 0.38.26. */
  version: string;
  listenAddress: string;
  /** 0 before the first block. */
  latestHeight: number;
  /** RFC 3339. */
  latestBlockTime: string;
  earliestHeight: number;
  catchingUp: boolean;
  /** Of the node's validator key, which every node has: 40 upper-case hex digits. */
  address: string;
  publicKeyBase64: string;
  /** 0 for a node that is no validator. */
  votingPower: bigint;
};

/** Also takes the bare result, without the envelope of JSON-RPC, that nodes of Sei send. */
export function parseStatus(answer: unknown): NodeStatus {
  const status = readStatus(answer);
  const node = readObject(status, 'node_info', '/status');
  const sync = readObject(status, 'sync_info', '/status');
  const validator = readObject(status, 'validator_info', '/status');
  const publicKey = readObject(validator, 'pub_key', '/status.validator_info');
  return {
    nodeId: readString(node, 'id', '/status.node_info'),
    network: readString(node, 'network', '/status.node_info'),
    moniker: readString(node, 'moniker', '/status.node_info'),
    version: readString(node, 'version', '/status.node_info'),
    listenAddress: readString(node, 'listen_addr', '/status.node_info'),
    latestHeight: readCount(sync, 'latest_block_height', '/status.sync_info'),
    latestBlockTime: readString(sync, 'latest_block_time', '/status.sync_info'),
    earliestHeight: readCount(sync, 'earliest_block_height', '/status.sync_info'),
    catchingUp: readBoolean(sync, 'catching_up', '/status.sync_info'),
    address: readString(validator, 'address', '/status.validator_info'),
    publicKeyBase64: readString(publicKey, 'value', '/status.validator_info.pub_key'),
    votingPower: readBigInt(validator, 'voting_power', '/status.validator_info'),
  };
}

/** How far a node has followed its chain; all that some chains' nodes give reliably in `/status`. */
export type SyncInfo = Pick<NodeStatus, 'latestHeight' | 'latestBlockTime' | 'catchingUp'>;

/** Of `/status`, in both forms that parseStatus takes; the answer may lack everything else. */
export function parseSyncInfo(answer: unknown): SyncInfo {
  const sync = readObject(readStatus(answer), 'sync_info', '/status');
  return {
    latestHeight: readCount(sync, 'latest_block_height', '/status.sync_info'),
    latestBlockTime: readString(sync, 'latest_block_time', '/status.sync_info'),
    catchingUp: readBoolean(sync, 'catching_up', '/status.sync_info'),
  };
}

function readStatus(answer: unknown): JsonObject {
  const body = typeof answer === 'string' ? parseJson(answer, '/status') : answer;
  const isBare = typeof body === 'object' && body !== null && 'sync_info' in body && !('result' in body);
  return isBare ? asObject(body, '/status') : readResult(body, '/status');
}

/** `/net_info` */
export type NetInfo = {
  listening: boolean;
  peerCount: number;
  peers: NetPeer[];
};

type NetPeer = {
  nodeId: string;
  moniker: string;
  remoteIp: string;
  /** True where this node dialled the peer. */
  outbound: boolean;
};

export function parseNetInfo(answer: unknown): NetInfo {
  const info = readResult(answer, '/net_info');
  return {
    listening: readBoolean(info, 'listening', '/net_info'),
    peerCount: readCount(info, 'n_peers', '/net_info'),
    peers: readArray(info, 'peers', '/net_info').map((entry, index) => {
      const where = `/net_info.peers[${index}]`;
      const peer = asObject(entry, where);
      const node = readObject(peer, 'node_info', where);
      return {
        nodeId: readString(node, 'id', `${where}.node_info`),
        moniker: readString(node, 'moniker', `${where}.node_info`),
        remoteIp: readString(peer, 'remote_ip', where),
        outbound: readBoolean(peer, 'is_outbound', where),
      };
    }),
  };
}

/** `/validators`: one page (30 unless `per_page`, at most 100) of the set that signs at `height`. */
export type ValidatorSet = {
  height: number;
  /** Validators in the whole set; more than `validators.length` where there are further pages. */
  total: number;
  validators: ActiveValidator[];
};

export type ActiveValidator = {
  /** 40 upper-case hex digits. */
  address: string;
  publicKeyBase64: string;
  power: bigint;
};

export function parseValidators(answer: unknown): ValidatorSet {
  const set = readResult(answer, '/validators');
  return {
    height: readCount(set, 'block_height', '/validators'),
    total: readCount(set, 'total', '/validators'),
    validators: readArray(set, 'validators', '/validators').map((entry, index) => {
      const where = `/validators.validators[${index}]`;
      const validator = asObject(entry, where);
      return {
        address: readString(validator, 'address', where),
        publicKeyBase64: readString(readObject(validator, 'pub_key', where), 'value', `${where}.pub_key`),
        power: readBigInt(validator, 'voting_power', where),
      };
    }),
  };
}

/** `/consensus_state`: where the consensus stands; a round that climbs at one height is a chain without quorum. */
export type ConsensusState = {
  /** The height being decided: one above the latest block. */
  height: number;
  round: number;
  /** 1 NewHeight, 2 NewRound, 3 Propose, 4 Prevote, 5 PrevoteWait, 6 Precommit, 7 PrecommitWait, 8 Commit. */
  step: number;
  /** RFC 3339: when this height began. */
  startTime: string;
};

export function parseConsensusState(answer: unknown): ConsensusState {
  const where = '/consensus_state.round_state';
  const state = readObject(readResult(answer, '/consensus_state'), 'round_state', '/consensus_state');
  const position = readString(state, 'height/round/step', where);
  const [height, round, step, ...rest] = position.split('/').map(Number);
  if (![height, round, step].every(Number.isSafeInteger) || rest.length > 0) {
    throw new FormatError(
      `${where}.height/round/step: found ${JSON.stringify(position)}, need three integers as in 12/0/1`,
    );
  }
  return {
    height: height as number,
    round: round as number,
    step: step as number,
    startTime: readString(state, 'start_time', where),
  };
}

/** `/abci_info`: what the app says about itself. Members the app leaves empty are absent on the wire. */
export type AbciInfo = {
  data: string;
  version: string;
  appVersion: bigint;
  lastBlockHeight: number;
  lastBlockAppHashBase64: string;
};

export function parseAbciInfo(answer: unknown): AbciInfo {
  const where = '/abci_info.response';
  const info = readObject(readResult(answer, '/abci_info'), 'response', '/abci_info');
  return {
    data: readOptionalString(info, 'data', where),
    version: readOptionalString(info, 'version', where),
    appVersion: info.app_version === undefined ? 0n : readBigInt(info, 'app_version', where),
    lastBlockHeight: info.last_block_height === undefined ? 0 : readCount(info, 'last_block_height', where),
    lastBlockAppHashBase64: readOptionalString(info, 'last_block_app_hash', where),
  };
}

/** `/broadcast_tx_sync` and `/broadcast_tx_async`. A full mempool and a known transaction come as `CometRpcError`. */
export type BroadcastResult = {
  /** 0 when the app accepts the transaction; `async` always says 0. */
  code: number;
  codespace: string;
  log: string;
  /** Upper-case hex. */
  hash: string;
};

export function parseBroadcastTx(answer: unknown): BroadcastResult {
  const result = readResult(answer, '/broadcast_tx');
  return {
    code: readCount(result, 'code', '/broadcast_tx'),
    codespace: readOptionalString(result, 'codespace', '/broadcast_tx'),
    log: readOptionalString(result, 'log', '/broadcast_tx'),
    hash: readString(result, 'hash', '/broadcast_tx'),
  };
}

/** `/tx`: the height of the block that has the transaction. That no block has it comes as `CometRpcError` with "not found" in its data. */
export function parseTxHeight(answer: unknown): number {
  return readCount(readResult(answer, '/tx'), 'height', '/tx');
}

/** `/unconfirmed_txs`: the transactions that wait for a block, oldest first, not more than were asked for; `total` of them wait. */
export function parseUnconfirmedTxs(answer: unknown): { transactions: Buffer[]; total: number } {
  const where = '/unconfirmed_txs';
  const result = readResult(answer, where);
  return { transactions: readTransactions(result, where), total: readCount(result, 'total', where) };
}

/** `/block`: its transactions; none before the first block. */
export function parseBlockTxs(answer: unknown): Buffer[] {
  const result = readResult(answer, '/block');
  return result.block === null
    ? []
    : readTransactions(readObject(readObject(result, 'block', '/block'), 'data', '/block.block'), '/block.block.data');
}

function readTransactions(parent: JsonObject, where: string): Buffer[] {
  return (parent.txs === null ? [] : readArray(parent, 'txs', where)).map((tx, index) => {
    if (typeof tx !== 'string')
      throw new FormatError(`${where}.txs[${index}]: found ${describeType(tx)}, need a string in base64`);
    return Buffer.from(tx, 'base64');
  });
}

/** `/commit`: addresses of the validators whose signature for the block is in its commit (block_id_flag 2), upper-case hex. */
export function parseSigners(answer: unknown): string[] {
  const where = '/commit.signed_header.commit';
  const header = readObject(readResult(answer, '/commit'), 'signed_header', '/commit');
  return readArray(readObject(header, 'commit', '/commit.signed_header'), 'signatures', where).flatMap(
    (entry, index) => {
      const signature = asObject(entry, `${where}.signatures[${index}]`);
      return signature.block_id_flag === 2
        ? [readString(signature, 'validator_address', `${where}.signatures[${index}]`)]
        : [];
    },
  );
}

function readResult(answer: unknown, method: string): JsonObject {
  const envelope = asObject(typeof answer === 'string' ? parseJson(answer, method) : answer, method);
  if (envelope.error !== undefined && envelope.error !== null) {
    const error = asObject(envelope.error, `${method}.error`);
    const code = typeof error.code === 'number' ? error.code : 0;
    const message = typeof error.message === 'string' ? error.message : describeType(error.message);
    throw new CometRpcError(code, message, typeof error.data === 'string' ? error.data : '');
  }
  return readObject(envelope, 'result', method);
}
