import { expect, test } from 'vitest';
import { schemaOf } from '../structural-schema.ts';
import { symbolNodeCrd } from './crd.ts';
import { SYMBOL_NODES, TUTORIAL_SYMBOL_NODES } from './schema.ts';

test("the tutorial's group has its names and its required fields", () => {
  const { metadata, spec } = symbolNodeCrd(TUTORIAL_SYMBOL_NODES);
  expect(metadata.name).toBe('symbolnodes.example.com');
  expect(spec).toMatchObject({
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'SymbolNode', plural: 'symbolnodes', singular: 'symbolnode', shortNames: ['sn'] },
    versions: [{ name: 'v1', served: true, storage: true }],
  });
  const fields = schemaOf(symbolNodeCrd(TUTORIAL_SYMBOL_NODES), 'spec');
  expect(fields.required?.toSorted()).toEqual(['friendlyName', 'hostName', 'image', 'network', 'volumeSize']);
});

test('both groups have one schema', () => {
  const [own, tutorial] = [SYMBOL_NODES, TUTORIAL_SYMBOL_NODES].map((type) => symbolNodeCrd(type).spec?.versions[0]);
  expect(own?.schema).toEqual(tutorial?.schema);
});
