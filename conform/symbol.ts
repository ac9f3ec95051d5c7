/** Symbol nodes, compared with what shoestring made of the same package and the same keys. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateKeyPair } from '../src/formats/ed25519.ts';
import { issueCertificates } from '../src/formats/symbol-certificates.ts';
import { parsePrivateKey } from '../src/formats/symbol-keys.ts';
import { type NetworkPackage, unpackNetworkPackage } from '../src/formats/symbol-network-package.ts';
import { makeVotingKeyFile } from '../src/formats/symbol-voting-keys.ts';
import { choosePeers, type PeerRole, renderPeersFile } from '../src/kinds/symbol-node/desired/peers.ts';
import { buildResources } from '../src/kinds/symbol-node/desired/resources.ts';
import { buildRestConfig } from '../src/kinds/symbol-node/desired/rest.ts';
import type { Family } from './family.ts';
import { describeCertificates } from './symbol-certificates.ts';
import { describeVotingFile, readSymbolGoldens, type SymbolInput } from './symbol-goldens.ts';

/** What shoestring was given. */
const PACKAGE_FILE = join(import.meta.dirname, '../../shared/fixtures/symbol/sai.zip');
const content = existsSync(PACKAGE_FILE)
  ? await unpackNetworkPackage(readFileSync(PACKAGE_FILE), PACKAGE_FILE)
  : undefined;
/** Of the network that shoestring puts its containers into; in a cluster REST is in the pod of the node. */
const COMPOSE_NETWORK = { trustedHosts: '127.0.0.1,172.20.0.25', localNetworks: '127.0.0.1,172.20' };

export const SYMBOL: Family = {
  name: 'symbol',
  readGoldens: readSymbolGoldens,
  render: (input) => renderNode(input as SymbolInput, openPackage()),
  setAside: (object) => object,
  vectors: {},
};

function openPackage(): NetworkPackage {
  if (content === undefined) throw new Error(`the package that the goldens were made from is missing: ${PACKAGE_FILE}`);
  return content;
}

function renderNode(input: SymbolInput, network: NetworkPackage): Record<string, unknown> {
  const key = (file: string) => parsePrivateKey(input.keys[file] ?? '', file);
  const files = buildResources(network, {
    features: input.features,
    lightApi: input.lightApi,
    host: input.host,
    friendlyName: input.friendlyName,
    restNetwork: COMPOSE_NETWORK,
    overrides: {},
    ...(input.features.includes('HARVESTER')
      ? { harvesting: { signingKey: key('remote.pem').seed, vrfKey: key('vrf.pem').seed } }
      : {}),
  });
  const certificates = issueCertificates({
    ...{ ca: key('ca.key.pem'), node: key('node.key.pem'), now: new Date(), random: randomBytes },
    ...{ caCommonName: input.caCommonName, nodeCommonName: input.nodeCommonName },
  });
  const peers = Object.entries(input.peers).map(([file, text]) => [file, renderPeers(file, text)]);
  return {
    resources: Object.fromEntries([...files.open, ...files.secret, ...peers]),
    rest: input.features.includes('API') ? buildRestConfig(network, input.lightApi) : 'none',
    certificates: describeCertificates(certificates),
    voting:
      input.voting === undefined
        ? 'none'
        : describeVotingFile(makeVotingKeyFile(generateKeyPair(randomBytes), input.voting, randomBytes)),
  };
}

/** From an answer of nodewatch as it must have been, to give the file. */
function renderPeers(file: string, text: string): string {
  const role = (/^peers-(\w+)\.json$/.exec(file)?.[1] ?? 'p2p') as PeerRole;
  const bits: Record<string, number> = { Peer: 1, Api: 2, Voting: 4, IPv4: 0x40, IPv6: 0x80 };
  type Known = {
    publicKey: string;
    endpoint: { host: string; api_port?: number };
    metadata: { name: string; roles: string };
  };
  const { knownPeers } = JSON.parse(text) as { knownPeers: Known[] };
  const answer = knownPeers.map(({ publicKey, endpoint, metadata }) => ({
    mainPublicKey: publicKey,
    endpoint: `http://${endpoint.host}:${endpoint.api_port ?? 3000}`,
    name: metadata.name,
    roles: metadata.roles.split(',').reduce((sum, name) => sum | (bits[name] ?? 0), 0),
    balance: 1,
  }));
  return renderPeersFile(choosePeers(answer, role, 'conform', file), role);
}
