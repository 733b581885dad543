/** `clockout end` as its user sees it, against a stand-in cluster. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/commands/program.ts';
import { type Behavior, type Cluster, startCluster } from '../end/cluster.ts';
import { type Changes, exited, hungPod, running } from '../end/pods.ts';
import { app } from '../support/pods.ts';

let directory: string;
let cluster: Cluster | undefined;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'clockout-'));
});
afterAll(() => rm(directory, { recursive: true }));
afterEach(() => cluster?.close());

type Run = { code: number; stdout: string; stderr: string };

/** @param answer what the user types; undefined: there is no terminal */
async function end(words: string, answer?: string): Promise<Run> {
  const kubeconfig = join(directory, 'config');
  await writeFile(kubeconfig, cluster?.config.exportConfig() ?? '');
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    stdin: Readable.from(answer === undefined ? [] : [Buffer.from(answer)]),
    stdout: (text: string) => void out.push(text),
    stderr: (text: string) => void err.push(text),
    isInteractive: answer !== undefined,
  };
  const code = await main(['node', 'clockout', 'end', ...words.split(' '), '--kubeconfig', kubeconfig], {}, io);
  return { code, stdout: out.join(''), stderr: err.join('') };
}

async function start(changes: readonly Changes[], behavior?: Behavior): Promise<Cluster> {
  cluster = await startCluster(
    changes.map((each) => hungPod(each)),
    behavior,
  );
  return cluster;
}

/** One row a line, its cells separated by `|`. */
const cells = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {3,}/).join('|'));

const mixed: Changes[] = [
  {},
  { name: 'import-1', job: 'import', statuses: [exited('app', 5), running('istio-proxy')] },
  { name: 'runs-1', job: 'runs', statuses: [running('app'), running('istio-proxy')] },
  {
    name: 'retried-1',
    job: 'retried',
    spec: { restartPolicy: 'OnFailure' },
    statuses: [exited('app', 5), running('istio-proxy')],
  },
  { name: 'opted-out-1', job: 'opted-out', labels: { 'clockout.dev/inject': 'false' } },
  { name: 'no-job', job: null },
  { name: 'other-1', job: 'other', namespace: 'quiet' },
];
const namespaces = { shop: {}, quiet: { 'clockout.dev/inject': 'disabled' } };

