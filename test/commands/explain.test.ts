import { describe, expect, it } from 'vitest';
import { classicPod, jobPod, withStrategy } from '../support/pods.ts';
import { explain, inject } from './run.ts';

const job = (template: object, metadata: object = { name: 'j', namespace: 'jobs' }) =>
  JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template } });
const pod = (value: object) => JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...value });
const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'i', command: ['/app'] }] } };

async function ask(...documents: string[]) {
  const { code, stdout } = await explain({ 'x.yaml': documents.join('\n---\n') }, { output: 'json' });
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

describe('explain', () => {
  it('says for a Job that it would be wrapped, what it runs, and what happens at each end', async () => {
    const { stdout } = await explain({ 'x.yaml': job(template) });
    expect(stdout).toMatchInlineSnapshot(`
      "x.yaml: Job jobs/j
        wrapped: Istio will add istio-proxy, with its status port at 15020
        istio-proxy is not in the manifest yet, so it has no guard: if the app is killed with SIGKILL or for its memory, the proxy keeps running. The webhook sees the injected pod, and adds the guard
        container app: runs ["/app"] (command from the manifest), when the proxy is ready, or after 2m
          if app …
            exits with code 0                             the proxy is asked to exit; the pod succeeds
            exits with another code, or by a signal       the proxy is asked to exit; the pod fails, with the same code
            is killed with its wrapper (SIGKILL, memory)  HANGS: if clockout inject wraps it, there is no guard to see it: the proxy keeps the pod running until the pod's activeDeadlineSeconds or its deletion; if the webhook wraps it, its guard ends the proxy
            does not exist, or is not executable          the container exits with code 127 (not found) or 126 (not executable) and a line in its log; then as with any other code
            does not start (StartError, no image)         HANGS: if clockout inject wraps it, there is no guard to stop waiting for it: the proxy keeps the pod running until the pod's activeDeadlineSeconds or its deletion; if the webhook wraps it, its guard ends the proxy
            is asked to exit (deletion, deadline)         the app gets the same signal as without a wrapper; the proxy gets its own, and the pod ends no later
            has to wait for the proxy                     it waits up to 2m (clockout.dev/wait-timeout); then it starts anyway
            has ended, and no quit request succeeds       its container tries for up to 30s, then exits with the app's code; if the proxy has not started by then, it tries for up to 10m
            gets a native sidecar from Istio              the app runs as without a wrapper: Kubernetes ends a native sidecar
      "
    `);
  });

  it('says for a pod with its sidecar that nothing hangs', async () => {
    const { stdout } = await explain({
      'x.yaml': pod(classicPod({ annotations: { 'clockout.dev/start-timeout': '90s' } })),
    });
    expect(stdout).toMatchInlineSnapshot(`
      "x.yaml: Pod report-*
        wrapped: istio-proxy is in the pod, with its status port at 15020
        a guard runs in istio-proxy
        container app: runs ["/app"] (command from the manifest), when the proxy is ready, or after 2m
          if app …
            exits with code 0                             the proxy is asked to exit; the pod succeeds
            exits with another code, or by a signal       the proxy is asked to exit; the pod fails, with the same code
            is killed with its wrapper (SIGKILL, memory)  the guard sees it within a second and asks the proxy to exit; the pod fails
            does not exist, or is not executable          the container exits with code 127 (not found) or 126 (not executable) and a line in its log; then as with any other code
            does not start (StartError, no image)         the guard stops waiting after 90s (clockout.dev/start-timeout) and asks the proxy to exit
            is asked to exit (deletion, deadline)         the app gets the same signal as without a wrapper; the proxy gets its own, and the pod ends no later
            has to wait for the proxy                     it waits up to 2m (clockout.dev/wait-timeout); then it starts anyway
            has ended, and no quit request succeeds       its container tries for up to 30s, then exits with the app's code; the guard continues, and sends SIGTERM to the proxy after 10s
      "
    `);
  });

  it('gives containers with the same ends one table, and others their own', async () => {
    const containers = [
      { name: 'a', command: ['/a'] },
      { name: 'b', command: ['/b'] },
      { name: 'c', command: ['/c'], livenessProbe: { periodSeconds: 5 } },
    ];
    const { stdout } = await explain({ x: job({ spec: { ...template.spec, containers } }) });
    expect(stdout.match(/^ +if .*$/gm)).toEqual(['    if a or b …', '    if c …']);
  });

  it('says that the sidecars become native, and what that means for each end', async () => {
    const x = job(template);
    const { stdout } = await explain({ x }, { settings: withStrategy('native') });
    expect(stdout).toContain('  made native: istio-proxy (asked of Istio, from 1.24 on)\n    if app …\n');
    expect(stdout).toMatch(/exits with code 0 +Kubernetes ends the sidecars/);
    const json = await explain({ x }, { settings: withStrategy('native'), output: 'json' });
    expect(JSON.parse(json.stdout)[0]).toMatchObject({ wrapped: false, strategy: 'native', complete: false });
  });

  it('says that a native sidecar is repaired', async () => {
    const initContainers = [{ name: 'side', startupProbe: {} }];
    const x = job({
      metadata: { labels: { 'sidecar.istio.io/inject': 'false' } },
      spec: { ...template.spec, initContainers },
    });
    expect((await explain({ x })).stdout).toContain('  repaired: side\n  not wrapped (no-sidecar): ');
  });

  it.each([
    ['native-sidecar', [job({ ...template, metadata: { annotations: { 'sidecar.istio.io/nativeSidecar': 'true' } } })]],
    ['not-a-job', [pod(template)]],
    ['no-sidecar', [pod(jobPod({ metadata: { uid: '1' } as object }))]],
    ['opted-out', [job({ ...template, metadata: { labels: { 'clockout.dev/inject': 'false' } } })]],
    ['no-entrypoint', [job({ spec: { ...template.spec, containers: [{ name: 'app' }] } })]],
  ])('says why not: %s', async (reason, documents) => {
    const [explanation] = await ask(...documents);
    expect(explanation).toMatchObject({ wrapped: false, reason, sentence: expect.any(String) });
    const { stdout } = await explain({ x: documents.join('\n---\n') });
    expect(stdout).toContain(`  not wrapped (${reason}): ${explanation.sentence}\n`);
  });

  it('names the containers that are waited for, where there are several and nobody has chosen', async () => {
    const two = [
      { name: 'app', command: ['/app'] },
      { name: 'shipper', command: ['/shipper'] },
    ];
    const of = async (containers: object[], annotations = {}) => {
      const { stdout } = await explain({
        'x.yaml': job({ metadata: { annotations }, spec: { ...template.spec, containers } }),
      });
      return stdout.split('\n').filter((line) => line.includes('waits for each'));
    };
    expect(await of(two)).toEqual([
      '  Clockout waits for each of app, shipper; if one of them is a sidecar, name it in clockout.dev/exclude-containers',
    ]);
    expect(await of(two.slice(0, 1))).toEqual([]);
    expect(await of(two, { 'clockout.dev/containers': 'app,shipper' })).toEqual([]);
  });

  describe('asks the namespace, if its manifest is there', () => {
    const namespace = (name: string, labels?: object) =>
      JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    it.each([
      ['enabled', namespace('jobs', { 'clockout.dev/inject': 'enabled' }), undefined],
      ['disabled', namespace('jobs', { 'clockout.dev/inject': 'disabled' }), 'opted-out'],
      ['without the label', namespace('jobs'), 'not-opted-in'],
      ['another one', namespace('other'), undefined],
    ])('%s', async (_, document, reason) => {
      expect((await ask(job(template), document))[0].reason).toBe(reason);
    });

    it('takes a Job without a namespace for one of default', async () => {
      expect((await ask(namespace('default'), job(template, { name: 'j' })))[0].reason).toBe('not-opted-in');
    });
  });

  describe('says of a pod that is in a cluster, and not wrapped, that it was missed', () => {
    const inCluster = (labels: Record<string, string> = {}) =>
      pod(classicPod({ labels, metadata: { uid: '1', namespace: 'jobs' } as object }));
    const namespace = (labels: object) =>
      JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'jobs', labels } });
    const unknown =
      'Clockout would wrap the pod, but was not called for it; likely causes: its namespace does not have the label clockout.dev/inject: enabled, the pod is older than Clockout, or the webhook was not reached';
    const asked =
      'Clockout would wrap the pod, but was not called for it; likely causes: the pod is older than Clockout, or the webhook was not reached';
    it.each<[string, string[], string, unknown]>([
      ['in an unknown namespace', [inCluster()], 'missed', unknown],
      ['which asks itself', [inCluster({ 'clockout.dev/inject': 'true' })], 'missed', asked],
      ['whose namespace asks', [inCluster(), namespace({ 'clockout.dev/inject': 'enabled' })], 'missed', asked],
      ['whose namespace does not', [inCluster(), namespace({})], 'not-opted-in', expect.any(String)],
      [
        'whose namespace declines',
        [inCluster(), namespace({ 'clockout.dev/inject': 'disabled' })],
        'opted-out',
        expect.any(String),
      ],
    ])('%s', async (_, documents, reason, sentence) => {
      expect(await ask(...documents)).toMatchObject([{ wrapped: false, reason, sentence }]);
      const { stdout } = await explain({ x: documents.join('\n---\n') });
      expect(stdout).toContain(`  not wrapped (${reason}): `);
    });

    it('but of one that is wrapped what happens, whatever its namespace says now', async () => {
      const { stdout } = await inject({ 'x.json': inCluster() }, { output: 'json' });
      expect(await ask(stdout, namespace({}))).toMatchObject([{ wrapped: true, complete: true }]);
    });
  });

  it('knows each container, its entrypoint and where that came from', async () => {
    const containers = [{ name: 'app', args: ['x'] }];
    const metadata = { annotations: { 'clockout.dev/entrypoint': '["/from"]' } };
    const [{ containers: explained, ...rest }] = await ask(
      'kind: Other',
      job({ metadata, spec: { restartPolicy: 'Never', containers } }),
    );
    expect(rest).toMatchObject({
      file: 'x.yaml',
      document: 2,
      kind: 'Job',
      path: '/spec/template',
      wrapped: true,
      complete: false,
      guard: 'proxy-not-in-view',
    });
    expect(explained).toMatchObject([
      { name: 'app', entrypoint: { argv: ['/from', 'x'], source: 'annotation' }, wait: 120, end: 'any' },
    ]);
  });

  it('says so where there is nothing to explain', async () => {
    expect(await explain({ x: 'kind: Other' })).toEqual({
      code: 0,
      stdout: '',
      stderr: 'nothing to explain: the input has no Pod, Job or CronJob\n',
    });
  });

  it('refuses bad input as inject does', async () => {
    expect(await explain({ x: 'a: [' })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^x:1:\d: /),
    });
  });
});
