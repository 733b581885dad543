/** What the API server makes of Clockout's patch, and which pods get one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kubectl } from '../clients.ts';
import { run } from '../exec.ts';
import { appImage } from '../images.ts';
import { counter, installClockout } from '../install.ts';
import { eventually } from '../progress.ts';
import {
  api,
  app,
  containerOf,
  createJob,
  isWrapped,
  makeNamespace,
  meshed,
  podWhen,
  removeNamespaces,
  runJob,
} from './kube.ts';

let namespace: string;

beforeAll(async () => {
  await installClockout();
  namespace = await makeNamespace(meshed);
});
afterAll(removeNamespaces);

const reviews = 'clockout_admission_reviews_total';
const bare = (name: string, labels: Record<string, string>, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels },
  spec: { restartPolicy: 'Never', containers: [app()], ...spec },
});

describe('the API server', () => {
  it("calls Clockout once for a Job's pod, not twice", async () => {
    const before = await counter(api, reviews);
    const names = [1, 2, 3, 4, 5].map((number) => `once-${number}`);
    for (const name of names) await createJob(namespace, name, { spec: { containers: [app({ SLEEP: 1 })] } });
    for (const name of names) {
      const pod = await podWhen(namespace, name, 'is made', () => true);
      expect(isWrapped(pod)).toBe(true);
    }
    expect((await counter(api, reviews)) - before).toBe(5);
  });

  it("calls Clockout once for a pod whose proxy has Istio's own hook, or an init container", async () => {
    const before = await counter(api, reviews);
    await createJob(namespace, 'once-hold', {
      annotations: { 'proxy.istio.io/config': '{"holdApplicationUntilProxyStarts": true}' },
      spec: { containers: [app()] },
    });
    await createJob(namespace, 'once-init', {
      spec: { containers: [app()], initContainers: [app({ SLEEP: 0 }, { name: 'init' })] },
    });
    for (const name of ['once-hold', 'once-init']) await podWhen(namespace, name, 'is made', isWrapped);
    expect((await counter(api, reviews)) - before).toBe(2);
  });

  it('shows the patch in a dry run (kubectl create --dry-run=server)', async () => {
    const pod = bare('dry-run', { 'clockout.dev/inject': 'true' });
    const create = ['create', '--dry-run=server', '--output', 'yaml', '--filename', '-'];
    const shown = parse(await run([...kubectl, ...create], { input: JSON.stringify(pod) }));
    expect(isWrapped(shown)).toBe(true);
    expect(containerOf(shown, 'app').command[0]).toBe('/clockout/busybox');
    expect(containerOf(shown, 'app').args).toContain('/app');
    const { items } = await api.get(`/api/v1/namespaces/${namespace}/pods?fieldSelector=metadata.name%3Ddry-run`);
    expect(items).toEqual([]);
  });

  it('says in a warning why a pod that asked for Clockout was not wrapped', async () => {
    const pod = bare('warned', { 'clockout.dev/inject': 'true' }, { containers: [app({}, { command: undefined })] });
    // kubectl writes warnings to stderr; 2>&1 without a shell is a --warnings-as-errors that fails with them.
    const created = run([...kubectl, 'create', '--dry-run=server', '--warnings-as-errors', '-f', '-'], {
      input: JSON.stringify(pod),
    });
    await expect(created).rejects.toThrow(/clockout\.dev\/entrypoint/);
  });
});

describe('the QoS class of a pod', () => {
  const exactly = { cpu: '50m', memory: '64Mi' };
  const guaranteed = { resources: { requests: exactly, limits: exactly } };
  /** Annotations of Istio for its own container. */
  const proxy = (prefix: string) => ({
    [`sidecar.istio.io/proxy${prefix}CPU`]: '50m',
    [`sidecar.istio.io/proxy${prefix}Memory`]: '64Mi',
  });
  const mesh = { 'istio-injection': 'enabled' };
  const helper = { name: 'helper', image: appImage, command: ['/app'] };
  it.each([
    [
      'Guaranteed',
      mesh,
      { 'sidecar.istio.io/proxyCPULimit': '50m', 'sidecar.istio.io/proxyMemoryLimit': '64Mi', ...proxy('') },
      [app({}, guaranteed)],
    ],
    ['Burstable', mesh, {}, [app({}, { resources: { requests: { cpu: '50m' } } })]],
    // Istio's own container asks for something.
    ['Burstable', mesh, {}, [app()]],
    [
      'BestEffort',
      {},
      { 'clockout.dev/quit-urls': 'http://127.0.0.1:9999/quit', 'clockout.dev/containers': 'app' },
      [app(), helper],
    ],
  ])('%s stays what it would be without Clockout (%#)', async (qosClass, labels, annotations, containers) => {
    const other = await makeNamespace({ ...labels });
    // Pods that the scheduler leaves alone: their class is told as soon as they are there.
    const create = (name: string, inject: string) =>
      api.create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: other, annotations, labels: { 'clockout.dev/inject': inject } },
        spec: { restartPolicy: 'Never', schedulingGates: [{ name: 'tests.clockout.dev/never' }], containers },
      });
    const [wrapped, bare] = [await create('wrapped', 'true'), await create('bare', 'false')];
    expect([isWrapped(wrapped), isWrapped(bare)]).toEqual([true, false]);
    expect([wrapped.status.qosClass, bare.status.qosClass]).toEqual([qosClass, qosClass]);
  });
});

