/** Who is let in, and what the page says when things are not as they should be. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPage } from './browser.ts';
import { type Served, servePage } from './serve.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';
const tokenFile = join(mkdtempSync(join(tmpdir(), 'nodewright-page-')), 'token');
writeFileSync(tokenFile, TOKEN);

let browser: Browser;
let served: Served | undefined;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await served?.close();
});
afterAll(async () => {
  await browser?.close();
});

async function open(options: Parameters<typeof servePage>[0]): Promise<Page> {
  served = await servePage({ size: 50, ...options });
  return (await openPage(browser, served.url)).page;
}

const fleetOf = (page: Page) => page.getByRole('list', { name: 'Resources' });

test('a wrong token is refused, the right one lets in until one signs out', async () => {
  const page = await open({ tokenFile });
  await page.getByLabel('Token').fill('wrong');
  await page.getByRole('button', { name: 'Open the dashboard' }).click();
  await page.getByRole('alert').getByText('this is not the token').waitFor();
  expect(await fleetOf(page).count()).toBe(0);
  await page.getByLabel('Token').fill(TOKEN);
  await page.keyboard.press('Enter');
  await fleetOf(page).waitFor();
  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  expect(cookie?.value).not.toContain(TOKEN);
  await page.reload();
  await fleetOf(page).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Token').waitFor();
});

test('a standby says so, and who leads', async () => {
  const page = await open({});
  const { fleet } = served as Served;
  fleet.operator = () => ({ version: '0.1.0', leads: false, leader: 'nodewright-0', missing: ['pods'] });
  await page.getByText('This is a standby, nodewright-0 leads').waitFor();
  await page.getByText('Still being read: pods.').waitFor();
});

test('a lost connection is told, and mended when the operator is back', async () => {
  const page = await open({});
  await fleetOf(page).waitFor();
  const { url, close } = served as Served;
  await close();
  await page.getByText('The connection is lost').waitFor();
  expect(await fleetOf(page).count()).toBe(1);
  served = await servePage({ size: 50, address: new URL(url).host });
  await page.getByRole('status').getByText('Live').waitFor();
  expect(await page.getByText('The connection is lost').count()).toBe(0);
});

test('where there is nothing, it says what to do', async () => {
  const page = await open({});
  (served as Served).fleet.change(() => []);
  await page.getByText('There are no resources yet.').waitFor();
});
