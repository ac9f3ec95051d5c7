import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../kube/objects.ts';
import { checkClusterHoprd, checkHoprd, checkIdentityHoprd, checkIdentityPool } from './check.ts';
import type { HoprdSpec, IdentityHoprdSpec, IdentityPool } from './schema.ts';
import { writtenCluster, writtenHoprd, writtenIdentity, writtenPool } from './written-resources.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

test('what is right', () => {
  expect(checkIdentityPool(writtenPool())).toEqual([]);
  expect(checkIdentityHoprd(writtenIdentity())).toEqual([]);
  expect(checkHoprd(writtenHoprd())).toEqual([]);
  expect(checkClusterHoprd(writtenCluster())).toEqual([]);
});

describe('what the API server refuses', () => {
  const without = <T extends KubeObject>(resource: T, member: string): T => {
    const { [member]: _gone, ...spec } = (resource as unknown as { spec: Record<string, unknown> }).spec;
    return { ...resource, spec };
  };
  test.each<[string, string[], string[]]>([
    [
      'a node without config, at which the HOPR operator ends',
      checkHoprd(without(writtenHoprd(), 'config')),
      ['Hoprd node-1: spec.config: must be set'],
    ],
    [
      'ports that are no whole number',
      checkHoprd(writtenHoprd({ portsAllocation: 1.5 })),
      ['Hoprd node-1: spec.portsAllocation: must be a whole number, not 1.5'],
    ],
    [
      'more ports than there may be',
      checkHoprd(writtenHoprd({ portsAllocation: 201 })),
      ['Hoprd node-1: spec.portsAllocation: must be at most 200, not 201'],
    ],
    [
      'half a node',
      checkClusterHoprd(writtenCluster({ replicas: 0.5 })),
      ['ClusterHoprd node: spec.replicas: must be a whole number, not 0.5'],
    ],
    [
      'less than no node',
      checkClusterHoprd(writtenCluster({ replicas: -1 })),
      ['ClusterHoprd node: spec.replicas: must be at least 0, not -1'],
    ],
    [
      'a release that nobody knows',
      checkHoprd(writtenHoprd({ supportedRelease: 'providence' as HoprdSpec['supportedRelease'] })),
      ['Hoprd node-1: spec.supportedRelease: must be "saint-louis" or "kaunas", not "providence"'],
    ],
    [
      'a member that nobody knows',
      checkHoprd(writtenHoprd({ portAllocation: 5 } as Partial<HoprdSpec>)),
      ['Hoprd node-1: spec.portAllocation: unknown field; did you mean portsAllocation?'],
    ],
    [
      'a network that is no label',
      checkIdentityPool(writtenPool({ network: 'rot see' })),
      [expect.stringMatching(/^IdentityPool pool: spec\.network: must be of the form /) as unknown as string],
    ],
    [
      'an identity without an address',
      checkIdentityHoprd(without(writtenIdentity(), 'safeAddress')),
      ['IdentityHoprd pool-1: spec.safeAddress: must be set'],
    ],
  ])('%s', (_what, found, problems) => {
    expect(found).toEqual(problems);
  });

  const long = (length: number) => 'n'.repeat(length);
  const LB = { service: { type: 'LoadBalancer' as const } };
  test.each<[string, string[], number]>([
    ['a node of 63 characters', checkHoprd(writtenHoprd({}, long(63))), 0],
    ['a node of 64 characters', checkHoprd(writtenHoprd({}, long(64))), 1],
    ['a node with a load balancer, of 55', checkHoprd(writtenHoprd(LB, long(55))), 0],
    ['a node with a load balancer, of 56', checkHoprd(writtenHoprd(LB, long(56))), 1],
    ['a node that begins with a digit', checkHoprd(writtenHoprd({}, '1st')), 1],
    ['a node with a dot', checkHoprd(writtenHoprd({}, 'a.b')), 1],
    ['a cluster of 61 characters', checkClusterHoprd(writtenCluster({}, long(61))), 0],
    ['a cluster of 61 characters with ten nodes', checkClusterHoprd(writtenCluster({ replicas: 10 }, long(61))), 1],
    ['a pool of 39 characters', checkIdentityPool(writtenPool({}, long(39))), 0],
    ['a pool of 40 characters', checkIdentityPool(writtenPool({}, long(40))), 1],
    ['an identity of 63 characters, with dots', checkIdentityHoprd(writtenIdentity({}, `${long(61)}.a`)), 0],
    ['an identity of 64 characters', checkIdentityHoprd(writtenIdentity({}, long(64))), 1],
  ])('names: %s', (_what, found, count) => {
    expect(found).toHaveLength(count);
  });

  test('a pool of 63 characters may be there as long as it has no funding', () => {
    expect(checkIdentityPool(without(writtenPool({}, long(63)), 'funding'))).toEqual([]);
  });
});