describe.concurrent('Clockout', () => {
  it('wraps a pod that no Job made and that asks for it, and the pod completes', async () => {
    await api.create(bare('asks', { 'clockout.dev/inject': 'true' }));
    await expectPhase('asks', 'Succeeded');
  });

  it.each(['baseline', 'privileged'])('wraps a Job where Pod Security is %s', async (level) => {
    const strict = await makeNamespace({ ...meshed, 'pod-security.kubernetes.io/enforce': level });
    const { result, pod } = await runJob(strict, level, { spec: { containers: [app()] } });
    expect([result, isWrapped(pod)]).toEqual(['Complete', true]);
  });

  it('wraps a Job of a namespace that did not ask, if the pod does', async () => {
    const other = await makeNamespace({ 'istio-injection': 'enabled' });
    const { result, pod } = await runJob(other, 'asks', {
      labels: { 'clockout.dev/inject': 'true' },
      spec: { containers: [app()] },
    });
    expect(result).toBe('Complete');
    expect(isWrapped(pod)).toBe(true);
  });

  it.each([
    ['the pod says no', { labels: { 'clockout.dev/inject': 'false' } }],
    ['Istio injects nothing', { labels: { 'sidecar.istio.io/inject': 'false' } }],
    ['its sidecar is native', { annotations: { 'sidecar.istio.io/nativeSidecar': 'true' } }],
  ])('leaves a pod untouched where %s', async (why, options) => {
    const name = why.toLowerCase().replaceAll(' ', '-');
    await createJob(namespace, name, { ...options, spec: { containers: [app()] } });
    expectUntouched(await podWhen(namespace, name, 'is made', () => true));
  });

  it("leaves a pod untouched where its namespace did not ask, and one that isn't a Job's", async () => {
    const other = await makeNamespace({ 'istio-injection': 'enabled' });
    await createJob(other, 'did-not-ask', { spec: { containers: [app()] } });
    expectUntouched(await podWhen(other, 'did-not-ask', 'is made', () => true));
    expectUntouched(await api.create(bare('nobodys', {})));
  });
});

function expectUntouched(pod: { spec: { containers: { name: string }[]; initContainers?: { name: string }[] } }): void {
  expect(isWrapped(pod)).toBe(false);
  expect(containerOf(pod, 'app').command).toEqual(['/app']);
  expect(JSON.stringify(pod)).not.toContain('/clockout');
  expect((pod.spec.initContainers ?? []).map((each) => each.name)).not.toContain('clockout-init');
}

async function expectPhase(name: string, phase: string): Promise<void> {
  const ended = await eventually(`${name} ends`, 60, async () => {
    const { status } = await api.get(`/api/v1/namespaces/${namespace}/pods/${name}`);
    return ['Succeeded', 'Failed'].includes(status.phase) && status;
  });
  expect(ended.phase).toBe(phase);
}
