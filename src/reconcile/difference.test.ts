import { describe, expect, test } from 'vitest';
import { describeDifference, differences } from './difference.ts';

const paths = (wanted: unknown, found: unknown) => differences(wanted, found).map((difference) => difference.path);

describe('differences', () => {
  test('what others added is no difference', () => {
    expect(paths({ a: 1 }, { a: 1, b: 2 })).toEqual([]);
    expect(
      paths(
        { ports: [{ name: 'rpc', port: 1 }] },
        {
          ports: [
            { name: 'x', port: 9 },
            { name: 'rpc', port: 1, protocol: 'TCP' },
          ],
        },
      ),
    ).toEqual([]);
  });

  test('but it is in a selector, which then selects something else', () => {
    expect(paths({ spec: { selector: { a: '1' } } }, { spec: { selector: { a: '1', b: '2' } } })).toEqual([
      'spec.selector',
    ]);
    expect(paths({ labels: { a: '1' } }, { labels: { a: '1', b: '2' } })).toEqual([]);
  });

  test('a changed, a missing and a removed member are', () => {
    expect(paths({ a: { b: 1, c: 2 } }, { a: { b: 2 } })).toEqual(['a.b', 'a.c']);
    expect(paths({ spec: { ports: [{ name: 'rpc', port: 1 }] } }, { spec: { ports: [] } })).toEqual([
      'spec.ports[rpc]',
    ]);
    expect(paths({ ports: [{ name: 'rpc', port: 1 }] }, { ports: [{ name: 'p2p', port: 1 }] })).toEqual(['ports[rpc]']);
  });

  test('quantities are compared by value, only where quantities stand', () => {
    expect(paths({ requests: { cpu: '1' } }, { requests: { cpu: '1000m' } })).toEqual([]);
    expect(paths({ requests: { cpu: '1' } }, { requests: { cpu: '2' } })).toEqual(['requests.cpu']);
    expect(paths({ labels: { v: '1.0' } }, { labels: { v: '1' } })).toEqual(['labels.v']);
  });

  test('an empty wish is met by absence', () => {
    expect(paths({ a: [], b: {}, c: undefined, d: { e: undefined } }, {})).toEqual([]);
  });

  test('lists without a key are compared in order', () => {
    expect(paths({ args: ['a', 'b'] }, { args: ['a', 'c'] })).toEqual(['args[1]']);
    expect(paths({ args: ['a'] }, { args: ['a', 'c'] })).toEqual(['args']);
  });

  test('phrases never show data', () => {
    const [difference] = differences({ data: { 'key.json': 'secret' } }, { data: { 'key.json': 'other' } });
    expect(describeDifference(difference as never, true)).toBe('data["key.json"] differs');
    const [plain] = differences({ spec: { image: 'v2' } }, { spec: { image: 'v1' } });
    expect(describeDifference(plain as never)).toBe('spec.image v1 → v2');
  });
});
