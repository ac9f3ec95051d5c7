/**
 * Goldens of Symbol nodes: a folder for each node, as shoestring leaves it behind. What it was told and the keys that it made are the
 * input; everything else is the output.
 */
import { verify } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyPairFromSeed, publicKeyObject } from '../src/formats/ed25519.ts';
import { parseProperties, readProperty } from '../src/formats/symbol-properties.ts';
import { readVotingKeyHeader } from '../src/formats/symbol-voting-keys.ts';
import type { GoldenFolder } from './golden-folder.ts';
import { describeCertificates } from './symbol-certificates.ts';

type Texts = Record<string, string>;

export type SymbolInput = {
  features: ('PEER' | 'API' | 'HARVESTER' | 'VOTER')[];
  lightApi: boolean;
  host: string;
  friendlyName: string;
  caCommonName: string;
  nodeCommonName: string;
  /** By file, in PEM. */
  keys: Texts;
  /** Of the voting key file, where there is one. */
  voting?: { startEpoch: number; endEpoch: number } | undefined;
  /** The peers files as they came out: nodewatch's answer is not kept. */
  peers: Texts;
};

/** Throws an Error that says what is missing. */
export function readSymbolGoldens(folder: string): GoldenFolder {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  if (names.length === 0) throw new Error(`there are no goldens in ${folder}: it has no folders`);
  return { cases: names.sort().map((name) => readCase(join(folder, name), name)), vectors: {} };
}

function readCase(folder: string, name: string) {
  const certificates = readTexts(join(folder, 'keys/cert'));
  const resources = readTexts(join(folder, 'userconfig/resources'));
  const userconfig = readTexts(join(folder, 'userconfig'));
  const votingFile = join(folder, 'keys/voting/private_key_tree1.dat');
  const voting = existsSync(votingFile) ? readFileSync(votingFile) : undefined;
  const read = (file: string) => {
    const path = join(folder, 'shoestring', file);
    if (!existsSync(path)) throw new Error(`case ${name}: ${path} is missing`);
    const properties = parseProperties(readFileSync(path, 'utf8'), path);
    return (section: string, key: string) => readProperty(properties, section, key, path);
  };
  const [setting, override] = [read('shoestring.ini'), read('override.ini')];
  const input: SymbolInput = {
    features: setting('node', 'features')
      .split('|')
      .map((feature) => feature.trim() as SymbolInput['features'][number]),
    lightApi: setting('node', 'lightApi') === 'true',
    host: override('node.localnode', 'host'),
    friendlyName: override('node.localnode', 'friendlyName'),
    caCommonName: setting('node', 'caCommonName'),
    nodeCommonName: setting('node', 'nodeCommonName'),
    keys: {
      ...readTexts(folder),
      ...readTexts(join(folder, 'keys')),
      'node.key.pem': certificates['node.key.pem'] ?? '',
    },
    voting: voting && readVotingKeyHeader(voting, votingFile),
    peers: Object.fromEntries(Object.entries(resources).filter(([file]) => file.startsWith('peers-'))),
  };
  const output = {
    resources,
    rest: userconfig['rest.json'] ?? 'none',
    certificates: describeCertificates(certificates),
    voting: voting === undefined ? 'none' : describeVotingFile(voting),
  };
  return { name, input, output };
}

const HEADER_SIZE = 80;
const ENTRY_SIZE = 96;

/** What of a voting key file is not random: its range, its size, what is where, and that every key is signed for its epoch. */
export function describeVotingFile(file: Uint8Array): Record<string, unknown> {
  const { startEpoch, endEpoch, rootPublicKey } = readVotingKeyHeader(file, 'voting keys');
  const root = publicKeyObject(rootPublicKey);
  const epochs = Array.from({ length: endEpoch - startEpoch + 1 }, (_, index) => endEpoch - index);
  const wrong = epochs.filter((epoch, index) => {
    const at = HEADER_SIZE + index * ENTRY_SIZE;
    const { publicKey } = keyPairFromSeed(file.subarray(at, at + 32));
    const number = Buffer.alloc(8);
    number.writeBigUInt64LE(BigInt(epoch));
    return !verify(null, Buffer.concat([publicKey, number]), root, file.subarray(at + 32, at + ENTRY_SIZE));
  });
  const unused = Buffer.from(file.subarray(16, 32)).toString('hex');
  return { startEpoch, endEpoch, length: file.length, unused, wrong };
}

/** Text files of a folder by name. */
function readTexts(folder: string): Texts {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.name.endsWith('.dat'),
  );
  return Object.fromEntries(files.map(({ name }) => [name, readFileSync(join(folder, name), 'utf8')]));
}
