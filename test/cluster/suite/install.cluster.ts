/** Installed by Helm: what comes, whom it looks at, in which order with Istio, what it says when something is wrong, what goes. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority, signServing } from '../../../src/certificates/x509.ts';
import type { KubeObject } from '../api.ts';
import * as clients from '../clients.ts';
import { run } from '../exec.ts';
import {
  ask,
  chart,
  counter,
  deployment,
  helm,
  hurryKubelet,
  installClockout,
  release,
  releaseNamespace,
  replicas,
  uninstallClockout,
  webhookConfiguration,
} from '../install.ts';
import { eventually } from '../progress.ts';
import {
  api,
  app,
  createJob,
  isWrapped,
  jobEnd,
  makeNamespace,
  meshed,
  podWhen,
  removeNamespaces,
  runJob,
} from './kube.ts';

const configurations = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const secret = `/api/v1/namespaces/${releaseNamespace}/secrets/clockout-ca`;
const job = { spec: { containers: [app({ SLEEP: 0.2 })] } };
const kubectl = (...args: string[]) => run([...clients.kubectl, ...args]);

/** An object as it can be created again. */
function anew(object: KubeObject): KubeObject {
  const { resourceVersion: _, uid: __, managedFields: ___, creationTimestamp: ____, ...metadata } = object.metadata;
  return { ...object, metadata };
}

const isGone = (path: string) =>
  api.get(path).then(
    () => false,
    ({ status }) => status === 404,
  );

