/** The page of an audit: what a reader sees and can do, at two widths, in light and in dark. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditPage } from '../../../src/audit/html/page.ts';
import { hostileReport, mixedReport } from '../../audit/reports.ts';
import { type Browser, openBrowser } from './chromium.ts';

/** Where the page and its pictures go, to be looked at. */
const folder = join(import.meta.dirname, '../../../dist/page');

let browser: Browser;
beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  browser = await openBrowser();
  await browser.send('Page.enable');
  await browser.send('Network.enable');
  await browser.send('Log.enable');
  await browser.send('Runtime.enable');
});
afterAll(() => browser?.close());

async function show(name: string, html: string): Promise<void> {
  const file = join(folder, `${name}.html`);
  writeFileSync(file, html);
  const { href } = pathToFileURL(file);
  await browser.send('Page.navigate', { url: href });
  await until(`document.readyState === 'complete' && location.href === ${JSON.stringify(href)}`);
}

async function evaluate<T>(expression: string): Promise<T> {
  const { result } = await browser.send<{ result: { value: T } }>('Runtime.evaluate', {
    expression,
    returnByValue: true,
  });
  return result.value;
}

async function until(expression: string): Promise<void> {
  for (let tries = 0; !(await evaluate(expression)); tries++) {
    if (tries > 300) throw new Error(`expected in the page: ${expression}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const setView = async (width: number, scheme: string) => {
  await browser.send('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false });
  await browser.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
};

const firstCells = (column: number) =>
  evaluate<string[]>(
    `[...document.querySelectorAll('#rows tbody tr:not([hidden])')].slice(0, 3).map((row) => row.cells[${column}].textContent)`,
  );

describe('the page', () => {
  it.each([
    [1280, 'light'],
    [1280, 'dark'],
    [420, 'light'],
    [420, 'dark'],
  ])('fits a window of %i pixels, %s', async (width, scheme) => {
    await setView(width, scheme);
    await show('audit', auditPage(mixedReport));
    expect(await evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    const { data } = await browser.send<{ data: string }>('Page.captureScreenshot', { captureBeyondViewport: true });
    writeFileSync(join(folder, `audit-${width}-${scheme}.png`), Buffer.from(data, 'base64'));
    const background = await evaluate<string>('getComputedStyle(document.body).backgroundColor');
    expect(background).toBe(scheme === 'dark' ? 'rgb(18, 22, 28)' : 'rgb(245, 246, 248)');
  });

  it('filters its rows by words and by fate', async () => {
    await setView(1280, 'light');
    await show('audit', auditPage(mixedReport));
    const type = (id: string, value: string) =>
      evaluate(
        `{ const field = document.getElementById('${id}'); field.value = ${JSON.stringify(value)}; field.dispatchEvent(new Event('input')); }`,
      );
    await type('filter', 'SHOP hung');
    expect(await firstCells(1)).toEqual(['job/hung-1', 'job/hung-2', 'job/hung-3']);
    await type('filter', '');
    await type('fate', 'suspended-is-none');
    await type('fate', 'native');
    expect(new Set(await firstCells(2))).toEqual(new Set(['native']));
    expect(await evaluate("document.getElementById('shown').textContent")).toMatch(/^\d+ of \d+$/);
  });

  it('sorts its rows by numbers and by names', async () => {
    await show('audit', auditPage(mixedReport));
    const click = (column: number) => evaluate(`document.querySelectorAll('#rows th button')[${column}].click()`);
    await click(5);
    await click(5);
    const [first = '', second = ''] = await firstCells(5);
    expect([first, second]).toEqual(['9d1h', '6d']);
    await click(1);
    const names = await firstCells(1);
    expect(names).toEqual(names.toSorted());
  });

  it('asks nothing of anybody, and runs no script of a cluster', async () => {
    browser.events.length = 0;
    await show('hostile', auditPage(hostileReport));
    expect(await evaluate('window.pwned')).toBeUndefined();
    expect(await evaluate("document.querySelectorAll('img, iframe, link, script').length")).toBe(1);
    const requests = browser.events
      .filter(({ method }) => method === 'Network.requestWillBeSent')
      .map(({ params }) => (params as { request: { url: string } }).request.url);
    expect(requests.filter((url) => !url.endsWith('/hostile.html'))).toEqual([]);
    // A style or a script that the policy of the page forbids would be here.
    expect(
      browser.events.filter(({ method }) => method === 'Log.entryAdded' || method === 'Runtime.exceptionThrown'),
    ).toEqual([]);
  });
});
