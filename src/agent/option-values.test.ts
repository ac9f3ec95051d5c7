import { describe, expect, it } from 'vitest';
import {
  readDuration,
  readList,
  readListenAddress,
  readNodes,
  readPositive,
  readPositiveInteger,
  readUrl,
  readUrls,
} from './option-values.ts';

describe('option values', () => {
  it.each<[string, unknown, unknown]>([
    ['a duration', readDuration('1m30s'), 90_000],
    ['all addresses', readListenAddress(':1251'), { host: undefined, port: 1251 }],
    ['an IPv4 address', readListenAddress('127.0.0.1:1'), { host: '127.0.0.1', port: 1 }],
    ['an IPv6 address', readListenAddress('[::1]:1'), { host: '::1', port: 1 }],
    ['a URL', readUrl('http://demo-0:26657/'), 'http://demo-0:26657'],
    ['a list, given twice', readList('c,d', readList('a,b')), ['a', 'b', 'c', 'd']],
    ['an empty list', readList(''), []],
    ['URLs', readUrls('http://a,https://b'), ['http://a', 'https://b']],
    [
      'nodes',
      readNodes('a=http://a:1,b=http://b:1'),
      [
        { name: 'a', url: 'http://a:1' },
        { name: 'b', url: 'http://b:1' },
      ],
    ],
    ['a rate', readPositive('0.5'), 0.5],
  ])('reads %s', (_, value, expected) => {
    expect(value).toEqual(expected);
  });

  it.each<[string, () => unknown]>([
    ['a duration', () => readDuration('60')],
    ['a negative duration', () => readDuration('-1s')],
    ['an address without a port', () => readListenAddress('localhost')],
    ['a port over 65535', () => readListenAddress(':65536')],
    ['a bare host', () => readUrl('demo-0:26657')],
    ['a node without a name', () => readNodes('http://a')],
    ['the same name twice', () => readNodes('a=http://a,a=http://b')],
    ['rate 0', () => readPositive('0')],
    ['no number', () => readPositive('x')],
    ['half a connection', () => readPositiveInteger('0.5')],
  ])('refuses %s', (_, read) => {
    expect(read).toThrow(/^(Need|The name a is there twice)/);
  });
});
