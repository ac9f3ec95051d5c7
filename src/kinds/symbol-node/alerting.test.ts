import { describe, expect, it } from 'vitest';
import type { Secret } from '../../kube/objects.ts';
import { alertRecords, deliveryCondition, webhookOf } from './alerting.ts';
import type { SymbolNode } from './schema.ts';

const nodeWith = (webhook: object | undefined, alerts: object[] = []) =>
  ({ spec: webhook === undefined ? {} : { alerts: { webhook } }, status: { alerts } }) as unknown as SymbolNode;
const secrets = (data: Record<string, string>) =>
  new Map([
    [
      'hook',
      {
        data: Object.fromEntries(
          Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
        ),
      } as unknown as Secret,
    ],
  ]);
const urlSecret = { name: 'hook', key: 'url' };

describe('webhookOf', () => {
  it.each([
    [undefined, {}, undefined],
    [{ url: 'https://a/b' }, {}, { url: 'https://a/b', format: 'Json' }],
    [{ urlSecret, format: 'Slack' }, { url: 'https://a/b\n' }, { url: 'https://a/b', format: 'Slack' }],
    [
      { urlSecret: { name: 'other', key: 'url' } },
      {},
      { reason: 'WebhookMissing', message: expect.stringContaining('does not exist') },
    ],
    [{ urlSecret }, {}, { message: expect.stringContaining('Secret hook has no member url') }],
    [{ urlSecret }, { url: 'a secret that is none' }, { message: expect.not.stringContaining('a secret') }],
  ])('of %j', (webhook, data, expected) => {
    const found = webhookOf(nodeWith(webhook), secrets(data));
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
  });
});

it('keeps what the status says of alerts, whoever was told', () => {
  const now = new Date('2026-01-02T03:04:05Z');
  const since = '2026-01-01T00:00:00Z';
  const finding = { name: 'NodeBehind', severity: 'warning' as const, message: '6 blocks behind' };
  const node = nodeWith(undefined, [{ ...finding, since, toldAt: since }]);
  expect(alertRecords(node, [finding], new Map(), now)).toEqual([{ ...finding, since, toldAt: since }]);
});

it('says whether whoever is to be told is told', () => {
  const webhook = { url: 'https://a/b', format: 'Json' as const };
  expect(deliveryCondition(undefined, new Map())).toEqual([]);
  expect(deliveryCondition(webhook, new Map())).toMatchObject([{ status: 'True' }]);
  expect(deliveryCondition(webhook, new Map([['1', { error: 'a answered with HTTP 503' }]]))).toMatchObject([
    { status: 'False', reason: 'WebhookFailed', message: expect.stringContaining('HTTP 503') },
  ]);
  expect(deliveryCondition({ reason: 'WebhookMissing', message: 'm' }, new Map())).toMatchObject([
    { status: 'False', reason: 'WebhookMissing', message: 'm' },
  ]);
});
