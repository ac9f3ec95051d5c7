/** The consensus parameters of a genesis: CometBFT 0.38's defaults with the user's values over them, checked as CometBFT does. */
import { FormatError } from './format-error.ts';
import { asArray, asBigInt, asObject, type JsonObject } from './json-members.ts';
import { findNearestName } from './nearest-name.ts';

/** Section, then parameter; every 64-bit integer as a decimal string. */
export type ConsensusParams = Record<string, Record<string, string | string[]>>;

/** Types of parameters by section. The last two sections exist from CometBFT 1.0 on and are written only where the user sets them. */
const parameters: Record<string, Record<string, 'int64' | 'uint64' | 'key types'>> = {
  block: { max_bytes: 'int64', max_gas: 'int64' },
  evidence: { max_age_num_blocks: 'int64', max_age_duration: 'int64', max_bytes: 'int64' },
  validator: { pub_key_types: 'key types' },
  version: { app: 'uint64' },
  abci: { vote_extensions_enable_height: 'int64' },
  synchrony: { precision: 'int64', message_delay: 'int64' },
  feature: { vote_extensions_enable_height: 'int64', pbts_enable_height: 'int64' },
};

const keyTypes = ['ed25519', 'secp256k1'];
const maxBlockBytes = 104_857_600n;
const int64Max = 2n ** 63n - 1n;

function defaultConsensusParams(): ConsensusParams {
  return {
    block: { max_bytes: '22020096', max_gas: '-1' },
    evidence: { max_age_num_blocks: '100000', max_age_duration: '172800000000000', max_bytes: '1048576' },
    validator: { pub_key_types: ['ed25519'] },
    version: { app: '0' },
    abci: { vote_extensions_enable_height: '0' },
  };
}

/**
 * `overrides` has the form of `consensus_params` in genesis.json; its integers may be numbers, bigints or strings. A name that
 * CometBFT does not know is refused: CometBFT would ignore it, and a genesis can't be put right later. `where` starts messages.
 */
export function buildConsensusParams(overrides: JsonObject, where: string): ConsensusParams {
  const params = defaultConsensusParams();
  for (const [section, values] of Object.entries(overrides)) {
    const known = requireKnown(section, parameters, where);
    const target = params[section] ?? {};
    params[section] = target;
    for (const [name, value] of Object.entries(asObject(values, `${where}.${section}`))) {
      const place = `${where}.${section}.${name}`;
      const type = requireKnown(name, known, `${where}.${section}`);
      target[name] = type === 'key types' ? readKeyTypes(value, place) : readInteger(value, type, place);
    }
  }
  checkConsensusParams(params, where);
  return params;
}

function requireKnown<T>(name: string, known: Record<string, T>, where: string): T {
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (found !== undefined) return found;
  const nearest = findNearestName(name, Object.keys(known));
  const hint = nearest === undefined ? `it knows ${Object.keys(known).join(', ')}` : `did you mean ${nearest}?`;
  throw new FormatError(`${where}.${name}: CometBFT has no such consensus parameter; ${hint}`);
}

function readInteger(value: unknown, type: 'int64' | 'uint64', where: string): string {
  const integer = asBigInt(value, where);
  const [min, max] = type === 'int64' ? [-int64Max - 1n, int64Max] : [0n, 2n * int64Max + 1n];
  if (integer < min || integer > max)
    throw new FormatError(`${where}: found ${integer}, need a number of type ${type}`);
  return integer.toString();
}

function readKeyTypes(value: unknown, where: string): string[] {
  const types = asArray(value, where);
  if (types.length === 0)
    throw new FormatError(`${where}: found an empty list, need at least one of ${keyTypes.join(', ')}`);
  return types.map((type, index) => {
    if (typeof type === 'string' && keyTypes.includes(type)) return type;
    throw new FormatError(`${where}[${index}]: found ${JSON.stringify(type)}, need one of ${keyTypes.join(', ')}`);
  });
}

/** The bounds that CometBFT checks when it starts, where it would otherwise exit. */
function checkConsensusParams(params: ConsensusParams, where: string): void {
  const value = (section: string, name: string) => BigInt((params[section]?.[name] as string | undefined) ?? '0');
  const need = (fulfilled: boolean, section: string, name: string, rule: string) => {
    if (!fulfilled) throw new FormatError(`${where}.${section}.${name}: found ${value(section, name)}, need ${rule}`);
  };
  const blockBytes = value('block', 'max_bytes');
  need(
    blockBytes === -1n || (blockBytes > 0n && blockBytes <= maxBlockBytes),
    'block',
    'max_bytes',
    `-1 (no limit) or 1 to ${maxBlockBytes}`,
  );
  need(value('block', 'max_gas') >= -1n, 'block', 'max_gas', '-1 (no limit) or more');
  need(value('evidence', 'max_age_num_blocks') > 0n, 'evidence', 'max_age_num_blocks', '1 or more');
  need(value('evidence', 'max_age_duration') > 0n, 'evidence', 'max_age_duration', 'a positive number of nanoseconds');
  const evidenceBytes = value('evidence', 'max_bytes');
  const evidenceLimit = blockBytes === -1n ? maxBlockBytes : blockBytes;
  need(
    evidenceBytes >= 0n && evidenceBytes <= evidenceLimit,
    'evidence',
    'max_bytes',
    `0 to ${evidenceLimit}, the most a block may hold`,
  );
  for (const section of ['abci', 'feature']) {
    const name = 'vote_extensions_enable_height';
    need(value(section, name) >= 0n, section, name, '0 (never) or a height');
  }
}
