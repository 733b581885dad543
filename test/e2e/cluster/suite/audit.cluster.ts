/** `clockout audit` on the real cluster: Jobs of every fate, before an installation and after it; then `clockout end` for those that hang. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../../../src/audit/report.ts';
import type { Row } from '../../../../src/end/report.ts';
import type { KubeObject } from '../api.ts';
import { runKubectl } from '../clients.ts';
import { installClockout, uninstallClockout } from '../install.ts';
import { kubeconfig } from '../kubeconfigs.ts';
import { isOwnCluster, ownKubeconfig, root } from '../paths.ts';
import { eventually, TimedOut } from '../progress.ts';
import {
  api,
  app,
  createJob,
  exitCode,
  isRunning,
  type JobOptions,
  jobEnd,
  makeNamespace,
  meshed,
  removeNamespaces,
} from './kube.ts';

/** A kind of Job, how many of it are among sixty, and what an audit says of it before an installation and after it. */
type Kind = { of: JobOptions; share: number; inMesh: boolean; before: string; after: string };

/** Sixty proxies do not fit into a small node with what they request by default. */
const small = { 'sidecar.istio.io/proxyCPU': '1m', 'sidecar.istio.io/proxyMemory': '32Mi' };
const asksNative = { ...small, 'sidecar.istio.io/nativeSidecar': 'true' };

const long = app({ SLEEP: 600 });
const jobOf = (spec: JobOptions['spec'], more: JobOptions = {}): JobOptions => ({
  annotations: small,
  ...more,
  spec: { terminationGracePeriodSeconds: 1, ...spec },
});

const kinds: Record<string, Kind> = {
  hung: {
    of: jobOf({ containers: [app({ SLEEP: 0.2 })] }),
    share: 3,
    inMesh: true,
    before: 'hangs, code 0',
    after: 'hangs, code 0',
  },
  'hung-failed': {
    of: jobOf({ containers: [app({ SLEEP: 0.2, CODE: 5 })] }),
    share: 3,
    inMesh: true,
    before: 'hangs, code 5',
    after: 'hangs, code 5',
  },
  runs: {
    of: jobOf({ containers: [long] }),
    share: 6,
    inMesh: true,
    before: 'would-hang, runs, not-installed',
    after: 'would-hang, runs, missed',
  },
  backoff: {
    of: jobOf(
      { containers: [app({ SLEEP: 0.1, CODE: 1 })], restartPolicy: 'OnFailure' },
      { job: { backoffLimit: 1000 } },
    ),
    share: 6,
    inMesh: true,
    before: 'would-hang, backoff, not-installed',
    after: 'would-hang, backoff, missed',
  },
  native: {
    of: jobOf({ containers: [long] }, { annotations: asksNative }),
    share: 6,
    inMesh: true,
    before: 'native, runs',
    after: 'native, runs',
  },
  'native-beside': {
    of: jobOf({ containers: [long, app({ SLEEP: 600 }, { name: 'vault-agent' })] }, { annotations: asksNative }),
    share: 5,
    inMesh: true,
    before: 'would-hang, runs, not-installed',
    after: 'would-hang, runs, missed',
  },
  stripped: {
    of: jobOf(
      { initContainers: [app({ SLEEP: 600 }, { name: 'istio-proxy' })], containers: [long] },
      { annotations: { 'sidecar.istio.io/status': '{"initContainers":["istio-proxy"]}' } },
    ),
    share: 5,
    inMesh: false,
    before: 'stripped, pending',
    after: 'stripped, pending',
  },
  'opted-out': {
    of: jobOf({ containers: [long] }, { labels: { 'clockout.dev/inject': 'false' } }),
    share: 6,
    inMesh: true,
    before: 'opted-out, runs, opted-out',
    after: 'opted-out, runs, opted-out',
  },
  outside: {
    of: jobOf({ containers: [long] }),
    share: 6,
    inMesh: false,
    before: 'outside, runs',
    after: 'outside, runs',
  },
  suspended: {
    of: jobOf({ containers: [long] }, { job: { suspend: true } }),
    share: 7,
    inMesh: true,
    before: 'would-hang, suspended, not-installed',
    after: 'wrapped, suspended',
  },
  finished: {
    of: jobOf({ containers: [app({ SLEEP: 0.1 })] }),
    share: 7,
    inMesh: false,
    before: 'finished, finished',
    after: 'finished, finished',
  },
};