describe('clockout end', () => {
  it('ends what hangs, and nothing else; a second time, it changes nothing', async () => {
    const { asked } = await start(mixed, { namespaces });
    const first = await end('--hanging -A --yes');
    expect(cells(first.stdout)).toEqual([
      'NAMESPACE|POD|RESULT|MESSAGE',
      'shop|report-x7k2p|ended|pod Succeeded; Job Complete',
      'shop|import-1|ended|pod Failed: app exited with code 5; Job Failed: BackoffLimitExceeded',
      'shop|opted-out-1|opted out|it has the label clockout.dev/inject: false',
      'quiet|other-1|opted out|its namespace has the label clockout.dev/inject: disabled',
    ]);
    expect(first).toMatchObject({ code: 0, stderr: 'ended: 2, opted out: 2\n' });
    expect(asked.map(({ pod }) => pod).sort()).toEqual(['import-1', 'report-x7k2p']);
    expect(await end('--hanging -n shop --yes')).toMatchObject({ code: 0 });
    expect(asked).toHaveLength(2);
  });

  it('takes several namespaces, and the labels of Jobs', async () => {
    await start(mixed, { namespaces });
    const pods = async (words: string) =>
      cells((await end(`--hanging --dry-run ${words}`)).stdout)
        .slice(1)
        .map((line) => line.split('|').slice(0, 2).join('/'));
    expect(await pods('-n shop')).toHaveLength(3);
    expect(await pods('-n shop,quiet')).toContain('quiet/other-1');
    expect(await pods('-n shop,quiet -l team=import')).toEqual(['shop/import-1']);
    expect(await pods('-A -l team=other')).toEqual(['quiet/other-1']);
    expect(await end('--hanging -n shop,shopp --dry-run')).toMatchObject({
      code: 1,
      stderr: 'clockout: there is no namespace shopp; did you mean shop?\n',
    });
  });

  it('knows the defaults of an installation', async () => {
    const helper: Changes = {
      containers: [app(), app({ name: 'helper' })],
      statuses: [exited('app'), running('helper'), running('istio-proxy')],
    };
    await start([helper], { defaults: '{"exclude-containers":"helper"}' });
    expect(cells((await end('--hanging -A --dry-run')).stdout).slice(1)).toEqual([
      expect.stringContaining('|cannot end: '),
    ]);
    await cluster?.close();
    await start([helper]);
    expect((await end('--hanging -A --dry-run')).stderr).toBe('No Job hangs in all namespaces.\n');
    await cluster?.close();
    await start([{}], { defaults: '{"quit":"never"}' });
    expect((await end('--hanging -A --dry-run')).stdout).toMatch(/opted out/);
  });

  it('says which container keeps a pod that its Job has no such container for', async () => {
    const kept: Changes = {
      containers: [app(), app({ name: 'scanner' })],
      statuses: [exited('app'), running('scanner'), running('istio-proxy')],
    };
    const templates = { report: ['app'] };
    const keeper = "the Job's template does not have the container scanner, and Clockout does not know how it ends";
    await start([kept], { templates });
    for (const which of ['--hanging -A', 'job/report -n shop', 'pod/report-x7k2p -n shop'])
      expect((await end(`${which} --dry-run`)).stdout).toContain(`cannot end: ${keeper}`);
    expect(await end('--hanging -A --yes')).toMatchObject({ code: 1 });
    expect(cluster?.asked).toEqual([]);
    await cluster?.close();
    // Whether it hangs cannot be found out.
    const refuse = (request: string) => (request.includes('/jobs/') ? { status: 403 } : undefined);
    await start([kept], { templates, refuse });
    expect(await end('--hanging -A --dry-run')).toMatchObject({ code: 1, stderr: expect.stringContaining('1 pod') });
    await cluster?.close();
    await start([{ ...kept, statuses: [running('app'), running('scanner'), running('istio-proxy')] }], { templates });
    expect((await end('--hanging -A --dry-run')).stderr).toBe('No Job hangs in all namespaces.\n');
    await cluster?.close();
    await start([kept], { templates: { report: ['app', 'scanner'] } });
    expect((await end('--hanging -A --dry-run')).stderr).toBe('No Job hangs in all namespaces.\n');
  });

  it('finds the same of many pods with a few lists', async () => {
    const many = Array.from({ length: 150 }, (_, i): Changes => {
      const others = i % 2 === 0 ? [exited('app'), running('scanner')] : [running('app'), running('scanner')];
      const containers = [app(), app({ name: 'scanner' })];
      return { name: `report-${i}`, job: `job-${i}`, containers, statuses: [...others, running('istio-proxy')] };
    });
    const templates = Object.fromEntries(many.map((_, i) => [`job-${i}`, i < 140 ? ['app'] : ['app', 'scanner']]));
    // Every second one waits for its app.
    const half = many.map((each, i) =>
      i % 2 === 0 ? each : { ...each, statuses: [exited('scanner'), running('app')] },
    );
    await start(half, { templates });
    const { items } = JSON.parse((await end('--hanging -A --dry-run -o json')).stdout);
    expect(items).toHaveLength(70);
    expect(new Set(items.map(({ result }: { result: string }) => result))).toEqual(new Set(['cannot end']));
    expect(cluster?.requests.length).toBeLessThan(12);
    await cluster?.close();
    const refuse = (request: string) => (request.endsWith('/jobs') ? { status: 403 } : undefined);
    await start(half, { templates, refuse });
    expect(await end('--hanging -A --dry-run')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('150 pods could'),
    });
  });

  it('uses the installation that a pod belongs to, if there are several', async () => {
    const other: Changes = { name: 'other-1', job: 'other', namespace: 'quiet' };
    const both = { shop: {}, quiet: {} };
    const [never, always] = ['{"quit":"never"}', '{"quit":"always"}'];
    for (const [shop, quiet] of [
      [never, always],
      [always, never],
    ] as const) {
      const installations = { b: { defaults: shop, of: 'shop' }, a: { defaults: quiet, of: 'quiet' } };
      await start([{}, other], { namespaces: both, installations });
      const rows = cells((await end('--hanging -A --dry-run')).stdout).slice(1);
      const optedOut = rows.filter((row) => row.includes('opted out')).map((row) => row.split('|')[0]);
      expect(optedOut).toEqual([shop === never ? 'shop' : 'quiet']);
      await cluster?.close();
    }
  });

  it('uses its own flags rather than what an installation sets', async () => {
    await start([{}], { defaults: '{"quit":"never"}' });
    const run = (flags: string) => end(`--hanging -A --dry-run ${flags}`);
    expect((await run('--defaults {}')).stdout).toMatch(/end istio-proxy/);
    expect((await run('--defaults {"quit":"never"}')).stdout).toMatch(/opted out: it has the annotation/);
    expect(await run('--defaults {"quit":"perhaps"}')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^clockout: --defaults: quit: expected .*\n$/),
    });
    expect((await run('--namespace-defaults on --namespace-selector a')).stdout).toMatch(/end istio-proxy/);
    expect(await end('--hanging --dry-run --namespace-selector a')).toMatchObject({
      code: 2,
      stderr: 'clockout: expected -A with --namespace-selector, found no -A\n',
    });
  });

  it('says so if the namespace of a Job is not there', async () => {
    await start([{}]);
    expect(await end('report -n shopp --dry-run')).toMatchObject({
      code: 1,
      stderr: 'clockout: there is no namespace shopp; did you mean shop?\n',
    });
  });

  it('ends no pod of a namespace whose annotations it may not read', async () => {
    const { asked } = await start([{}], {
      refuse: (request) => (/ \/api\/v1\/namespaces$/.test(request) ? { status: 403 } : undefined),
    });
    const { code, stdout } = await end('--hanging -A --yes --namespace-defaults on');
    expect([code, stdout]).toEqual([1, expect.stringContaining('not known')]);
    expect(asked).toEqual([]);
  });

  it('shows a plan, and does nothing in a dry run', async () => {
    const { asked } = await start([{ statuses: [exited('app', 3), running('istio-proxy')] }]);
    const { code, stdout } = await end('report -n shop --dry-run');
    expect(stdout.split('\n')[0]).toBe('POD            HANGS FOR   EXIT CODE   PLAN');
    expect(stdout).toMatch(/^report-x7k2p +\d+d(\d+h)? +3 +end istio-proxy$/m);
    expect(code).toBe(0);
    expect(asked).toEqual([]);
  });

  it.each([
    ['y\n', 0, 1],
    ['yes\n', 0, 1],
    ['n\n', 1, 0],
    ['\n', 1, 0],
    ['', 1, 0],
  ])('asks first; after the answer %j the exit code is %i', async (answer, code, count) => {
    const { asked } = await start([{}]);
    const run = await end('job/report -n shop', answer);
    expect(run).toMatchObject({ code });
    expect(run.stderr).toMatch(
      /PLAN\nreport-x7k2p .*\nEnd 1 pod in the context \S+\? \[y\/N\] (clockout: nothing was ended\n)?$/,
    );
    expect(asked).toHaveLength(count);
  });

  it('says of named Jobs why they are left as they are', async () => {
    await start([...mixed, { name: 'done-1', job: 'done', status: { phase: 'Succeeded' } }]);
    const { code, stdout } = await end('runs retried job/done pod/no-job -n shop --dry-run');
    expect(cells(stdout).slice(1)).toEqual([
      expect.stringMatching(/^no-job\|\d+d(\d+h)?\|0\|end istio-proxy$/),
      expect.stringMatching(/^runs-1\|<none>\|<none>\|does not hang: container app has been running/),
      expect.stringMatching(/^retried-1\|<none>\|5\|does not hang: .* with code 5 and is started again$/),
      '<none>|<none>|<none>|does not hang: the Job: Complete',
    ]);
    expect(code).toBe(0);
  });

  it('ends a named Job that opted out', async () => {
    await start(mixed, { namespaces });
    expect(await end('opted-out -n shop --yes')).toMatchObject({ code: 0, stdout: expect.stringContaining('ended') });
    expect(await end('other -n quiet --yes')).toMatchObject({ code: 0, stdout: expect.stringContaining('ended') });
  });

  it('prints JSON and YAML', async () => {
    await start([{}]);
    const dry = await end('report -n shop --dry-run -o json');
    expect(JSON.parse(dry.stdout)).toEqual({
      dryRun: true,
      partial: false,
      items: [
        {
          namespace: 'shop',
          pod: 'report-x7k2p',
          job: 'report',
          hangsSince: expect.stringMatching(/^2026-.*Z$/),
          exitCodes: { app: 0 },
          ends: ['istio-proxy: POST :15020/quitquitquit'],
          result: 'would end',
          message: '',
        },
      ],
    });
    expect((await end('report -n shop --yes -o yaml')).stdout).toMatch(/^ {4}result: ended$/m);
    expect((await end('--hanging -n shop --yes -o json')).stdout).toContain('"items": []');
  });

  it('says why one that hangs is not ended, with exit code 1', async () => {
    await start([{ containers: [app(), app({ name: 'netbird' })] }]);
    const { code, stderr, stdout } = await end('--hanging -n shop --yes');
    expect(cells(stdout)[1]).toMatch(/^report-x7k2p\|cannot end\|nothing ends netbird: configure its operator/);
    expect(stderr).toMatch(/^clockout: shop\/report-x7k2p: nothing ends netbird/);
    expect(code).toBe(1);
  });
});

