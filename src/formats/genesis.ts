/** CometBFT's genesis.json: made for a new chain, or read where somebody else made it. */
import { createHash } from 'node:crypto';
import { buildConsensusParams, type ConsensusParams } from './consensus-params.ts';
import { renderExactJson, sortMembers } from './exact-json.ts';
import { FormatError } from './format-error.ts';
import {
  asBigInt,
  asObject,
  type JsonObject,
  parseJson,
  readArray,
  readObject,
  readOptionalString,
  readString,
} from './json-members.ts';
import { encodeBase64, publicKeyType } from './private-key-member.ts';
import { validatorAddress } from './validator-key.ts';

const maxChainIdLength = 50;
const int64Max = 2n ** 63n - 1n;
/** CometBFT panics on a set with more. */
const maxTotalPower = int64Max / 8n;

export type GenesisSpec = {
  /** 1 to 50 bytes. */
  chainId: string;
  /** RFC 3339; written in UTC, as CometBFT demands. */
  genesisTime: string;
  /** Default 1. */
  initialHeight?: bigint;
  /** In the form of `consensus_params`; laid over CometBFT 0.38's defaults. */
  consensusParams?: JsonObject;
  /** May be empty where the app names the validators itself. */
  validators: { name: string; publicKey: Uint8Array; power: bigint }[];
  /** Hex; default empty. */
  appHash?: string;
  /** Any JSON; left out when undefined. */
  appState?: unknown;
};

/** genesis.json as it is on disk, its members in the order that CometBFT writes. */
export type Genesis = {
  genesis_time: string;
  chain_id: string;
  initial_height: string;
  consensus_params: ConsensusParams;
  validators: { address: string; pub_key: { type: string; value: string }; power: string; name: string }[];
  app_hash: string;
  app_state?: unknown;
};

/** Throws a FormatError, naming the member of genesis.json, for whatever CometBFT would refuse to start with. */
export function buildGenesis(spec: GenesisSpec): Genesis {
  const initialHeight = spec.initialHeight ?? 1n;
  if (initialHeight < 0n || initialHeight > int64Max) {
    throw new FormatError(`initial_height: found ${initialHeight}, need 0 to ${int64Max}`);
  }
  const appHash = spec.appHash ?? '';
  if (!/^([0-9a-fA-F]{2})*$/.test(appHash)) {
    throw new FormatError(`app_hash: found ${JSON.stringify(appHash)}, need pairs of hex digits`);
  }
  return {
    genesis_time: toUtc(spec.genesisTime),
    chain_id: checkChainId(spec.chainId),
    initial_height: initialHeight.toString(),
    consensus_params: buildConsensusParams(spec.consensusParams ?? {}, 'consensus_params'),
    validators: buildValidators(spec.validators),
    app_hash: appHash.toUpperCase(),
    ...(spec.appState === undefined ? {} : { app_state: sortMembers(spec.appState) }),
  };
}

/** The text of genesis.json; the same genesis always gives the same bytes. */
export function renderGenesis(genesis: Genesis): string {
  return `${renderExactJson(genesis, 'genesis')}\n`;
}

/** SHA-256 of the text, in lower-case hex. */
export function genesisHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What matters of a genesis that was made elsewhere. */
export type ParsedGenesis = {
  chainId: string;
  genesisTime: string;
  /** At least 1: CometBFT takes 0 and absence for 1. */
  initialHeight: bigint;
  /** Empty where the app names them at the first block, as every Cosmos SDK chain does. */
  validators: { name: string; publicKeyType: string; publicKeyBase64: string; power: bigint }[];
};

/** Reads CometBFT's form and that of Cosmos SDK 0.50 (`consensus.validators`, a numeric `initial_height`). */
export function parseGenesis(text: string): ParsedGenesis {
  const where = 'genesis.json';
  const genesis = asObject(parseJson(text, where), where);
  const consensus = genesis.consensus === undefined ? genesis : readObject(genesis, 'consensus', where);
  const place = consensus === genesis ? where : `${where}.consensus`;
  const initialHeight = asBigInt(genesis.initial_height ?? '0', `${where}.initial_height`);
  if (initialHeight < 0n) throw new FormatError(`${where}.initial_height: found ${initialHeight}, need 0 or more`);
  return {
    chainId: checkChainId(readString(genesis, 'chain_id', where), `${where}.`),
    genesisTime: toUtc(readString(genesis, 'genesis_time', where), `${where}.`),
    initialHeight: initialHeight === 0n ? 1n : initialHeight,
    validators: readArray(consensus, 'validators', place).map((entry, index) =>
      readValidator(asObject(entry, `${place}.validators[${index}]`), `${place}.validators[${index}]`),
    ),
  };
}

function readValidator(validator: JsonObject, where: string): ParsedGenesis['validators'][number] {
  const key = readObject(validator, 'pub_key', where);
  const power = asBigInt(validator.power, `${where}.power`);
  if (power <= 0n) throw new FormatError(`${where}.power: found ${power}, need 1 or more`);
  return {
    name: readOptionalString(validator, 'name', where),
    publicKeyType: readString(key, 'type', `${where}.pub_key`),
    publicKeyBase64: readString(key, 'value', `${where}.pub_key`),
    power,
  };
}

function checkChainId(chainId: string, where = ''): string {
  const length = Buffer.byteLength(chainId);
  if (length >= 1 && length <= maxChainIdLength) return chainId;
  throw new FormatError(`${where}chain_id: found ${length} bytes, need 1 to ${maxChainIdLength}`);
}

function buildValidators(validators: GenesisSpec['validators']): Genesis['validators'] {
  const nameByAddress = new Map<string, string>();
  let total = 0n;
  const built = validators.map(({ name, publicKey, power }) => {
    const address = validatorAddress(publicKey);
    const twin = nameByAddress.get(address);
    if (twin !== undefined) {
      throw new FormatError(`validators: ${twin} and ${name} have the same key, need a key of its own for each`);
    }
    nameByAddress.set(address, name);
    if (power <= 0n) throw new FormatError(`validators: ${name} has power ${power}, need 1 or more`);
    total += power;
    return { address, pub_key: { type: publicKeyType, value: encodeBase64(publicKey) }, power: power.toString(), name };
  });
  if (total > maxTotalPower) {
    throw new FormatError(`validators: their powers add up to ${total}, need at most ${maxTotalPower}`);
  }
  return built;
}

/** RFC 3339 to the same moment in UTC. CometBFT reads no other zone, and a JavaScript Date would drop the nanoseconds. */
function toUtc(time: string, where = ''): string {
  const parts = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/.exec(time);
  const [, day, clock, fraction = '', zone = 'Z'] = parts ?? [];
  const moment = new Date(`${day}T${clock}${zone.toUpperCase()}`);
  if (parts === null || Number.isNaN(moment.getTime())) {
    throw new FormatError(
      `${where}genesis_time: found ${JSON.stringify(time)}, need RFC 3339 as in 2026-01-31T12:00:00Z`,
    );
  }
  return `${moment.toISOString().slice(0, 19)}${fraction}Z`;
}
