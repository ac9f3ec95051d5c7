/** The package of a network that exists in tests only: what the stand-ins of Symbol's programs look for is in it. */
import { makePackageFiles } from '../../src/formats/symbol-package-fixture.ts';

export const GENERATION_HASH_SEED = '5A'.repeat(32);

const ini = (sections: Record<string, Record<string, string>>) =>
  Object.entries(sections)
    .map(
      ([name, values]) =>
        `[${name}]\n\n${Object.entries(values)
          .map(([key, value]) => `${key} = ${value}\n`)
          .join('')}\n`,
    )
    .join('');

const resources = {
  user: {
    account: { enableDelegatedHarvestersAutoDetection: 'true' },
    storage: {
      seedDirectory: '/seed',
      certificateDirectory: '/certificates',
      dataDirectory: '/data',
      pluginsDirectory: '/usr/catapult/lib',
      votingKeysDirectory: '/votingkeys',
    },
  },
  node: {
    node: {
      port: '7900',
      enableAutoSyncCleanup: 'true',
      trustedHosts: '127.0.0.1',
      localNetworks: '127.0.0.1',
      listenInterface: '0.0.0.0',
    },
    localnode: { host: 'myServerHostnameOrPublicIp', friendlyName: 'myServerFriendlyName', version: '', roles: 'Peer' },
  },
};

const apiNode = {
  host: 'client',
  port: 7900,
  timeout: 1000,
  tlsClientCertificatePath: '/certificates/node.crt.pem',
  tlsClientKeyPath: '/certificates/node.key.pem',
  tlsCaCertificatePath: '/certificates/ca.crt.pem',
};
const propertyFiles = Object.fromEntries(
  ['inflation', 'network', 'node'].map((name) => [
    `${name}PropertyFilePath`,
    `/userconfig/resources/config-${name}.properties`,
  ]),
);

export type PackageOptions = { nodewatch: string; images: { client: string; rest: string; mongo: string } };

/** By path. */
export function makeSymbolPackage({ nodewatch, images }: PackageOptions): Map<string, Uint8Array> {
  const shoestring = Buffer.from(makePackageFiles().get('sai/shoestring.ini') as Uint8Array)
    .toString()
    .replace('https://nodewatch.test/', nodewatch)
    .replace('catapult:1', images.client)
    .replace('rest:2', images.rest)
    .replace('mongo:3', images.mongo);
  return makePackageFiles({
    'sai/shoestring.ini': shoestring,
    // Height 1, as u64.
    'sai/seed/index.dat': `\x01${'\0'.repeat(7)}`,
    'sai/resources/config-user.properties': ini(resources.user),
    'sai/resources/config-node.properties': ini(resources.node),
    'sai/rest/rest.json': JSON.stringify({
      port: 3000,
      db: { url: 'mongodb://db:27017/', name: 'catapult' },
      apiNode: { ...apiNode, ...propertyFiles },
      websocket: { mq: { host: 'broker', port: 7902 } },
    }),
    'sai/rest/rest-light.json': JSON.stringify({ port: 3000, apiNode }),
  });
}
