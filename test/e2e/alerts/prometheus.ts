/** A Prometheus on loopback, which scrapes every two seconds. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from './processes.ts';
import { programOf } from './programs.ts';

export type Target = { job: string; address: string; labels?: Record<string, string> };

export type Series = { metric: Record<string, string>; values: [time: number, value: string][] };

type Rule = {
  name: string;
  health: string;
  lastError?: string;
  state: 'inactive' | 'pending' | 'firing';
  alerts: { labels: Record<string, string>; annotations: Record<string, string> }[];
};

/** @param rules as in a file of rules */
export async function startPrometheus(targets: readonly Target[], rules: unknown) {
  const folder = await mkdtemp(join(tmpdir(), 'clockout-prometheus-'));
  await writeFile(join(folder, 'rules.yaml'), JSON.stringify(rules));
  // JSON is YAML.
  await writeFile(
    join(folder, 'prometheus.yaml'),
    JSON.stringify({
      global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '1s' },
      rule_files: ['rules.yaml'],
      scrape_configs: targets.map(({ job, address, labels = {} }) => ({
        job_name: job,
        // As the usual installations of kube-state-metrics have it: the labels of a pod win over those of the target.
        honor_labels: job === 'kube-state-metrics',
        static_configs: [{ targets: [address], labels }],
      })),
    }),
  );
  const { match, stop } = await start(
    [
      programOf('prometheus'),
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
    ],
    /"Listening on" address=([\d.:]+)/,
  );

  const ask = async (path: string, query: Record<string, string> = {}) => {
    const response = await fetch(`http://${match[1]}/api/v1/${path}?${new URLSearchParams(query)}`);
    const { status, data, error } = (await response.json()) as { status: string; data: unknown; error?: string };
    if (status !== 'success') throw new Error(`Prometheus did not answer ${query.query ?? path}: ${error}`);
    return data;
  };
  return {
    /** Between two times in seconds. */
    queryRange: async (query: string, from: number, to: number, step: number): Promise<Series[]> => {
      const data = await ask('query_range', { query, start: `${from}`, end: `${to}`, step: `${step}` });
      return (data as { result: Series[] }).result;
    },
    rules: async (): Promise<Rule[]> =>
      ((await ask('rules')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules),
    close: async () => {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
}

export type Prometheus = Awaited<ReturnType<typeof startPrometheus>>;
