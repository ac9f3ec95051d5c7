import { describe, expect, test } from 'vitest';
import { createAccess, isLoopbackAddress } from './access.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';
const HOUR_MS = 3_600_000;

test.each<[string, boolean]>([
  ['127.0.0.1:8090', true],
  ['127.8.9.1:1', true],
  ['[::1]:8090', true],
  ['localhost:8090', true],
  [':8090', false],
  ['0.0.0.0:8090', false],
  ['10.0.0.1:8090', false],
  ['localhost.example:8090', false],
  ['127.0.0.1.example:8090', false],
])('%s is an address of loopback: %s', (address, expected) => {
  expect(isLoopbackAddress(address)).toBe(expected);
});

describe('without a token', () => {
  test.each<[string, string | undefined]>([
    ['localhost:8090', undefined],
    ['127.0.0.1:18090', undefined],
    ['[::1]:8090', undefined],
    ['evil.example:8090', 'host'],
    ['', 'host'],
  ])('a request to %s is refused for %s', async (host, expected) => {
    expect(await createAccess(undefined).refusal(new Headers({ host }))).toBe(expected);
  });
});

describe('with a token', () => {
  let now = 0;
  let token = TOKEN;
  const access = createAccess(
    async () => token,
    () => now,
  );
  const refusal = (headers: Record<string, string>) => access.refusal(new Headers(headers));

  test('a bearer is taken, and nothing else is', async () => {
    expect(await refusal({ authorization: `Bearer ${TOKEN}` })).toBeUndefined();
    expect(await refusal({ authorization: `Bearer ${TOKEN}x` })).toBe('token');
    expect(await refusal({ authorization: TOKEN })).toBe('token');
    expect(await refusal({ host: 'localhost' })).toBe('token');
  });

  test('it is exchanged for a cookie, which lasts half a day and as long as the token', async () => {
    expect(await access.exchange('wrong', false)).toBeUndefined();
    const cookie = (await access.exchange(`${TOKEN}\n`, false)) ?? '';
    expect(cookie).toMatch(
      /^nodewright-dashboard=\d+\.[0-9a-f]{64}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    );
    const sent = `other=1; ${cookie.split(';')[0]}`;
    expect(await refusal({ cookie: sent })).toBeUndefined();
    expect(await refusal({ cookie: sent.replace(/\d(?=\.)/, '9') })).toBe('token');
    now = 13 * HOUR_MS;
    expect(await refusal({ cookie: sent })).toBe('token');
    now = HOUR_MS;
    token = TOKEN.replace('0', '1');
    expect(await refusal({ cookie: sent })).toBe('token');
  });

  test('behind TLS the cookie stays there', async () => {
    expect(await access.exchange(token, true)).toMatch(/; Secure$/);
  });
});
