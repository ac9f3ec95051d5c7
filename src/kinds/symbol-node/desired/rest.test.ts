import { describe, expect, it } from 'vitest';
import { readNetworkPackage } from '../../../formats/symbol-network-package.ts';
import { makePackageFiles } from '../../../formats/symbol-package-fixture.ts';
import { buildRestConfig } from './rest.ts';

const networkPackage = readNetworkPackage(makePackageFiles(), 'sai.zip');

describe('buildRestConfig', () => {
  it.each([
    [true, 'rest-light.json'],
    [false, 'rest.json'],
  ])('is the file of the package when nothing goes over it (light: %s)', (isLight, name) => {
    expect(buildRestConfig(networkPackage, isLight)).toBe(networkPackage.rest.get(name));
    expect(buildRestConfig(networkPackage, isLight, {}, {})).toBe(networkPackage.rest.get(name));
  });

  it('merges objects and replaces everything else, layer by layer', () => {
    const ours = { db: { url: 'mongodb://127.0.0.1:27017/' }, websocket: { mq: { host: '127.0.0.1', port: 7902 } } };
    const text = buildRestConfig(networkPackage, false, ours, {
      db: { pageSizes: [5] },
      websocket: { mq: { port: 1 } },
      port: 80,
    });
    expect(JSON.parse(text)).toEqual({
      port: 80,
      db: { url: 'mongodb://127.0.0.1:27017/', pageSizes: [5] },
      websocket: { mq: { host: '127.0.0.1', port: 1 } },
    });
    expect(text).toMatch(/^\{\n {2}"port": 80,\n/);
  });

  it('takes no member for a prototype', () => {
    const text = buildRestConfig(
      networkPackage,
      true,
      JSON.parse('{"__proto__": {"port": 1}, "constructor": {"a": 2}}'),
    );
    expect(text).toBe(
      '{\n  "port": 3000,\n  "__proto__": {\n    "port": 1\n  },\n  "constructor": {\n    "a": 2\n  }\n}\n',
    );
  });

  it.each([
    [undefined, 'network package: rest/rest.json: found nothing, need this file'],
    ['[]', 'network package: rest/rest.json: found an array, need an object'],
    ['{', 'network package: rest/rest.json: found text that is not JSON'],
  ])('refuses %j as the file of the package', (text, message) => {
    const broken = readNetworkPackage(makePackageFiles({ 'sai/rest/rest.json': text }), 'sai.zip');
    expect(() => buildRestConfig(broken, false)).toThrow(message);
  });
});
