/** Native sidecars beside other webhooks: one that drops their restartPolicy, and Istio's when it is called again. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../api.ts';
import { configurations, counter, installClockout } from '../install.ts';
import { startStripper } from '../stripper.ts';
import { api, app, makeNamespace, meshed, nativeIn, removeNamespaces, runJob, tryJobPod } from './kube.ts';

/** Of a namespace, for one of the other webhooks. */
const label = 'tests.clockout.dev/webhook';
const namespaceSelector = { matchLabels: { [label]: 'other' } };

/** Who makes the sidecar native. */
const by = {
  Istio: { labels: { 'clockout.dev/strategy': 'wrap' }, annotations: { 'sidecar.istio.io/nativeSidecar': 'true' } },
  Clockout: { labels: { 'clockout.dev/strategy': 'native' }, annotations: {} },
};

const undo: (() => Promise<unknown>)[] = [];

beforeAll(() => installClockout());
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
afterAll(removeNamespaces);

const needsProxy = { containers: [app({ NEED_PROXY: 1, CODE: 5 })] };

async function expectNative(namespace: string, annotations: Record<string, string>): Promise<void> {
  const { result, pod } = await runJob(namespace, 'beside', { annotations, spec: needsProxy });
  expect([result, nativeIn(pod)]).toEqual(['Failed', ['istio-proxy']]);
  expect(pod.status.containerStatuses).toMatchObject([{ name: 'app', state: { terminated: { exitCode: 5 } } }]);
  const status = JSON.parse(pod.metadata.annotations['sidecar.istio.io/status']);
  expect([status.containers ?? [], status.initContainers]).toEqual([[], expect.arrayContaining(['istio-proxy'])]);
}

describe('a webhook that drops restartPolicy', () => {
  it.each([
    ['Istio', 'before', 'yy-strip', 'Never'],
    ['Istio', 'after', 'zzz-strip', 'Never'],
    ['Clockout', 'again before', 'yy-strip', 'IfNeeded'],
    ['Clockout', 'after', 'zzz-strip', 'Never'],
  ] as const)('of the sidecar that %s made native, %s Clockout: %s, %s', async (who, _, name, reinvocationPolicy) => {
    undo.push(await startStripper(api, { name, selectors: { namespaceSelector }, reinvocationPolicy }));
    const { labels, annotations } = by[who];
    const namespace = await makeNamespace({ ...meshed, ...labels, [label]: 'other' });
    const before = await counter(api, 'clockout_repaired_pods_total');
    const { warnings } = await tryJobPod(namespace, needsProxy, annotations);
    expect(warnings).toContainEqual(expect.stringContaining('restored restartPolicy: Always of istio-proxy'));
    await expectNative(namespace, annotations);
    expect(await counter(api, 'clockout_repaired_pods_total')).toBeGreaterThan(before);
  });

  it('and is called again after Clockout: the API server refuses the pod, as without Clockout', async () => {
    const options = { name: 'zzz-strip', selectors: { namespaceSelector }, reinvocationPolicy: 'IfNeeded' } as const;
    undo.push(await startStripper(api, options));
    const { labels, annotations } = by.Istio;
    const namespace = await makeNamespace({ ...meshed, ...labels, [label]: 'other' });
    await expect(tryJobPod(namespace, needsProxy, annotations)).rejects.toThrow(/restartPolicy=Always/);
  });
});

it.each([
  ['after Clockout', 'zzz-istio-again', 'Never'],
  ['before Clockout, and again once it has changed the pod', 'yy-istio-again', 'IfNeeded'],
])("a pod for which Istio's webhook is called %s has one proxy", async (_, name, reinvocationPolicy) => {
  const { webhooks } = await api.get(`${configurations}/istio-sidecar-injector`);
  const again = webhooks.slice(0, 1).map((webhook: KubeObject) => ({
    ...webhook,
    namespaceSelector,
    objectSelector: {},
    reinvocationPolicy,
  }));
  undo.push(() => api.delete(`${configurations}/${name}`));
  await api.post(configurations, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: again,
  });
  const namespace = await makeNamespace({ ...meshed, ...by.Clockout.labels, [label]: 'other' });
  const { object } = await tryJobPod(namespace, needsProxy);
  expect(object.metadata.annotations).toMatchObject({
    'clockout.dev/native': 'istio-proxy',
    'sidecar.istio.io/nativeSidecar': 'true',
  });
  await expectNative(namespace, {});
});
