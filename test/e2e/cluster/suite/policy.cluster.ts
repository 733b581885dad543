/** `clockout policy` on the real API server: its policies run beside Istio's webhook, and Clockout is not installed. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../api.ts';
import { kubectl } from '../clients.ts';
import { run } from '../exec.ts';
import { uninstallClockout } from '../install.ts';
import { root } from '../paths.ts';
import { eventually } from '../progress.ts';
import { api, app, exitCode, makeNamespace, meshed, removeNamespaces, runJob } from './kube.ts';

/** The version that the built cluster has. */
const flags = ['--api-version', 'v1beta1', '--sidecar', 'cloud-sql-proxy'];

let namespace: string;
let policies: string;

beforeAll(async () => {
  await uninstallClockout();
  namespace = await makeNamespace(meshed);
  policies = await run([process.execPath, join(root, 'dist', 'clockout.mjs'), 'policy', ...flags]);
  await run([...kubectl, 'apply', '--warnings-as-errors', '--filename', '-'], { input: policies });
  await eventually('the policies are in force', 60, async () => {
    const asked = await tryOut({});
    const repaired = await tryOut({ initContainers: [stripped] });
    return asked.metadata.annotations?.[native] === 'true' && repaired.spec.initContainers.some(isNative('helper'));
  });
});
afterAll(async () => {
  await run([...kubectl, 'delete', '--ignore-not-found', '--filename', '-'], { input: policies });
  await removeNamespaces();
});

const native = 'sidecar.istio.io/nativeSidecar';
const classic = { [native]: 'false' };
const ofJob = { 'job-name': 'tried' };
const probe = { exec: { command: ['/app'] } };
/** As a webhook leaves a native sidecar if it does not know the field. */
const stripped = app({}, { name: 'helper', startupProbe: probe });
const isNative = (name: string) => (container: KubeObject) =>
  container.name === name && container.restartPolicy === 'Always';
const namesOf = (containers: KubeObject[] = []) => containers.map(({ name }) => name);

/** What would be stored. */
async function tryOut(spec: object, metadata: { annotations?: object; labels?: object } = {}): Promise<KubeObject> {
  const { object } = await api.tryOut({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'tried', namespace, labels: ofJob, ...metadata },
    spec: { restartPolicy: 'Never', containers: [app()], ...spec },
  });
  return object;
}

describe('a Job completes', () => {
  it("with Istio's own native sidecar, which the policy asks for", async () => {
    const { result, pod } = await runJob(namespace, 'asked', { spec: { containers: [app({ NEED_PROXY: 1 })] } });
    expect(result).toBe('Complete');
    expect(pod.spec.initContainers.some(isNative('istio-proxy'))).toBe(true);
    expect(namesOf(pod.spec.containers)).toEqual(['app']);
  });

  it('with a classic sidecar, which the policy converts', async () => {
    const spec = { containers: [app({ NEED_PROXY: 1 })] };
    const { result, pod } = await runJob(namespace, 'converted', { annotations: classic, spec });
    expect(result).toBe('Complete');
    expect(pod.spec.initContainers.some(isNative('istio-proxy'))).toBe(true);
    expect(exitCode(pod, 'app')).toBe(0);
  });

  it('with another sidecar that was named', async () => {
    const spec = { containers: [app({ SLEEP: 1 }), app({ SLEEP: 3600 }, { name: 'cloud-sql-proxy' })] };
    const { result, pod } = await runJob(namespace, 'named', { spec });
    expect(result).toBe('Complete');
    expect(namesOf(pod.spec.initContainers).sort()).toEqual(['cloud-sql-proxy', 'istio-proxy']);
  });
});

describe('a converted proxy', () => {
  it("exits at once, and Istio's annotations say that it is native", async () => {
    const { metadata, spec } = await tryOut({}, { annotations: classic });
    const proxy = spec.initContainers.find(isNative('istio-proxy'));
    const { value } = proxy.env.find(({ name }: KubeObject) => name === 'PROXY_CONFIG');
    expect(JSON.parse(value).terminationDrainDuration).toBe('0s');
    expect(proxy.startupProbe).toBeDefined();
    expect(metadata.annotations[native]).toBe('true');
    const status = JSON.parse(metadata.annotations['sidecar.istio.io/status']);
    expect([status.containers, status.initContainers]).toEqual([[], expect.arrayContaining(['istio-proxy'])]);
  });

  it('keeps the drain that its pod chose', async () => {
    const chosen = { 'proxy.istio.io/config': '{"terminationDrainDuration": "3s"}' };
    const { spec } = await tryOut({}, { annotations: { ...classic, ...chosen } });
    const proxy = spec.initContainers.find(isNative('istio-proxy'));
    const { value } = proxy.env.find(({ name }: KubeObject) => name === 'PROXY_CONFIG');
    expect(JSON.parse(value).terminationDrainDuration).toBe('3s');
  });

  it.each<[string, object[] | undefined, string[]]>([
    ['the only init container', undefined, ['istio-proxy']],
    ['after the others', [app({}, { name: 'first' })], ['first', 'istio-proxy']],
    [
      'after that of its mesh',
      [app({}, { name: 'istio-init' }), app({}, { name: 'last' })],
      ['istio-init', 'istio-proxy', 'last'],
    ],
    [
      'in place of an older one',
      [app({}, { name: 'istio-proxy', restartPolicy: 'Always' }), app({}, { name: 'last' })],
      ['istio-proxy', 'last'],
    ],
  ])('is %s', async (_, initContainers, expected) => {
    // Without Istio's webhook, so that the proxy stands as it is here.
    const labels = { ...ofJob, 'sidecar.istio.io/inject': 'false' };
    const containers = [app(), app({}, { name: 'istio-proxy', readinessProbe: probe })];
    const { spec } = await tryOut({ containers, ...(initContainers && { initContainers }) }, { labels });
    expect(namesOf(spec.initContainers)).toEqual(expected);
    expect(namesOf(spec.containers)).toEqual(['app']);
    const proxy = spec.initContainers.find(isNative('istio-proxy'));
    expect(proxy.startupProbe).toMatchObject({ ...probe, periodSeconds: 1, failureThreshold: 600 });
  });
});

it.each<[string, object, { labels?: object; annotations?: object }?]>([
  ['of no Job', {}, { labels: {} }],
  ['with its own label "false"', {}, { labels: { ...ofJob, 'clockout.dev/inject': 'false' } }],
  ['with the network of its node', { hostNetwork: true }],
  ['that starts again and again', { restartPolicy: 'Always' }],
])('a pod %s is not changed', async (_, spec, metadata) => {
  const pod = await tryOut({ initContainers: [app({}, { name: 'init' })], ...spec }, metadata);
  expect(pod.metadata.annotations?.[native]).toBeUndefined();
  expect((pod.spec.initContainers ?? []).filter(isNative('istio-proxy'))).toEqual([]);
});

it('an init container without a probe is not repaired', async () => {
  const { spec } = await tryOut({ initContainers: [app({}, { name: 'init' }), stripped] });
  expect(spec.initContainers.filter(isNative('init'))).toEqual([]);
  expect(spec.initContainers.filter(isNative('helper'))).toHaveLength(1);
});
