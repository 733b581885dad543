/** The strategies `native` and `auto` on the real cluster, whose API server and kubelet are new enough for them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installClockout } from '../install.ts';
import { eventually } from '../progress.ts';
import {
  api,
  app,
  exitCode,
  isWrapped,
  makeNamespace,
  meshed,
  nativeIn,
  removeNamespaces,
  runJob,
  tryJobPod,
} from './kube.ts';

afterAll(removeNamespaces);

const needsProxy = { spec: { containers: [app({ NEED_PROXY: 1 })] } };

describe('with the strategy native', () => {
  let namespace: string;

  beforeAll(async () => {
    await installClockout({ strategy: 'native' });
    namespace = await makeNamespace(meshed);
  });

  describe.concurrent('a Job', () => {
    it('completes, with its proxy up before its app, and its app unchanged', async () => {
      const { result, pod } = await runJob(namespace, 'converted', needsProxy);
      expect(result).toBe('Complete');
      expect(nativeIn(pod)).toEqual(['istio-proxy']);
      expect(pod.spec.containers).toMatchObject([{ name: 'app', command: ['/app'] }]);
      expect(exitCode(pod, 'istio-proxy')).toBe(0);
    });

    it('keeps its exit code', async () => {
      const { result, pod } = await runJob(namespace, 'failing', { spec: { containers: [app({ CODE: 5 })] } });
      expect([result, exitCode(pod, 'app'), nativeIn(pod)]).toEqual(['Failed', 5, ['istio-proxy']]);
    });

    it('is wrapped if its pod asks for that', async () => {
      const annotations = { 'clockout.dev/strategy': 'wrap' };
      const { result, pod } = await runJob(namespace, 'own-choice', { ...needsProxy, annotations });
      expect([result, isWrapped(pod), nativeIn(pod)]).toEqual(['Complete', true, []]);
    });

    it('is wrapped if its namespace asks for that', async () => {
      const other = await makeNamespace({ ...meshed, 'clockout.dev/strategy': 'wrap' });
      const { result, pod } = await runJob(other, 'choice', needsProxy);
      expect([result, isWrapped(pod), nativeIn(pod)]).toEqual(['Complete', true, []]);
    });
  });

  it.each<[string, object, object]>([
    ['with the network of its node', { hostNetwork: true }, { 'job-name': 'tried' }],
    ['that starts again and again', { restartPolicy: 'Always' }, { 'job-name': 'tried' }],
    ['of no Job', {}, {}],
    ['with its own label "false"', {}, { 'job-name': 'tried', 'clockout.dev/inject': 'false' }],
  ])('a pod %s is not changed', async (_, spec, labels) => {
    const { object } = await api.tryOut({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'tried', namespace, labels },
      spec: { restartPolicy: 'Never', containers: [app()], ...spec },
    });
    expect([nativeIn(object), isWrapped(object)]).toEqual([[], false]);
  });

  it('a namespace whose label is not a strategy gets a warning, and the strategy of the installation', async () => {
    const other = await makeNamespace({ ...meshed, 'clockout.dev/strategy': 'foo' });
    const { object, warnings } = await tryJobPod(other);
    expect(nativeIn(object)).toEqual(['istio-proxy']);
    expect(warnings).toEqual([expect.stringContaining('found another value; so this pod has the strategy native')]);
  });
});

describe('with the strategy auto', () => {
  let namespace: string;

  it('a Job completes with a native proxy, because all nodes are new enough', async () => {
    await installClockout({ strategy: 'auto' });
    namespace = await makeNamespace(meshed);
    // At once: a replica is not ready before it has read the versions.
    const { result, pod } = await runJob(namespace, 'converted', needsProxy);
    expect([result, nativeIn(pod)]).toEqual(['Complete', ['istio-proxy']]);
  });

  it('a pod that cannot be wrapped, because nobody knows what it runs, gets a native proxy', async () => {
    const { object } = await tryJobPod(namespace, { containers: [app({}, { command: undefined })] });
    expect(nativeIn(object)).toEqual(['istio-proxy']);
  });

  it('pods are wrapped while a node is too old, and converted once it is gone', async () => {
    const node = '/api/v1/nodes/tests-old';
    const isConverted = async () => nativeIn((await tryJobPod(namespace)).object).length > 0;
    await api.create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'tests-old', labels: { 'kubernetes.io/os': 'linux' } },
      spec: { taints: [{ key: 'tests.clockout.dev/old', effect: 'NoSchedule' }] },
      status: { nodeInfo: { kubeletVersion: 'v1.28.15', operatingSystem: 'linux' } },
    });
    try {
      // Clockout reads the versions once a minute.
      await eventually('pods are wrapped', 150, async () => !(await isConverted()));
    } finally {
      await api.delete(node);
    }
    await eventually('pods are converted', 150, isConverted);
  }, 330_000);
});
