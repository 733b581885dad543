/** `clockout explain job/NAME` on a stand-in for an API server. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../src/commands/program.ts';
import {
  clockout,
  configuration,
  type FakeCluster,
  istio,
  istiod,
  job,
  namespace,
  node,
  observing,
  podOf,
  server,
  startCluster,
} from '../explain/live/cluster.ts';

const directory = mkdtempSync(join(tmpdir(), 'clockout-'));
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => vi.useRealTimers());

const explain = (cluster: FakeCluster, ...words: string[]) => explainAs('clockout', cluster, ...words);

async function explainAs(program: string, cluster: FakeCluster, ...words: string[]) {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-21T12:00:00Z') });
  const stand = await startCluster(cluster);
  try {
    const file = join(directory, 'config');
    writeFileSync(file, stand.config.exportConfig());
    const [out, err]: [string[], string[]] = [[], []];
    const io = {
      stdin: Readable.from([]),
      stdout: (text: string) => void out.push(text),
      stderr: (text: string) => void err.push(text),
    };
    const argv = ['node', program, 'explain', '--kubeconfig', file, '-n', 'shop', ...words];
    const code = await main(argv, {}, io);
    return { code, stdout: out.join('').replaceAll(file, 'FILE'), stderr: err.join('') };
  } finally {
    await stand.close();
  }
}

const meshed = { 'istio-injection': 'enabled' };
const opted = { ...meshed, 'clockout.dev/inject': 'enabled' };
const mesh = [...istio, istiod(), node('worker-1', 'v1.33.1'), node('worker-2', 'v1.31.4')];
const hanging = [namespace('shop', meshed), job('report'), podOf('report')];

describe('explain job/NAME', () => {
  it('says why a Job hangs without Clockout, and how to end it', async () => {
    const { code, stdout, stderr } = await explain({ objects: [...mesh, ...hanging] }, 'job/report');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "Job shop/report: HANGS
        Istio: istio-proxy is injected, because the namespace shop has the label istio-injection: enabled
          by the webhook istio-sidecar-injector, namespace.sidecar-injector.istio.io (revision default)
          it is classic: Istio 1.29 decides by the nodes, and the kubelet of worker-2 (v1.31.4) is older than 1.33
        mutating webhooks that see a new pod, in the order of their calls:
          1  istio-sidecar-injector  namespace.sidecar-injector.istio.io  Istio
        Clockout: is not installed
        its new pods HANG: istio-proxy keeps the pod running until its activeDeadlineSeconds or its deletion; install Clockout, and opt in: kubectl label namespace shop clockout.dev/inject=enabled
        HANGS now: it has 1 active pod; in one pod, the apps have exited and a sidecar still runs
        to end it and keep its result: clockout end --kubeconfig FILE job/report -n shop

      Pod shop/report-x7k2p (Job report): HANGS
        Istio: istio-proxy is in the pod, as a classic sidecar, which does not end when the apps do
        not wrapped (not-opted-in): neither the pod nor its namespace asks for Clockout with the label clockout.dev/inject
        HANGS now: container app exited 12 minutes ago with code 0, and istio-proxy still runs
        to end it and keep its result: clockout end --kubeconfig FILE pod/report-x7k2p -n shop
      "
    `);
  });

  it('says which webhooks see a wrapped Job, in their order, and what happens at each end', async () => {
    const objects = [
      ...mesh,
      clockout,
      configuration('vault-injector', { name: 'vault.example.com', matchConditions: [{ name: 'asks-for-secrets' }] }),
      configuration('aa-labels', { name: 'labels.example.com', reinvocationPolicy: 'IfNeeded' }),
      configuration('other-team', { name: 'other.example.com', namespaceSelector: { matchLabels: { team: 'b' } } }),
      namespace('shop', opted),
      job('report', {}, {}),
    ];
    const { stdout } = await explain({ objects }, 'job', 'report');
    expect(stdout).toMatchInlineSnapshot(`
      "Job shop/report
        Istio: istio-proxy is injected, because the namespace shop has the label istio-injection: enabled
          by the webhook istio-sidecar-injector, namespace.sidecar-injector.istio.io (revision default)
          it is classic: Istio 1.29 decides by the nodes, and the kubelet of worker-2 (v1.31.4) is older than 1.33
        mutating webhooks that see a new pod, in the order of their calls:
          1  aa-labels               labels.example.com                   again if a later one changes the pod
          2  istio-sidecar-injector  namespace.sidecar-injector.istio.io  Istio
          3  vault-injector          vault.example.com                    if its matchConditions hold (asks-for-secrets)
          4  zz-clockout             namespace.clockout.dev               Clockout
        Clockout: is called for a new pod, because the namespace shop has the label clockout.dev/inject: enabled
          by the webhook zz-clockout, namespace.clockout.dev (mode opt-in, failurePolicy Fail)
        wrapped: Istio will add istio-proxy, with its status port at 15020
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
      "
    `);
  });

  it('says that it is native, or not in the mesh', async () => {
    const native = { metadata: { annotations: { 'sidecar.istio.io/nativeSidecar': 'true' } } };
    const outside = { metadata: { labels: { 'sidecar.istio.io/inject': 'false' } } };
    const objects = [...mesh, clockout, namespace('shop', opted), job('a', native, {}), job('b', outside, {})];
    const { stdout } = await explain({ objects }, 'jobs');
    expect(stdout).toMatchInlineSnapshot(`
      "Job shop/a
        Istio: istio-proxy is injected, because the namespace shop has the label istio-injection: enabled
          by the webhook istio-sidecar-injector, namespace.sidecar-injector.istio.io (revision default)
          it is native: the pod has the annotation sidecar.istio.io/nativeSidecar: "true"
        mutating webhooks that see a new pod, in the order of their calls:
          1  istio-sidecar-injector  namespace.sidecar-injector.istio.io  Istio
          2  zz-clockout             namespace.clockout.dev               Clockout
        Clockout: is called for a new pod, because the namespace shop has the label clockout.dev/inject: enabled
          by the webhook zz-clockout, namespace.clockout.dev (mode opt-in, failurePolicy Fail)
        not wrapped (native-sidecar): istio-proxy is a native sidecar, which Kubernetes ends by itself, or the pod asks Istio for one

      Job shop/b
        Istio: istio-proxy is not injected, because the pod has the label sidecar.istio.io/inject: false
        mutating webhooks that see a new pod, in the order of their calls:
          1  zz-clockout  namespace.clockout.dev  Clockout
        Clockout: is called for a new pod, because the namespace shop has the label clockout.dev/inject: enabled
          by the webhook zz-clockout, namespace.clockout.dev (mode opt-in, failurePolicy Fail)
        not wrapped (no-sidecar): the pod has no istio-proxy, and does not ask Istio for one
      "
    `);
  });

  it('takes the word of istiod for native sidecars', async () => {
    const objects = [
      ...istio,
      istiod([{ name: 'ENABLE_NATIVE_SIDECARS', value: 'true' }]),
      clockout,
      namespace('shop', opted),
      job('report', {}, {}),
    ];
    const { stdout } = await explain({ objects }, 'job/report');
    expect(stdout).toContain('    it is native: istiod has ENABLE_NATIVE_SIDECARS=true\n');
    expect(stdout).toContain('  not wrapped (native-sidecar): ');
  });

  it('explains a CronJob with its active Jobs and their pods', async () => {
    const cronJob = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'nightly', namespace: 'shop' },
      spec: { concurrencyPolicy: 'Forbid', jobTemplate: { spec: job('x').spec } },
      status: {
        active: [
          { kind: 'Job', name: 'report' },
          { kind: 'Job', name: 'gone' },
        ],
      },
    };
    const { stdout } = await explain({ objects: [...mesh, ...hanging, cronJob] }, 'cj/nightly');
    expect(stdout.match(/^\S.*$/gm)).toEqual([
      'CronJob shop/nightly: HANGS',
      'Job shop/report (CronJob nightly): HANGS',
      'Pod shop/report-x7k2p (Job report): HANGS',
    ]);
    expect(stdout).toContain('with concurrencyPolicy Forbid, it creates no other before that ends');
  });

  it('explains a pod by itself, and what Clockout has done to it', async () => {
    const annotations = { 'clockout.dev/status': '{"version":"0.1.0","sidecar":"injected","containers":{}}' };
    const objects = [...mesh, clockout, namespace('shop', opted), podOf('report', { annotations, ended: false })];
    const { stdout } = await explain({ objects }, 'pod/report-x7k2p', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject([
      {
        context: 'loaded-context',
        kind: 'Pod',
        done: { what: 'wrapped', version: '0.1.0' },
        mesh: {
          present: 'classic',
          expected: { sidecar: 'classic' },
          clockout: { caller: { configuration: 'zz-clockout' } },
        },
      },
    ]);
  });

  it('selects by labels, and says of a pod only below its Job', async () => {
    const objects = [...mesh, ...hanging, job('other', {}, {})];
    const { stdout } = await explain({ objects }, '-l', 'app=report');
    expect(stdout.match(/^\S.*$/gm)).toEqual(['Job shop/report: HANGS', 'Pod shop/report-x7k2p (Job report): HANGS']);
  });

  it.each([
    [['-o', 'github'], /^::warning title=Job shop\/report::Job shop\/report: it has 1 active pod/],
    [['-o', 'junit'], /<testsuite name="loaded-context" tests="2" failures="2" skipped="0">/],
  ])('has the output form %j', async (words, expected) => {
    const { stdout } = await explain({ objects: [...mesh, ...hanging] }, 'job/report', ...words);
    expect(stdout).toMatch(expected);
  });

  it('has an exit code for what hangs', async () =>
    expect((await explain({ objects: [...mesh, ...hanging] }, 'job/report', '--exit-code')).code).toBe(3));
});

it.each([
  ['/usr/local/bin/clockout', 'clockout'],
  ['/usr/local/bin/kubectl-clockout', 'kubectl clockout'],
  ['C:\\bin\\kubectl-clockout.mjs', 'kubectl clockout'],
  ['/home/kubectl-clockout/clockout', 'clockout'],
])('run as %s, it advises what to run as %s', async (path, program) => {
  const { stdout } = await explainAs(path, { objects: [...mesh, ...hanging] }, 'job/report');
  expect(stdout).toContain(`  to end it and keep its result: ${program} end --kubeconfig FILE job/report -n shop\n`);
  const help = await explainAs(path, { objects: [] }, '--help');
  expect(help.stdout).toContain(`Usage: ${program} explain`);
  expect(help.stdout).toContain(`  ${program} explain job/report -n shop\n`);
});

describe('explain of what an installation sets', () => {
  const annotations = { 'clockout.dev/quit-timeout': '7s', 'clockout.dev/wait-timeout': '9m' };
  const env = {
    CLOCKOUT_STRATEGY: 'wrap',
    CLOCKOUT_DEFAULTS: '{"wait-timeout":"5m","guard":false}',
    CLOCKOUT_NAMESPACE_DEFAULTS: 'on',
  };
  const objects = [...mesh, clockout, namespace('shop', opted, annotations), job('report', {}, {})];

  it.each<[of: string, env: Record<string, string>, words: string[], defaults: string[]]>([
    ['nothing', { CLOCKOUT_STRATEGY: 'wrap' }, [], []],
    ['the installation', { ...env, CLOCKOUT_NAMESPACE_DEFAULTS: 'off' }, [], ['wait-timeout 5m', 'guard false']],
    ['its namespace, too', env, [], ['wait-timeout 9m namespace', 'quit-timeout 7s namespace', 'guard false']],
    ['the caller', env, ['--defaults', '{"guard":true}', '--namespace-defaults', 'off'], ['guard true']],
  ])('%s', async (_, variables, words, expected) => {
    const cluster = { objects: [...objects, server(variables)] };
    const { stdout, stderr } = await explain(cluster, 'job/report', ...words);
    expect(stderr).toBe('');
    expect(
      [...stdout.matchAll(/^ {2}by default: (\S+): (\S+), as the (\S+) says$/gm)].map((each) => each.slice(1)),
    ).toEqual(expected.map((each) => expect.arrayContaining(each.split(' '))));
  });

  it('is that of the installation that the pod belongs to', async () => {
    const [webhook] = clockout.webhooks;
    const other = {
      ...clockout,
      metadata: { ...clockout.metadata, name: 'zz-a-other' },
      webhooks: [
        {
          ...webhook,
          clientConfig: { service: { namespace: 'other', name: 'hooks' } },
          namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['other'] }] },
        },
      ],
    };
    const its = server({ CLOCKOUT_DEFAULTS: '{"wait-timeout":"1m"}' });
    const cluster = {
      objects: [
        ...objects,
        other,
        server(env),
        { ...its, metadata: { ...its.metadata, name: 'hooks', namespace: 'other' } },
      ],
    };
    const { stdout } = await explain(cluster, 'job/report');
    expect(stdout).toContain('  by default: guard: false, as the installation says\n');
    expect(stdout).toMatch(/ {4}as the installation clockout\/clockout has it; others in this cluster: other\/hooks\n/);
    expect(JSON.parse((await explain(cluster, 'job/report', '-o', 'json')).stdout)).toMatchObject([
      { mesh: { clockout: { installation: 'clockout/clockout', otherInstallations: ['other/hooks'] } } },
    ]);
  });

  it('annotations that it does not allow', async () => {
    const asks = { metadata: { annotations: { 'clockout.dev/guard': 'false' } } };
    const cluster = {
      objects: [
        ...mesh,
        clockout,
        namespace('shop', opted),
        job('report', asks, {}),
        server({ CLOCKOUT_ALLOWED_ANNOTATIONS: 'none' }),
      ],
    };
    expect((await explain(cluster, 'job/report')).stdout).toContain('  not wrapped (invalid-annotation): ');
  });

  it('that it only observes', async () => {
    const cluster = { objects: [...mesh, observing, namespace('shop', meshed), job('report', {}, {})] };
    const { stdout } = await explain(cluster, 'job/report');
    expect(stdout).toContain('  Clockout: is called for a new pod, and only observes it\n');
    expect(stdout).toContain('(mode observe, failurePolicy Fail)');
    expect(stdout).toContain(
      '  not wrapped (observed): Clockout would wrap the pod, but only observes its namespace, as all that have not opted in (mode observe)\n',
    );
    expect(JSON.parse((await explain(cluster, 'job/report', '-o', 'json')).stdout)).toMatchObject([
      { verdict: 'hangs' },
    ]);
  });
});

describe('explain with fewer rights', () => {
  const objects = [...mesh, clockout, ...hanging];

  it.each<[forbidden: string, stderr: RegExp, stdout: RegExp]>([
    [
      'list mutatingwebhookconfigurations',
      /you may not list mutatingwebhookconfigurations/,
      /Istio: istio-proxy is probably injected, as a classic sidecar \(as in the pod report-x7k2p\)/,
    ],
    [
      'get namespaces',
      /you may not get namespaces shop/,
      /Istio: istio-proxy may be injected; the labels of its namespace cannot be read/,
    ],
    [
      'list deployments',
      /you may not list deployments.apps in the namespace istio-system/,
      /it is classic: as in the pod report-x7k2p \(the Deployment of istiod/,
    ],
    [
      'list nodes',
      /you may not list nodes/,
      /it is classic: as in the pod report-x7k2p \(Istio 1.29 decides by the nodes, and the nodes are not known\)/,
    ],
    ['list pods', /you may not list pods in the namespace shop/, /Job shop\/report\n/],
  ])('%s: says so, and goes on', async (forbidden, stderr, stdout) => {
    const explained = await explain({ objects, forbidden: [forbidden] }, 'job/report');
    expect(explained.stderr).toMatch(stderr);
    expect(explained.stdout).toMatch(stdout);
    expect(explained.code).toBe(1);
  });

  it('still gives the exit code for what hangs', async () =>
    expect((await explain({ objects, forbidden: ['list nodes'] }, 'job/report', '--exit-code')).code).toBe(3));

  it('says no more of new pods than it knows', async () => {
    const template = [namespace('shop', meshed), job('report')];
    const unread = { objects: [...mesh, ...template], forbidden: ['list mutatingwebhookconfigurations'] };
    expect((await explain(unread, 'job/report')).stdout).toContain(
      'its new pods may HANG: if Istio adds it, istio-proxy',
    );
    const unset = { objects: [...mesh, ...template], forbidden: ['list nodes'] };
    expect((await explain(unset, 'job/report')).stdout).toContain(
      'its new pods may HANG: if it is classic, istio-proxy',
    );
    expect((await explain({ objects: [...mesh, ...template] }, 'job/report')).stdout).toContain(
      'its new pods HANG: istio-proxy',
    );
  });

  it.each<[forbidden: string, objects: object[], verdict: string, notKnown?: string[]]>([
    ['', [namespace('shop', meshed)], 'hangs'],
    [
      'list mutatingwebhookconfigurations',
      [namespace('shop', meshed)],
      'unknown',
      ['you may not list mutatingwebhookconfigurations.admissionregistration.k8s.io'],
    ],
    [
      'list mutatingwebhookconfigurations',
      [clockout, namespace('shop', opted)],
      'unknown',
      ['you may not list mutatingwebhookconfigurations.admissionregistration.k8s.io'],
    ],
    ['get namespaces', [clockout, namespace('shop', opted)], 'unknown', ['you may not get namespaces shop']],
    ['list nodes', [namespace('shop', meshed)], 'unknown', ['you may not list nodes']],
    ['list nodes', [clockout, namespace('shop', opted)], 'ends'],
    [
      'list deployments',
      [namespace('shop', meshed)],
      'unknown',
      ['you may not list deployments.apps in the namespace istio-system'],
    ],
    [
      'get namespaces',
      [clockout, namespace('shop', opted), podOf('report')],
      'hangs',
      ['you may not get namespaces shop'],
    ],
  ])('with no right to %s, the verdict says what is not known', async (forbidden, more, verdict, notKnown) => {
    const cluster = { objects: [...mesh, ...more, job('report')], forbidden: [forbidden] };
    const { stdout } = await explain(cluster, 'job/report', '-o', 'json');
    const [first] = JSON.parse(stdout);
    expect([first.verdict, first.notKnown]).toEqual([verdict, notKnown]);
    const exit = await explain(cluster, 'job/report', '--exit-code');
    expect(exit.code).toBe(verdict === 'ends' ? 1 : 3);
  });

  it('says in each form of output that it is not known', async () => {
    const cluster = { objects: [...mesh, namespace('shop', meshed), job('report')], forbidden: ['list nodes'] };
    for (const [form, expected] of [
      ['text', '  not known: whether its new pods hang: you may not list nodes\n'],
      ['github', 'Job shop/report: not known: whether its new pods hang: you may not list nodes\n'],
      ['junit', '<failure type="unknown" message="not known: whether its new pods hang: you may not list nodes">'],
    ] as const)
      expect((await explain(cluster, 'job/report', '-o', form)).stdout).toContain(expected);
  });

  it('does not say that Clockout wraps a pod if that is not known', async () => {
    const podless = { objects: [clockout, ...mesh, namespace('shop', opted), job('report')] };
    const cases = [
      ['list mutatingwebhookconfigurations', 'wrapped, if Clockout is installed and called for it: '],
      ['get namespaces', 'wrapped, if Clockout is installed and called for it: '],
      ['list nodes', 'wrapped: '],
    ] as const;
    for (const [forbidden, head] of cases)
      expect((await explain({ ...podless, forbidden: [forbidden] }, 'job/report')).stdout).toContain(`  ${head}`);
    const objects = [...mesh, namespace('shop', opted), job('report'), podOf('report')];
    const hung = { objects, forbidden: ['list mutatingwebhookconfigurations'] };
    expect((await explain(hung, 'job/report')).stdout).toContain(
      'Clockout would wrap the pod, if it is installed: that is not known, because the webhooks of the cluster cannot be read',
    );
  });

  it('says what may not be read at all', async () => {
    const { code, stdout, stderr } = await explain({ objects, forbidden: ['get jobs'] }, 'job/report');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe('clockout: you may not get jobs.batch report in the namespace shop (no get)\n');
  });
});

it('explains what several namespaces have', async () => {
  const objects = [
    ...mesh,
    ...hanging,
    namespace('reports'),
    { ...job('nightly'), metadata: { name: 'nightly', namespace: 'reports', uid: 'n' } },
  ];
  const { stdout } = await explain({ objects }, 'jobs', '-n', 'shop,reports');
  expect(stdout.match(/^Job \S+/gm)).toEqual(['Job shop/report:', 'Job reports/nightly']);
  const missing = await explain({ objects }, 'jobs', '-n', 'shpo,reprots');
  for (const [name, near] of [
    ['shpo', 'shop'],
    ['reprots', 'reports'],
  ])
    expect(missing.stderr).toContain(`clockout: there is no namespace ${name}; did you mean ${near}?\n`);
});

it.each([
  ['explain job/report -n a,b', 'expected one namespace with the name of an object, found several'],
  ['end report -n a,b --yes', 'expected one namespace with the name of a Job, found several'],
  ['doctor -n a,b', 'expected one namespace of Clockout, found several'],
  ['version -n a,b', 'expected one namespace of Clockout, found several'],
])('clockout %s is refused', async (words, problem) => {
  const err: string[] = [];
  const io = { stdin: Readable.from([]), stdout: () => {}, stderr: (text: string) => void err.push(text) };
  expect(await main(['node', 'clockout', ...words.split(' ')], {}, io)).toBe(2);
  expect(err.join('')).toContain(problem);
});

describe('explain of what is not there', () => {
  it.each<[words: string[], stderr: string]>([
    [['job/reprot'], 'clockout: there is no Job reprot in the namespace shop; did you mean report?\n'],
    [['pod/x'], 'clockout: there is no Pod x in the namespace shop; there are report-x7k2p\n'],
    [['cj/x'], 'clockout: there is no CronJob x in the namespace shop; there are no cronjobs\n'],
  ])('%j', async (words, expected) => {
    const { code, stderr } = await explain({ objects: hanging }, ...words);
    expect([code, stderr]).toEqual([1, expected]);
  });

  it('says that near names are not known without the right to list them', async () => {
    const { code, stderr } = await explain({ objects: hanging, forbidden: ['list jobs'] }, 'job/reprot');
    expect([code, stderr]).toEqual([
      1,
      'clockout: there is no Job reprot in the namespace shop; near names are not known: you may not list jobs.batch in the namespace shop (no list)\n',
    ]);
  });

  it('is no error if labels select nothing, as with kubectl', async () => {
    const { code, stderr } = await explain({ objects: hanging }, '-l', 'app=x');
    expect([code, stderr]).toEqual([
      0,
      'There is nothing to explain: no object has these labels, or is of this kind.\n',
    ]);
  });

  it('and without an API server, in one line', async () => {
    const stand = await startCluster({ objects: [] });
    const file = join(directory, 'gone');
    writeFileSync(file, stand.config.exportConfig());
    await stand.close();
    const { code, stdout, stderr } = await explain({ objects: [] }, 'job/report', '--kubeconfig', file);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^clockout: the API server cannot be reached to get jobs.batch report in the namespace shop: nothing listens at .*\n$/,
    );
  });

  it('explains the others', async () => {
    const { code, stdout } = await explain({ objects: [...mesh, ...hanging] }, 'job/x', 'job/report');
    expect(code).toBe(1);
    expect(stdout).toContain('Job shop/report: HANGS\n');
  });

  it('and of an object that is half broken', async () => {
    const broken = { ...job('broken'), spec: { template: { spec: { containers: [{ name: 1 }] } } } };
    const { code, stdout, stderr } = await explain(
      { objects: [...mesh, ...hanging, broken] },
      'job/broken',
      'job/report',
    );
    expect(code).toBe(1);
    expect(stderr).toContain('Job shop/broken: in /spec/template, /spec/containers/0/name');
    expect(stdout).toContain('Job shop/report: HANGS\n');
  });

  it.each([
    [[], 'say what to explain: job/NAME'],
    [['job/report', '-f', 'x.yaml'], '-f is for manifests'],
    [['-A', '-f', 'x.yaml'], '-f is for manifests'],
    [['jbo/report'], 'expected a job, a cronjob or a pod; found jbo/report'],
    [['job/report', '-A'], 'a name is in one namespace; give -n in place of -A'],
    [['job/report', '-l', 'a=b'], 'give names, or labels with -l, not both'],
  ])('needs to know what to explain: %j', async (words, expected) => {
    const err: string[] = [];
    const io = { stdin: Readable.from([]), stdout: () => {}, stderr: (text: string) => void err.push(text) };
    expect(await main(['node', 'clockout', 'explain', ...words], {}, io)).toBe(2);
    expect(err.join('')).toContain(expected);
  });
});
