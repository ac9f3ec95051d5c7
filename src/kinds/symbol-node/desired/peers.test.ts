import { describe, expect, it } from 'vitest';
import { choosePeers, renderPeersFile } from './peers.ts';

const key = (digit: string) => digit.repeat(64);
const node = (edits: object) => ({
  mainPublicKey: key('A'),
  endpoint: 'http://198.51.100.7:3000',
  name: 'a node',
  version: '1.0.3.7',
  height: 7,
  finalizedHeight: 5,
  balance: 0,
  roles: 0b11,
  ...edits,
});
const many = Array.from({ length: 100 }, (_, index) => node({ mainPublicKey: index.toString(16).padStart(64, '0') }));
const where = 'nodewatch';

describe('choosePeers', () => {
  it.each([
    ['a peer', node({ roles: 1 }), { host: '198.51.100.7', port: 7900 }, 'Peer'],
    ['an API node', node({}), { host: '198.51.100.7', port: 7900, api_port: 3000 }, 'Peer,Api'],
    [
      'every role',
      node({ roles: 0xc7 }),
      { host: '198.51.100.7', port: 7900, api_port: 3000 },
      'Peer,Api,Voting,IPv4,IPv6',
    ],
    [
      'a name',
      node({ endpoint: 'https://node.test:3001', roles: 5 }),
      { host: 'node.test', port: 7900 },
      'Peer,Voting',
    ],
    ['IPv6', node({ endpoint: 'http://[2001:db8::7]:3000', roles: 1 }), { host: '[2001:db8::7]', port: 7900 }, 'Peer'],
  ])('reads %s', (_, made, endpoint, roles) => {
    expect(choosePeers([made], 'p2p', 'x', where)).toEqual([
      { publicKey: key('A'), endpoint, metadata: { name: 'a node', roles } },
    ]);
  });

  it.each([
    ['without an endpoint', { endpoint: '' }],
    ['with an endpoint that is null', { endpoint: null }],
    ['with an endpoint that is none', { endpoint: 'http://a b:3000' }],
    ['with a key that is none', { mainPublicKey: 'A' }],
    ['of another role', { roles: 2 }],
  ])('passes over nodes %s', (_, edits) => {
    expect(choosePeers([node(edits)], 'p2p', 'x', where)).toEqual([]);
  });

  it('chooses API nodes by their role', () => {
    expect(choosePeers([node({ roles: 1 }), node({ roles: 2 })], 'api', 'x', where)).toHaveLength(1);
  });

  it('chooses 20, the same ones for a node every time, others for other nodes', () => {
    const chosen = choosePeers(many, 'p2p', 'one', where);
    expect(chosen).toHaveLength(20);
    expect(choosePeers([...many].reverse(), 'p2p', 'one', where)).toEqual(chosen);
    const others = choosePeers(many, 'p2p', 'two', where);
    expect(others.filter((peer) => chosen.some(({ publicKey }) => publicKey === peer.publicKey)).length).toBeLessThan(
      15,
    );
  });

  it('replaces a node that is gone and keeps the others', () => {
    const chosen = choosePeers(many, 'p2p', 'one', where);
    const left = many.filter(({ mainPublicKey }) => mainPublicKey !== chosen[3]?.publicKey);
    expect(choosePeers(left, 'p2p', 'one', where).slice(0, 19)).toEqual(chosen.filter((_, index) => index !== 3));
  });

  it.each([
    ['no array', {}, 'nodewatch: found an object, need an array'],
    ['no nodes', ['x'], 'nodewatch[0]: found a string, need an object'],
    ['nodes without roles', [{ ...node({}), roles: undefined }], 'nodewatch[0].roles: found nothing, need an integer'],
  ])('refuses an answer with %s', (_, answer, message) => {
    expect(() => choosePeers(answer, 'p2p', 'x', where)).toThrow(message);
  });
});

describe('renderPeersFile', () => {
  it('sorts by key and writes as shoestring does', () => {
    const peers = choosePeers([node({ mainPublicKey: key('B') }), node({ roles: 1 })], 'p2p', 'x', where);
    expect(renderPeersFile(peers, 'api')).toBe(`{
  "knownPeers": [
    {
      "publicKey": "${key('A')}",
      "endpoint": {
        "host": "198.51.100.7",
        "port": 7900
      },
      "metadata": {
        "name": "a node",
        "roles": "Peer"
      }
    },
    {
      "publicKey": "${key('B')}",
      "endpoint": {
        "host": "198.51.100.7",
        "port": 7900,
        "api_port": 3000
      },
      "metadata": {
        "name": "a node",
        "roles": "Peer,Api"
      }
    }
  ],
  "_info": "this file contains a list of api peers and can be shared"
}`);
  });
});