describe('without all rights', () => {
  const refuseLists = (request: string) => {
    const isForbidden = request === 'GET /api/v1/pods' || request === 'GET /api/v1/namespaces/quiet/pods';
    return isForbidden ? { status: 403, message: 'User "jane" cannot list resource "pods"' } : undefined;
  };

  it('has forbidden namespaces as rows, and ends what it may', async () => {
    await start(mixed, { namespaces, refuse: refuseLists });
    const { code, stdout } = await end('--hanging -A --yes');
    expect(cells(stdout)).toContain('shop|report-x7k2p|ended|pod Succeeded; Job Complete');
    expect(stdout).toMatch(/^quiet +<none> +not listed +you may not list pods in the namespace quiet \(User "jane"/m);
    expect(code).toBe(1);
  });

  it('does not end what may have opted out', async () => {
    const refuse = (request: string) => (request === 'GET /api/v1/namespaces/shop' ? { status: 403 } : undefined);
    const { asked } = await start([{}], { refuse });
    expect(await end('--hanging -n shop --yes')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('you may not read the labels of its namespace'),
    });
    expect(asked).toEqual([]);
  });
});

it('does not say that a Job has no pod if its pod could not be read', async () => {
  await start([{ spec: { restartPolicy: 7 as never } }]);
  const { code, stdout, stderr } = await end('report -n shop --dry-run');
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('clockout: 1 pod could not be read: too large, or not as Kubernetes documents pods\n');
});

