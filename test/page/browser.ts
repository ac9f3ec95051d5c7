/** Headless Chromium, as Debian packages it, and a page of it that minds its manners. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

export function launchBrowser(): Promise<Browser> {
  // Its sandbox wants rights that a container does not give; what is opened here is ours.
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
}

export type Opened = {
  page: Page;
  /** URLs that it asked for. */
  requests: string[];
  /** What it complained about: errors of scripts, refused styles, failed loads. */
  complaints: string[];
};

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, ...options });
  const page = await context.newPage();
  // A machine with much to do is no fault of the page.
  page.setDefaultTimeout(60_000);
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await page.goto(url);
  return { page, requests, complaints };
}
