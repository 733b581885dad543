/** Manifests that went through `clockout inject`, on a cluster that knows nothing of Clockout, before Istio saw them. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../api.ts';
import { run } from '../exec.ts';
import { busyboxImage } from '../images.ts';
import { installClockout } from '../install.ts';
import { root } from '../paths.ts';
import { api, app, exitCode, jobEnd, logOf, makeNamespace, removeNamespaces, statusOf } from './kube.ts';

let namespace: string;

beforeAll(async () => {
  await installClockout();
  namespace = await makeNamespace({ 'istio-injection': 'enabled' });
});
afterAll(removeNamespaces);

describe.concurrent('a manifest from clockout inject', () => {
  it('completes with a classic sidecar, though there is no guard', async () => {
    await api.create(await injected('classic'));
    const { result, pod } = await jobEnd(namespace, 'classic');
    expect(result).toBe('Complete');
    expect(exitCode(pod, 'istio-proxy')).toBe(0);
  });

  it('finds a native sidecar when it runs, and makes way: the app is process 1, the proxy is left to Kubernetes', async () => {
    const job = await injected('native');
    job.spec.template.metadata.annotations['sidecar.istio.io/nativeSidecar'] = 'true';
    await api.create(job);
    const { result, pod } = await jobEnd(namespace, 'native');
    expect(result).toBe('Complete');
    expect(await logOf(pod, 'app')).toContain('start pid=1 ');
    expect(statusOf(pod, 'istio-proxy').restartCount).toBe(0);
  });
});

/** A Job's manifest after `clockout inject`. The image of the init container is not the default, which can't be pulled. */
async function injected(name: string): Promise<KubeObject> {
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace },
    spec: {
      backoffLimit: 0,
      template: { spec: { restartPolicy: 'Never', containers: [app({ NEED_PROXY: 1, SLEEP: 3 })] } },
    },
  };
  const clockout = [process.execPath, join(root, 'dist', 'clockout.mjs')];
  const output = await run([...clockout, 'inject', '--filename', '-', '--output', 'json'], {
    input: JSON.stringify(job),
    env: { ...process.env, CLOCKOUT_WRAPPER_IMAGE: busyboxImage },
  });
  return JSON.parse(output);
}