describe('what is merely wrong, by line and field', () => {
  test.each<[string, Partial<IdentityHoprdSpec>, RegExp]>([
    [
      'base64 that is none',
      { identityFile: 'eyJj\ncn{w' },
      /spec\.identityFile: line 2, column 3: this character is none/,
    ],
    ['base64 that is cut off', { identityFile: 'eyJjc' }, /spec\.identityFile: base64 has a multiple of 4 characters/],
    ['no key file', { identityFile: base64('file') }, /spec\.identityFile: what it decodes to is no key file/],
    [
      'base64 of base64',
      { identityFile: base64(base64('{"crypto":{}}')) },
      /spec\.identityFile: what it decodes to is no key file.* once$/,
    ],
    ['JSON that is another file', { identityFile: base64('{"a":1}') }, /no key file/],
    ['a peer id', { peerId: '12D3KooW1' }, /spec\.peerId: "12D3KooW1" is no peer id/],
    ['an address', { nativeAddress: '0xa1' }, /spec\.nativeAddress: "0xa1" is no address/],
    [
      'a digit of an address',
      { safeAddress: '0x0CDecAFf277C296665f31aAC0957a3A3151B6158' },
      /spec\.safeAddress: .* has a wrong checksum/,
    ],
  ])('an identity: %s', (_what, changes, problem) => {
    const [found, ...more] = checkIdentityHoprd(writtenIdentity(changes));
    expect(found).toMatch(problem);
    expect(more).toEqual([]);
  });

  test('nothing of a key file stands in a message', () => {
    const secret = 'correcthorsebatterystaple';
    for (const content of [secret, `{"crypto" ${secret}`, `"${secret}"`])
      expect(checkIdentityHoprd(writtenIdentity({ identityFile: base64(content) })).join()).not.toContain('horse');
  });

  test.each<[string, IdentityPool['spec']['funding'], RegExp]>([
    ['an hour of funding', { schedule: '0 25 * * 1', nativeAmount: '1' }, /funding\.schedule: .*"25" is no hour/],
    [
      'an amount',
      { schedule: '@daily', nativeAmount: '1 xDAI' },
      /funding\.nativeAmount: "1 xDAI" is no amount of xDAI/,
    ],
    ['nothing', { schedule: '@daily', nativeAmount: '0' }, /funding\.nativeAmount: "0" is no amount/],
  ])('a pool: %s', (_what, funding, problem) => {
    expect(checkIdentityPool(writtenPool({ funding }))).toEqual([expect.stringMatching(problem)]);
  });

  test.each<[string, Partial<HoprdSpec>, RegExp]>([
    ['configuration', { config: 'hopr:\n  chain: [\n' }, /spec\.config: line 3, column 1: /],
    ['tabs', { config: 'hopr:\n\tchain: x\n' }, /spec\.config: line 2, column 1: tabs/],
    ['a version', { version: 'hoprd:2.1.0' }, /spec\.version: "hoprd:2\.1\.0" is no tag of an image/],
    [
      'a number as a value',
      { deployment: { env: '- name: A\n  value: 1\n' } },
      /spec\.deployment\.env: line 2, \[0\]\.value: must be a text, not a number; put it in quotes/,
    ],
    [
      'the form of Kubernetes',
      { deployment: { env: '- name: A\n  valueFrom: {}\n' } },
      /spec\.deployment\.env: line 2, \[0\]\.valueFrom: unknown field; did you mean value_from\?/,
    ],
    [
      'what the operator sets',
      { deployment: { env: '- name: HOPRD_API\n  value: "0"\n' } },
      /spec\.deployment\.env: HOPRD_API is set by the operator/,
    ],
  ])('a node and a cluster: %s', (_what, changes, problem) => {
    expect(checkHoprd(writtenHoprd(changes))).toEqual([expect.stringMatching(problem)]);
    expect(checkClusterHoprd(writtenCluster(changes))).toEqual([expect.stringMatching(problem)]);
  });

  test('what works in the HOPR operator is right here', () => {
    const config = 'hopr:\n  host: !IPv4 0.0.0.0\n  strategies:\n    - !AutoFunding\n      amount: "1 HOPR"\n';
    const digest = `2.1.0@sha256:${'0'.repeat(64)}`;
    for (const changes of [{ config }, { config: '' }, { version: digest }, { deployment: { env: '' } }])
      expect(checkHoprd(writtenHoprd(changes))).toEqual([]);
  });
});
