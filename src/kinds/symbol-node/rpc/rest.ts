/**
 * The answers of Symbol's REST, of the own node or another one of the network. REST tells errors as JSON too: `{code, message}`. Every reader
 * throws a FormatError for what is no such answer, with REST's own words where it has some.
 */
import { FormatError } from '../../../formats/format-error.ts';
import {
  asArray,
  asObject,
  type JsonObject,
  parseJson,
  readArray,
  readBigInt,
  readCount,
  readObject,
  readString,
} from '../../../formats/json-members.ts';
import { parsePublicKey, renderAddress } from '../../../formats/symbol-keys.ts';
import type { AccountLinks } from '../../../formats/symbol-transactions.ts';
import type { VotingKeyHeader } from '../../../formats/symbol-voting-keys.ts';

export type ChainInfo = { height: number; finalizedHeight: number; finalizationEpoch: number };

/** `/chain/info`. */
export function parseChainInfo(body: string): ChainInfo {
  const where = '/chain/info';
  const answer = readAnswer(body, where);
  const finalized = readObject(answer, 'latestFinalizedBlock', where);
  return {
    height: readCount(answer, 'height', where),
    finalizedHeight: readCount(finalized, 'height', `${where}.latestFinalizedBlock`),
    finalizationEpoch: readCount(finalized, 'finalizationEpoch', `${where}.latestFinalizedBlock`),
  };
}

export type RestHealth = { apiNode: 'up' | 'down'; db: 'up' | 'down' };

/** `/node/health`, of REST with a database. It is answered with status 503 when one of the two is down. */
export function parseRestHealth(body: string): RestHealth {
  const where = '/node/health';
  const status = readObject(readAnswer(body, where), 'status', where);
  const read = (name: string): 'up' | 'down' => {
    const state = readString(status, name, `${where}.status`);
    if (state === 'up' || state === 'down') return state;
    throw new FormatError(`${where}.status.${name}: found ${JSON.stringify(state.slice(0, 40))}, need up or down`);
  };
  return { apiNode: read('apiNode'), db: read('db') };
}

/** `/node/time`: the network's clock, milliseconds since its epochAdjustment. */
export function parseNetworkTime(body: string): bigint {
  const where = '/node/time';
  const stamps = readObject(readAnswer(body, where), 'communicationTimestamps', where);
  return readBigInt(stamps, 'receiveTimestamp', `${where}.communicationTimestamps`);
}

export type AccountState = {
  links: AccountLinks;
  /** Atomic units by mosaic, 16 upper-case hex digits. */
  balances: ReadonlyMap<string, bigint>;
};

/** `/accounts/{public key}`; undefined for an account that the chain has not seen. */
export function parseAccount(body: string): AccountState | undefined {
  const where = '/accounts';
  const answer = readAnswer(body, where, 'ResourceNotFound');
  if (answer === undefined) return undefined;
  const account = readObject(answer, 'account', where);
  const keys = asObject(account.supplementalPublicKeys ?? {}, `${where}.account.supplementalPublicKeys`);
  const voting = keys.voting === undefined ? {} : readObject(keys, 'voting', `${where}.supplementalPublicKeys`);
  return {
    links: {
      remote: readLinkedKey(keys, 'linked'),
      vrf: readLinkedKey(keys, 'vrf'),
      voting: readArray(voting as JsonObject, 'publicKeys', `${where}.voting`).map(readVotingLink),
    },
    balances: new Map(
      readArray(account, 'mosaics', `${where}.account`).map((item, index) => {
        const place = `${where}.account.mosaics[${index}]`;
        const mosaic = asObject(item, place);
        return [readString(mosaic, 'id', place).toUpperCase(), readBigInt(mosaic, 'amount', place)];
      }),
    ),
  };
}

export type Multisig = {
  /** Signatures that a transaction needs; 0 for an account that signs for itself. */
  minApproval: number;
  /** Addresses of those who may sign, in Base32. */
  cosignatories: readonly string[];
};

