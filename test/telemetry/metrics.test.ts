import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import type { Outcome } from '../../src/admission/outcome.ts';
import type { Treatment } from '../../src/admission/treatment.ts';
import { reasons } from '../../src/decide/reasons.ts';
import { createMetrics, metricTable } from '../../src/telemetry/metrics.ts';
import { app, classicPod, jobPod, settings, withStrategy } from '../support/pods.ts';

const expiry = new Date('2027-01-01T00:00:00Z');
const create = (more: { namespaces?: number } = {}) =>
  createMetrics({ version: '1.2.3', certificateExpiry: () => expiry, ...more });
const admit = (pod: Parameters<typeof admitPod>[0]) => admitPod(pod, { from: 'server' }, settings);
const count = (metrics: ReturnType<typeof create>, outcome: Outcome, treatment: Treatment = 'admitted') => {
  metrics.countReview(outcome, treatment);
  metrics.countRepairs(outcome, treatment);
  metrics.countPod(outcome, treatment, 'team');
};
const lines = async (metrics: ReturnType<typeof create>) => (await metrics.read()).split('\n');

describe('createMetrics', () => {
  it('starts every known row at 0', async () => {
    const text = await lines(create());
    for (const reason of Object.keys(reasons))
      expect(text).toContain(`clockout_skipped_pods_total{reason="${reason}"} 0`);
    for (const outcome of ['patched', 'complete', 'skipped', 'refused', 'invalid', 'failed'])
      expect(text).toContain(`clockout_admission_reviews_total{outcome="${outcome}"} 0`);
    for (const entrypoint of ['pod', 'annotation', 'image'])
      expect(text).toContain(`clockout_wrapped_containers_total{entrypoint="${entrypoint}"} 0`);
  });

  it('counts a wrapped pod, and each of its containers by entrypoint', async () => {
    const metrics = create();
    count(metrics, await admit(classicPod()));
    const text = await lines(metrics);
    expect(text).toContain('clockout_admission_reviews_total{outcome="patched"} 1');
    expect(text).toContain('clockout_wrapped_containers_total{entrypoint="pod"} 1');
  });

  it('counts a pod whose sidecars became native, by what is known of the nodes', async () => {
    const metrics = create();
    for (const versions of [{ apiServer: 35, oldestNode: 33 }, { apiServer: 35, oldestNode: 28 }, { apiServer: 35 }])
      count(metrics, await admitPod(classicPod(), { from: 'server' }, withStrategy('native', versions)));
    const text = await lines(metrics);
    for (const nodes of ['new', 'old', 'unknown'])
      expect(text).toContain(`clockout_converted_pods_total{nodes="${nodes}"} 1`);
    expect(text).toContain('clockout_wrapped_containers_total{entrypoint="pod"} 0');
  });

  it('counts repaired sidecars by their name, if it is one of the table', async () => {
    const metrics = create();
    const side = (name: string) => app({ name, startupProbe: {} });
    const pod = jobPod({ spec: { initContainers: [side('istio-proxy'), side('daprd'), side('mine'), side('yours')] } });
    count(metrics, await admit(pod));
    const text = await lines(metrics);
    expect(text).toContain('clockout_repaired_pods_total{sidecar="istio-proxy"} 1');
    expect(text).toContain('clockout_repaired_pods_total{sidecar="daprd"} 1');
    expect(text).toContain('clockout_repaired_pods_total{sidecar="other"} 2');
    expect(text).toContain('clockout_skipped_pods_total{reason="native-sidecar"} 1');
  });

  it('has the pods that hang by namespace: the hundred with the most, and a row for the rest', async () => {
    const metrics = create();
    const hanging = () => lines(metrics).then((all) => all.filter((line) => line.startsWith('clockout_hanging_pods{')));
    expect(await hanging()).toEqual([]);
    const many = Array.from({ length: 150 }, (_, i) => [`n${i}`, i === 149 ? 7 : 1] as const);
    metrics.setHanging(new Map(many));
    const found = await hanging();
    expect(found).toHaveLength(101);
    expect(found[0]).toBe('clockout_hanging_pods{job_namespace="n149"} 7');
    expect(found.at(-1)).toBe('clockout_hanging_pods{job_namespace="_other"} 50');
    metrics.setHanging(new Map());
    expect(await hanging()).toEqual(['clockout_hanging_pods{job_namespace="_other"} 0']);
    expect(await lines(metrics)).toContain('clockout_sweeps_total{outcome="completed"} 2');
  });

  it('counts lookups, and measures how long pods waited for those that were not in the cache', async () => {
    const metrics = create();
    metrics.countLookup({ outcome: 'cached', milliseconds: 0.04 });
    metrics.countLookup({ outcome: 'timeout', milliseconds: 2500 });
    metrics.countRegistryRequest({ outcome: 'pulled' });
    const text = await lines(metrics);
    expect(text).toContain('clockout_registry_lookups_total{outcome="cached"} 1');
    expect(text).toContain('clockout_registry_lookups_total{outcome="timeout"} 1');
    expect(text).toContain('clockout_registry_lookups_total{outcome="pulled"} 0');
    expect(text).toContain('clockout_registry_requests_total{outcome="pulled"} 1');
    expect(text).toContain('clockout_registry_lookup_duration_seconds_count 1');
    expect(text).toContain('clockout_registry_lookup_duration_seconds_sum 2.5');
  });

  it('counts a skipped pod by its reason, and a refused one as refused', async () => {
    const metrics = create();
    const outcome = await admit(jobPod());
    count(metrics, outcome);
    count(metrics, outcome, 'refused');
    const text = await lines(metrics);
    expect(text).toContain('clockout_skipped_pods_total{reason="no-sidecar"} 2');
    expect(text).toContain('clockout_admission_reviews_total{outcome="skipped"} 1');
    expect(text).toContain('clockout_admission_reviews_total{outcome="refused"} 1');
  });

  it('counts what would be done to an observed pod, and nothing else of it', async () => {
    const metrics = create({ namespaces: 1 });
    const command = app({ command: null });
    const pods = [classicPod(), jobPod(), classicPod({ spec: { containers: [command] } })];
    for (const pod of pods) count(metrics, await admit(pod), 'observed');
    const text = (await lines(metrics)).filter((line) => /^clockout_.*[1-9]$/.test(line) && !/build|expiry/.test(line));
    expect(text).toEqual([
      'clockout_admission_reviews_total{outcome="observed"} 3',
      'clockout_observed_pods_total{decision="wrap"} 1',
      'clockout_observed_pods_total{decision="no-sidecar"} 1',
      'clockout_observed_pods_total{decision="no-entrypoint"} 1',
    ]);
  });

  it('counts skipped pods by namespace up to a bound, if it is set to', async () => {
    const outcome = await admit(jobPod());
    const rows = async (namespaces: number) => {
      const metrics = create({ namespaces });
      for (const namespace of ['a', 'b', 'a', 'c', '"x\n', '']) metrics.countPod(outcome, 'admitted', namespace);
      return (await lines(metrics)).filter((line) => line.startsWith('clockout_namespace_skipped_pods_total{'));
    };
    const row = (namespace: string, count: number) =>
      `clockout_namespace_skipped_pods_total{job_namespace="${namespace}",reason="no-sidecar"} ${count}`;
    expect(await rows(0)).toEqual([]);
    expect(await rows(2)).toEqual([row('a', 2), row('b', 1), row('_other', 3)]);
  });

  it('shows the oldest kubelet and when it was read only while they are known', async () => {
    const metrics = create();
    const values = async () => (await lines(metrics)).filter((line) => /^clockout_(oldest|cluster)/.test(line));
    const reads = (read: number, failed: number) => [
      `clockout_cluster_version_reads_total{outcome="read"} ${read}`,
      `clockout_cluster_version_reads_total{outcome="failed"} ${failed}`,
    ];
    expect(await values()).toEqual(reads(0, 0));
    metrics.countVersionRead('failed');
    metrics.countVersionRead('read');
    metrics.setOldestKubelet(33);
    const readAt = expect.stringMatching(/^clockout_cluster_versions_read_timestamp_seconds 1\.?\d{6,}/);
    expect(await values()).toEqual(['clockout_oldest_kubelet_minor_version 33', readAt, ...reads(1, 1)]);
    metrics.setOldestKubelet(undefined);
    expect(await values()).toEqual([readAt, ...reads(1, 1)]);
  });

  it('shows every metric of the table, and no other of its own', async () => {
    const text = await create().read();
    const shown = [...text.matchAll(/^# HELP (clockout_\w+) (.*)$/gm)].map(([, name, help]) => `${name} ${help}`);
    expect(shown.sort()).toEqual(
      Object.values(metricTable)
        .map(({ name, help }) => `${name} ${help}`)
        .sort(),
    );
  });

  it('measures in seconds', async () => {
    const metrics = create();
    metrics.observeDuration(0.7);
    metrics.observeDuration(3000);
    const text = await lines(metrics);
    expect(text).toContain('clockout_admission_duration_seconds_bucket{le="0.0005"} 0');
    expect(text).toContain('clockout_admission_duration_seconds_bucket{le="0.001"} 1');
    expect(text).toContain('clockout_admission_duration_seconds_bucket{le="5"} 2');
  });

  it('shows the build, the expiry of the certificate, and the health of the process', async () => {
    const text = await create().read();
    expect(text).toContain(`clockout_build_info{version="1.2.3",node="${process.versions.node}"} 1`);
    expect(text).toContain(`clockout_certificate_expiry_timestamp_seconds ${expiry.getTime() / 1000}`);
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(text).toContain('process_resident_memory_bytes');
  });
});
