import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderPage, renderPictures } from '../../bench/page.ts';
import { parts } from '../../bench/parts.ts';
import type { Result } from '../../bench/result.ts';

const machine = { cpu: 'A CPU', cores: 2, memoryGibibytes: 24, load: 0.5, versions: { Clockout: '1.0.0' } };
const part = { name: 'review', title: 'Reviews', about: 'How.' };
const measured: Result = {
  part: 'review',
  date: '2026-11-30',
  machine,
  tables: [{ caption: 'All of them', head: ['Pod', 'ms'], rows: [['wrapped', '1']] }],
  pictures: [
    {
      kind: 'bars',
      name: 'review',
      title: 'Reviews & more',
      unit: 'a second',
      series: ['Clockout', 'bare'],
      groups: [{ label: 'wrapped', values: [10, 20] }],
    },
  ],
};

describe('the page', () => {
  it('says when and on which machine, and has pictures and tables', () => {
    const page = renderPage([part], [measured]);
    expect(page).toContain('## Reviews\n\nHow.\n');
    expect(page).toContain('Measured on 2026-11-30: A CPU, 2 cores, 24 GiB; load 0.5; Clockout 1.0.0.');
    expect(page).toContain('![Reviews & more](images/bench-review.svg)');
    expect(page).toContain('All of them:\n\n| Pod | ms |\n| --- | --- |\n| wrapped | 1 |\n');
  });

  it('says where the machine was busy', () => {
    const busy = { ...measured, machine: { ...machine, load: 2.1 } };
    expect(renderPage([part], [busy])).toContain('**The machine was busy');
    expect(renderPage([part], [measured])).not.toContain('**The machine was busy');
  });

  it('says that a part was not run, and why', () => {
    expect(renderPage([part], [])).toContain('Not run. `npm run bench -- review` measures it.');
    const notRun: Result = { part: 'review', date: '2026-11-30', machine, notRun: 'The test cluster is not up.' };
    expect(renderPage([part], [notRun])).toContain('Not run on 2026-11-30: The test cluster is not up.');
    expect(renderPictures([notRun])).toEqual([]);
  });
});

describe('a picture', () => {
  it('has a bar of its length for each value', () => {
    const [picture] = renderPictures([measured]);
    expect(picture?.file).toBe('docs/images/bench-review.svg');
    const [half, whole] = [
      ...`${picture?.text}`.matchAll(/<rect class="series-[01]" x="[\d.]+" y="[\d.]+" width="([\d.]+)" height="14"/g),
    ].map(([, width]) => Number(width));
    expect(Number(half) * 2).toBeCloseTo(Number(whole), 0);
  });

  it.each(['light', 'dark'])('is legible on a %s page', (scheme) => {
    const [picture] = renderPictures([measured]);
    const [light = '', dark = ''] = `${picture?.text}`.split('@media (prefers-color-scheme: dark)');
    const rules = scheme === 'light' ? light : dark;
    for (const rule of ['.page {', 'text {', '.series-0 {', '.series-1 {']) expect(rules).toContain(rule);
  });
});

describe('docs/benchmarks.md', () => {
  const root = join(import.meta.dirname, '../..');
  const results: Result[] = readdirSync(join(root, 'bench/results')).map((file) =>
    JSON.parse(readFileSync(join(root, 'bench/results', file), 'utf8')),
  );

  it('shows the results (else: npm run bench -- --render)', () => {
    expect(readFileSync(join(root, 'docs/benchmarks.md'), 'utf8')).toBe(renderPage(parts, results));
    for (const { file, text } of renderPictures(results)) expect(readFileSync(join(root, file), 'utf8')).toBe(text);
  });

  it('names no host and no path of the machine', () =>
    expect(JSON.stringify(results)).not.toMatch(/\/(root|home|tmp|work|var)\//));
});
