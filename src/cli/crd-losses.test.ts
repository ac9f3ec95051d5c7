import { describe, expect, test } from 'vitest';
import { KINDS } from '../kinds/index.ts';
import type { StructuralSchema } from '../kinds/structural-schema.ts';
import type { CustomResourceDefinition } from '../kube/objects.ts';
import { findLosses } from './crd-losses.ts';

type Parts = { scope?: string; kind?: string; stored?: string[]; versions?: object[] };

function version(name: string, spec: StructuralSchema = {}, more: object = {}): object {
  const openAPIV3Schema = { type: 'object', properties: { spec: { type: 'object', ...spec } } };
  return { name, served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema }, ...more };
}

function crd({ scope = 'Namespaced', kind = 'Tree', stored = [], versions = [version('v1')] }: Parts = {}) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'trees.test' },
    spec: { group: 'test', scope, names: { kind, plural: 'trees' }, versions },
    status: { storedVersions: stored },
  } as unknown as CustomResourceDefinition;
}

const text = { type: 'string' };
const withFields = (...names: string[]) =>
  crd({ versions: [version('v1', { properties: Object.fromEntries(names.map((name) => [name, text])) })] });
const withSpec = (spec: StructuralSchema) => crd({ versions: [version('v1', spec)] });

describe('findLosses', () => {
  test.each<[string, CustomResourceDefinition, CustomResourceDefinition, RegExp]>([
    ['another scope', crd({ scope: 'Cluster' }), crd(), /^has scope Cluster and this release expects Namespaced$/],
    ['another kind', crd({ kind: 'Bush' }), crd(), /^has kind Bush/],
    [
      'a version that is served',
      crd({ versions: [version('v1'), version('v2')] }),
      crd(),
      /^has version v2 and .* v1$/,
    ],
    ['a version that is stored', crd({ stored: ['v0', 'v1'] }), crd(), /^has version v0/],
    [
      'a subresource that would go',
      crd({ versions: [version('v1', {}, { subresources: { status: {}, scale: {} } })] }),
      crd(),
      /^has the subresource scale in version v1/,
    ],
    [
      'a status that would become a subresource',
      crd({ versions: [version('v1', {}, { subresources: {} })] }),
      crd(),
      /^has no subresource status in version v1/,
    ],
  ])('%s', (_, live, next, reason) => {
    expect(findLosses(live, next).reasons).toEqual([expect.stringMatching(reason)]);
  });

  test('a subresource scale may be added, and a version that is neither served nor stored may go', () => {
    const next = crd({ versions: [version('v1', {}, { subresources: { status: {}, scale: {} } })] });
    const live = crd({ stored: ['v1'], versions: [version('v1'), version('v0', {}, { served: false })] });
    expect(findLosses(live, next)).toEqual({ reasons: [], fields: [] });
  });

  test.each<[string, CustomResourceDefinition, CustomResourceDefinition, string[]]>([
    ['fewer fields', withFields('a', 'b'), withFields('a'), ['spec.b']],
    ['more fields', withFields('a'), withFields('a', 'b'), []],
    [
      'in lists and maps',
      withSpec({
        properties: {
          list: { type: 'array', items: { type: 'object', properties: { a: text } } },
          map: { type: 'object', additionalProperties: { type: 'object', properties: { a: text } } },
        },
      }),
      withSpec({
        properties: {
          list: { type: 'array', items: { type: 'object' } },
          map: { type: 'object', additionalProperties: { type: 'object' } },
        },
      }),
      ['spec.list[].a', 'spec.map.*.a'],
    ],
    ['a map that becomes closed', withSpec({ additionalProperties: text }), withFields('a'), ['spec.*']],
    ['what anything may be in', withFields('a'), withSpec({ 'x-kubernetes-preserve-unknown-fields': true }), []],
    ['what anything was in', withSpec({ 'x-kubernetes-preserve-unknown-fields': true }), withFields('a'), ['spec.*']],
  ])('fields: %s', (_, live, next, fields) => {
    expect(findLosses(live, next)).toEqual({ reasons: [], fields });
  });

  test.each(KINDS.map((kind) => [kind.crd().metadata.name, kind.crd()] as const))(
    '%s loses nothing to itself',
    (_, own) => {
      expect(findLosses(own, own)).toEqual({ reasons: [], fields: [] });
    },
  );
});