/** `/account/{address}/multisig`; an account that is none signs for itself. */
export function parseMultisig(body: string): Multisig {
  const where = '/account/multisig';
  const answer = readAnswer(body, where, 'ResourceNotFound');
  if (answer === undefined) return { minApproval: 0, cosignatories: [] };
  const multisig = readObject(answer, 'multisig', where);
  return {
    minApproval: readCount(multisig, 'minApproval', `${where}.multisig`),
    cosignatories: readArray(multisig, 'cosignatoryAddresses', `${where}.multisig`).map((address, index) => {
      if (typeof address === 'string' && /^[0-9A-F]{48}$/i.test(address))
        return renderAddress(Buffer.from(address, 'hex'));
      throw new FormatError(`${where}.multisig.cosignatoryAddresses[${index}]: need 48 hex digits`);
    }),
  };
}

export type TransactionStatus = {
  group: 'unconfirmed' | 'partial' | 'confirmed' | 'failed';
  /** Of catapult: Success, or a Failure_… that says what is wrong. */
  code: string;
};

/** `/transactionStatus/{hash}`; undefined for a transaction that the node does not know. */
export function parseTransactionStatus(body: string): TransactionStatus | undefined {
  const where = '/transactionStatus';
  const answer = readAnswer(body, where, 'ResourceNotFound');
  if (answer === undefined) return undefined;
  const group = readString(answer, 'group', where);
  if (group !== 'unconfirmed' && group !== 'partial' && group !== 'confirmed' && group !== 'failed')
    throw new FormatError(
      `${where}.group: found ${JSON.stringify(group.slice(0, 40))}, need unconfirmed, partial, confirmed or failed`,
    );
  return { group, code: readString(answer, 'code', where) };
}

/** Nodewatch's `/api/symbol/height`. */
export function parseNodewatchHeight(body: string): { height: number; finalizedHeight: number } {
  const where = 'nodewatch height';
  const answer = readAnswer(body, where);
  return { height: readCount(answer, 'height', where), finalizedHeight: readCount(answer, 'finalizedHeight', where) };
}

/** Base URLs of the nodes with REST in nodewatch's `/api/symbol/nodes/peer`. */
export function parseNodewatchRestNodes(body: string): string[] {
  const where = 'nodewatch nodes';
  return asArray(parseJson(body, where), where).flatMap((item, index) => {
    const node = asObject(item, `${where}[${index}]`);
    const { endpoint } = node;
    const hasRest = (readCount(node, 'roles', `${where}[${index}]`) & API_ROLE) !== 0;
    return hasRest && typeof endpoint === 'string' && /^https?:\/\/[^/\s]+$/.test(endpoint) ? [endpoint] : [];
  });
}

const API_ROLE = 2;

function readAnswer(body: string, where: string): JsonObject;
function readAnswer(body: string, where: string, nothing: string): JsonObject | undefined;
function readAnswer(body: string, where: string, nothing?: string): JsonObject | undefined {
  const answer = asObject(parseJson(body, where), where);
  const { code, message } = answer;
  if (typeof code !== 'string' || typeof message !== 'string') return answer;
  if (code === nothing) return undefined;
  throw new FormatError(`${where}: ${code}: ${message.slice(0, 200)}`);
}

function readLinkedKey(keys: JsonObject, name: string): Uint8Array | undefined {
  if (keys[name] === undefined) return undefined;
  const where = `/accounts.supplementalPublicKeys.${name}`;
  return readKey(asObject(keys[name], where), where);
}

function readVotingLink(item: unknown, index: number): VotingKeyHeader {
  const where = `/accounts.supplementalPublicKeys.voting.publicKeys[${index}]`;
  const link = asObject(item, where);
  return {
    rootPublicKey: readKey(link, where),
    startEpoch: readCount(link, 'startEpoch', where),
    endEpoch: readCount(link, 'endEpoch', where),
  };
}

function readKey(object: JsonObject, where: string): Uint8Array {
  return Uint8Array.from(parsePublicKey(readString(object, 'publicKey', where), `${where}.publicKey`));
}
