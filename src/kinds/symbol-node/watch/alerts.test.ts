import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallOutside } from '../rpc/outside.ts';
import { AlertSender } from './alert-sender.ts';
import { type AlertRecord, type Delivery, planAlerts, renderNotice } from './alerts.ts';
import type { Finding } from './finding.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const behind: Finding = { name: 'NodeBehind', severity: 'warning', message: '6 blocks <behind> & falling' };
const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms);
const wire = (ms: number) => `${at(ms).toISOString().slice(0, 19)}Z`;

describe('planAlerts, as time goes by', () => {
  /** Runs through findings at times; every notice arrives, unless it is refused. Returns what arrived. */
  function run(timeline: [number, Finding[]][], options: { refuseUntil?: number; restartAt?: number } = {}) {
    let records: AlertRecord[] = [];
    let deliveries = new Map<string, Delivery>();
    const arrived: [number, string, string][] = [];
    for (const [time, findings] of timeline) {
      if (options.restartAt !== undefined && time >= options.restartAt) {
        deliveries = new Map();
        options = { ...options, restartAt: Number.POSITIVE_INFINITY };
      }
      const plan = planAlerts(records, findings, deliveries, at(time));
      records = JSON.parse(JSON.stringify(plan.records));
      for (const { id, status, alert } of plan.notices) {
        if (deliveries.get(id) && 'at' in (deliveries.get(id) as Delivery)) continue;
        const isRefused = time < (options.refuseUntil ?? 0);
        deliveries.set(id, isRefused ? { error: 'HTTP 503' } : { at: at(time) });
        if (!isRefused) arrived.push([time / MINUTE, status, alert.name]);
      }
    }
    return { arrived, records };
  }
  const minutes = (from: number, to: number, findings: Finding[]) =>
    Array.from({ length: to - from }, (_, index): [number, Finding[]] => [(from + index) * MINUTE, findings]);

  it('tells the beginning once, and the end after a while', () => {
    const { arrived, records } = run([...minutes(0, 30, [behind]), ...minutes(30, 60, [])]);
    expect(arrived).toEqual([
      [0, 'firing', 'NodeBehind'],
      [35, 'resolved', 'NodeBehind'],
    ]);
    expect(records).toEqual([]);
  });

  it('repeats it once a day', () => {
    const { arrived } = run(minutes(0, 60 * 50, [behind]));
    expect(arrived.map(([time]) => time)).toEqual([0, 24 * 60, 48 * 60]);
  });

  it('is not disturbed by a restart of the operator', () => {
    const timeline = [...minutes(0, 30, [behind]), ...minutes(30, 60, [])];
    for (const restartAt of [10, 31, 33]) {
      expect(run(timeline, { restartAt: restartAt * MINUTE }).arrived).toHaveLength(2);
    }
    expect(run(minutes(0, 60 * 50, [behind]), { restartAt: 10 * HOUR }).arrived).toHaveLength(3);
  });

  it('takes what comes and goes for one', () => {
    const timeline = [
      ...minutes(0, 3, [behind]),
      ...minutes(3, 7, []),
      ...minutes(7, 9, [behind]),
      ...minutes(9, 20, []),
    ];
    expect(run(timeline).arrived).toEqual([
      [0, 'firing', 'NodeBehind'],
      [14, 'resolved', 'NodeBehind'],
    ]);
  });

  it('tries until it is told, and tells no end of what was never told', () => {
    expect(run(minutes(0, 30, [behind]), { refuseUntil: 10 * MINUTE }).arrived).toEqual([[10, 'firing', 'NodeBehind']]);
    const silent = run([...minutes(0, 5, [behind]), ...minutes(5, 30, [])], { refuseUntil: HOUR });
    expect(silent).toEqual({ arrived: [], records: [] });
  });

  it('says the newest, and since when', () => {
    const first = planAlerts([], [behind], new Map(), at(0));
    const now = planAlerts(first.records, [{ ...behind, message: '9 blocks' }], new Map(), at(MINUTE));
    expect(now.records).toEqual([{ ...behind, message: '9 blocks', since: wire(0) }]);
  });

  it('tells as many ends as beginnings, whatever comes', () => {
    const other = { ...behind, name: 'CrashLoopBackOff:client' };
    const choices = fc.array(fc.subarray([behind, other]), { maxLength: 60 });
    fc.assert(
      fc.property(choices, (findings) => {
        const timeline = findings.map((some, index): [number, Finding[]] => [index * 2 * MINUTE, some]);
        const { arrived } = run([...timeline, ...minutes(200, 220, [])]);
        for (const { name } of [behind, other]) {
          const states = arrived.filter(([, , found]) => found === name).map(([, status]) => status);
          expect(states).toEqual(states.map((_, index) => (index % 2 === 0 ? 'firing' : 'resolved')));
          expect(states.length % 2).toBe(0);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('renderNotice', () => {
  const alert = { ...behind, since: wire(0) };
  const place = { namespace: 'symbol', name: 'testnode' };

  it('is JSON that says everything', () => {
    expect(renderNotice({ id: '1', status: 'firing', alert }, place, 'Json')).toEqual({
      status: 'firing',
      alert: 'NodeBehind',
      severity: 'warning',
      message: '6 blocks <behind> & falling',
      since: '2026-01-01T00:00:00Z',
      kind: 'SymbolNode',
      namespace: 'symbol',
      name: 'testnode',
    });
  });

  it.each([
    ['firing', 'warning', ':warning: *symbol/testnode* 6 blocks &lt;behind&gt; &amp; falling'],
    ['firing', 'critical', ':red_circle: *symbol/testnode* 6 blocks &lt;behind&gt; &amp; falling'],
    ['resolved', 'critical', ':white_check_mark: resolved: *symbol/testnode* 6 blocks &lt;behind&gt; &amp; falling'],
  ] as const)("is a line in Slack's form: %s, %s", (status, severity, text) => {
    expect(renderNotice({ id: '1', status, alert: { ...alert, severity } }, place, 'Slack')).toEqual({ text });
  });
});

describe('AlertSender', () => {
  const place = { uid: 'u', namespace: 'symbol', name: 'testnode' };
  const webhook = { url: 'https://hooks.example/secret-path', format: 'Json' as const };
  const notices = planAlerts([], [behind], new Map(), at(0)).notices;
  const id = notices[0]?.id as string;

  function sender(answers: (number | Error)[]) {
    const posted: [string, unknown][] = [];
    const clock = { now: 0 };
    const call: CallOutside = async (url, { method, json }) => {
      posted.push([`${method} ${url}`, json]);
      const answer = answers[posted.length - 1] ?? 200;
      if (answer instanceof Error) throw answer;
      return { status: answer, body: '' };
    };
    return { posted, clock, made: new AlertSender(call, () => at(clock.now).getTime()) };
  }

  it('posts a notice once', async () => {
    const { made, posted } = sender([]);
    made.send(place, webhook, notices);
    made.send(place, webhook, notices);
    expect(made.deliveries(place)).toEqual(new Map());
    await made.settle();
    made.send(place, webhook, notices);
    await made.settle();
    expect(posted).toEqual([[`POST ${webhook.url}`, expect.objectContaining({ alert: 'NodeBehind' })]]);
    expect(made.deliveries(place)).toEqual(new Map([[id, { at: at(0) }]]));
    expect(made.deliveries({ uid: 'other' })).toEqual(new Map());
    expect(planAlerts([], [behind], made.deliveries(place), at(0)).records[0]?.toldAt).toBe(wire(0));
  });

  it('tries again a minute after a failure, which never tells the path', async () => {
    const { made, posted, clock } = sender([503, new Error('hooks.example: no connection (ECONNREFUSED)')]);
    const sendAt = async (now: number) => {
      clock.now = now;
      made.send(place, webhook, notices);
      await made.settle();
      return made.deliveries(place).get(id);
    };
    expect(await sendAt(0)).toEqual({ error: 'hooks.example answered with HTTP 503' });
    await sendAt(59_000);
    expect(posted).toHaveLength(1);
    expect(await sendAt(60_000)).toEqual({ error: 'hooks.example: no connection (ECONNREFUSED)' });
    expect(await sendAt(120_000)).toEqual({ at: at(120_000) });
    expect(posted).toHaveLength(3);
  });
});
