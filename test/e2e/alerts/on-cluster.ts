/** What the tests of alerts need of the test cluster (npm run cluster up): its kubectl, and the API server's metrics. */
import { existsSync } from 'node:fs';
import { binaries } from '../cluster/binaries.ts';
import { run } from '../cluster/exec.ts';
import { inState } from '../cluster/paths.ts';
import { hasKubeStateMetrics } from './kube-state-metrics.ts';
import { start } from './processes.ts';

export const kubeconfig = inState('admin.kubeconfig');

export const canUseCluster = existsSync(kubeconfig) && hasKubeStateMetrics;

export const kubectl = (...args: string[]) => [binaries.kubectl, '--kubeconfig', kubeconfig, ...args];

export const apply = (...objects: object[]) =>
  run(kubectl('apply', '-f', '-'), { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) });

/** kubectl as a proxy, since the API server's metrics need credentials. */
export async function startProxy() {
  const { match, stop } = await start(kubectl('proxy', '--port=0'), /Starting to serve on ([\d.:]+)/);
  return { address: `${match[1]}`, stop };
}
