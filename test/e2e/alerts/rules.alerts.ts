/** The chart's alerts in promtool: each fires when its fault is made, says so in words, and none fires on a good day. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { installed, only } from '../chart/manifests.ts';
import { attempt } from '../cluster/exec.ts';
import { faults, type InputSeries } from './faults.ts';
import { goodDay, jobs, minutes } from './good-day.ts';
import { programOf } from './programs.ts';

type Rule = { alert: string; for?: string; labels: Record<string, string>; annotations: Record<string, string> };

const { spec } = only(installed('alerts'), 'PrometheusRule');
const rules: Rule[] = spec.groups[0].rules;

const folder = mkdtempSync(join(tmpdir(), 'clockout-alerts-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'rules.yaml'), JSON.stringify(spec));

const promtool = async (...args: string[]) => {
  const { code, stdout, stderr } = await attempt([programOf('promtool'), ...args], { timeoutSeconds: 600 });
  return { code, output: `${stdout}${stderr}` };
};

type Expected = { expr: string; eval_time: string; exp_samples: { labels: string; value: number }[] };

async function run(series: InputSeries, expected: Expected[]): Promise<void> {
  const file = join(folder, 'test.yaml');
  const input_series = Object.entries(series).map(([name, values]) => ({ series: name, values }));
  const tests = [{ interval: '1m', input_series, promql_expr_test: expected }];
  writeFileSync(file, JSON.stringify({ rule_files: ['rules.yaml'], evaluation_interval: '1m', tests }));
  const { code, output } = await promtool('test', 'rules', file);
  expect(code, output).toBe(0);
}

/** As Prometheus sorts them. */
const asLabels = (labels: Record<string, string>) =>
  `ALERTS{${Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`;

it('are rules that Prometheus takes', async () => {
  const { code, output } = await promtool('check', 'rules', join(folder, 'rules.yaml'));
  expect(code, output).toBe(0);
  expect(output).toContain(`${rules.length} rules found`);
});

describe('an alert fires when its fault is made', () => {
  it('for each alert', () =>
    expect([...new Set(faults.map(({ alert }) => alert))].sort()).toEqual(rules.map(({ alert }) => alert).sort()));

  it.each(faults)('$alert: $fault', async ({ alert, series, at, labels = {} }) => {
    const rule = rules.find((each) => each.alert === alert);
    const expr = `ALERTS{alertname="${alert}",alertstate="firing"}`;
    const all = { alertname: alert, alertstate: 'firing', ...rule?.labels, ...labels };
    await run(series, [
      { expr, eval_time: '1m', exp_samples: [] },
      { expr, eval_time: `${at}m`, exp_samples: [{ labels: asLabels(all), value: 1 }] },
      // No other alert may depend on the same fault.
      { expr: `ALERTS{alertname!~"${alert}|ClockoutDown",alertstate="firing"}`, eval_time: `${at}m`, exp_samples: [] },
    ]);
  });

  it.each(faults)('$alert: its texts have only labels that it has then', ({ alert, labels = {} }) => {
    const { annotations = {} } = rules.find((rule) => rule.alert === alert) ?? {};
    const text = Object.values(annotations).join(' ');
    const named = [...text.matchAll(/\$labels\.(\w+)/g)].map(([, name]) => `${name}`);
    expect(named.filter((name) => !(name in labels))).toEqual([]);
    for (const [name, value] of Object.entries(labels))
      if (name.endsWith('namespace')) expect(named.includes(name) || text.includes(value), text).toBe(true);
  });
});

it(`none fires on a good day of ${jobs} Jobs`, async () => {
  const fired = 'count by (alertname) (count_over_time(ALERTS{alertstate="firing"}[1d]))';
  const seen = 'count(count by (pod) (count_over_time(kube_pod_owner{owner_name=~"job-.+"}[1d])))';
  await run(goodDay, [
    { expr: fired, eval_time: `${minutes}m`, exp_samples: [] },
    { expr: seen, eval_time: `${minutes}m`, exp_samples: [{ labels: '{}', value: jobs }] },
  ]);
}, 600_000);
