import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseImageVersion, toHostname, toLabelKey, toLabelValue, toName, toServiceName } from './names.ts';

const long = `${'a'.repeat(78)}ZZ`;

describe('names', () => {
  test.each([
    ['HUB!@+=_.0', 'HUB.0'],
    ['#..abc1-_@!', 'abc1'],
    ['under_score', 'underscore'],
    ['Ünïcode-1', 'ncode-1'],
    ['a..b', 'a..b'],
    ['-x-', 'x'],
    ['', ''],
    [`${'a'.repeat(200)}${'b'.repeat(200)}`, `${'a'.repeat(126)}${'b'.repeat(127)}`],
  ])('%s as a name is %s', (text, name) => expect(toName(text)).toBe(name));

  test.each([
    ['HUB!@+=_.0', 'HUB_.0'],
    ['#..abc1-_@!', 'abc1'],
    ['cloud.google.com/neg', 'cloud.google.com/neg'],
    [long, `${'a'.repeat(61)}ZZ`],
    [
      'service.beta.kubernetes.io/aws-load-balancer-healthcheck-healthy-threshold',
      'service.beta.kubernetes.io/aws-load-balancer-healthcheck-healthy-threshold',
    ],
  ])('%s as a key is %s', (text, key) => expect(toLabelKey(text)).toBe(key));

  test.each([
    ['v1.2.3', 'v1.2.3'],
    ['main net', 'mainnet'],
    ['_v1.', 'v1'],
    [
      '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      '9f86d081884c7d659a2feaa0c55ad01a3bf4f1b2b0b822cd15d6c15b0f00a08',
    ],
  ])('%s as a value is %s', (text, value) => expect(toLabelValue(text)).toBe(value));

  test.each([
    ['', 'latest'],
    ['busybox', 'latest'],
    ['busybox:', 'latest'],
    ['busybox:stable', 'stable'],
    ['localhost:5000/a:v1', 'latest'],
    ['a@sha256:abc', 'abc'],
    ['a:b@sha256:cc', 'latest'],
  ])('the version of %s is %s', (image, version) => expect(parseImageVersion(image)).toBe(version));

  test.each([
    ['hub-0', 'hub-0', 'hub-0'],
    ['cosmos.hub-0', 'cosmos-hub-0-7ceb7f80', 'cosmos-hub-0-7ceb7f80'],
    ['1inch-p2p-0', '1inch-p2p-0', 'n1inch-p2p-0-a86641fe'],
  ])('%s as a host name is %s, as the name of a Service %s', (name, hostname, service) => {
    expect(toHostname(name)).toBe(hostname);
    expect(toServiceName(name)).toBe(service);
  });

  const resourceName = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,120}[a-z0-9])?$/);

  test('whatever the resource is called, its children have names that are valid', () => {
    fc.assert(
      fc.property(resourceName, fc.nat(2000), (name, ordinal) => {
        expect(toHostname(`${name}-${ordinal}`)).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
        expect(toServiceName(`${name}-p2p-${ordinal}`)).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
        expect(toLabelValue(name)).toMatch(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/);
      }),
    );
  });

  test('two instances never share a host name', () => {
    fc.assert(
      fc.property(resourceName, fc.uniqueArray(fc.nat(2000), { minLength: 2, maxLength: 2 }), (name, [a, b]) => {
        expect(toHostname(`${name}-${a}`)).not.toBe(toHostname(`${name}-${b}`));
      }),
    );
  });
});
