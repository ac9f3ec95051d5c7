import { describe, expect, test } from 'vitest';
import { namesOf, nodeNameOf } from './names.ts';
import type { SymbolNode, SymbolNodeSpec } from './schema.ts';

const NEED = 'need at most 40 lower-case letters, digits and dashes, with no dash at its ends';

function node(spec: Partial<SymbolNodeSpec>, name = 'testnode'): SymbolNode {
  const given = { image: 'catapult:1', volumeSize: '1Gi', hostName: '', friendlyName: 'n', network: 'sai', ...spec };
  return { apiVersion: 'example.com/v1', kind: 'SymbolNode', metadata: { name }, spec: given };
}

describe('nodeNameOf', () => {
  test.each<[string, Partial<SymbolNodeSpec>, string]>([
    ["the tutorial's, with dashes for dots", { hostName: 'node.example.org' }, 'node-example-org-sai'],
    ['of an address', { hostName: '203.0.113.7', network: 'mainnet' }, '203-0-113-7-mainnet'],
    ['as the spec says', { hostName: 'node.example.org', name: 'mine' }, 'mine'],
    ['of the resource, without a host', {}, 'testnode'],
    ['of the resource, where host and network are no name', { network: 'https://example.org/a.zip' }, 'testnode'],
    ['of the resource, where host and network are too long', { hostName: `${'a'.repeat(40)}.org` }, 'testnode'],
  ])('%s', (_what, spec, expected) => {
    expect(nodeNameOf(node(spec))).toBe(expected);
  });

  test('says what is wrong with a name', () => {
    expect(nodeNameOf(node({ name: 'My_Node' }))).toEqual({ problem: `spec.name: found "My_Node", ${NEED}` });
    expect(nodeNameOf(node({}, 'a'.repeat(60)))).toEqual({
      problem: `the name of the resource can't name its objects: set spec.name; ${NEED}`,
    });
  });
});

test("names are the tutorial's", () => {
  const names = namesOf('testnode-sai');
  expect([names.certificates, names.resources, names.seed(0), names.statefulSet, names.claimTemplate]).toEqual([
    'certificates-testnode-sai',
    'resources-testnode-sai',
    'seed-testnode-sai',
    'testnode-sai-statefulset',
    'data-testnode-sai',
  ]);
  expect(names.seed(2)).toBe('seed-testnode-sai-2');
});
