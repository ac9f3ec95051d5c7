import { describe, expect, it } from 'vitest';
import { readNetworkPackage } from '../../../formats/symbol-network-package.ts';
import { makePackageFiles } from '../../../formats/symbol-package-fixture.ts';
import { buildResources, type ResourceSettings } from './resources.ts';

const networkPackage = readNetworkPackage(makePackageFiles(), 'sai.zip');
const settings: ResourceSettings = {
  features: ['PEER'],
  lightApi: false,
  host: 'node.test',
  friendlyName: 'my node',
  harvesting: { signingKey: new Uint8Array(32).fill(0xab), vrfKey: new Uint8Array(32).fill(0xcd) },
  restNetwork: { trustedHosts: '127.0.0.1,10.0.0.7', localNetworks: '127.0.0.1,10.0' },
  overrides: {},
};
const everyNode = [
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
const fullApi = ['database', 'extensions-broker', 'logging-broker', 'messaging', 'pt'];
const fullNames = (names: string[]) => names.map((name) => `config-${name}.properties`).sort();

/** The lines that differ from the package, without blanks at their ends. */
function changedLines(files: ReadonlyMap<string, string>): string[] {
  return [...files]
    .flatMap(([name, text]) => {
      const before = new Set((networkPackage.resources.get(name) ?? '').split('\n').map((line) => line.trim()));
      return text.split('\n').filter((line) => !before.has(line));
    })
    .sort();
}

describe('buildResources', () => {
  const node = ['friendlyName = my node', 'host = node.test'];
  const noHarvester = 'extension.harvesting = false';
  const rest = ['localNetworks = 127.0.0.1,10.0', 'trustedHosts = 127.0.0.1,10.0.0.7'];
  const broker = [
    'enableAutoSyncCleanup = false',
    'extension.addressextraction = true',
    'extension.filespooling = true',
    'extension.mongo = true',
    'extension.partialtransaction = true',
    'extension.zeromq = true',
  ];
  const voter = ['enableVoting = true', 'unfinalizedBlocksDuration = 0m'];

  it.each<[string, Partial<ResourceSettings>, string[], string[]]>([
    ['a peer', {}, everyNode, [...node, noHarvester]],
    ['a peer by no name', { features: [] }, everyNode, [...node, noHarvester]],
    ['a harvester', { features: ['HARVESTER'] }, everyNode, node],
    ['a voter', { features: ['VOTER'] }, everyNode, [...node, noHarvester, ...voter, 'roles = Peer,Voting']],
    ['a light API', { features: ['API'], lightApi: true }, everyNode, [...node, noHarvester, ...rest]],
    [
      'a full API',
      { features: ['API'] },
      [...everyNode, ...fullApi],
      [...node, noHarvester, ...rest, ...broker, 'roles = Peer,Api'],
    ],
    [
      'everything',
      { features: ['PEER', 'API', 'HARVESTER', 'VOTER'] },
      [...everyNode, ...fullApi],
      [...node, ...rest, ...broker, ...voter, 'roles = Peer,Api,Voting'],
    ],
    [
      'a light API that votes',
      { features: ['API', 'VOTER'], lightApi: true },
      everyNode,
      [...node, noHarvester, ...rest, ...voter, 'roles = Peer,Voting'],
    ],
  ])('has the files and the changes of %s', (_, edits, names, lines) => {
    const { open } = buildResources(networkPackage, { ...settings, ...edits });
    expect([...open.keys()].sort()).toEqual(fullNames(names));
    expect(changedLines(open)).toEqual([...lines].sort());
  });

  it('has private keys apart from the rest', () => {
    const { open, secret } = buildResources(networkPackage, { ...settings, features: ['HARVESTER'] });
    expect([...secret.keys()]).toEqual(['config-harvesting.properties']);
    expect(changedLines(secret)).toEqual([
      'enableAutoHarvesting = true',
      `harvesterSigningPrivateKey = ${'AB'.repeat(32)}`,
      `harvesterVrfPrivateKey = ${'CD'.repeat(32)}`,
    ]);
    expect([...open.values()].join()).not.toMatch(/ABAB|CDCD/);
    expect(buildResources(networkPackage, settings).secret.size).toBe(0);
  });

  it('trusts the node itself alone when REST is on the same host', () => {
    const { restNetwork: _, ...same } = settings;
    const { open } = buildResources(networkPackage, { ...same, features: ['API'], lightApi: true });
    expect(changedLines(open)).toEqual([...node, noHarvester].sort());
  });

  it('may have no host', () => {
    const { open } = buildResources(networkPackage, { ...settings, host: '' });
    expect(open.get('config-node.properties')).toContain('\nhost =\n');
  });

  it('gives the user the last word', () => {
    const { open, secret } = buildResources(networkPackage, {
      ...settings,
      features: ['VOTER', 'HARVESTER'],
      overrides: {
        node: { localnode: { roles: 'Peer', host: '192.0.2.7' } },
        finalization: { finalization: { unfinalizedBlocksDuration: '77m' } },
        harvesting: { harvesting: { beneficiaryAddress: 'TBDHG3NHBCNLOAAK4OJFQALFUZUTWNE4ESDA7WA' } },
      },
    });
    expect(changedLines(open)).toEqual(
      ['enableVoting = true', 'friendlyName = my node', 'host = 192.0.2.7', 'unfinalizedBlocksDuration = 77m'].sort(),
    );
    expect(changedLines(secret)).toContain('beneficiaryAddress = TBDHG3NHBCNLOAAK4OJFQALFUZUTWNE4ESDA7WA');
  });

  it.each<[string, ResourceSettings['overrides'], string]>([
    [
      'a file that only other nodes have',
      { harvesting: { harvesting: {} } },
      'spec.overrides: found "harvesting", need a file that this node has',
    ],
    [
      'a section that is not there',
      { node: { localNode: { host: '' } } },
      'spec.overrides.node: found "localNode", need a section of config-node.properties; did you mean "localnode"?',
    ],
    [
      'a key that is not there',
      { node: { localnode: { hosts: '' } } },
      'spec.overrides.node.localnode: found "hosts", need a key of section [localnode] of config-node.properties; did you mean "host"?',
    ],
  ])('refuses an override of %s', (_, overrides, message) => {
    expect(() => buildResources(networkPackage, { ...settings, overrides })).toThrow(message);
  });

  it.each([
    ['a file', 'config-pt.properties', undefined, 'network package: resources/config-pt.properties: found nothing'],
    [
      'a setting',
      'config-extensions-server.properties',
      '[extensions]\n',
      'network package.extensions-server.extensions: found "extension.filespooling", need a key',
    ],
  ])('says when the package lacks %s', (_, name, text, message) => {
    const files = makePackageFiles({ [`sai/resources/${name}`]: text });
    const incomplete = readNetworkPackage(files, 'sai.zip');
    expect(() => buildResources(incomplete, { ...settings, features: ['API'] })).toThrow(message);
  });
});
