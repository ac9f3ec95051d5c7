/**
 * The dashboard with a thousand nodes: how long the page takes to load in headless Chromium, whether it keeps up with what changes, and
 * what that costs the operator. The fleet never was, but for its size it is like one: every node makes blocks.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { compareViews } from '../../src/dashboard/server/delta.ts';
import { launchBrowser } from '../page/browser.ts';
import { servePage } from '../page/serve.ts';
import { syntheticFleet } from '../page/synthetic-fleet.ts';
import { type Figure, figure } from './report.ts';

const NODES = 1000;
const SMALL = 100;
const WATCH_MS = 20_000;
const SCROLL_STEPS = 100;

export async function benchDashboard(rounds: number, say: (line: string) => void): Promise<Figure[]> {
  const browser = await launchBrowser();
  const loads: number[] = [];
  const ratios: number[] = [];
  const busy: number[] = [];
  const busyRatios: number[] = [];
  const longest: number[] = [];
  const looks: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const small = await watch(browser, SMALL);
      const large = await watch(browser, NODES);
      loads.push(large.loadMs / 1000);
      ratios.push(large.loadMs / small.loadMs);
      busy.push(large.busyPercent);
      busyRatios.push(large.busyPercent / small.busyPercent);
      longest.push(large.longestTaskMs / 1000);
      looks.push(await measureLook());
      say(
        `round ${round + 1}: ${NODES} nodes in ${Math.round(large.loadMs)} ms, ${SMALL} in ${Math.round(small.loadMs)} ms`,
      );
    }
  } finally {
    await browser.close();
  }
  return [
    figure('load', `the page of ${NODES} nodes shows its first rows after`, 's', loads, 2),
    figure('loadGrowth', `that against a page of ${SMALL} nodes`, 'ratio', ratios, 2),
    figure('busy', 'of the time, while heights change, the page takes of a processor', '%', busy, 10),
    figure('busyGrowth', `that against a page of ${SMALL} nodes`, 'ratio', busyRatios, 2),
    figure('longestTask', 'the longest task of the page, while heights change and one scrolls', 's', longest, 0.1),
    figure('look', 'of the time, looking at the fleet every two seconds takes the operator', '%', looks, 5),
  ];
}

type Watched = { loadMs: number; busyPercent: number; longestTaskMs: number };

/**
 * From the request to the first rows; then what the page itself works while heights change, by the time of its thread; then the longest that
 * it answers nobody while one scrolls. Browsers tell tasks from 50 ms on: a shorter one counts as none.
 */
async function watch(browser: Browser, size: number): Promise<Watched> {
  const served = await servePage({ size });
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 } });
  try {
    const page = await context.newPage();
    const begin = performance.now();
    await page.goto(served.url, { waitUntil: 'commit' });
    await page.locator('.row').first().waitFor();
    const loadMs = performance.now() - begin;
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const before = await readWork(session);
    await sleep(WATCH_MS);
    const busyPercent = (((await readWork(session)) - before) / (WATCH_MS / 1000)) * 100;
    return { loadMs, busyPercent, longestTaskMs: await scrollThrough(page) };
  } finally {
    await context.close();
    await served.close();
  }
}

/** Milliseconds of the longest task, loading aside. */
async function scrollThrough(page: Page): Promise<number> {
  await page.evaluate(`{
    const seen = (window.longTasks = []);
    new PerformanceObserver((list) => seen.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    });
  }`);
  await page.locator('.row').first().hover();
  for (let step = 0; step < SCROLL_STEPS; step++) {
    await page.mouse.wheel(0, step < SCROLL_STEPS / 2 ? 400 : -400);
    await sleep(50);
  }
  const tasks = await page.evaluate<number[]>('window.longTasks');
  return Math.max(0, ...tasks);
}

/** Seconds that the page's thread has worked so far. */
async function readWork(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
}

/** Percent of two seconds that one look at the fleet, and telling what has changed, takes the server. */
async function measureLook(): Promise<number> {
  const fleet = syntheticFleet(NODES);
  let numbers = 0;
  let { told } = compareViews(new Map(), await fleet.views(), () => ++numbers);
  const begin = process.cpuUsage();
  const count = 20;
  for (let look = 0; look < count; look++) {
    const difference = compareViews(told, await fleet.views(), () => ++numbers);
    told = difference.told;
    JSON.stringify(difference.delta);
    await sleep(100);
  }
  const { user, system } = process.cpuUsage(begin);
  return ((user + system) / 1000 / count / 2000) * 100;
}