/** Jobs that are created after the installation. */
const later: Record<string, Omit<Kind, 'before' | 'share' | 'inMesh'>> = {
  wrapped: { of: jobOf({ containers: [long] }), after: 'wrapped, runs' },
  'wrapped-beside': { of: kinds['native-beside']?.of ?? {}, after: 'wrapped, runs' },
};

afterAll(async () => {
  await removeNamespaces();
  await installClockout();
});

describe('a Job of each fate', () => audits(() => 1));
describe('sixty Jobs of mixed fates', () => audits(({ share }) => share));

describe('two thousand pods that wait for a node', () => {
  const [jobs, podsOfEach] = [20, 100];
  let namespace: string;
  beforeAll(async () => {
    namespace = await makeNamespace({});
  });
  // The Job controller is busy until they are gone: the Jobs of other tests would end late.
  afterAll(async () => {
    await runKubectl('delete', 'namespace', namespace, '--wait=false');
    const find = () => runKubectl('get', 'namespace', namespace, '--ignore-not-found');
    await eventually(`the namespace ${namespace} is gone`, 600, async () => (await find()) === '');
  }, 620_000);

  it('are read in pages, and folded into their Jobs', async () => {
    const spec = { containers: [long], nodeSelector: { 'tests.clockout.dev/no': 'such-node' } };
    const job = { parallelism: podsOfEach, completions: podsOfEach };
    for (let i = 0; i < jobs; i++) await createJob(namespace, `waits-${i}`, { spec, job });
    const rowsNow = async () => (await audit('-n', namespace)).report.rows;
    const rows = await eventually('all pods are there', 170, async () => {
      const found = await rowsNow();
      return found.length === jobs && found.every(({ pods }) => pods === podsOfEach) && found;
    });
    expect(new Set(rows.map(({ fate, now }) => `${fate}, ${now}`))).toEqual(new Set(['outside, pending']));
  });
});

/** @param countOf how many Jobs of a kind there are */
function audits(countOf: (kind: Kind) => number): void {
  let [mesh, plain] = ['', ''];

  beforeAll(async () => {
    await uninstallClockout();
    mesh = await makeNamespace(meshed);
    plain = await makeNamespace({});
    for (const [name, kind] of Object.entries(kinds))
      for (let i = 0; i < countOf(kind); i++) await createJob(kind.inMesh ? mesh : plain, `${name}-${i}`, kind.of);
  });

  const expected = (when: 'before' | 'after') =>
    Object.fromEntries(
      Object.entries(kinds).flatMap(([name, kind]) =>
        Array.from({ length: countOf(kind) }, (_, i) => [`${name}-${i}`, kind[when]]),
      ),
    );

  const added = Object.fromEntries(Object.entries(later).map(([name, { after }]) => [name, after]));

  it('are judged right before an installation', async () => {
    await expectFates([mesh, plain], expected('before'));
    const { report } = await audit('-A');
    expect(report).toMatchObject({ installations: [], partial: false, verdict: { kind: 'needed' } });
  });

  it('are judged right after an installation', async () => {
    await installClockout();
    for (const [name, { of }] of Object.entries(later)) await createJob(mesh, name, of);
    await expectFates([mesh, plain], { ...expected('after'), ...added });
    const { report } = await audit('-A');
    expect(report).toMatchObject({
      installations: [{ mode: 'opt-in', strategy: 'wrap' }],
      verdict: { kind: 'could-be-native' },
    });
  });

  it('make the command fail if it is told to', async () => {
    expect((await audit('-n', mesh, '--fail-on', 'hangs')).code).toBe(3);
    expect((await audit('-n', plain, '--fail-on', 'hangs')).code).toBe(0);
  });

  it('are ended exactly where they hang, each with the code of its app', async () => {
    const hung = Object.entries(expected('after')).filter(([, fate]) => fate.startsWith('hangs'));
    const othersNow = async () => (await podsIn(mesh, plain)).filter(({ job }) => !hung.some(([name]) => name === job));
    const before = await othersNow();
    const end = async () => (await clockout('end', '--hanging', '--yes', '-n', `${mesh},${plain}`)) as Run<Ends>;

    const first = await end();
    expect(Object.fromEntries(first.document.items.map(({ job, result }) => [job, result]))).toEqual(
      Object.fromEntries(hung.map(([name]) => [name, 'ended'])),
    );
    expect(first.code).toBe(0);
    for (const [name, fate] of hung) {
      const { result, pod } = await jobEnd(mesh, name);
      const code = Number(fate.at(-1));
      expect([name, result, exitCode(pod, 'app')]).toEqual([name, code === 0 ? 'Complete' : 'Failed', code]);
    }
    expect(await othersNow()).toEqual(before);

    expect((await end()).document.items).toEqual([]);
    expect(await othersNow()).toEqual(before);
    const ended = Object.fromEntries(hung.map(([name]) => [name, 'finished, finished']));
    await expectFates([mesh, plain], { ...expected('after'), ...added, ...ended });
  });

  it('are named as far as the caller may see them', async () => {
    const { code, report } = await audit('-A', '--as', `system:serviceaccount:${mesh}:default`);
    expect(code).toBe(1);
    expect(report).toMatchObject({ partial: true, rows: [], verdict: { kind: 'unknown' } });
    expect(report.problems).toContainEqual(expect.stringMatching(/^you may not list pods in all namespaces/));
  });
}

