/** `npm run screenshots`, after `npm run build`: writes the pictures of docs/dashboard.md, of a fleet that never was. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser, openPage } from './browser.ts';
import { servePage } from './serve.ts';

const FOLDER = join(import.meta.dirname, '../../docs/images');
const OPEN = 'cosmos.strange.love/v1/CosmosFullNode/chain-cosmoshub/cosmoshub-rpc-1';
const WIDE = { viewport: { width: 1360, height: 860 } };
const PHONE = { viewport: { width: 390, height: 800 }, deviceScaleFactor: 1.5 };
/** Until the plot has something to show. */
const PLOT_MS = 45_000;

const served = await servePage();
const browser = await launchBrowser();

async function shoot(
  name: string,
  path: string,
  options: BrowserContextOptions,
  isReady: (page: Page) => Promise<unknown>,
) {
  const { page } = await openPage(browser, `${served.url}/#/${path}`, options);
  await page.getByRole('status').getByText('Live').waitFor();
  await isReady(page);
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  process.stdout.write(`${name}.png\n`);
}

await Promise.all([
  shoot('dashboard-fleet', '', { ...WIDE, colorScheme: 'light' }, () => sleep(2000)),
  shoot('dashboard-resource', OPEN, { ...WIDE, colorScheme: 'dark' }, () => sleep(PLOT_MS)),
  shoot('dashboard-phone', '', { ...PHONE, colorScheme: 'light' }, () => sleep(2000)),
]);
await browser.close();
await served.close();
