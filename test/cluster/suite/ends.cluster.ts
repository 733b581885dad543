/** However the app ends, its pod ends, with the app's own exit code. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  api,
  app,
  containerOf,
  createJob,
  exitCode,
  isRunning,
  isWrapped,
  jobEnd,
  killContainer,
  logOf,
  makeNamespace,
  meshed,
  podOf,
  podWhen,
  removeNamespaces,
  runJob,
  secondsToJobEnd,
  statusOf,
} from './kube.ts';

let namespace: string;

beforeAll(async () => {
  namespace = await makeNamespace(meshed);
});
afterAll(removeNamespaces);

describe('a Job with a classic sidecar', () => {
  it('hangs without Clockout: its app has ended, its proxy runs on', async () => {
    await createJob(namespace, 'hangs', {
      labels: { 'clockout.dev/inject': 'false' },
      spec: { containers: [app({ SLEEP: 1 })] },
    });
    const pod = await podWhen(namespace, 'hangs', 'has an ended app', (each) => exitCode(each, 'app') === 0);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const later = await podOf(namespace, 'hangs');
    expect(isWrapped(later)).toBe(false);
    expect(later.metadata.uid).toBe(pod.metadata.uid);
    expect(later.status.phase).toBe('Running');
    expect(isRunning(later, 'istio-proxy')).toBe(true);
    const job = await api.get(`/apis/batch/v1/namespaces/${namespace}/jobs/hangs`);
    expect(job.status.succeeded ?? 0).toBe(0);
  });

  it('completes within 5 s of the end of its app', async () => {
    const ended = await runJob(namespace, 'completes', { spec: { containers: [app({ SLEEP: 3, NEED_PROXY: 1 })] } });
    expect(ended.result).toBe('Complete');
    expect(exitCode(ended.pod, 'app')).toBe(0);
    expect(exitCode(ended.pod, 'istio-proxy')).toBe(0);
    expect(secondsToJobEnd(ended, 'app')).toBeLessThanOrEqual(5);
  });

  it('fails with exit code 5 within 5 s of the end of its app', async () => {
    const ended = await runJob(namespace, 'fails', { spec: { containers: [app({ SLEEP: 3, CODE: 5 })] } });
    expect(ended.result).toBe('Failed');
    expect(ended.pod.status.phase).toBe('Failed');
    expect(exitCode(ended.pod, 'app')).toBe(5);
    expect(exitCode(ended.pod, 'istio-proxy')).toBe(0);
    expect(secondsToJobEnd(ended, 'app')).toBeLessThanOrEqual(5);
  });
});

describe.concurrent('a wrapped Job', () => {
  it('gives the app the arguments it would have had, and its log shows nothing else', async () => {
    const odd = ['two words', '', '$HOME "quoted" \'too\'', 'line\nbreak', '$(NAME)', '$$(NAME)', '--'];
    const container = app({ NAME: 'expanded', SLEEP: 0 }, { args: odd });
    const { pod } = await runJob(namespace, 'arguments', { spec: { containers: [container] } });
    const log = await logOf(pod, 'app');
    const seen = /args=\[(.*)\]/.exec(log)?.[1];
    expect(seen).toBe(
      String.raw`"/app" "two words" "" "$HOME \"quoted\" 'too'" "line\nbreak" "expanded" "$(NAME)" "--"`,
    );
    // The app says where it starts, what it has filled, and that it exits; nobody else says anything.
    expect(log.split('\n').map((line) => line.split(' ')[0])).toEqual(['start', 'filled', 'exit', '']);
  });

  it('ends with 127, not with a hang, where the program is missing', async () => {
    const { result, pod } = await runJob(namespace, 'missing', {
      spec: { containers: [app({}, { command: ['/no/such/program'] })] },
    });
    expect(result).toBe('Failed');
    expect(exitCode(pod, 'app')).toBe(127);
    expect(await logOf(pod, 'app')).toContain('CLOCKOUT: ');
  });

  it('with OnFailure is tried again until it succeeds, and its proxy lives until then', async () => {
    const { result, pod } = await runJob(
      namespace,
      'retried',
      {
        job: { backoffLimit: 3 },
        spec: {
          restartPolicy: 'OnFailure',
          containers: [
            app(
              { FAIL_ONCE: '/scratch/failed', CODE: 3, NEED_PROXY: 1 },
              { volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] },
            ),
          ],
          volumes: [{ name: 'scratch', emptyDir: {} }],
        },
      },
      90,
    );
    expect(result).toBe('Complete');
    expect(statusOf(pod, 'app').restartCount).toBe(1);
    expect(statusOf(pod, 'app').lastState.terminated?.exitCode ?? 3).toBe(3);
    expect(statusOf(pod, 'istio-proxy').restartCount).toBe(0);
    expect(exitCode(pod, 'istio-proxy')).toBe(0);
  });

  it('with two apps waits for both, and fails if one has failed', async () => {
    const { result, pod } = await runJob(namespace, 'two', {
      spec: { containers: [app({ SLEEP: 1, CODE: 4 }, { name: 'short' }), app({ SLEEP: 6 }, { name: 'long' })] },
    });
    expect(result).toBe('Failed');
    expect(exitCode(pod, 'short')).toBe(4);
    expect(exitCode(pod, 'long')).toBe(0);
    // The proxy outlives the app, not its container: that is still there to tell the proxy. A status knows whole seconds.
    const appEnded = /^(\S+)\.\d+Z exit 0$/m.exec(await logOf(pod, 'long', true))?.[1];
    const proxyEnded: string = statusOf(pod, 'istio-proxy').state.terminated.finishedAt;
    expect(Date.parse(proxyEnded)).toBeGreaterThanOrEqual(Date.parse(`${appEnded}Z`));
  });

  it('with two apps and OnFailure waits for the retry of one while the other has long ended', async () => {
    const { result, pod } = await runJob(
      namespace,
      'two-retried',
      {
        job: { backoffLimit: 3 },
        spec: {
          restartPolicy: 'OnFailure',
          containers: [
            app({ SLEEP: 0 }, { name: 'steady' }),
            app(
              { FAIL_ONCE: '/scratch/failed', CODE: 9, NEED_PROXY: 1 },
              { name: 'shaky', volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] },
            ),
          ],
          volumes: [{ name: 'scratch', emptyDir: {} }],
        },
      },
      90,
    );
    expect(result).toBe('Complete');
    expect(statusOf(pod, 'shaky').restartCount).toBe(1);
    expect(statusOf(pod, 'istio-proxy').restartCount).toBe(0);
  });

  it('ends when process 1 of the app is killed from outside', async () => {
    await createJob(namespace, 'killed', { spec: { containers: [app({ SLEEP: 600 })] } });
    const pod = await podWhen(namespace, 'killed', 'runs', (each) => each.status.containerStatuses?.every(ready));
    await killContainer(pod, 'app');
    const ended = await jobEnd(namespace, 'killed', 30);
    expect(ended.result).toBe('Failed');
    expect(exitCode(ended.pod, 'app')).toBe(137);
    expect(exitCode(ended.pod, 'istio-proxy')).toBe(0);
  });

  it('ends when the app is killed for its memory', async () => {
    const { result, pod } = await runJob(namespace, 'memory', {
      spec: { containers: [app({ MEMORY: 400, SLEEP: 600 }, { resources: { limits: { memory: '64Mi' } } })] },
    });
    expect(result).toBe('Failed');
    expect(exitCode(pod, 'app')).toBe(137);
    expect(exitCode(pod, 'istio-proxy')).toBe(0);
  });

  it('passes TERM on when the Job is deleted, and is gone as soon as the app has cleaned up', async () => {
    await createJob(namespace, 'deleted', {
      spec: {
        terminationGracePeriodSeconds: 60,
        containers: [app({ SLEEP: 600, ON_TERM: 7, TERM_SLEEP: 2 })],
      },
    });
    const pod = await podWhen(namespace, 'deleted', 'runs', (each) => each.status.containerStatuses?.every(ready));
    const path = `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}`;
    // Keeps the pod's last status to be looked at, when all else is done with it.
    const finalizers = [...(pod.metadata.finalizers ?? []), 'clockout.dev/test'];
    await api.merge(path, { metadata: { finalizers } });
    const start = Date.now();
    await api.delete(`/apis/batch/v1/namespaces/${namespace}/jobs/deleted`);
    const last = await podWhen(namespace, 'deleted', 'ends', (each) => exitCode(each, 'istio-proxy') !== undefined);
    const seconds = (Date.now() - start) / 1000;
    await api.merge(path, { metadata: { finalizers: null } });
    expect(exitCode(last, 'app')).toBe(7);
    expect(seconds).toBeGreaterThan(2);
    expect(seconds).toBeLessThan(15);
  });

  it('leaves a container alone that an annotation excludes, and ends with the others', async () => {
    const { result, pod } = await runJob(namespace, 'excluded', {
      annotations: { 'clockout.dev/exclude-containers': 'helper' },
      spec: { containers: [app({ SLEEP: 2 }), app({ SLEEP: 1 }, { name: 'helper' })] },
    });
    expect(result).toBe('Complete');
    expect(containerOf(pod, 'helper').command).toEqual(['/app']);
    expect(containerOf(pod, 'app').command).not.toEqual(['/app']);
  });
});

const ready = (status: { ready: boolean }): boolean => status.ready;
