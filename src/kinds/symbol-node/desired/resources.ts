/**
 * Catapult's configuration: the .properties files of the network's package, patched for what the node is to do, and for what the user
 * wants on top of that.
 */
import { FormatError } from '../../../formats/format-error.ts';
import { renderHex } from '../../../formats/symbol-keys.ts';
import type { NetworkPackage } from '../../../formats/symbol-network-package.ts';
import { type PropertyFileOverrides, patchPropertyFiles } from '../../../formats/symbol-properties.ts';

type Feature = 'PEER' | 'API' | 'HARVESTER' | 'VOTER';

export type ResourceSettings = {
  /** PEER is part of every node, named or not. */
  features: readonly Feature[];
  /** With API: REST without a database. */
  lightApi: boolean;
  /** What other nodes are told to connect to; empty: the address that they see. */
  host: string;
  friendlyName: string;
  /** With HARVESTER; private keys, 32 bytes. */
  harvesting?: { signingKey: Uint8Array; vrfKey: Uint8Array };
  /** With API: whom the node trusts besides itself, as in config-node.properties, where REST is not on the same host. */
  restNetwork?: { trustedHosts: string; localNetworks: string };
  /** Of the user, whose word is the last. */
  overrides: PropertyFileOverrides;
};

/** Files by name, such as config-node.properties. */
export type ResourceFiles = {
  open: Map<string, string>;
  /** With private keys inside. */
  secret: Map<string, string>;
};

/** Names between config- and .properties. */
const FILES_OF_EVERY_NODE = [
  'extensions-recovery',
  'extensions-server',
  'finalization',
  'inflation',
  'logging-recovery',
  'logging-server',
  'network',
  'node',
  'task',
  'timesync',
  'user',
];
const FILES_OF_FULL_API = ['database', 'extensions-broker', 'logging-broker', 'messaging', 'pt'];
const FILE_OF_HARVESTER = 'harvesting';

/**
 * Throws a FormatError when the package lacks a file or a setting that this node needs, or an override names what is not there
 * (`spec.overrides.…`).
 */
export function buildResources({ resources }: NetworkPackage, settings: ResourceSettings): ResourceFiles {
  const features = new Set(settings.features);
  const isFullApi = features.has('API') && !settings.lightApi;
  const names = [
    ...FILES_OF_EVERY_NODE,
    ...(isFullApi ? FILES_OF_FULL_API : []),
    ...(features.has('HARVESTER') ? [FILE_OF_HARVESTER] : []),
  ].map(fileName);
  const files = new Map(names.map((name) => [name, findFile(resources, name)]));
  let patched = files;
  for (const overrides of patchesFor(features, isFullApi, settings)) {
    patched = patchPropertyFiles(patched, overrides, 'network package');
  }
  patched = patchPropertyFiles(patched, settings.overrides, 'spec.overrides');
  const isSecret = (name: string) => name === fileName(FILE_OF_HARVESTER);
  return {
    open: new Map([...patched].filter(([name]) => !isSecret(name))),
    secret: new Map([...patched].filter(([name]) => isSecret(name))),
  };
}

/** In the order of shoestring. */
function patchesFor(
  features: ReadonlySet<Feature>,
  isFullApi: boolean,
  { host, friendlyName, harvesting, restNetwork }: ResourceSettings,
): PropertyFileOverrides[] {
  const roles = ['Peer', ...(isFullApi ? ['Api'] : []), ...(features.has('VOTER') ? ['Voting'] : [])].join(',');
  return [
    { node: { localnode: { host, friendlyName, roles } } },
    ...(features.has('API') && restNetwork !== undefined ? [{ node: { node: restNetwork } }] : []),
    ...(isFullApi ? [FULL_API] : []),
    features.has('HARVESTER') ? patchHarvesting(harvesting) : NO_HARVESTER,
    ...(features.has('VOTER') ? [VOTER] : []),
  ];
}

const FULL_API: PropertyFileOverrides = {
  'extensions-server': { extensions: { 'extension.filespooling': 'true', 'extension.partialtransaction': 'true' } },
  'extensions-recovery': {
    extensions: { 'extension.addressextraction': 'true', 'extension.mongo': 'true', 'extension.zeromq': 'true' },
  },
  // The broker cleans up, after it has read what the server left for it.
  node: { node: { enableAutoSyncCleanup: 'false' } },
};

const NO_HARVESTER: PropertyFileOverrides = {
  'extensions-server': { extensions: { 'extension.harvesting': 'false' } },
};

const VOTER: PropertyFileOverrides = {
  finalization: { finalization: { enableVoting: 'true', unfinalizedBlocksDuration: '0m' } },
};

function patchHarvesting(keys: ResourceSettings['harvesting']): PropertyFileOverrides {
  if (keys === undefined) throw new RangeError('a HARVESTER needs its keys');
  return {
    harvesting: {
      harvesting: {
        enableAutoHarvesting: 'true',
        harvesterSigningPrivateKey: renderHex(keys.signingKey),
        harvesterVrfPrivateKey: renderHex(keys.vrfKey),
      },
    },
  };
}

function findFile(resources: ReadonlyMap<string, string>, name: string): string {
  const text = resources.get(name);
  if (text === undefined) {
    throw new FormatError(
      `network package: resources/${name}: found nothing, need this file: the package is not complete`,
    );
  }
  return text;
}

function fileName(shortName: string): string {
  return `config-${shortName}.properties`;
}
