/** The case this project started from, with the very files of examples/. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../api.ts';
import { installClockout } from '../install.ts';
import { eventually, expectWithin } from '../progress.ts';
import {
  api,
  containerOf,
  example,
  exitCode,
  isRunning,
  isWrapped,
  jobEnd,
  logOf,
  makeNamespace,
  podOf,
  podWhen,
  removeNamespaces,
  secondsToJobEnd,
} from './kube.ts';

const { labels } = example('namespace.yaml', '').metadata;
let namespace: string;
let unwrapped: string;

beforeAll(async () => {
  await installClockout();
  namespace = await makeNamespace(labels);
  unwrapped = await makeNamespace({ 'istio-injection': labels['istio-injection'] });
});
afterAll(removeNamespaces);

describe.concurrent('the CronJob of the example', () => {
  it('hangs without Clockout, and its next run never starts', async () => {
    const cronJob = example('cronjob.yaml', unwrapped);
    await api.create(cronJob);
    const [first] = await runsOf(unwrapped, cronJob.metadata.name, 1);
    const pod = await podWhen(unwrapped, first.metadata.name, 'has an ended app', (p) => exitCode(p, 'myapp') === 0);
    // Until the next run was due, and 10 s more.
    await new Promise((resolve) => setTimeout(resolve, 70_000 - (Date.now() % 60_000)));
    const later = await podOf(unwrapped, first.metadata.name);
    expect(later.metadata.uid).toBe(pod.metadata.uid);
    expect(isRunning(later, 'istio-proxy')).toBe(true);
    expect(await runsOf(unwrapped, cronJob.metadata.name, 1)).toHaveLength(1);
    const job = await api.get(`/apis/batch/v1/namespaces/${unwrapped}/jobs/${first.metadata.name}`);
    expect(job.status).toMatchObject({ active: 1, ready: 0 });
  });

  it('completes with Clockout, and its next run starts', async () => {
    const cronJob = example('cronjob.yaml', namespace);
    await api.create(cronJob);
    const runs = await runsOf(namespace, cronJob.metadata.name, 2);
    for (const { metadata } of runs) {
      const ended = await jobEnd(namespace, metadata.name, 30);
      expect(ended.result).toBe('Complete');
      expectWithin('the Job ends after its app', 5, secondsToJobEnd(ended, 'myapp'));
      expect(await logOf(ended.pod, 'myapp')).toBe(
        'working, 1 of 3\nworking, 2 of 3\nworking, 3 of 3\ndone, exit code 0\n',
      );
    }
  });

  it('keeps its exit code', async () => {
    const { pod, result } = await jobEnd(namespace, await runNow('cronjob.yaml', { EXIT_CODE: '5' }));
    expect(result).toBe('Failed');
    expect(exitCode(pod, 'myapp')).toBe(5);
    expect(exitCode(pod, 'istio-proxy')).toBe(0);
  });

  it('needs no command where an annotation says what its image runs', async () => {
    const { pod, result } = await jobEnd(namespace, await runNow('cronjob-without-command.yaml'));
    expect(result).toBe('Complete');
    expect(isWrapped(pod)).toBe(true);
    expect(containerOf(pod, 'myapp').args).toContain('/myapp');
  });

  it('can have checks that the proxy is started and ready', async () => {
    const job = await runNow('cronjob-probes.yaml', { SECONDS: '15' });
    const running = await podWhen(namespace, job, 'is ready', (pod) =>
      pod.status.containerStatuses?.every((status: KubeObject) => status.ready),
    );
    const { livenessProbe, readinessProbe, startupProbe } = containerOf(running, 'myapp');
    for (const probe of [livenessProbe, readinessProbe, startupProbe]) {
      expect(probe.exec.command.join(' ')).toContain('127.0.0.1:15020/healthz/ready');
    }
    const { pod, result } = await jobEnd(namespace, job);
    expect(result).toBe('Complete');
    expect(pod.status.containerStatuses.map((status: KubeObject) => status.restartCount)).toEqual([0, 0]);
  });
});

/** The first runs of a CronJob, as soon as there are so many. */
function runsOf(where: string, cronJob: string, count: number): Promise<KubeObject[]> {
  return eventually(`${count} runs of ${cronJob}`, 150, async () => {
    const { items } = await api.get(`/apis/batch/v1/namespaces/${where}/jobs`);
    const runs = items.filter((job: KubeObject) => job.metadata.ownerReferences?.[0]?.name === cronJob);
    return (
      runs.length >= count && runs.sort((a: KubeObject, b: KubeObject) => (a.metadata.name < b.metadata.name ? -1 : 1))
    );
  });
}

/** Runs a CronJob's template at once, as `kubectl create job --from` does, perhaps with other environment variables. */
async function runNow(file: string, env: Record<string, string> = {}): Promise<string> {
  const { metadata, spec } = example(file, namespace);
  const job = structuredClone(spec.jobTemplate.spec);
  job.template.spec.containers[0].env = Object.entries(env).map(([name, value]) => ({ name, value }));
  const name = `${metadata.name}-now-${Object.keys(env).length}`;
  await api.create({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace }, spec: job });
  return name;
}