it('says that pods which are half broken could not be read', async () => {
  const broken = hungPod({ name: 'broken-1' });
  cluster = await startCluster([hungPod(), { ...broken, spec: { ...broken.spec, containers: 'none' as never } }]);
  const { code, stderr } = await end('--hanging -A --dry-run');
  expect(code).toBe(1);
  expect(stderr).toContain('clockout: 1 pod could not be read: too large, or not as Kubernetes documents pods\n');
});

describe('an API server that', () => {
  it.each([
    ['does not let list pods anywhere', 403, 'you may not list pods in all namespaces (no)'],
    ['fails', 500, 'the API server did not list pods in all namespaces: status 500 (no)'],
  ])('%s: one line', async (_, status, problem) => {
    await start([{}], { refuse: () => ({ status }) });
    expect(await end('--hanging -A --yes')).toEqual({ code: 1, stdout: '', stderr: `clockout: ${problem}\n` });
    const { code, stdout } = await end('--hanging -A --yes -o json');
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { partial: true, items: [{ namespace: '*' }] }]);
  });

  it('is gone: one line', async () => {
    const { close } = await start([{}]);
    await close();
    expect(await end('--hanging -A --yes')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^clockout: the API server cannot be reached to list pods in all namespaces: nothing listens at http.*\n$/,
      ),
    });
  });
});

describe('one namespace', () => {
  it('that cannot be listed is one line', async () => {
    await start([{}], { refuse: (request) => (request.endsWith('/pods') ? { status: 500 } : undefined) });
    expect(await end('--hanging -n shop --yes')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'clockout: the API server did not list pods in the namespace shop: status 500 (no)\n',
    });
  });

  it.each(['shopp', 'shop,shopp'])('that is not there is no namespace in which nothing hangs: %s', async (names) => {
    const { asked } = await start([{}]);
    expect(await end(`--hanging -n ${names} --yes`)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'clockout: there is no namespace shopp; did you mean shop?\n',
    });
    expect(asked).toEqual([]);
  });
});

describe('wrong use and bad input', () => {
  it.each<[string, number, string | RegExp]>([
    ['report --hanging --yes', 2, 'expected the name of a Job or --hanging, found both'],
    ['--yes', 2, 'expected the name of a Job, or --hanging to end all that hang'],
    ['report', 2, 'expected a terminal to ask on, or --yes, or --dry-run; nothing was ended'],
    ['report -A --yes', 2, 'expected --hanging with --all-namespaces, found the name of a Job'],
    ['cronjob/report --yes', 2, 'expected a job or a pod; name the Jobs of a CronJob'],
    ['--hanging --yes --max 0', 2, /expected a number of pods, such as 10/],
    ['reprot -n shop --yes', 1, 'there is no Job reprot in the namespace shop; did you mean report?'],
    ['pod/report -n shop --yes', 1, 'there is no Pod report in the namespace shop'],
    ['report --context nowhere --yes', 1, /has no context nowhere/],
    ['--hanging --namespace= --yes', 1, 'expected the name of a namespace after -n, found an empty one'],
    ['--hanging -n shop, --yes', 1, 'expected the name of a namespace after -n, found an empty one'],
  ])('%s', async (words, code, problem) => {
    const { asked } = await start([{}]);
    expect(await end(words)).toEqual({ code, stdout: '', stderr: expect.stringMatching(problem) });
    expect(asked).toEqual([]);
  });

  it('ends nothing if only a part of the pods could be listed', async () => {
    const statuses: Record<string, number> = { 'GET /api/v1/pods': 403, 'GET /api/v1/namespaces/quiet/pods': 500 };
    const refuse = (request: string) => {
      const status = statuses[request];
      return status === undefined ? undefined : { status };
    };
    const { asked } = await start(mixed, { namespaces, refuse });
    expect(await end('--hanging -A --yes')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'clockout: not all pods could be listed, so none was ended: the API server did not list pods in the namespace quiet: status 500 (no)\n',
    });
    expect(asked).toEqual([]);
  });
});
