/** A real run to look at: the built server, what it talks to, real reviews over HTTPS, and a Prometheus that scrapes them all. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeImage } from '../../oci/content.ts';
import { serveImages, startServer } from '../../oci/fake-registry.ts';
import { startApiServerMetrics } from './api-server-metrics.ts';
import { startClockout } from './clockout.ts';
import { startCluster } from './cluster.ts';
import { hasKubeStateMetrics, startKubeStateMetrics } from './kube-state-metrics.ts';
import { type Prometheus, startPrometheus, type Target } from './prometheus.ts';
import { sendReviews } from './traffic.ts';

export type RealRun = {
  prometheus: Prometheus;
  /** When it began and ended, in seconds. */
  from: number;
  to: number;
  close: () => Promise<void>;
};

/** @param rules as in a file of rules */
export async function runForReal(rules: unknown, seconds: number): Promise<RealRun> {
  const folder = mkdtempSync(join(tmpdir(), 'clockout-run-'));
  const closers: (() => unknown)[] = [() => rmSync(folder, { recursive: true })];
  const close = async () => {
    for (const each of closers.reverse()) await each();
  };
  try {
    const cluster = await startCluster();
    closers.push(cluster.close);
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, cluster.kubeconfig);
    const registry = await startServer(serveImages({ 1: makeImage({ entrypoint: ['/app'] }) }));
    closers.push(registry.close);
    const api = await startApiServerMetrics();
    closers.push(api.close);
    const server = await startClockout(folder, kubeconfig, {
      CLOCKOUT_REGISTRY_PLAIN_HTTP: registry.host,
      // So that the registry is asked again and again.
      CLOCKOUT_REGISTRY_TAG_LIFETIME: '1s',
      CLOCKOUT_REGISTRY_FAILURE_LIFETIME: '1s',
    });
    closers.push(server.stop);
    const targets: Target[] = [
      { job: 'clockout', address: server.metrics, labels: { namespace: 'mesh-jobs', pod: 'clockout-1' } },
      { job: 'apiserver', address: api.address },
    ];
    if (hasKubeStateMetrics) {
      const state = await startKubeStateMetrics(kubeconfig);
      closers.push(state.stop);
      targets.push({ job: 'kube-state-metrics', address: state.address });
    }
    const prometheus = await startPrometheus(targets, rules);
    closers.push(prometheus.close);
    const from = Date.now() / 1000;
    await sendReviews(server.webhook, server.ca, registry.host, seconds);
    return { prometheus, from, to: Date.now() / 1000, close };
  } catch (error) {
    await close();
    throw error;
  }
}
