/** From what is wrong with a node to who is told of it. */
import type { Secret } from '../../kube/objects.ts';
import type { ConditionInput } from '../../reconcile/conditions.ts';
import type { Problem } from '../problem.ts';
import type { SymbolNode } from './schema.ts';
import type { SymbolNodeStatus } from './status-schema.ts';
import type { AlertSender } from './watch/alert-sender.ts';
import { type AlertRecord, type Delivery, planAlerts, type WebhookFormat } from './watch/alerts.ts';
import type { Finding } from './watch/finding.ts';

export type Webhook = { url: string; format: WebhookFormat };

/** Where alerts go; undefined where nobody is to be told. */
export function webhookOf(
  { spec }: Pick<SymbolNode, 'spec'>,
  secrets: ReadonlyMap<string, Secret>,
): Webhook | Problem | undefined {
  const { webhook } = spec.alerts ?? {};
  if (webhook === undefined) return undefined;
  const { url, urlSecret, format = 'Json' } = webhook;
  if (url !== undefined) return { url, format };
  const { name = '', key = '' } = urlSecret ?? {};
  const secret = secrets.get(name);
  const content = secret?.data?.[key];
  const found = content === undefined ? undefined : Buffer.from(content, 'base64').toString().trim();
  if (found !== undefined && /^https?:\/\//.test(found) && URL.canParse(found)) return { url: found, format };
  const why =
    secret === undefined ? 'does not exist' : found === undefined ? `has no member ${key}` : `has no URL in ${key}`;
  return {
    reason: 'WebhookMissing',
    message: `spec.alerts.webhook.urlSecret: Secret ${name} ${why}; put the URL there, nobody is told of alerts until then`,
  };
}

/** Alerts for the status. Without a web hook they stand there all the same. */
export function alertRecords(
  { status }: SymbolNode,
  findings: readonly Finding[],
  deliveries: ReadonlyMap<string, Delivery>,
  now: Date,
): AlertRecord[] {
  return planAlerts(status?.alerts ?? [], findings, deliveries, now).records;
}

/** Absent where nobody is to be told. */
export function deliveryCondition(
  webhook: Webhook | Problem | undefined,
  deliveries: ReadonlyMap<string, Delivery>,
): ConditionInput[] {
  if (webhook === undefined) return [];
  const type = 'AlertsDelivered';
  if ('reason' in webhook) return [{ type, status: 'False', reason: webhook.reason, message: webhook.message }];
  const [last] = [...deliveries.values()].slice(-1);
  if (last !== undefined && 'error' in last)
    return [
      { type, status: 'False', reason: 'WebhookFailed', message: `${last.error}; it is tried again every minute` },
    ];
  return [{ type, status: 'True', reason: 'Delivered', message: 'whoever is to be told has been told' }];
}

/** What is due by the status as it is about to be written. */
export function tellAlerts(
  sender: AlertSender,
  { metadata, spec }: SymbolNode,
  { userSecrets, deliveries }: { userSecrets: ReadonlyMap<string, Secret>; deliveries: ReadonlyMap<string, Delivery> },
  { alerts = [], readAt }: Pick<SymbolNodeStatus, 'alerts' | 'readAt'>,
): void {
  const webhook = webhookOf({ spec }, userSecrets);
  if (webhook === undefined || 'reason' in webhook || readAt === undefined) return;
  const going = alerts.filter(({ endedAt }) => endedAt === undefined);
  const { notices } = planAlerts(alerts, going, deliveries, new Date(readAt));
  const { uid = '', namespace = '', name } = metadata;
  sender.send({ uid, namespace, name }, webhook, notices);
}
