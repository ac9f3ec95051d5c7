/**
 * The package of a Symbol network, as its maintainers publish it for shoestring: the first block, catapult's .properties files, the
 * configuration of REST, scripts for MongoDB, and in shoestring.ini what tools have to know of the network.
 */
import { createHash } from 'node:crypto';
import { parseDuration } from './duration.ts';
import { FormatError } from './format-error.ts';
import { parseProperties, readProperty, readPropertyCount } from './symbol-properties.ts';
import { readZip } from './zip.ts';

export type NetworkPackage = {
  settings: NetworkSettings;
  /** By path below seed/, such as 00000/00001.dat. */
  seed: ReadonlyMap<string, Uint8Array>;
  /** By name, such as config-node.properties; so are the following. */
  resources: ReadonlyMap<string, string>;
  /** rest.json and rest-light.json, where the package has them. */
  rest: ReadonlyMap<string, string>;
  mongo: ReadonlyMap<string, string>;
};

/** What transactions are signed for. */
export type SymbolNetwork = {
  name: string;
  /** The first byte of addresses: 104 mainnet, 152 testnets. */
  identifier: number;
  /** When the network's time begins, seconds since 1970. */
  epochAdjustment: number;
  /** 32 bytes. */
  generationHashSeed: Uint8Array;
};

type NetworkSettings = SymbolNetwork & {
  images: { client: string; rest: string; mongo: string };
  /** URL of the service that knows the network's nodes, without a slash at the end. */
  nodewatch: string;
  transaction: {
    /** Fee for each byte, in atomic units. */
    feeMultiplier: number;
    timeoutHours: number;
    /** In blocks. */
    hashLockDuration: number;
    currencyMosaicId: bigint;
    /** What a hash lock deposits, in atomic units. */
    lockedFundsPerAggregate: number;
  };
  voting: {
    /** Blocks of an epoch. */
    grouping: number;
    /** Epochs that one key may be linked for. */
    minLifetime: number;
    maxLifetime: number;
    maxKeysPerAccount: number;
  };
  blockSeconds: number;
};

/** Far above mainnet's; what is larger is something else. */
const LIMITS = { files: 1000, bytes: 64 * 1024 * 1024 };
/** Whatever the node is to do, it can't start without these. */
const SEED_FILES = [
  'index.dat',
  'proof.index.dat',
  '00000/00001.dat',
  '00000/00001.proof',
  '00000/00001.stmt',
  '00000/hashes.dat',
  '00000/proof.heights.dat',
];

/** Reads a package out of its zip file. `sha256`, hex, is of the file as downloaded. `where` names it in errors, all FormatErrors. */
export async function unpackNetworkPackage(zip: Uint8Array, where: string, sha256?: string): Promise<NetworkPackage> {
  const found = createHash('sha256').update(zip).digest('hex');
  if (sha256 !== undefined && found !== sha256.toLowerCase()) {
    throw new FormatError(`${where}: has SHA-256 ${found}, need ${sha256}`);
  }
  return readNetworkPackage(await readZip(zip, LIMITS, where), where);
}

/** Reads a package out of its files by path; all may be in one folder of any name. */
export function readNetworkPackage(files: ReadonlyMap<string, Uint8Array>, where: string): NetworkPackage {
  const root = [...files.keys()].flatMap((path) => /^((?:[^/]+\/)?)seed\/index\.dat$/.exec(path)?.[1] ?? [])[0];
  if (root === undefined)
    throw new FormatError(`${where}: found no seed/index.dat: this is no package of a Symbol network`);
  const below = (folder: string) =>
    [...files].flatMap(([path, content]): [string, Uint8Array][] =>
      path.startsWith(`${root}${folder}`) ? [[path.slice(root.length + folder.length), content]] : [],
    );
  const texts = (folder: string) =>
    new Map(below(folder).map(([name, content]): [string, string] => [name, Buffer.from(content).toString()]));
  const seed = new Map(below('seed/'));
  const missing = SEED_FILES.find((name) => !seed.has(name));
  if (missing !== undefined) throw new FormatError(`${where}: found no seed/${missing}: the package is not complete`);
  const resources = texts('resources/');
  const settings = readSettings(texts('').get('shoestring.ini'), resources.get('config-network.properties'), where);
  return { settings, seed, resources, rest: texts('rest/'), mongo: texts('mongo/') };
}

