import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, stampOf } from './stamp.ts';

test.each([
  ['sorted keys at every depth', { b: [{ d: 1, c: 2 }], a: null }, '{"a":null,"b":[{"c":2,"d":1}]}'],
  ['no undefined members', { a: undefined, b: [undefined] }, '{"b":[null]}'],
  ['big numbers as text', { a: 2n ** 64n }, '{"a":"18446744073709551616"}'],
  ['dates as JSON has them', { a: new Date(0) }, '{"a":"1970-01-01T00:00:00.000Z"}'],
  ['any name', JSON.parse('{"b":1,"__proto__":{"z":1,"y":2}}'), '{"__proto__":{"y":2,"z":1},"b":1}'],
  ['a scalar', 'a', '"a"'],
  ['nothing', undefined, undefined],
])('%s', (_name, value, expected) => {
  expect(canonicalJson(value)).toBe(expected);
});

test('the text stands for the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('stamps stay as they are: they stand on objects in clusters', () => {
  expect(stampOf({ spec: { containers: [{ name: 'node', args: ['start'] }] }, labels: { b: '1', a: '2' } })).toBe(
    '2e859da97a6f09ff',
  );
});
