import { describe, expect, it } from 'vitest';
import { readDefaults } from '../../src/pod/annotations/read-defaults.ts';
import { classicPod, jobPod, settings, withStrategy } from '../support/pods.ts';
import { explain, inject } from './run.ts';

const job = (template: object, metadata: object = { name: 'j', namespace: 'jobs' }) =>
  JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template } });
const other = (kind: string, template: object, apiVersion = 'example.com/v1') =>
  JSON.stringify({ apiVersion, kind, metadata: { name: 'o', namespace: 'jobs' }, spec: { template } });
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
        wrapped, if the namespace jobs has the label clockout.dev/inject: enabled, and Istio injects its sidecar there: Istio will add istio-proxy, with its status port at 15020
        a guard runs in istio-proxy
        container app: runs ["/app"] (command from the manifest), when the proxy is ready, or after 2m
          if app …
            exits with code 0                             the proxy is asked to exit; the pod succeeds
            exits with another code, or by a signal       the proxy is asked to exit; the pod fails, with the same code
            is killed with its wrapper (SIGKILL, memory)  the guard sees it within a second and asks the proxy to exit; the pod fails
            does not exist, or is not executable          the container exits with code 127 (not found) or 126 (not executable) and a line in its log; then as with any other code
            does not start (StartError, no image)         the guard stops waiting after 1h (clockout.dev/start-timeout) and asks the proxy to exit; the pod fails
            is asked to exit (deletion, deadline)         the app gets the same signal as without a wrapper; the proxy gets its own, and the pod ends no later
            has to wait for the proxy                     it waits up to 2m (clockout.dev/wait-timeout); then it starts anyway
            has ended, and no quit request succeeds       its container tries for up to 30s, then exits with the app's code; the guard continues, and sends SIGTERM to the proxy after 10s
            gets a native sidecar from Istio              the app runs as without a wrapper: Kubernetes ends a native sidecar
        clockout inject: wraps it, too; istio-proxy is not in the manifest yet, so it has no guard: if the app is killed with SIGKILL or for its memory, the proxy keeps running. The webhook sees the injected pod, and adds the guard
      "
    `);
  });

  it('says for a pod with its sidecar that nothing hangs', async () => {
    const { stdout } = await explain({
      'x.yaml': pod(classicPod({ annotations: { 'clockout.dev/start-timeout': '90s' } })),
    });
    expect(stdout).toMatchInlineSnapshot(`
      "x.yaml: Pod report-*
        wrapped, if its namespace has the label clockout.dev/inject: enabled: istio-proxy is in the pod, with its status port at 15020
        a guard runs in istio-proxy
        container app: runs ["/app"] (command from the manifest), when the proxy is ready, or after 2m
          if app …
            exits with code 0                             the proxy is asked to exit; the pod succeeds
            exits with another code, or by a signal       the proxy is asked to exit; the pod fails, with the same code
            is killed with its wrapper (SIGKILL, memory)  the guard sees it within a second and asks the proxy to exit; the pod fails
            does not exist, or is not executable          the container exits with code 127 (not found) or 126 (not executable) and a line in its log; then as with any other code
            does not start (StartError, no image)         the guard stops waiting after 90s (clockout.dev/start-timeout) and asks the proxy to exit; the pod fails
            is asked to exit (deletion, deadline)         the app gets the same signal as without a wrapper; the proxy gets its own, and the pod ends no later
            has to wait for the proxy                     it waits up to 2m (clockout.dev/wait-timeout); then it starts anyway
            has ended, and no quit request succeeds       its container tries for up to 30s, then exits with the app's code; the guard continues, and sends SIGTERM to the proxy after 10s
        clockout inject: wraps it, too
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
    expect(stdout).toContain(
      '  made native, if the namespace jobs has the label clockout.dev/inject: enabled, and Istio injects its sidecar there: istio-proxy (asked of Istio, from 1.24 on)\n    if app …\n',
    );
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
  ])('says why not: %s', async (reason, documents) => {
    const [explanation] = await ask(...documents);
    expect(explanation).toMatchObject({ wrapped: false, reason, sentence: expect.any(String) });
    const { stdout } = await explain({ x: documents.join('\n---\n') });
    expect(stdout).toContain(`  not wrapped (${reason}): ${explanation.sentence}\n`);
  });

  it('says of an image without a command that its registry would be asked, and offers to ask it', async () => {
    const x = job({ spec: { ...template.spec, containers: [{ name: 'app', image: 'perl:5' }] } });
    const { stdout } = await explain({ x });
    expect(stdout).toContain(
      '  not known (no-entrypoint): container app has no command, so the webhook asks the registry of perl:5 what it runs, and wraps the pod if it learns that; --registry asks now, with your credentials; the webhook does so only if the namespace jobs has the label clockout.dev/inject: enabled, and Istio injects its sidecar there\n  clockout inject: skips it, unless --registry finds its command\n',
    );
    expect(await ask(x)).toMatchObject([{ wrapped: false, reason: 'no-entrypoint', verdict: 'unknown' }]);
  });

  it.each([
    [
      'a namespace that is known to ask, also Istio',
      { 'clockout.dev/inject': 'enabled', 'istio-injection': 'enabled' },
      {},
      '  wrapped: ',
    ],
    [
      'a namespace that is known to ask a revision of Istio',
      { 'clockout.dev/inject': 'enabled', 'istio.io/rev': '1-29' },
      {},
      '  wrapped: ',
    ],
    [
      'a namespace without a label of Istio',
      { 'clockout.dev/inject': 'enabled' },
      {},
      '  wrapped, if Istio injects its sidecar in the namespace jobs: ',
    ],
    ['a pod that asks itself', undefined, { 'clockout.dev/inject': 'true' }, '  wrapped: '],
    [
      'a namespace that is not known',
      undefined,
      {},
      '  wrapped, if the namespace jobs has the label clockout.dev/inject: enabled, and Istio injects its sidecar there: ',
    ],
  ])('says on what it depends: %s', async (_, labels, own, expected) => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'jobs', labels } };
    const x = [job({ ...template, metadata: { labels: own } }), ...(labels ? [JSON.stringify(namespace)] : [])];
    expect((await explain({ x: x.join('\n---\n') })).stdout).toContain(expected);
  });

  describe('says which sidecar keeps the pod running, and what to do', () => {
    const sql = { name: 'cloud-sql-proxy', command: ['/cloud-sql-proxy', '--quitquitquit'] };
    const bare = (containers: object[], labels = {}) =>
      pod({ metadata: { name: 'p', labels }, spec: { ...template.spec, containers } });
    const off = { 'sidecar.istio.io/inject': 'false' };
    const app = { name: 'app', command: ['/app'] };
    const init = { name: 'app', command: ['/init'] };
    it.each<[string, string, string | undefined]>([
      ['a Pod', bare([app]), 'if Istio adds it, istio-proxy keeps .*; if it is to end, set its label'],
      ['a Pod without a mesh', bare([app], off), undefined],
      ['a Pod of another mesh', bare([app, sql], off), 'cloud-sql-proxy keeps .*; if it is to end, set its label'],
      ['a service', pod({ spec: { containers: [app] } }), undefined],
      [
        'one that needs process 1',
        job({ spec: { ...template.spec, containers: [init] } }),
        'if Istio adds it, istio-proxy keeps .*; remove the cause',
      ],
      [
        'one that is turned off',
        job({ ...template, metadata: { labels: { 'clockout.dev/inject': 'false' } } }),
        'if Istio adds it, istio-proxy keeps .*; its app has to ask it to exit',
      ],
    ])('%s', async (_, x, expected) => {
      const { stdout } = await explain({ x });
      if (expected === undefined) expect(stdout).not.toContain('HANGS');
      else expect(stdout).toMatch(new RegExp(`^  HANGS: ${expected}`, 'm'));
    });
  });

  it('does not doubt that Istio adds its sidecar where a label of the namespace says so', async () => {
    const labels = { 'istio-injection': 'enabled' };
    const namespace = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'jobs', labels } });
    const { stdout } = await explain({ x: [job(template), namespace].join('\n---\n') });
    expect(stdout).toMatch(
      /^ {2}HANGS: istio-proxy keeps the pod running .*; opt in: kubectl label namespace jobs clockout.dev\/inject=enabled$/m,
    );
    expect(stdout).toContain('  clockout inject: wraps it, because you choose the files; ');
  });

  it('says why an app starts at once', async () => {
    const of = async (container: object, annotations = {}) =>
      /\), (at once.*)/.exec(
        (
          await explain({
            x: job({
              metadata: { annotations },
              spec: { ...template.spec, containers: [{ name: 'app', command: ['/app'], ...container }] },
            }),
          })
        ).stdout,
      )?.[1];
    expect(await of({})).toBeUndefined();
    expect(await of({ lifecycle: { postStart: { exec: { command: ['sleep', '9'] } } } })).toMatch(
      /^at once, because a postStart hook/,
    );
    expect(await of({ startupProbe: { periodSeconds: 1 } })).toMatch(/^at once, because its probe/);
    expect(await of({}, { 'clockout.dev/wait-for-proxy': 'false' })).toBe('at once, as its annotations say');
    expect(await of({}, { 'status.sidecar.istio.io/port': '0' })).toMatch(
      /^at once, because the proxy has no status port/,
    );
  });

  it('shows nothing of a pod that a terminal obeys', async () => {
    const evil = 'a\u001b[2J\n::warning::b\u202e';
    const x = job({ spec: { ...template.spec, containers: [{ name: evil, command: [evil] }] } }, { name: evil });
    const { stdout, stderr } = await explain({ x });
    expect(`${stdout}${stderr}`.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\u202e/u);
    expect(`${stdout}${stderr}`).not.toMatch(/^::/m);
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
      '  Clockout waits for each of app, shipper; if one never ends by itself, name it in clockout.dev/exclude-containers, and the URL that ends it in clockout.dev/quit-urls',
    ]);
    expect(await of(two.slice(0, 1))).toEqual([]);
    expect(await of(two, { 'clockout.dev/containers': 'app,shipper' })).toEqual([]);
  });

  it('says that the pod waits for an excluded container', async () => {
    const containers = ['app', 'shipper'].map((name) => ({ name, command: [`/${name}`] }));
    const metadata = { annotations: { 'clockout.dev/exclude-containers': 'shipper' } };
    const { stdout } = await explain({ 'x.yaml': job({ metadata, spec: { ...template.spec, containers } }) });
    expect(stdout).toContain('the proxy is asked to exit; when shipper has exited, too, the pod succeeds\n');
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

  describe('says what an object from a cluster does now', () => {
    const hanging = {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'app',
          state: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: '2026-11-21T11:48:00Z' } },
        },
        { name: 'istio-proxy', state: { running: { startedAt: '2026-11-21T11:40:00Z' } } },
      ],
    };
    const live = (status: object, metadata = {}) =>
      pod({ ...classicPod({ metadata: { uid: '1', name: 'p', namespace: 'jobs', ...metadata } as object }), status });

    it('a pod that hangs', async () => {
      const { stdout } = await explain({ x: live(hanging) });
      expect(stdout).toMatchInlineSnapshot(`
        "x: Pod jobs/p
          HANGS now: container app exited 12 minutes ago with code 0, and istio-proxy still runs
          to end it and keep its result: clockout end pod/p -n jobs
          not wrapped (missed): Clockout would wrap the pod, but was not called for it; likely causes: its namespace does not have the label clockout.dev/inject: enabled, the pod is older than Clockout, or the webhook was not reached
        "
      `);
      expect(await ask(live(hanging))).toMatchObject([
        { reason: 'missed', verdict: 'hangs', live: { state: 'hangs' } },
      ]);
    });

    it('a pod that clockout inject has wrapped, and that the webhook was not called for', async () => {
      const name = { generateName: null, name: 'p' };
      const { stdout: wrapped } = await inject(
        { 'x.json': pod({ metadata: { ...name, labels: { 'clockout.dev/inject': 'true' } }, spec: template.spec }) },
        { output: 'json' },
      );
      const { metadata, spec, ...rest } = JSON.parse(wrapped);
      const annotations = { ...metadata.annotations, 'sidecar.istio.io/status': '{"containers":["istio-proxy"]}' };
      const containers = [...spec.containers, { name: 'istio-proxy', image: 'proxyv2' }];
      const x = JSON.stringify({
        ...rest,
        metadata: { ...metadata, annotations, uid: '1' },
        spec: { ...spec, containers },
        status: hanging,
      });
      const [explanation] = await ask(x);
      expect(explanation).toMatchObject({ wrapped: true, complete: true, guard: 'not-called', guards: [] });
      expect((await explain({ x })).stdout).toContain('  no guard, because the webhook was not called for the pod: ');
    });

    it('a pod without a command that was not wrapped', async () => {
      const spec = { containers: [{ name: 'app', image: 'perl:5' }] };
      const x = pod({ ...classicPod({ spec, metadata: { uid: '1' } as object }), status: hanging });
      expect((await explain({ x })).stdout).toContain(
        'the webhook did not learn from the registry of perl:5 what it runs, or was not called',
      );
    });

    it('a pod that has finished, and no longer hangs', async () => {
      const x = live({ phase: 'Succeeded' });
      const { stdout } = await explain({ x });
      expect(stdout).toContain('  has finished: Succeeded\n');
      expect(stdout).not.toContain('HANGS');
      expect(await ask(x)).toMatchObject([{ verdict: 'ends' }]);
    });

    it('a Job that has finished', async () => {
      const conditions = [{ type: 'Complete', status: 'True', lastTransitionTime: '2026-11-20T12:00:00Z' }];
      const x = JSON.stringify({ ...JSON.parse(job(template)), status: { conditions } });
      const { stdout } = await explain({ x });
      expect(stdout).toMatch(/^ {2}has finished: Complete, 1 day ago$/m);
      expect(stdout).not.toContain('if app …');
    });
  });

  describe('says of options that hold by default', () => {
    const jobs = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: 'jobs',
        labels: { 'clockout.dev/inject': 'enabled' },
        annotations: { 'clockout.dev/wait-timeout': '1m', 'clockout.dev/quits': 'x' },
      },
    });
    const installation = { ...settings, defaults: readDefaults({ 'wait-timeout': '5m', 'quit-delay': '3s' }) };
    const options = { settings: installation, namespaceDefaults: 'on' } as const;

    it('who sets them', async () => {
      const { stdout } = await explain({ 'x.yaml': [jobs, job(template)].join('\n---\n') }, options);
      expect(stdout).toContain('by default: wait-timeout: 1m, as the namespace says\n');
      expect(stdout).toContain('by default: quit-delay: 3s, as the installation says\n');
      expect(stdout).toContain('or after 1m\n');
      expect(stdout).toContain('is asked to exit after 3s; the pod succeeds');
      expect(stdout).toMatch(
        /warning: an annotation clockout.dev\/… of the pod's namespace has no effect: "quits" is not/,
      );
    });

    it('as data, and nothing where the pod says it itself', async () => {
      const metadata = { annotations: { 'clockout.dev/wait-timeout': '9s' } };
      const { stdout } = await explain(
        { 'x.yaml': [jobs, job({ metadata, spec: template.spec })].join('\n---\n') },
        { ...options, output: 'json' },
      );
      expect(JSON.parse(stdout)[0].defaults).toEqual([{ name: 'quit-delay', value: '3s', from: 'installation' }]);
    });

    it('nothing of the namespace, unless its annotations are to count', async () => {
      const { stdout } = await explain({ 'x.yaml': [jobs, job(template)].join('\n---\n') }, { settings });
      expect(stdout).not.toContain('by default');
    });
  });

  describe('says of a pod whose namespace is only observed', () => {
    const observing = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'jobs', labels: { 'clockout.dev/inject': 'observe' } },
    });
    it('what Clockout would do, and that it hangs', async () => {
      const [explanation] = await ask(observing, job(template));
      expect(explanation).toMatchObject({ wrapped: false, reason: 'observed', verdict: 'hangs' });
      expect(explanation.sentence).toBe(
        'Clockout would wrap the pod, but only observes its namespace, which has the label clockout.dev/inject: observe',
      );
      expect(explanation.hangs.advice).toBe(
        'to have Clockout act: kubectl label namespace jobs clockout.dev/inject=enabled --overwrite',
      );
    });

    it('what holds without that, if Clockout leaves it alone or the pod asks itself', async () => {
      const reasonOf = async (metadata: object, spec = {}) =>
        (await ask(observing, job({ metadata, spec: { ...template.spec, ...spec } })))[0].reason;
      expect(await reasonOf({}, { hostNetwork: true })).toBe('host-network');
      expect(await reasonOf({ labels: { 'clockout.dev/inject': 'true' } })).toBeUndefined();
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
      guard: 'runs',
      guards: ['istio-proxy'],
      inject: expect.stringContaining('has no guard'),
      verdict: 'ends',
    });
    expect(explained).toMatchObject([
      { name: 'app', entrypoint: { argv: ['/from', 'x'], source: 'annotation' }, wait: 120, end: 'any' },
    ]);
  });

  describe('with --exit-code', () => {
    const no = { ...template.spec, containers: [{ name: 'app', image: 'i' }] };
    const never = { annotations: { 'clockout.dev/quit': 'never' } };
    const unguarded = { annotations: { 'clockout.dev/guard': 'false' } };
    it.each<[string, string, number]>([
      ['a Job that is wrapped', job(template), 0],
      ['a pod without a mesh', job({ ...template, metadata: { labels: { 'sidecar.istio.io/inject': 'false' } } }), 0],
      ['a service', pod({ spec: { containers: [{ name: 'app' }] } }), 0],
      ['a Job that hangs only if it is killed', job({ ...template, metadata: unguarded }), 0],
      [
        'a Job that turns Clockout off',
        job({ ...template, metadata: { labels: { 'clockout.dev/inject': 'false' } } }),
        0,
      ],
      ['a Job that hangs', job({ ...template, metadata: never }), 3],
      ['a Pod that hangs', pod(template), 3],
      [
        'a Job that cannot be wrapped',
        job({ ...template, metadata: { annotations: { 'clockout.dev/quit': 'x' } } }),
        3,
      ],
      ['a Job whose registry was not asked', job({ spec: no }), 3],
      ['one of two that hangs', `${job(template)}\n---\n${pod(template)}`, 3],
      ['another kind whose pods the webhook would decide on', other('Batch', template), 3],
      ['another kind whose pods go on', other('Batch', { spec: { containers: [{ name: 'a' }] } }), 0],
      ['another kind whose controller ends its sidecars', other('PipelineRun', template, 'tekton.dev/v1'), 0],
      ['bad input', 'a: [', 1],
      ['no pods', 'kind: Other', 0],
    ])('%s', async (_, x, code) => {
      expect((await explain({ x }, { judges: true })).code).toBe(code);
      expect((await explain({ x })).code).toBe(code === 3 ? 0 : code);
    });
  });

  it('says for CI what hangs, and where', async () => {
    const { stdout, stderr } = await explain({ 'x.yaml': pod(template) }, { output: 'github' });
    expect(stdout).toMatch(/^::warning file=x\.yaml,line=1,title=Pod \(without a name\)::/);
    expect(stderr).toBe('');
    const junit = await explain({ 'x.yaml': job(template) }, { output: 'junit' });
    expect(junit.stdout).toContain('<testsuites name="clockout explain" tests="1" failures="0" skipped="0">');
  });

  it('counts for CI what it did not look at, and what is turned off', async () => {
    const off = job({ ...template, metadata: { labels: { 'clockout.dev/inject': 'false' } } });
    const files = { 'x.yaml': `${off}\n---\n${other('Batch', template)}` };
    const { stdout } = await explain(files, { output: 'github' });
    expect(stdout).toContain('::notice::x.yaml: Batch jobs/o: skipped; the webhook would decide on its pods;');
    expect(stdout).toMatch(/^pods: 1; ends: 0, .*, turned off: 1; objects not looked at: 1$/m);
    const junit = await explain(files, { output: 'junit' });
    expect(junit.stdout).toContain('<testsuite name="x.yaml" tests="2" failures="1" skipped="1">');
    expect(junit.stdout).toMatch(
      /<testcase name="Batch jobs\/o" [^>]*>\n *<failure type="unknown" message="[^"]*see them with --template-path \/spec\/template"\/>/,
    );
  });

  it('warns of a --template-path that leads nowhere', async () => {
    const x = other('Batch', template);
    const templatePaths = [
      ['spec', 'template'],
      ['spec', 'jobs', '*', 'pod/x'],
    ];
    const { stderr } = await explain({ x, y: job(template) }, { templatePaths });
    expect(stderr).toContain('--template-path /spec/jobs/*/pod~1x: no object of the input has a pod template there\n');
    expect(stderr).not.toContain('--template-path /spec/template');
  });

  it('does not let the name of an object be a command of GitHub', async () => {
    const x = job(template).replace('batch/v1', 'example.com/v1').replace('"name":"j"', '"name":"##[stop-commands]x"');
    const { stderr } = await explain({ x });
    expect(stderr).not.toMatch(/^\s*::|##\[/m);
    expect(stderr).toContain('## [stop-commands]x');
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
