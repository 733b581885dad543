/** What becomes of Jobs while Clockout isn't there. Last, since it stops the webhook. */
import { afterAll, expect, it } from 'vitest';
import { stop } from '../processes.ts';
import { sleep } from '../progress.ts';
import { startWebhook, webhookDefaults } from '../webhook.ts';
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

afterAll(async () => {
  await startWebhook(api, webhookDefaults);
  await removeNamespaces();
});

it('with failurePolicy Fail, a Job waits for Clockout to come back, and is wrapped then', async () => {
  const namespace = await makeNamespace(meshed);
  await stop('webhook');
  await createJob(namespace, 'waits', { spec: { containers: [app()] } });
  await sleep(5000);
  expect(await podOf(namespace, 'waits')).toBeUndefined();
  await startWebhook(api, webhookDefaults);
  const { result, pod } = await jobEnd(namespace, 'waits', 120);
  expect(result).toBe('Complete');
  expect(isWrapped(pod)).toBe(true);
});

it('with failurePolicy Ignore, a pod is made unwrapped', async () => {
  const namespace = await makeNamespace({ 'clockout.dev/inject': 'enabled' });
  await startWebhook(api, { ...webhookDefaults, failurePolicy: 'Ignore' });
  await stop('webhook');
  const { pod } = await runJob(namespace, 'unwrapped', { spec: { containers: [app()] } });
  expect(isWrapped(pod)).toBe(false);
});
