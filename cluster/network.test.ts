import { expect, test } from 'vitest';
import { parseRange } from './network.ts';

test.each([
  ['10.88.0.0/16', { start: 0x0a580000, end: 0x0a58ffff }],
  ['10.88.3.4', { start: 0x0a580304, end: 0x0a580304 }],
  ['10.88.3.4/24', { start: 0x0a580300, end: 0x0a5803ff }],
  ['192.0.2.0/24', { start: 0xc0000200, end: 0xc00002ff }],
  ['0.0.0.0/0', { start: 0, end: 0xffffffff }],
  ['default', undefined],
  ['fe80::/64', undefined],
])('range of %s', (text, range) => {
  expect(parseRange(text)).toEqual(range);
});
