/** The strategies `native` and `auto` on the real cluster, whose API server and kubelet are new enough for them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installClockout } from '../install.ts';
import {
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

  it('a namespace whose label is no strategy gets a warning, and the strategy of the installation', async () => {
    const other = await makeNamespace({ ...meshed, 'clockout.dev/strategy': 'foo' });
    const { object, warnings } = await tryJobPod(other);
    expect(nativeIn(object)).toEqual(['istio-proxy']);
    expect(warnings).toEqual([expect.stringContaining('found another value; so this pod has the strategy native')]);
  });
});

describe('with the strategy auto', () => {
  it('a Job completes with a native proxy, because all nodes are new enough', async () => {
    await installClockout({ strategy: 'auto' });
    const namespace = await makeNamespace(meshed);
    // At once: a replica is not ready before it has read the versions.
    const { result, pod } = await runJob(namespace, 'converted', needsProxy);
    expect([result, nativeIn(pod)]).toEqual(['Complete', ['istio-proxy']]);
  });
});