afterAll(async () => {
  await installClockout();
  await removeNamespaces();
});

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
    const kinds = await kubectl('api-resources', '--verbs=list', '--output=name');
    const asked = kinds.split('\n').filter((kind) => kind && !/^events|^leases|metrics/.test(kind));
    const left = await kubectl('get', asked.join(','), '-A', '--ignore-not-found', '--output=name');
    expect(left.split('\n').filter((name) => /clockout/.test(name) && name !== 'namespace/clockout')).toEqual([]);
  });

  it('is ready 20 s after `helm install` where Pod Security is restricted, and passes `helm test`', async () => {
    await uninstallClockout();
    await kubectl('label', 'namespace', releaseNamespace, 'pod-security.kubernetes.io/enforce=restricted');
    const start = performance.now();
    await installClockout();
    const seconds = (performance.now() - start) / 1000;
    console.log(`installed and ready after ${seconds.toFixed(1)} s`);
    expect(seconds).toBeLessThan(20);
    expect((await api.get(deployment)).status.readyReplicas).toBe(2);
    expect(await helm(['test', release, '--timeout', '60s'])).toMatch(/Phase: +Succeeded/);
    await kubectl('label', 'namespace', releaseNamespace, 'pod-security.kubernetes.io/enforce-');
  });

  it('gets its caBundle back within 5 s when the configuration is replaced by one without', async () => {
    const path = `${configurations}/${webhookConfiguration}`;
    const { webhooks } = await api.get(path);
    const known = webhooks[0].clientConfig.caBundle;
    for (const { clientConfig } of webhooks) delete clientConfig.caBundle;
    await api.merge(path, { webhooks });
    const start = Date.now();
    await eventually('the caBundle is back', 5, async () => {
      const { webhooks: now } = await api.get(path);
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

  it('leaves pods alone that are no Job’s, and Jobs without a mesh', async () => {
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

describe('with a certificate of its owner in a Secret', () => {
  const existing = '/api/v1/namespaces/clockout/secrets/webhook-tls';
  const hosts = ['clockout.clockout.svc'];
  const hour = 3_600_000;
  const pairOf = ({ cert, key }: { cert: string; key: string }) => ({ 'tls.crt': cert, 'tls.key': key });
  const give = async (stringData: Record<string, string>) => {
    await api.apply(existing, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'webhook-tls' }, stringData });
    await hurryKubelet(api);
  };
  const events = (event: string) => counter(api, 'clockout_certificate_events_total', { event });

  it('takes a new one without a restart, and keeps the last good one while a pair does not fit', async () => {
    const ca = await makeAuthority({ now: new Date(), lifetime: hour });
    const sign = () => signServing(ca, hosts, { now: new Date(), lifetime: hour });
    const [one, two] = [await sign(), await sign()];
    await give(pairOf(one));
    await installClockout({ certs: { mode: 'existing', existing: { secretName: 'webhook-tls', caBundle: ca.cert } } });
    const namespace = await makeNamespace(meshed);
    expect(isWrapped((await runJob(namespace, 'first', job)).pod)).toBe(true);
    expect(await serialServed()).toBe(serialOf(one.cert));

    await give({ 'tls.crt': two.cert, 'tls.key': one.key });
    await eventually('both replicas say so', 90, async () => (await events('failed')) >= 2);
    const [pod] = await replicas(api);
    expect(await ask(pod, '/readyz')).toBe('ok\n');
    expect(await serialServed()).toBe(serialOf(one.cert));
    expect(isWrapped((await runJob(namespace, 'last-good', job)).pod)).toBe(true);

    await give(pairOf(two));
    await eventually('both replicas took it', 90, async () => (await events('renewed')) >= 2);
    expect(await serialServed()).toBe(serialOf(two.cert));
    expect(isWrapped((await runJob(namespace, 'renewed', job)).pod)).toBe(true);
    expect((await replicas(api)).map(({ status }) => status.containerStatuses[0].restartCount)).toEqual([0, 0]);
    await api.delete(existing);
  });

  const serialOf = (cert: string) => new X509Certificate(cert).serialNumber;
  /** As a client meets it. */
  const serialServed = async () => {
    const [{ status }] = await replicas(api);
    const socket = connect({ host: status.podIP, port: 8443, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  };
});

describe('when something is wrong, log, readiness and a metric say one clear sentence', () => {
  beforeAll(() => installClockout());

  /** What the newest replica says; it need not be ready. */
  const newest = async () => {
    const all = (await replicas(api)).filter(({ status }) => status.podIP);
    return all.sort((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp))[0];
  };
  const says = (pattern: RegExp) =>
    eventually(`a replica says ${pattern}`, 40, async () => {
      const pod = await newest();
      return pod && pattern.test(await ask(pod, '/readyz')) && pod;
    });
  const logOf = (pod: KubeObject) =>
    api.text(`/api/v1/namespaces/${releaseNamespace}/pods/${pod.metadata.name}/log?container=clockout`);
  const areReady = async () => {
    const all = await replicas(api);
    const answers = await Promise.all(all.map((each) => ask(each, '/readyz')));
    return all.length === 2 && answers.every((answer) => answer === 'ok\n');
  };
  const failures = async (pod: KubeObject) =>
    Number(/^clockout_certificate_events_total\{event="failed"\} (\d+)$/m.exec(await ask(pod, '/metrics'))?.[1]);

  it('no right to read the Secret; it heals when the right is there', async () => {
    const role = `/apis/rbac.authorization.k8s.io/v1/namespaces/${releaseNamespace}/rolebindings/clockout`;
    const binding = await api.get(role);
    await api.delete(role);
    await kubectl('-n', releaseNamespace, 'rollout', 'restart', 'deployment/clockout');
    const pod = await says(/clockout-ca.*403|403.*clockout-ca/s);
    expect(await logOf(pod)).toMatch(/"level":"(warn|error)".*clockout-ca/);
    expect(await failures(pod)).toBeGreaterThan(0);
    // The replicas that were there before go on.
    const namespace = await makeNamespace(meshed);
    expect(isWrapped((await runJob(namespace, 'goes-on', job)).pod)).toBe(true);
    await api.create(anew(binding));
    await kubectl('-n', releaseNamespace, 'rollout', 'status', 'deployment/clockout', '--timeout=60s');
  });

  it('no webhook configuration; it heals when it is there again', async () => {
    const path = `${configurations}/${webhookConfiguration}`;
    const found = await api.get(path);
    await api.delete(path);
    const pod = await says(/MutatingWebhookConfiguration is not there/);
    expect(await logOf(pod)).toMatch(/MutatingWebhookConfiguration is not there/);
    await api.create(anew(found));
    await eventually('the replicas are ready again', 40, areReady);
    const namespace = await makeNamespace(meshed);
    expect(isWrapped((await runJob(namespace, 'again', job)).pod)).toBe(true);
  });

  it("a webhook configuration that is another installation's, whose caBundle it leaves alone", async () => {
    const path = `${configurations}/${webhookConfiguration}`;
    const { webhooks } = await api.get(path);
    const moved = webhooks.map((webhook: KubeObject) => {
      const { caBundle: _, service, ...clientConfig } = webhook.clientConfig;
      return { ...webhook, clientConfig: { ...clientConfig, service: { ...service, namespace: 'elsewhere' } } };
    });
    const before = await counter(api, 'clockout_certificate_events_total', { event: 'failed' });
    await api.merge(path, { webhooks: moved });
    const pod = await says(/another installation's: it calls clockout\.elsewhere\.svc/);
    expect(await logOf(pod)).toMatch(/another installation's/);
    expect(await counter(api, 'clockout_certificate_events_total', { event: 'failed' })).toBeGreaterThan(before);
    expect((await api.get(path)).webhooks[0].clientConfig.caBundle).toBeUndefined();
    await api.merge(path, { webhooks });
    await eventually('the replicas are ready again', 40, areReady);
  });

  it('a second release with other names changes nothing twice', async () => {
    const second = ['--namespace', 'second'];
    const { image } = JSON.parse(await helm(['get', 'values', release, '--output', 'json']));
    const set = Object.entries(image).flatMap(([key, value]) => ['--set', `image.${key}=${value}`]);
    await helm(['install', 'second', chart, ...second, '--create-namespace', '--wait', '--timeout', '90s', ...set]);
    try {
      const namespace = await makeNamespace(meshed);
      const { result, pod } = await runJob(namespace, 'twice', job);
      expect([result, isWrapped(pod)]).toEqual(['Complete', true]);
      const names = pod.spec.initContainers.map(({ name }: KubeObject) => name);
      expect(names.filter((name: string) => name === 'clockout-init')).toHaveLength(1);
    } finally {
      await helm(['uninstall', 'second', ...second]);
      await api.delete('/api/v1/namespaces/second');
    }
  });
});
