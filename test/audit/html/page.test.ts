/** The page as text: what is escaped, and that it is whole. test/e2e/page/ shows it to a browser. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { html } from '../../../src/audit/html/markup.ts';
import { auditPage } from '../../../src/audit/html/page.ts';
import { hostileReport, mixedReport } from '../reports.ts';

const page = auditPage(mixedReport);
const hostile = auditPage(hostileReport);
const partsOf = (text: string, tag: string) =>
  [...text.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))].map(([, content]) => `${content}`);

describe('html', () => {
  it.each([
    ['<b>', '&lt;b&gt;'],
    ['"\'&', '&quot;&#39;&amp;'],
    ['a\u202eb\u0000c', 'a b c'],
    ['x'.repeat(3000), `${'x'.repeat(1999)}…`],
  ])('escapes and cuts a text', (text, expected) => expect(html`<p>${text}</p>`.html).toBe(`<p>${expected}</p>`));

  it('takes HTML, lists of it and numbers as they are', () =>
    expect(html`${html`<b>`}${[html`1`, html`2`]}${3}${undefined}`.html).toBe('<b>123'));
});

describe('the page of an audit', () => {
  it('says the verdict first', () => {
    expect(partsOf(page, 'h1')).toEqual(['Clockout is needed for 27 of 42 Jobs and CronJobs']);
    expect(page.indexOf('<h1>')).toBeLessThan(page.indexOf('<section>'));
  });

  it('has a row for each Job and CronJob', () =>
    expect(page.match(/<tr data-fate="/g)).toHaveLength(mixedReport.rows.length));

  it('allows only the style and the script that are in it', () => {
    const [style, ...styles] = partsOf(page, 'style');
    const [script, ...scripts] = partsOf(page, 'script');
    expect([...styles, ...scripts]).toEqual([]);
    const hash = (text = '') => createHash('sha256').update(text).digest('base64');
    expect(page).toContain(
      `content="default-src 'none'; style-src 'sha256-${hash(style)}'; script-src 'sha256-${hash(script)}'; base-uri 'none'; form-action 'none'"`,
    );
  });

  it('needs nothing from outside', () => {
    expect(page).not.toMatch(/\b(?:src|href)=|url\(|@import/);
    expect(page).not.toMatch(/ style="| on[a-z]+="/);
  });

  it('escapes every text of the cluster', () => {
    expect(partsOf(hostile, 'script')).toEqual(partsOf(page, 'script'));
    expect(partsOf(hostile, 'style')).toEqual(partsOf(page, 'style'));
    expect(hostile).not.toMatch(/<img|\u202e/);
    expect(hostile.includes('\u0000')).toBe(false);
    expect(hostile.match(/&lt;img src=x onerror=&quot;/g)?.length).toBeGreaterThan(100);
  });
});
