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
import { readQueries } from './queries.ts';

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

type Test = { interval: string; series: InputSeries; expected: Expected[]; withRules: boolean };

async function test({ interval, series, expected, withRules }: Test): Promise<void> {
  const file = join(folder, 'test.yaml');
  const input_series = Object.entries(series).map(([name, values]) => ({ series: name, values }));
  const tests = [{ interval, input_series, promql_expr_test: expected }];
  const rule_files = withRules ? ['rules.yaml'] : [];
  writeFileSync(file, JSON.stringify({ rule_files, evaluation_interval: interval, tests }));
  const { code, output } = await promtool('test', 'rules', file);
  expect(code, output).toBe(0);
}

/** Evaluates the rules once a minute. */
const run = (series: InputSeries, expected: Expected[]) => test({ interval: '1m', series, expected, withRules: true });

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

describe('the queries that say when Clockout can be removed', () => {
  const queries = readQueries('removal.md').map(({ query }) => query);
  const [remembered = '', changed = '', skipped = '', classic = '', cronJobs = ''] = queries;
  const clockout = 'namespace="mesh-jobs",pod="clockout-1"';
  const pod = 'namespace="shop",pod="monthly",uid="1"';
  const day = 86_400;
  // Every hour for 42 days. On day 5, a monthly CronJob runs for the last time as a classic pod.
  const onDay5 = '0x119 1x900';
  const series: InputSeries = {
    [`clockout_build_info{${clockout}}`]: '1x1100',
    [`clockout_wrapped_containers_total{${clockout},entrypoint="pod"}`]: onDay5,
    [`clockout_converted_pods_total{${clockout},nodes="new"}`]: '0x1100',
    [`clockout_repaired_pods_total{${clockout},sidecar="other"}`]: '0x1100',
    [`clockout_skipped_pods_total{${clockout},reason="no-entrypoint"}`]: onDay5,
    [`clockout_skipped_pods_total{${clockout},reason="too-large"}`]: '0x1100',
    [`kube_pod_owner{${pod},owner_kind="Job"}`]: '_x120 1x3 stale',
    [`kube_pod_container_status_running{${pod},container="istio-proxy"}`]: '_x120 1x3 stale',
    'kube_cronjob_info{namespace="shop",cronjob="monthly"}': '1x1100',
    'kube_cronjob_info{namespace="shop",cronjob="suspended"}': '1x1100',
    'kube_cronjob_status_last_schedule_time{namespace="shop",cronjob="monthly"}': `${5 * day}x1100`,
  };
  const ask = (expr: string, eval_time: string, value?: number) =>
    test({
      interval: '1h',
      series,
      withRules: false,
      expected: [{ expr, eval_time, exp_samples: value === undefined ? [] : [{ labels: '{}', value }] }],
    });

  it('there are five', () => expect(queries).toHaveLength(5));
  it('how many days Prometheus remembers', () => ask(remembered, '41d', 36));
  it.each<[string, string, string, number | undefined]>([
    ['a pod was wrapped 31 days ago', `(${changed}) > bool 0.5`, '36d', 1],
    ['no pod was wrapped in 35 days', changed, '41d', 0],
    ['a pod was skipped 31 days ago', `count(${skipped})`, '36d', 1],
    ['no pod was skipped in 35 days', skipped, '41d', undefined],
    ['a classic pod ran 31 days ago', `count(${classic})`, '36d', 1],
    ['no classic pod ran in 35 days', classic, '41d', undefined],
    ['of two CronJobs, one has never run', `count(${cronJobs})`, '36d', 1],
    ['of two CronJobs, none has run in 35 days', `count(${cronJobs})`, '41d', 2],
  ])('%s', (_, expr, at, value) => ask(expr, at, value));
});
