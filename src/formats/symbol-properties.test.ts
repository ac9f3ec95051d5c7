import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseProperties,
  patchProperties,
  patchPropertyFiles,
  readProperty,
  readPropertyCount,
} from './symbol-properties.ts';

const text = `[node]

port = 7900
maxTrackedNodes = 5'000
# all hosts are trusted when list is empty
trustedHosts = 127.0.0.1

[localnode]

host = myServerHostnameOrPublicIp
friendlyName = myServerFriendlyName
version = ${''}
roles=Peer
`;
const file = 'config-node.properties';
const where = 'spec.overrides.node';

describe('parseProperties', () => {
  it('reads sections, keys and values', () => {
    const properties = parseProperties(text, file);
    expect([...properties.keys()]).toEqual(['node', 'localnode']);
    expect([...(properties.get('localnode') ?? [])]).toEqual([
      ['host', 'myServerHostnameOrPublicIp'],
      ['friendlyName', 'myServerFriendlyName'],
      ['version', ''],
      ['roles', 'Peer'],
    ]);
    expect(readProperty(properties, 'localnode', 'roles', file)).toBe('Peer');
    expect(readPropertyCount(properties, 'node', 'maxTrackedNodes', file)).toBe(5000);
  });

  it.each([
    ['a = 1', 'line 1: found a before the first section'],
    ['[a]\nb', 'line 2: found no section'],
    ['[a]\n= 1', 'line 2: found no section'],
    ['[a]\r\nb = 1\r\nb = 2', 'line 3: found b a second time'],
    ['[a]\n\n[a]', 'line 3: found section [a] a second time'],
  ])('refuses %j', (broken, message) => {
    expect(() => parseProperties(broken, file)).toThrow(`${file}: ${message}`);
  });

  it('names what is missing or no number', () => {
    const properties = parseProperties(text, file);
    expect(() => readProperty(properties, 'localnode', 'hosts', file)).toThrow(
      'config-node.properties: [localnode] hosts: found nothing, need a value',
    );
    expect(() => readPropertyCount(properties, 'node', 'trustedHosts', file)).toThrow(
      '[node] trustedHosts: found "127.0.0.1", need an integer',
    );
  });
});

describe('patchProperties', () => {
  it('changes the lines it is told to and strips the ends of the others', () => {
    const overrides = { localnode: { host: '', friendlyName: 'a = b $& #1', roles: 'Peer,Api' } };
    expect(patchProperties(text, overrides, where, file)).toBe(`[node]

port = 7900
maxTrackedNodes = 5'000
# all hosts are trusted when list is empty
trustedHosts = 127.0.0.1

[localnode]

host =
friendlyName = a = b $& #1
version =
roles=Peer,Api
`);
  });

  it.each([[{}], [{ localnode: {} }], [{ unknown: {} }]])('leaves every byte alone for %j', (overrides) => {
    expect(patchProperties(text, overrides, where, file)).toBe(text);
  });

  it('ends the last line', () => {
    expect(patchProperties('[a]\nb = 1', { a: { b: '2' } }, where, file)).toBe('[a]\nb = 2\n');
  });

  it.each([
    [
      { localNode: { host: '' } },
      'spec.overrides.node: found "localNode", need a section of config-node.properties; did you mean "localnode"?',
    ],
    [
      { localnode: { frendlyName: '' } },
      'spec.overrides.node.localnode: found "frendlyName", need a key of section [localnode] of config-node.properties; did you mean "friendlyName"?',
    ],
    [{ node: { toString: '' } }, 'found "toString", need a key of section [node] of config-node.properties'],
    [{ localnode: { host: 'a\nroles = Api' } }, 'spec.overrides.node.localnode.host: found several lines, need one'],
  ])('refuses %j', (overrides, message) => {
    expect(() => patchProperties(text, overrides, where, file)).toThrow(message);
  });

  it('writes what is then read', () => {
    const value = fc.string({ unit: 'binary' }).filter((made) => !/[\r\n]/.test(made));
    fc.assert(
      fc.property(value, value, (host, port) => {
        const patched = parseProperties(
          patchProperties(text, { localnode: { host }, node: { port } }, where, file),
          file,
        );
        expect(readProperty(patched, 'localnode', 'host', file)).toBe(host.trim());
        expect(readProperty(patched, 'node', 'port', file)).toBe(port.trim());
        expect(readProperty(patched, 'localnode', 'roles', file)).toBe('Peer');
      }),
    );
  });
});

describe('patchPropertyFiles', () => {
  const files = new Map([
    ['config-node.properties', text],
    ['config-user.properties', '[storage]\nseedDirectory = /seed \n'],
    ['peers-p2p.json', '{}'],
  ]);

  it('patches by short name', () => {
    const patched = patchPropertyFiles(files, { user: { storage: { seedDirectory: '/elsewhere' } } }, 'spec.overrides');
    expect(patched.get('config-user.properties')).toBe('[storage]\nseedDirectory = /elsewhere\n');
    expect(patched.get('config-node.properties')).toBe(text);
    expect(patched.get('peers-p2p.json')).toBe('{}');
  });

  it.each([
    [
      { nod: {} },
      'spec.overrides: found "nod", need a file that this node has (config-nod.properties); did you mean "node"?',
    ],
    [{ user: { storage: { seeds: '' } } }, 'spec.overrides.user.storage: found "seeds", need a key'],
  ])('refuses %j', (overrides, message) => {
    expect(() => patchPropertyFiles(files, overrides, 'spec.overrides')).toThrow(message);
  });
});
