/** What the API server makes of Clockout's patch, and which pods get one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { binaries } from '../binaries.ts';
import { run } from '../exec.ts';
import { counter } from '../install.ts';
import { kubeconfig } from '../kubeconfigs.ts';
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
    const kubectl = [binaries.kubectl, '--kubeconfig', kubeconfig('admin')];
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
    const kubectl = [binaries.kubectl, '--kubeconfig', kubeconfig('admin')];
    // kubectl writes warnings to stderr; 2>&1 without a shell is a --warnings-as-errors that fails with them.
    const created = run([...kubectl, 'create', '--dry-run=server', '--warnings-as-errors', '-f', '-'], {
      input: JSON.stringify(pod),
    });
    await expect(created).rejects.toThrow(/clockout\.dev\/entrypoint/);
  });
});

describe.concurrent('Clockout', () => {
  it('wraps a pod that no Job made and that asks for it, and the pod completes', async () => {
    await api.create(bare('asks', { 'clockout.dev/inject': 'true' }));
    await expectPhase('asks', 'Succeeded');
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
  await expect
    .poll(async () => (await api.get(`/api/v1/namespaces/${namespace}/pods/${name}`)).status.phase, {
      timeout: 60_000,
      interval: 500,
    })
    .toBe(phase);
}
