/**
 * Who is told what and when. An alert is told when it begins, once a day while it lasts, and when it has ended. What was told stands in the
 * status, so that an operator that restarts neither repeats nor forgets it. Pure; alert-sender.ts does the telling.
 */
import { toWireTime } from '../../../reconcile/conditions.ts';
import type { Finding } from './finding.ts';

/** As in the status; times are RFC 3339. */
export type AlertRecord = Finding & {
  since: string;
  /** When it was last told that it goes on; absent while nobody could be told. */
  toldAt?: string | undefined;
  /** Since when it has not been seen; it may come back. */
  endedAt?: string | undefined;
};

export type Notice = {
  /** Of this telling: a second one of the same has another. */
  id: string;
  status: 'firing' | 'resolved';
  alert: AlertRecord;
};

/** What became of a notice. */
export type Delivery = { at: Date } | { error: string };

const REPEAT_MS = 24 * 3_600_000;
/** A container that crashes in a loop runs in between; a node at the edge of the limit comes and goes. */
const GONE_FOR_MS = 5 * 60_000;

/**
 * @param before as the status had them
 * @param deliveries by id of the notice, as far as they are known in this process
 * @returns the records for the status, and the notices that are due; those for which nobody is there to be told are due again and again
 */
export function planAlerts(
  before: readonly AlertRecord[],
  findings: readonly Finding[],
  deliveries: ReadonlyMap<string, Delivery>,
  now: Date,
): { records: AlertRecord[]; notices: Notice[] } {
  const known = new Map(before.map((record) => [record.name, record]));
  const found = new Set(findings.map(({ name }) => name));
  const going = findings.map((finding) => goOn(known.get(finding.name), finding, now));
  const gone = before.filter(({ name }) => !found.has(name)).map((record) => end(record, now));
  const records = [...going, ...gone].map((record) => noteDelivery(record, deliveries));
  const kept = records.filter((record) => !isOver(record, deliveries, now));
  return {
    records: kept,
    notices: kept.flatMap((alert) => {
      const status = statusOf(alert, now);
      return status === undefined ? [] : [{ id: idOf(alert, status), status, alert }];
    }),
  };
}

function goOn(record: AlertRecord | undefined, finding: Finding, now: Date): AlertRecord {
  const { name, severity, message } = finding;
  const { since = toWireTime(now), toldAt } = record ?? {};
  return { name, severity, message, since, ...(toldAt === undefined ? {} : { toldAt }) };
}

function end(record: AlertRecord, now: Date): AlertRecord {
  return { ...record, endedAt: record.endedAt ?? toWireTime(now) };
}

function noteDelivery(record: AlertRecord, deliveries: ReadonlyMap<string, Delivery>): AlertRecord {
  const delivery = deliveries.get(idOf(record, 'firing'));
  return delivery !== undefined && 'at' in delivery ? { ...record, toldAt: toWireTime(delivery.at) } : record;
}

/** What nobody was told of needs no end either. */
function isOver(record: AlertRecord, deliveries: ReadonlyMap<string, Delivery>, now: Date): boolean {
  if (record.endedAt === undefined || !hasGone(record.endedAt, now)) return false;
  const delivery = deliveries.get(idOf(record, 'resolved'));
  return record.toldAt === undefined || (delivery !== undefined && 'at' in delivery);
}

function statusOf({ toldAt, endedAt }: AlertRecord, now: Date): Notice['status'] | undefined {
  if (endedAt !== undefined) return hasGone(endedAt, now) ? 'resolved' : undefined;
  return toldAt === undefined || now.getTime() - Date.parse(toldAt) >= REPEAT_MS ? 'firing' : undefined;
}

function hasGone(endedAt: string, now: Date): boolean {
  return now.getTime() - Date.parse(endedAt) >= GONE_FOR_MS;
}

function idOf({ name, since, toldAt = 'never' }: AlertRecord, status: Notice['status']): string {
  return `${name} ${since} ${status} ${toldAt}`;
}

export type WebhookFormat = 'Json' | 'Slack';

/** What is posted. Slack's form is also that of services which stand in for it. */
export function renderNotice(
  { status, alert }: Notice,
  resource: { namespace: string; name: string },
  format: WebhookFormat,
): object {
  const { name, severity, message, since } = alert;
  const { namespace } = resource;
  if (format === 'Json')
    return { status, alert: name, severity, message, since, kind: 'SymbolNode', namespace, name: resource.name };
  const sign =
    status === 'resolved' ? ':white_check_mark: resolved: ' : severity === 'critical' ? ':red_circle: ' : ':warning: ';
  return { text: `${sign}*${escapeForSlack(`${namespace}/${resource.name}`)}* ${escapeForSlack(message)}` };
}

function escapeForSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