async function expectFates(namespaces: readonly string[], fates: Record<string, string>): Promise<void> {
  let found: Record<string, string> = {};
  try {
    await eventually('the audit is as expected', 150, async () => {
      const { report } = await audit('-A');
      found = fatesIn(report, namespaces);
      return Object.entries(fates).every(([name, fate]) => found[name] === fate);
    });
  } catch (error) {
    if (!(error instanceof TimedOut)) throw error;
  }
  expect(found).toEqual(fates);
}

/** Between two tries, an app that fails runs for a moment. */
const fatesIn = ({ rows }: Report, namespaces: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    rows
      .filter(({ namespace }) => namespaces.includes(namespace))
      .map(({ name, fate, now, because, hangs }) => [
        name,
        hangs
          ? `${fate}, code ${hangs.code}`
          : [fate, name.startsWith('backoff') && now === 'runs' ? 'backoff' : now, because].filter(Boolean).join(', '),
      ]),
  );

/** Each pod with its Job, and the sidecars of it that run. */
async function podsIn(...namespaces: string[]) {
  const lists = await Promise.all(namespaces.map((each) => api.get(`/api/v1/namespaces/${each}/pods`)));
  return lists
    .flatMap(({ items }) => items as KubeObject[])
    .map((pod) => ({
      job: pod.metadata.labels['job-name'],
      uid: pod.metadata.uid,
      deleted: pod.metadata.deletionTimestamp,
      sidecars: ['istio-proxy', 'vault-agent'].filter((name) => isRunning(pod, name)),
    }));
}

async function audit(...flags: string[]): Promise<{ code: number | null; report: Report }> {
  const { code, document: report } = (await clockout('audit', ...flags)) as Run<Report>;
  return { code, report };
}

type Run<T> = { code: number | null; document: T };
type Ends = { items: Row[] };

/** Runs a command as a user does. Its exit code can be another than 0. */
async function clockout(command: string, ...flags: string[]): Promise<Run<unknown>> {
  const config = isOwnCluster ? ownKubeconfig : kubeconfig('admin');
  const argv = [join(root, 'dist', 'clockout.mjs'), command, '--output', 'json', '--kubeconfig', config, ...flags];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const output = await text(child.stdout);
  return { code: await ended, document: JSON.parse(output) };
}
