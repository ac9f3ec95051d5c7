import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObject } from '../kube/objects.ts';
import { createPartSharer } from './shared-parts.ts';

type Thing = KubeObject & { spec: Record<string, unknown>; status?: unknown };

const TEXT = 'x'.repeat(100);
const thing = (name: string, spec: Record<string, unknown>): Thing => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ownerReferences: [{ apiVersion: 'v1', kind: 'Fleet', name: 'fleet', uid: 'u' }] },
  // As it comes from the wire: every part is one of its own.
  spec: JSON.parse(JSON.stringify(spec)),
  status: { phase: 'Running' },
});

test('equal parts of two objects become one, what differs stays', () => {
  const sharer = createPartSharer();
  const one = sharer.share(thing('a', { ports: [{ port: 1 }, { port: 2 }], text: TEXT, own: 1 }));
  const other = sharer.share(thing('b', { ports: [{ port: 1 }, { port: 2 }], text: TEXT, own: 2 }));
  expect(other).toEqual(thing('b', { ports: [{ port: 1 }, { port: 2 }], text: TEXT, own: 2 }));
  expect(other.spec).not.toBe(one.spec);
  expect(other.spec.ports).toBe(one.spec.ports);
  expect(other.metadata.ownerReferences).toBe(one.metadata.ownerReferences);
  expect(other.status).not.toBe(one.status);
});

test('within one object, too', () => {
  const { spec } = createPartSharer().share(
    thing('a', { left: { run: [1, { x: null }] }, right: { run: [1, { x: null }] } }),
  );
  expect(spec.left).toBe(spec.right);
});

test.each([
  ['a list and a map', [], {}],
  ['a number and its text', { a: 1 }, { a: '1' }],
  ['null and nothing', { a: null }, {}],
  ['other names for the same', { a: 1 }, { b: 1 }],
  ['another order in a list', [1, 2], [2, 1]],
])('are two things: %s', (_, left, right) => {
  const made = createPartSharer().share(thing('a', { left, right }));
  expect(made.spec).toEqual({ left, right });
  expect(made.spec.left).not.toBe(made.spec.right);
});

test('nothing changes by it, however little is remembered', () => {
  const specs = fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue({ maxDepth: 3 })), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(specs, fc.integer({ min: 1, max: 20 }), (all, capacity) => {
      const sharer = createPartSharer(capacity);
      const shared = all.map((spec) => sharer.share(thing('a', spec)));
      expect(shared).toEqual(all.map((spec) => thing('a', spec)));
    }),
  );
});
