/** Installed by Helm: what comes, what goes, whom it looks at, and in which order with Istio. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../api.ts';
import { runKubectl } from '../clients.ts';
import {
  configuration,
  configurations,
  deployment,
  helm,
  importedImage,
  installClockout,
  release,
  releaseNamespace,
  replicas,
  uninstallClockout,
} from '../install.ts';
import { eventually, expectWithin } from '../progress.ts';
import {
  api,
  app,
  createJob,
  isWrapped,
  shortJob as job,
  jobEnd,
  makeNamespace,
  meshed,
  podWhen,
  removeNamespaces,
  runJob,
} from './kube.ts';

const secret = `/api/v1/namespaces/${releaseNamespace}/secrets/clockout-ca`;

const isGone = (path: string) =>
  api.get(path).then(
    () => false,
    ({ status }) => status === 404,
  );

afterAll(removeNamespaces);

describe('an installation', () => {
  beforeAll(async () => {
    await uninstallClockout();
    await installClockout();
  });

  it('leaves nothing behind when it is uninstalled, and blocks nothing: Jobs end that run, and others start', async () => {
    const namespace = await makeNamespace(meshed);
    await createJob(namespace, 'before', { spec: { containers: [app({ SLEEP: 15 })] } });
    await podWhen(namespace, 'before', 'is made', isWrapped);
    await uninstallClockout();
    await createJob(namespace, 'after', job);
    expect(isWrapped(await podWhen(namespace, 'after', 'is made', () => true))).toBe(false);
    expect((await jobEnd(namespace, 'before')).result).toBe('Complete');
    await eventually('the Secret of the CA is gone', 30, () => isGone(secret));
    // Events and the namespace's own objects are no part of it.
    const kinds = await runKubectl('api-resources', '--verbs=list', '--output=name');
    const asked = kinds.split('\n').filter((kind) => kind && !/^events|^leases|metrics/.test(kind));
    const left = await runKubectl('get', asked.join(','), '-A', '--ignore-not-found', '--output=name');
    expect(left.split('\n').filter((name) => /clockout/.test(name) && name !== 'namespace/clockout')).toEqual([]);
  });

  it('is ready 20 s after `helm install` where Pod Security is restricted, and passes `helm test`', async () => {
    await uninstallClockout();
    await runKubectl('label', 'namespace', releaseNamespace, 'pod-security.kubernetes.io/enforce=restricted');
    const image = importedImage();
    const start = performance.now();
    await installClockout({}, image);
    const seconds = (performance.now() - start) / 1000;
    console.log(`installed and ready after ${seconds.toFixed(1)} s`);
    expectWithin('it is ready', 20, seconds);
    expect((await api.get(deployment)).status.readyReplicas).toBe(2);
    expect(await helm(['test', release, '--timeout', '60s'])).toMatch(/Phase: +Succeeded/);
    await runKubectl('label', 'namespace', releaseNamespace, 'pod-security.kubernetes.io/enforce-');
  });

  it('gets its caBundle back within 5 s when the configuration is replaced by one without', async () => {
    const { webhooks } = await api.get(configuration);
    const known = webhooks[0].clientConfig.caBundle;
    for (const { clientConfig } of webhooks) delete clientConfig.caBundle;
    await api.merge(configuration, { webhooks });
    const start = Date.now();
    await eventually('the caBundle is back', 5, async () => {
      const { webhooks: now } = await api.get(configuration);
      return now.every(({ clientConfig }: KubeObject) => clientConfig.caBundle === known);
    });
    console.log(`the caBundle was back after ${Date.now() - start} ms`);
  });

  it('lets no more than one replica be evicted at a time', async () => {
    const [one, two] = await replicas(api);
    const evict = ({ metadata: { name, namespace } }: KubeObject) =>
      api.post(`/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace },
      });
    await evict(one);
    await expect(evict(two)).rejects.toMatchObject({ status: 429 });
    await eventually('there are two again', 60, async () => (await api.get(deployment)).status.readyReplicas === 2);
  });
});

describe('mode cluster', () => {
  beforeAll(() => installClockout({ mode: 'cluster' }));

  it('wraps Jobs of namespaces that say nothing, and none of those that opted out', async () => {
    const silent = await makeNamespace({ 'istio-injection': 'enabled' });
    const optedOut = await makeNamespace({ 'istio-injection': 'enabled', 'clockout.dev/inject': 'disabled' });
    const { result, pod } = await runJob(silent, 'silent', job);
    expect([result, isWrapped(pod)]).toEqual(['Complete', true]);
    await createJob(optedOut, 'opted-out', job);
    expect(isWrapped(await podWhen(optedOut, 'opted-out', 'is made', () => true))).toBe(false);
  });

  it('skips pods that belong to no Job, and Jobs without a mesh', async () => {
    const meshless = await makeNamespace({});
    const { result, pod } = await runJob(meshless, 'meshless', job);
    expect([result, isWrapped(pod)]).toEqual(['Complete', false]);
    const silent = await makeNamespace({ 'istio-injection': 'enabled' });
    const bare = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bare', namespace: silent }, spec: job.spec };
    expect(isWrapped(await api.create(bare))).toBe(false);
  });
});

describe("where Istio's webhook is called after Clockout's", () => {
  const late = 'zzz-istio-late';
  beforeAll(async () => {
    await installClockout();
    const { webhooks } = await api.get(`${configurations}/istio-sidecar-injector`);
    const [webhook] = webhooks;
    await api.create({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: late },
      webhooks: [
        { ...webhook, namespaceSelector: { matchLabels: { 'tests.clockout.dev/istio': 'late' } }, objectSelector: {} },
      ],
    });
  });
  afterAll(() => api.delete(`${configurations}/${late}`));

  it('the pod is wrapped when Clockout is called again', async () => {
    const namespace = await makeNamespace({ 'tests.clockout.dev/istio': 'late', 'clockout.dev/inject': 'enabled' });
    for (const code of [0, 5]) {
      const { result, pod } = await runJob(namespace, `late-${code}`, {
        spec: { containers: [app({ SLEEP: 0.2, CODE: code })] },
      });
      expect([result, isWrapped(pod)]).toEqual([code === 0 ? 'Complete' : 'Failed', true]);
    }
  });
});
