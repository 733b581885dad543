/**
 * A real Prometheus over a real run of the server: each rule can be evaluated, and each query of the dashboard has an answer. With
 * RECORD=1, the run is longer, and its answers become docs/images/dashboard.json, from which scripts/draw-dashboard.ts draws.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installed, only } from '../chart/manifests.ts';
import { root } from '../cluster/paths.ts';
import { hasKubeStateMetrics } from './kube-state-metrics.ts';
import { askPanel, readPanels } from './panels.ts';
import { allQueries } from './queries.ts';
import { type RealRun, runForReal } from './real-run.ts';

const isRecorded = process.env.RECORD === '1';
const seconds = isRecorded ? 240 : 20;
const { spec } = only(installed('alerts'), 'PrometheusRule');
const panels = readPanels();

let run: RealRun;
beforeAll(async () => {
  if (!hasKubeStateMetrics)
    console.warn('kube-state-metrics is not built, so its alerts run only in promtool: FULL=1 builds it, with Go');
  run = await runForReal(spec, seconds);
}, 400_000);
afterAll(() => run?.close());

it('Prometheus evaluates each rule', async () => {
  const rules = await run.prometheus.rules();
  expect(rules).toHaveLength(spec.groups[0].rules.length);
  expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
});

const descriptionsOf = async (alert: string) =>
  (await run.prometheus.rules())
    .find(({ name }) => name === alert)
    ?.alerts.map(({ annotations }) => annotations.description)
    .sort();

it('the alert on hanging pods waits to fire, and says where they are', async () => {
  expect(await descriptionsOf('ClockoutHangingPods')).toEqual([
    expect.stringMatching(/^In the namespace billing, 1 pods/),
    expect.stringMatching(/^In the namespace shop, 2 pods/),
  ]);
});

it.skipIf(!hasKubeStateMetrics)('so does the alert by kube-state-metrics, which names each Job', async () => {
  expect(await descriptionsOf('ClockoutProxyOutlivesApp')).toEqual([
    expect.stringMatching(/^The Job close in the namespace billing/),
    expect.stringMatching(/^The Job invoice in the namespace shop/),
    expect.stringMatching(/^The Job report in the namespace shop/),
  ]);
});

const step = isRecorded ? 4 : 1;
const queries = panels.flatMap(({ title, targets }) => targets.map((target) => ({ title, target })));

describe('a query of the dashboard has an answer', () => {
  it.each(queries)('$title: $target.legendFormat', async ({ target }) =>
    expect(await askPanel(run.prometheus, target, { ...run, step })).not.toEqual([]),
  );
});

it.each(allQueries())('Prometheus takes the query of $page: $query', async ({ query }) => {
  const { to } = run;
  expect(await run.prometheus.queryRange(query, to, to, 1)).toBeInstanceOf(Array);
});

it.runIf(isRecorded)('the answers are recorded', async () => {
  const { from, to, prometheus } = run;
  const round = (value: number) => Number(value.toPrecision(3));
  const answers = [];
  for (const { type, title, gridPos, fieldConfig, targets } of panels) {
    const series = (
      await Promise.all(targets.map((target) => askPanel(prometheus, target, { from, to, step })))
    ).flat();
    const points = series.map(({ name, points }) => ({
      name,
      points: points.map(([time, value]) => [Math.round(time - from), round(value)]),
    }));
    answers.push({ type, title, grid: gridPos, ...fieldConfig.defaults, series: points });
  }
  const file = join(root, 'docs', 'images', 'dashboard.json');
  writeFileSync(file, `${JSON.stringify({ seconds: Math.round(to - from), panels: answers })}\n`);
});
