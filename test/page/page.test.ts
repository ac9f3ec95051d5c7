/** The page in a browser, over a server of its own with a fleet of a thousand nodes. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, type Opened, openPage } from './browser.ts';
import { type Served, servePage } from './serve.ts';

let browser: Browser;
let served: Served;
const opened: Opened[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  served = await servePage();
});
afterEach(async () => {
  served.fleet.change((views) => views);
  for (const { page } of opened.splice(0)) await page.context().close();
});
afterAll(async () => {
  await browser?.close();
  await served?.close();
});

async function open(options: Parameters<typeof openPage>[2] = {}, path = '/'): Promise<Opened & { list: Locator }> {
  const one = await openPage(browser, `${served.url}${path}`, options);
  opened.push(one);
  const list = one.page.getByRole('list', { name: 'Resources' });
  await list.getByRole('link').first().waitFor();
  return { ...one, list };
}

const rowOf = (page: Page, name: string) => page.getByRole('link', { name: new RegExp(`\\b${name}\\b`) }).first();
const heightOf = async (page: Page, name: string) =>
  Number((await rowOf(page, name).locator('.height').textContent())?.replace(/\D/g, ''));
const detailOf = (page: Page) => page.getByRole('complementary');

test('a thousand nodes are there, and only the rows in sight are made', async () => {
  const { page, list, complaints } = await open();
  await page.getByText('989 of 1,000 nodes').waitFor();
  expect(await page.getByRole('button', { name: 'Nodes 1,000' }).count()).toBe(1);
  const rows = list.getByRole('listitem');
  expect(await rows.last().getAttribute('aria-setsize')).toBe('301');
  expect(await rows.count()).toBeLessThan(60);
  await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await page.locator('[aria-posinset="301"]').waitFor();
  expect(complaints).toEqual([]);
});

test('everything comes from the server itself, and what needs a person comes first', async () => {
  const { page, requests, list } = await open();
  expect(await list.getByRole('link').first().textContent()).toContain('celestia-sentry-1');
  await rowOf(page, 'cosmoshub-rpc-1').click();
  await page
    .getByRole('img', { name: /Heights of cosmoshub-rpc-1-0/ })
    .locator('canvas')
    .waitFor();
  expect(requests.length).toBeGreaterThan(5);
  expect(requests.filter((url) => !url.startsWith(served.url))).toEqual([]);
});

test('heights go up by themselves', async () => {
  const { page } = await open();
  const before = await heightOf(page, 'osmosis-archive-1');
  await expect.poll(() => heightOf(page, 'osmosis-archive-1'), { timeout: 30_000 }).toBeGreaterThan(before + 1);
});

test('what changes, comes and goes shows at once', async () => {
  const { page } = await open();
  served.fleet.change((views) =>
    views.flatMap((view) => {
      if (view.name === 'loadtest-2') return [];
      return [view.name === 'symbol-9' ? { ...view, phase: 'Recovering', name: 'symbol-9' } : view];
    }),
  );
  await rowOf(page, 'symbol-9').getByText('Recovering').waitFor();
  await expect.poll(() => rowOf(page, 'loadtest-2').count(), { timeout: 30_000 }).toBe(0);
});

test('a resource tells its rollout with the reasons, its nodes, its plan, its events and its conditions', async () => {
  const { page, complaints } = await open();
  await rowOf(page, 'cosmoshub-rpc-1').click();
  const detail = detailOf(page);
  await detail.getByText('Rollout: restarting').waitFor();
  await detail
    .getByText('cosmoshub-rpc-1-2: image ghcr.io/cosmos/gaia:v25.0.0 → ghcr.io/cosmos/gaia:v25.1.0')
    .waitFor();
  await detail.getByRole('row', { name: /cosmoshub-rpc-1-2/ }).waitFor();
  await detail.getByText('cosmoshub-rpc-1-0-upgrade-24918000').waitFor();
  await detail.getByRole('link', { name: 'Plan' }).click();
  await detail.getByText('A node is stopped and started for this.').waitFor();
  await detail.getByText('restart of Pod cosmoshub-rpc-1-4').waitFor();
  await detail.getByRole('link', { name: 'Events' }).click();
  await detail.getByText('Readiness probe failed').waitFor();
  await detail.getByRole('link', { name: 'Conditions' }).click();
  await detail.getByText('everything in the spec can be done').waitFor();
  expect(complaints).toEqual([]);
});

test('what ends is shown with the time that is left', async () => {
  const { page } = await open({}, '/#/nodewright.dev/v1alpha1/SymbolNode/symbol/symbol-4');
  const line = detailOf(page).getByRole('listitem').filter({ hasText: 'node certificate' });
  await line.getByText(/^in 1[12] d$/).waitFor();
  expect(await page.getByText('1 to be renewed soon').count()).toBe(1);
});

test('words and marks choose what is listed', async () => {
  const { page, list } = await open();
  await page.getByRole('searchbox').fill('networks loadtest');
  await expect.poll(() => list.getByRole('link').count()).toBe(8);
  await page.getByRole('button', { name: /Needs attention/ }).click();
  await expect.poll(() => list.getByRole('link').count()).toBe(1);
  await page.getByRole('searchbox').fill('nothing is called so');
  await page.getByText('Nothing here is like that.').waitFor();
});

test('nodes in the order of a column', async () => {
  const { page } = await open();
  await page.getByRole('button', { name: /^Nodes/ }).click();
  const nodes = page.getByRole('list', { name: 'Nodes' });
  await page.getByRole('button', { name: 'Behind' }).click();
  await expect.poll(() => nodes.getByRole('link').first().textContent()).toContain('osmosis-archive-1-1');
  await page.getByRole('button', { name: 'Restarts' }).click();
  await expect.poll(() => nodes.getByRole('link').first().textContent()).toMatch(/osmosis-archive-1-1/);
});

test('all of it can be done with the keyboard', async () => {
  const { page, list } = await open();
  await page.keyboard.press('/');
  await page.keyboard.type('cosmoshub');
  await expect.poll(() => list.getByRole('link').first().textContent()).toContain('cosmoshub-rpc-1');
  await page.keyboard.press('Tab');
  const focused = () =>
    page.evaluate<string>('document.activeElement === document.body ? "" : document.activeElement.textContent');
  expect(await focused()).toContain('cosmoshub-rpc-1');
  await page.keyboard.press('ArrowDown');
  await expect.poll(focused).toContain('cosmoshub-api-1');
  await page.keyboard.press('End');
  await expect.poll(focused).toContain('cosmoshub-sentry-4');
  await page.keyboard.press('Home');
  await expect.poll(focused).toContain('cosmoshub-rpc-1');
  await page.keyboard.press('Enter');
  const detail = detailOf(page);
  await detail.getByRole('heading', { name: 'cosmoshub-rpc-1' }).waitFor();
  await expect.poll(focused).toBe('cosmoshub-rpc-1');
  await page.keyboard.press('Escape');
  await expect.poll(() => detail.count()).toBe(0);
  await expect.poll(focused).toContain('cosmoshub-rpc-1');
});

describe('on a phone', () => {
  const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
  const widthOf = (page: Page) => page.evaluate<number>('document.documentElement.scrollWidth');

  test('nothing is wider than the screen, and the resource takes all of it', async () => {
    const { page, list } = await open(phone);
    expect(await widthOf(page)).toBe(360);
    await rowOf(page, 'cosmoshub-rpc-1').tap();
    await detailOf(page).getByText('Rollout: restarting').waitFor();
    expect(await list.isVisible()).toBe(false);
    expect(await widthOf(page)).toBe(360);
    await page.getByRole('button', { name: 'Close' }).tap();
    await list.waitFor();
    await page.getByRole('button', { name: /^Nodes/ }).tap();
    expect(await widthOf(page)).toBe(360);
  });
});

test('it is dark where the system is', async () => {
  const ground = async (colorScheme: 'light' | 'dark') => {
    const { page } = await open({ colorScheme });
    return page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  };
  expect([await ground('light'), await ground('dark')]).toEqual(['rgb(244, 246, 249)', 'rgb(13, 18, 25)']);
});
