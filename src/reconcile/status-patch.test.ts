import { expect, test } from 'vitest';
import { statusPatch } from './status-patch.ts';

test.each<[string, object | undefined, object, object]>([
  ['a first status', undefined, { phase: 'Complete' }, { phase: 'Complete' }],
  [
    'an entry of a map that is gone',
    { sync: { a: { height: 1 }, b: {} } },
    { sync: { a: {} } },
    { sync: { a: { height: null }, b: null } },
  ],
  ['a member of another writer', { height: { a: 1 }, phase: 'Error' }, { phase: 'Complete' }, { phase: 'Complete' }],
  ['a member that is taken away', { status: 'wrong' }, { status: undefined }, { status: null }],
  ['a list, which is replaced', { peers: ['a', 'b'] }, { peers: ['a'] }, { peers: ['a'] }],
])('%s', (_name, previous, next, patch) => {
  expect(statusPatch(previous, next)).toEqual(patch);
});
