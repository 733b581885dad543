/** The panels of the dashboard, and what their queries answer. */
import { installed, type Manifest } from '../chart/manifests.ts';
import type { Prometheus, Series } from './prometheus.ts';

export type Panel = {
  type: 'stat' | 'timeseries';
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig: { defaults: { unit: string; decimals?: number } };
  targets: { expr: string; legendFormat: string }[];
};

export function readPanels(): Panel[] {
  const hasDashboard = ({ kind, data }: Manifest) => kind === 'ConfigMap' && data?.['clockout.json'] !== undefined;
  return JSON.parse(installed('alerts').find(hasDashboard)?.data['clockout.json']).panels;
}

/** Each point of a query's answer that is a number, by what the legend calls its series. */
export async function askPanel(
  { queryRange }: Prometheus,
  { expr, legendFormat }: Panel['targets'][number],
  { from, to, step }: { from: number; to: number; step: number },
): Promise<{ name: string; points: [time: number, value: number][] }[]> {
  const query = expr
    .replaceAll('$namespace', '.*')
    .replaceAll('$__rate_interval', `${Math.max(4 * step, 15)}s`)
    .replaceAll('$__range', `${Math.ceil(to - from)}s`);
  const series = await queryRange(query, from, to, step);
  return series
    .map(({ metric, values }) => ({ name: nameOf(metric, legendFormat), points: numbersOf(values) }))
    .filter(({ points }) => points.length > 0);
}

// --- internal ---

/** As Grafana does it. */
const nameOf = (labels: Series['metric'], legend: string) =>
  legend.replace(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '').trim();

const numbersOf = (values: Series['values']) =>
  values.map(([time, value]): [number, number] => [time, Number(value)]).filter(([, value]) => Number.isFinite(value));
