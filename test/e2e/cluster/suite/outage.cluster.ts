/** What becomes of Jobs while Clockout isn't there. It takes all replicas away. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installClockout, scale } from '../install.ts';
import { sleep } from '../progress.ts';
import {
  api,
  app,
  createJob,
  isWrapped,
  jobEnd,
  makeNamespace,
  meshed,
  podOf,
  removeNamespaces,
  runJob,
} from './kube.ts';

beforeAll(() => installClockout());
afterAll(async () => {
  await scale(api, 2);
  await removeNamespaces();
});

it('with failurePolicy Fail, a Job waits for Clockout to come back, and is wrapped then', async () => {
  const namespace = await makeNamespace(meshed);
  await scale(api, 0);
  await createJob(namespace, 'waits', { spec: { containers: [app()] } });
  await sleep(5000);
  expect(await podOf(namespace, 'waits')).toBeUndefined();
  await scale(api, 2);
  const { result, pod } = await jobEnd(namespace, 'waits', 120);
  expect(result).toBe('Complete');
  expect(isWrapped(pod)).toBe(true);
});

it('with failurePolicy Ignore, a pod is made unwrapped', async () => {
  const namespace = await makeNamespace({ 'clockout.dev/inject': 'enabled' });
  await installClockout({ webhook: { failurePolicy: { jobs: 'Ignore' } } });
  await scale(api, 0);
  const { pod } = await runJob(namespace, 'unwrapped', { spec: { containers: [app()] } });
  expect(isWrapped(pod)).toBe(false);
});
