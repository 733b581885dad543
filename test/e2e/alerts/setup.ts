/** Vitest calls it once, before all files: the programs that the tests run must be there, or are fetched. */
import { buildKubeStateMetrics } from './kube-state-metrics.ts';
import { fetchPrometheus } from './programs.ts';

export default async function setup(): Promise<void> {
  await fetchPrometheus();
  if (process.env.FULL === '1') await buildKubeStateMetrics();
}