function readSettings(ini: string | undefined, network: string | undefined, where: string): NetworkSettings {
  const tools = openProperties(ini, `${where}: shoestring.ini`);
  const chain = openProperties(network, `${where}: resources/config-network.properties`);
  const generationHashSeed = tools.text('network', 'generationHashSeed');
  if (!/^[0-9a-fA-F]{64}$/.test(generationHashSeed)) {
    throw new FormatError(`${where}: shoestring.ini: [network] generationHashSeed: need 64 hex digits`);
  }
  const ofChain = chain.text('network', 'generationHashSeed');
  if (ofChain.toUpperCase() !== generationHashSeed.toUpperCase()) {
    throw new FormatError(
      `${where}: shoestring.ini is of the network with generationHashSeed ${generationHashSeed}, config-network.properties of ${ofChain}: the package mixes two networks`,
    );
  }
  return {
    name: tools.text('network', 'name'),
    identifier: tools.count('network', 'identifier'),
    epochAdjustment: tools.count('network', 'epochAdjustment'),
    generationHashSeed: Buffer.from(generationHashSeed, 'hex'),
    images: {
      client: tools.text('images', 'client'),
      rest: tools.text('images', 'rest'),
      mongo: tools.text('images', 'mongo'),
    },
    nodewatch: tools.text('services', 'nodewatch').replace(/\/+$/, ''),
    transaction: {
      feeMultiplier: tools.count('transaction', 'feeMultiplier'),
      timeoutHours: tools.count('transaction', 'timeoutHours'),
      hashLockDuration: tools.count('transaction', 'hashLockDuration'),
      currencyMosaicId: tools.id('transaction', 'currencyMosaicId'),
      lockedFundsPerAggregate: tools.count('transaction', 'lockedFundsPerAggregate'),
    },
    voting: {
      grouping: chain.count('chain', 'votingSetGrouping'),
      minLifetime: chain.count('chain', 'minVotingKeyLifetime'),
      maxLifetime: chain.count('chain', 'maxVotingKeyLifetime'),
      maxKeysPerAccount: chain.count('chain', 'maxVotingKeysPerAccount'),
    },
    blockSeconds: chain.seconds('chain', 'blockGenerationTargetTime'),
  };
}

/** Readers of one file's values. */
function openProperties(text: string | undefined, where: string) {
  if (text === undefined) throw new FormatError(`${where}: found nothing, need this file: the package is not complete`);
  const properties = parseProperties(text, where);
  const value = (section: string, key: string) => readProperty(properties, section, key, where);
  return {
    text: value,
    count: (section: string, key: string) => readPropertyCount(properties, section, key, where),
    /** 64 bits in hex, as in 0x72C0'212E'67A0'8BCE. */
    id(section: string, key: string): bigint {
      const digits = value(section, key).replaceAll("'", '');
      if (/^0x[0-9a-fA-F]{1,16}$/.test(digits)) return BigInt(digits);
      throw new FormatError(
        `${where}: [${section}] ${key}: found ${JSON.stringify(digits)}, need 0x and up to 16 hex digits`,
      );
    },
    seconds(section: string, key: string): number {
      const milliseconds = parseDuration(value(section, key));
      if (milliseconds !== undefined && milliseconds > 0) return milliseconds / 1000;
      throw new FormatError(
        `${where}: [${section}] ${key}: found ${JSON.stringify(value(section, key))}, need a time like 30s`,
      );
    },
  };
}
