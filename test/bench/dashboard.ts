/**
 * The dashboard with a thousand nodes: how long the page takes to load in headless Chromium, whether it keeps up with what changes, and
 * what that costs the operator. The fleet never was, but for its size it is like one: every node makes blocks.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { compareViews } from '../../src/dashboard/server/delta.ts';
import { launchBrowser } from '../page/browser.ts';
import { servePage } from '../page/serve.ts';
import { syntheticFleet } from '../page/synthetic-fleet.ts';
import { type Figure, figure } from './report.ts';

const NODES = 1000;
const SMALL = 100;
const WATCH_MS = 20_000;
/** A frame that takes longer than three of sixty a second is seen as a jerk. */
const JERK_MS = 50;

export async function benchDashboard(rounds: number, say: (line: string) => void): Promise<Figure[]> {
  const browser = await launchBrowser();
  const loads: number[] = [];
  const ratios: number[] = [];
  const jerks: number[] = [];
  const looks: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const small = await watch(browser, SMALL);
      const large = await watch(browser, NODES);
      loads.push(large.loadMs / 1000);
      ratios.push(large.loadMs / small.loadMs);
      jerks.push(large.jerkyPercent);
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
    figure('jerks', `of the time that the page is watched, frames of more than ${JERK_MS} ms take`, '%', jerks, 5),
    figure('look', 'of the time, looking at the fleet every two seconds takes the operator', '%', looks, 5),
  ];
}

/** From the request to the first rows; then how even the frames are while heights change and the list is scrolled. */
async function watch(browser: Browser, size: number): Promise<{ loadMs: number; jerkyPercent: number }> {
  const served = await servePage({ size });
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 } });
  try {
    const page = await context.newPage();
    const begin = performance.now();
    await page.goto(served.url, { waitUntil: 'commit' });
    await page.locator('.row').first().waitFor();
    const loadMs = performance.now() - begin;
    await page.evaluate(WATCH_FRAMES);
    await sleep(WATCH_MS);
    const slow = await page.evaluate<number>(`window.slowMs`);
    return { loadMs, jerkyPercent: (slow / WATCH_MS) * 100 };
  } finally {
    await context.close();
    await served.close();
  }
}

/** In the page: adds up what frames take beyond what is seen as a jerk, and scrolls on meanwhile. */
const WATCH_FRAMES = `
  window.slowMs = 0;
  let last = performance.now();
  const list = document.querySelector('.rows');
  const onFrame = (now) => {
    if (now - last > ${JERK_MS}) window.slowMs += now - last;
    last = now;
    list.scrollTop = (list.scrollTop + 4) % list.scrollHeight;
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
`;

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
