/**
 * A good day on the test cluster: real Jobs that end as they should, and no alert fires. FULL=1 runs it, as it takes minutes; JOBS says how
 * many Jobs (200), and PARALLEL how many at a time (12). Install Clockout first: `npm run cluster -- install`.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installed, only } from '../chart/manifests.ts';
import { connect, type KubeObject } from '../cluster/api.ts';
import { run } from '../cluster/exec.ts';
import { replicas } from '../cluster/install.ts';
import { sleep } from '../cluster/progress.ts';
import { startKubeStateMetrics } from './kube-state-metrics.ts';
import { apply, canUseCluster, kubeconfig, kubectl, startProxy } from './on-cluster.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';

const jobs = Number(process.env.JOBS ?? 200);
const parallel = Number(process.env.PARALLEL ?? 12);
const namespace = `good-day-${process.pid}`;
const minute = 60_000;

const job = (index: number) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: `job-${index}`, namespace },
  spec: {
    backoffLimit: 0,
    template: {
      spec: {
        restartPolicy: 'Never',
        containers: [
          { name: 'app', image: 'localhost/app:1', command: ['/app'], env: [{ name: 'SLEEP', value: `${index % 4}` }] },
        ],
      },
    },
  },
});

/** An alert waits for a tenth of its time, because the day lasts minutes. */
const hurried = (rule: { for?: string }) => ({
  ...rule,
  ...(rule.for && { for: `${Number.parseInt(rule.for, 10) * 6}s` }),
});

describe.skipIf(!canUseCluster || process.env.FULL !== '1')('on the test cluster', () => {
  const api = connect();
  const closers: (() => unknown)[] = [() => api.close()];
  let prometheus: Prometheus;

  beforeAll(async () => {
    const labels = { 'istio-injection': 'enabled', 'clockout.dev/inject': 'enabled' };
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
    closers.push(() => run(kubectl('delete', 'namespace', namespace, '--wait=false')));
    const state = await startKubeStateMetrics(kubeconfig);
    closers.push(state.stop);
    const proxy = await startProxy();
    closers.push(proxy.stop);
    const clockout = (await replicas(api)).map(({ metadata, status }: KubeObject) => ({
      job: `clockout-${metadata.name}`,
      address: `${status.podIP}:9090`,
      labels: { namespace: metadata.namespace, pod: metadata.name },
    }));
    const { rules } = only(installed('alerts'), 'PrometheusRule').spec.groups[0];
    prometheus = await startPrometheus(
      [
        { job: 'apiserver', address: proxy.address },
        { job: 'kube-state-metrics', address: state.address },
        ...clockout,
      ],
      { groups: [{ name: 'clockout', rules: rules.map(hurried) }] },
    );
    closers.push(prometheus.close);
  }, 3 * minute);
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  it(`${jobs} Jobs complete, and no alert fires`, { timeout: 60 * minute }, async () => {
    const from = Date.now() / 1000;
    await completeAll();
    await sleep(5000);
    const to = Date.now() / 1000;
    const ask = async (query: string) => await prometheus.queryRange(query, from, to, Math.ceil((to - from) / 5000));
    const last = async (query: string) => Number((await ask(query))[0]?.values.at(-1)?.[1]);

    // It has seen the day.
    expect(await last('count(clockout_build_info)')).toBe((await replicas(api)).length);
    const length = Math.ceil(to - from);
    const owners = `count(last_over_time(kube_pod_owner{owner_kind="Job",namespace="${namespace}"}[${length}s]))`;
    expect(await last(owners)).toBeGreaterThanOrEqual(jobs * 0.9);
    expect(await last('max(max_over_time(up{job="apiserver"}[5m]))')).toBe(1);
    expect(await last('sum(increase(clockout_wrapped_containers_total[5m]))')).toBeGreaterThan(0);
    expect((await prometheus.rules()).filter(({ health }) => health !== 'ok')).toEqual([]);

    // Others use the cluster, too: their namespaces do not count.
    const isOurs = ({ namespace: at, job_namespace: of }: Record<string, string>) =>
      [of ?? at ?? namespace].some((each) => each === namespace || each === 'clockout');
    const fired = (await ask('ALERTS{alertstate="firing"}')).map(({ metric }) => metric).filter(isOurs);
    expect(fired).toEqual([]);
    const pending = (await ask('ALERTS{alertstate="pending"}')).map(({ metric }) => metric).filter(isOurs);
    console.log(
      `${jobs} Jobs in ${length} s; pending for a while: ${pending.map((each) => each.alertname).join() || 'none'}`,
    );
  });

  /** Each Job is deleted as soon as it is done. */
  async function completeAll(): Promise<void> {
    const path = `/apis/batch/v1/namespaces/${namespace}/jobs`;
    let begun = 0;
    let done = 0;
    for (let active = 0; done < jobs; ) {
      for (; active < parallel && begun < jobs; active++) await api.create(job(begun++));
      await sleep(1000);
      for (const { metadata, status } of (await api.get(path)).items) {
        const types = status.conditions?.map(({ type }: KubeObject) => type) ?? [];
        expect(types, `how ${metadata.name} ended`).not.toContain('Failed');
        if (metadata.deletionTimestamp || !types.includes('Complete')) continue;
        await api.delete(`${path}/${metadata.name}`);
        done++;
        active--;
      }
    }
  }
});
