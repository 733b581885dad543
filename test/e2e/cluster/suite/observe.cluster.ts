/** Observing, defaults and Events on the real cluster: what the owner and the operator of a Job see. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../api.ts';
import { runKubectl } from '../clients.ts';
import { counter, installClockout, releaseNamespace, replicas } from '../install.ts';
import { eventually } from '../progress.ts';
import {
  api,
  app,
  containerOf,
  createJob,
  exitCode,
  isRunning,
  isWrapped,
  makeNamespace,
  meshed,
  podWhen,
  removeJob,
  removeNamespaces,
  runJob,
  shortJob,
} from './kube.ts';

const withoutCommand = { spec: { containers: [app({}, { command: undefined })] } };

/** The lines of all replicas about pods of a namespace. */
async function linesAbout(namespace: string): Promise<KubeObject[]> {
  const names = (await replicas(api)).map(({ metadata }) => metadata.name);
  const logs = await Promise.all(
    names.map((name) => api.text(`/api/v1/namespaces/${releaseNamespace}/pods/${name}/log`)),
  );
  return logs
    .flatMap((log) => log.split('\n'))
    .filter((line) => line.startsWith('{') && line.includes(`"${namespace}"`))
    .map((line) => JSON.parse(line))
    .filter((line) => line.namespace === namespace);
}

/** Without those that only a debugger wants. */
const told = async (namespace: string) => (await linesAbout(namespace)).filter(({ level }) => level !== 'debug');

const eventsOf = async (namespace: string, job: string): Promise<KubeObject[]> =>
  (await api.get(`/api/v1/namespaces/${namespace}/events`)).items.filter(
    ({ involvedObject, source }: KubeObject) => involvedObject.name === job && source?.component === 'clockout',
  );

beforeAll(() =>
  installClockout({
    namespaceDefaults: true,
    events: true,
    metricsNamespaces: 50,
    webhook: { anyPodMayAsk: true },
    registry: { lookup: false },
    defaults: { 'wait-timeout': '90s', 'quit-timeout': '40s' },
  }),
);
afterAll(removeNamespaces);

describe('an observed namespace', () => {
  it('has its Job hang as without Clockout, with a line in the log and a count', async () => {
    const namespace = await makeNamespace({ ...meshed, 'clockout.dev/inject': 'observe' });
    const before = await counter(api, 'clockout_observed_pods_total', { decision: 'wrap' });
    await createJob(namespace, 'watched', shortJob);
    const pod = await podWhen(
      namespace,
      'watched',
      'hangs',
      (each) => exitCode(each, 'app') === 0 && isRunning(each, 'istio-proxy'),
    );
    expect(isWrapped(pod)).toBe(false);
    expect(pod.spec.containers.map(({ name }: KubeObject) => name).sort()).toEqual(['app', 'istio-proxy']);
    const lines = await eventually('a line about the pod', 10, async () => {
      const found = await told(namespace);
      return found.length > 0 && found;
    });
    expect(lines).toMatchObject([
      {
        level: 'info',
        owner: 'Job/watched',
        outcome: 'observed',
        wouldBe: 'patched',
        msg: 'observed only: would have wrapped the pod',
      },
    ]);
    expect(await counter(api, 'clockout_observed_pods_total', { decision: 'wrap' })).toBe(before + 1);
    expect(await eventsOf(namespace, 'watched')).toEqual([]);
    await removeJob(namespace, 'watched');
  });
});

describe('defaults', () => {
  it("come from the pod, its namespace, and the installation, and a namespace's hold soon", async () => {
    const namespace = await makeNamespace(meshed);
    const annotate = (...pairs: string[]) => runKubectl('annotate', 'namespace', namespace, '--overwrite', ...pairs);
    await annotate('clockout.dev/wait-timeout=77s', 'clockout.dev/quit-delay=3s', 'clockout.dev/guard=maybe');
    const optionsIn = async (name: string, annotations = {}) => {
      const { result, pod } = await runJob(namespace, name, { ...shortJob, annotations });
      expect(result).toBe('Complete');
      return containerOf(pod, 'app').command.join(' ');
    };
    // Both replicas have to hear of it.
    await eventually('the namespace is known', 30, async () => (await linesAbout(namespace)).length >= 2);
    const byDefault = await optionsIn('defaults');
    const own = await optionsIn('own', { 'clockout.dev/wait-timeout': '55s' });
    expect(byDefault).toMatch(/\b77\b/);
    expect(byDefault).toMatch(/\b40\b/);
    expect(own).toMatch(/\b55\b/);
    expect(own).not.toMatch(/\b77\b/);
    const warned = (await told(namespace)).filter(({ problems }) => problems);
    expect(warned[0]?.problems).toEqual([expect.stringContaining('guard: expected true or false; found "maybe"')]);
  });
});

describe('a Job', () => {
  it('has an Event for the first pod that was wrapped', async () => {
    const namespace = await makeNamespace(meshed);
    await runJob(namespace, 'wrapped', { ...shortJob, job: { completions: 3 } }, 150);
    const events = await eventually('an Event', 20, async () => {
      const found = await eventsOf(namespace, 'wrapped');
      return found.length > 0 && found;
    });
    expect(events.map(({ type, reason }) => [type, reason])).toEqual([['Normal', 'ClockoutWrapped']]);
    expect(await runKubectl('describe', 'job', '--namespace', namespace, 'wrapped')).toContain(
      'Clockout wrapped the containers app',
    );
  });

  it('whose pod cannot be wrapped has an Event that says what to write, one line in the log, and one count', async () => {
    const namespace = await makeNamespace(meshed);
    const labels = { job_namespace: namespace, reason: 'no-entrypoint' };
    await createJob(namespace, 'bare', withoutCommand);
    await podWhen(namespace, 'bare', 'is there', () => true);
    const [event] = await eventually('an Event', 20, async () => {
      const found = await eventsOf(namespace, 'bare');
      return found.length > 0 && found;
    });
    expect(event).toMatchObject({ type: 'Warning', reason: 'ClockoutCannotWrap' });
    expect(event?.message).toMatch(/^Clockout cannot wrap this pod \(no-entrypoint\): .*clockout.dev\/entrypoint/);
    expect((await told(namespace)).map(({ owner, reason }) => [owner, reason])).toEqual([
      ['Job/bare', 'no-entrypoint'],
    ]);
    expect(await counter(api, 'clockout_namespace_skipped_pods_total', labels)).toBe(1);
    // The API server asks about such a pod twice: Istio's containers get their token after Clockout's answer.
    expect((await linesAbout(namespace)).length).toBeGreaterThan(1);
    await removeJob(namespace, 'bare');
  });

  it('of many pods at a time has each of them counted once', async () => {
    const namespace = await makeNamespace(meshed);
    await createJob(namespace, 'many', { ...withoutCommand, job: { completions: 20, parallelism: 20 } });
    const selector = 'labelSelector=job-name%3Dmany';
    await eventually('20 pods', 60, async () => {
      const { items } = await api.get(`/api/v1/namespaces/${namespace}/pods?${selector}`);
      return items.length === 20;
    });
    const count = await counter(api, 'clockout_namespace_skipped_pods_total', {
      job_namespace: namespace,
      reason: 'no-entrypoint',
    });
    console.log(`20 pods, counted ${count}, asked about ${(await linesAbout(namespace)).length} times`);
    expect(count).toBeGreaterThanOrEqual(20);
    // A replica that has not seen any pod yet cannot know that another one has answered.
    expect(count).toBeLessThanOrEqual(22);
    await removeJob(namespace, 'many');
  });
});
