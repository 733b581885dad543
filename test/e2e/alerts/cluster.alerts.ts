/**
 * Faults that are made on the test cluster (npm run cluster up), and the alerts that then fire: by the API server's own metrics, by
 * kube-state-metrics, and by Clockout's count of the pods that hang. They fire at once here: promtool tests how long they wait.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installed, only } from '../chart/manifests.ts';
import { run } from '../cluster/exec.ts';
import { startClockout } from './clockout.ts';
import { startKubeStateMetrics } from './kube-state-metrics.ts';
import { apply, canUseCluster, kubeconfig, kubectl, startProxy } from './on-cluster.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';

const namespace = `alerts-${process.pid}`;
const unreachable = `${namespace}-unreachable`;

/** In seconds, in place of the ten minutes in which the API server's failures count. */
const window = 20;

const job = (name: string, template: { labels?: Record<string, string> } = {}) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, namespace },
  spec: {
    backoffLimit: 0,
    template: {
      metadata: template,
      spec: {
        restartPolicy: 'Never',
        containers: [
          { name: 'app', image: 'localhost/app:1', command: ['/app'], env: [{ name: 'SLEEP', value: '1' }] },
        ],
      },
    },
  },
});

/** Webhooks of Clockout's names that nobody answers, for pods of this test only. */
const unanswered = (name: string, failurePolicy: string) => ({
  name,
  failurePolicy,
  clientConfig: { service: { name: 'nobody', namespace, path: '/mutate' } },
  rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  objectSelector: { matchLabels: { fault: failurePolicy.toLowerCase() } },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  timeoutSeconds: 1,
});

describe.skipIf(!canUseCluster)('on the test cluster', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clockout-alerts-'));
  const closers: (() => unknown)[] = [() => rmSync(folder, { recursive: true })];
  let prometheus: Prometheus;

  beforeAll(async () => {
    const labels = { 'istio-injection': 'enabled' };
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
    closers.push(() => run(kubectl('delete', 'namespace', namespace, '--wait=false')));
    await apply({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: unreachable },
      webhooks: [unanswered('pod.clockout.dev', 'Ignore'), unanswered('job.clockout.dev', 'Fail')],
    });
    closers.push(() => run(kubectl('delete', 'mutatingwebhookconfiguration', unreachable)));

    const state = await startKubeStateMetrics(kubeconfig);
    closers.push(state.stop);
    const clockout = await startClockout(folder, kubeconfig);
    closers.push(clockout.stop);
    const proxy = await startProxy();
    closers.push(proxy.stop);
    const { spec } = only(installed('alerts'), 'PrometheusRule');
    const rules = spec.groups[0].rules.map(({ for: _, expr, ...rule }: { for?: string; expr: string }) => ({
      ...rule,
      expr: expr.replaceAll('10m', `${window}s`),
    }));
    prometheus = await startPrometheus(
      [
        { job: 'apiserver', address: proxy.address },
        { job: 'kube-state-metrics', address: state.address },
        { job: 'clockout', address: clockout.metrics, labels: { namespace: 'clockout', pod: 'clockout-1' } },
      ],
      { groups: [{ name: 'clockout', rules }] },
    );
    closers.push(prometheus.close);
  }, 180_000);
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  const firing = async (alert: string): Promise<string[]> => {
    const rule = (await prometheus.rules()).find(({ name }) => name === alert);
    return (rule?.alerts ?? []).map(({ annotations }) => `${annotations.description}`);
  };
  /** Others use the cluster, too. */
  const fires = (alert: string, text: string) =>
    expect
      .poll(() => firing(alert), { timeout: 150_000, interval: 1000 })
      .toContainEqual(expect.stringContaining(text));

  it('a Job hangs that Clockout was not asked about: the alerts name it, and stop when its proxy has ended', async () => {
    await apply(job('report'));
    await fires('ClockoutProxyOutlivesApp', `The Job report in the namespace ${namespace} does not finish`);
    await fires('ClockoutHangingPods', `In the namespace ${namespace}, 1 pods of Jobs hang`);
    const [, pod = ''] = (await run(kubectl('get', 'pod', '-n', namespace, '-l', 'job-name=report', '-o', 'name')))
      .trim()
      .split('/');
    await run(
      kubectl(
        'exec',
        '-n',
        namespace,
        pod,
        '-c',
        'istio-proxy',
        '--',
        'pilot-agent',
        'request',
        'POST',
        'quitquitquit',
      ),
    );
    await expect
      .poll(async () => (await firing('ClockoutProxyOutlivesApp')).filter((text) => text.includes(namespace)), {
        timeout: 60_000,
        interval: 1000,
      })
      .toEqual([]);
  }, 400_000);

  it.each([
    ['ClockoutFailedOpen', 'admits', 'ignore', 'could not reach the webhook pod.clockout.dev'],
    ['ClockoutRefusesPods', 'refuses', 'fail', 'Calls of the webhook job.clockout.dev failed'],
  ])(
    '%s: the API server %s a pod because it cannot reach the webhook',
    async (alert, _does, fault, text) => {
      await sleep((window + 5) * 1000);
      await apply(job(fault, { labels: { fault } }));
      await fires(alert, text);
    },
    400_000,
  );
});
