/** Jobs that hang in a mesh, which Clockout has not wrapped, and `clockout end`. */
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Row } from '../../../../src/end/report.ts';
import type { KubeObject } from '../api.ts';
import { runKubectl } from '../clients.ts';
import { attempt } from '../exec.ts';
import { busyboxImage, sidecarImages } from '../images.ts';
import { installClockout, releaseNamespace } from '../install.ts';
import { kubeconfig } from '../kubeconfigs.ts';
import { root } from '../paths.ts';
import {
  api,
  app,
  createJob,
  exitCode,
  isRunning,
  type JobOptions,
  jobEnd,
  logOf,
  makeNamespace,
  podOf,
  podWhen,
  removeJob,
  removeNamespaces,
} from './kube.ts';

/** In the mesh, and not Clockout's. */
const makeMeshed = () => makeNamespace({ 'istio-injection': 'enabled' });

afterAll(removeNamespaces);

/** A Job whose app has ended and whose proxy still runs. */
async function hang(namespace: string, name: string, code = 0, options: Partial<JobOptions> = {}): Promise<KubeObject> {
  await createJob(namespace, name, { spec: { containers: [app({ SLEEP: 1, CODE: code })] }, ...options });
  return await podWhen(
    namespace,
    name,
    'hangs',
    (pod) => exitCode(pod, 'app') === code && isRunning(pod, 'istio-proxy'),
  );
}

type Run = { code: number | null; items: Row[]; stderr: string };

async function end(...words: string[]): Promise<Run> {
  const clockout = [process.execPath, join(root, 'dist', 'clockout.mjs'), 'end', '--kubeconfig', kubeconfig('admin')];
  const { code, stdout, stderr } = await attempt([...clockout, '--output', 'json', ...words]);
  return { code, items: stdout === '' ? [] : JSON.parse(stdout).items, stderr };
}

const resultsOf = ({ items }: Run) => Object.fromEntries(items.map(({ job, result }) => [job, result]));

const optedOut = { labels: { 'clockout.dev/inject': 'false' } };

/** A user with these rights in a namespace. @returns the name, for `--as` */
async function makeUser(namespace: string, rules: { resources: string[]; verbs: string[]; apiGroups?: string[] }[]) {
  const user = `user-of-${namespace}`;
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: user, namespace } };
  await api.create({ ...rbac, kind: 'Role', rules: rules.map((rule) => ({ apiGroups: [''], ...rule })) });
  await api.create({
    ...rbac,
    kind: 'RoleBinding',
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: user },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  });
  return user;
}

const mayLook = [
  { resources: ['pods'], verbs: ['get', 'list'] },
  { resources: ['jobs'], verbs: ['get'], apiGroups: ['batch'] },
  { resources: ['namespaces'], verbs: ['get'] },
];

describe.concurrent('clockout end', () => {
  it('ends Jobs that hang, each with the code of its app, and touches no other', async () => {
    const namespace = await makeMeshed();
    const retried = {
      spec: { restartPolicy: 'OnFailure', containers: [app({ SLEEP: 0.2, CODE: 5 })] },
      job: { backoffLimit: 9 },
    };
    await createJob(namespace, 'retried', retried);
    await createJob(namespace, 'runs', { spec: { containers: [app({ SLEEP: 900 })] } });
    await Promise.all([
      hang(namespace, 'succeeds'),
      hang(namespace, 'fails', 5),
      hang(namespace, 'on-failure', 0, { spec: { restartPolicy: 'OnFailure', containers: [app({ SLEEP: 1 })] } }),
      hang(namespace, 'opted-out', 0, optedOut),
    ]);
    await podWhen(namespace, 'retried', 'has failed once', (pod) =>
      pod.status.containerStatuses.some((each: KubeObject) => each.restartCount > 0),
    );
    const others = () => Promise.all(['retried', 'runs', 'opted-out'].map((name) => podOf(namespace, name)));
    const before = await others();

    const first = await end('--hanging', '-n', namespace, '--yes');
    expect(resultsOf(first), first.stderr).toEqual({
      succeeds: 'ended',
      fails: 'ended',
      'on-failure': 'ended',
      'opted-out': 'opted out',
    });
    expect(first.code).toBe(0);
    expect((await jobEnd(namespace, 'succeeds')).result).toBe('Complete');
    expect((await jobEnd(namespace, 'on-failure')).result).toBe('Complete');
    const failed = await jobEnd(namespace, 'fails');
    expect([failed.result, exitCode(failed.pod, 'app')]).toEqual(['Failed', 5]);
    expect(first.items.find(({ job }) => job === 'fails')?.message).toBe(
      'pod Failed: app exited with code 5; Job Failed: BackoffLimitExceeded',
    );
    const second = await end('--hanging', '-n', namespace, '--yes');
    expect([second.code, resultsOf(second)]).toEqual([0, { 'opted-out': 'opted out' }]);
    const after = await others();
    expect(after.map(({ metadata, status }) => [metadata.uid, status.phase])).toEqual(
      before.map(({ metadata }) => [metadata.uid, 'Running']),
    );
    expect(after.map((pod) => isRunning(pod, 'istio-proxy'))).toEqual([true, true, true]);
  });

  it('ends a Job that is named, though it opted out; a dry run changes nothing', async () => {
    const namespace = await makeMeshed();
    const pod = await hang(namespace, 'named', 0, optedOut);
    const dry = await end('named', '-n', namespace, '--dry-run');
    expect(dry.items).toMatchObject([
      { pod: pod.metadata.name, result: 'would end', ends: ['istio-proxy: POST :15020/quitquitquit'] },
    ]);
    const after = await podOf(namespace, 'named');
    expect([after.metadata.uid, isRunning(after, 'istio-proxy')]).toEqual([pod.metadata.uid, true]);
    expect(await end('named', '-n', namespace, '--yes')).toMatchObject({ code: 0, items: [{ result: 'ended' }] });
    expect((await jobEnd(namespace, 'named')).result).toBe('Complete');
  });

  it('ends another sidecar first: by its own URL, or by a signal', async () => {
    const namespace = await makeMeshed();
    const args = ['--quitquitquit', '--token=none', '--lazy-refresh', '--port=5432', 'project:region:instance'];
    const cloudSql = { name: 'cloud-sql-proxy', image: sidecarImages.cloudSqlProxy, args };
    const script = 'trap "exit 0" TERM; while :; do /bin/busybox sleep 1; done';
    const vector = { name: 'vector', image: busyboxImage, command: ['/bin/sh', '-c', script] };
    const containers = (sidecar: object) => ({ spec: { containers: [app({ SLEEP: 2, CODE: 3 }), sidecar] } });
    await Promise.all([
      hang(namespace, 'by-url', 3, containers(cloudSql)),
      hang(namespace, 'by-signal', 3, containers(vector)),
    ]);
    const run = await end('by-url', 'by-signal', '-n', namespace, '--yes');
    const of = (name: string) => run.items.find(({ job }) => job === name);
    const istio = 'istio-proxy: POST :15020/quitquitquit';
    expect(of('by-url'), run.stderr).toMatchObject({
      result: 'ended',
      ends: ['cloud-sql-proxy: POST :9091/quitquitquit', istio],
    });
    expect(of('by-signal'), run.stderr).toMatchObject({ result: 'ended', ends: ['vector: SIGTERM, by exec', istio] });
    for (const name of ['by-url', 'by-signal']) {
      const { result, pod } = await jobEnd(namespace, name);
      expect([result, exitCode(pod, 'app')]).toEqual(['Failed', 3]);
    }
    expect(exitCode(await podOf(namespace, 'by-signal'), 'vector')).toBe(0);
  });

  it('uses exec for a user who may not forward ports, and names the right where neither is allowed', async () => {
    const namespace = await makeMeshed();
    await hang(namespace, 'by-exec', 5);
    const user = await makeUser(namespace, mayLook);
    const refused = await end('by-exec', '-n', namespace, '--yes', '--as', user);
    expect(refused).toMatchObject({
      code: 1,
      items: [
        {
          result: 'not ended',
          message: `you may not get pods/portforward in the namespace ${namespace}; you may not get pods/exec in the namespace ${namespace}`,
        },
      ],
    });
    const roles = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles/${user}`;
    const { rules } = await api.get(roles);
    await api.merge(roles, {
      rules: [...rules, { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] }],
    });
    const run = await end('by-exec', '-n', namespace, '--yes', '--as', user);
    expect(run.items, run.stderr).toMatchObject([{ result: 'ended' }]);
    expect((await jobEnd(namespace, 'by-exec')).result).toBe('Failed');
  });

  it('has namespaces as rows in which a user may not list pods', async () => {
    const namespace = await makeMeshed();
    const user = await makeUser(namespace, [...mayLook, { resources: ['pods/portforward'], verbs: ['get', 'create'] }]);
    const clusterRole = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: user } };
    await api.create({
      ...clusterRole,
      kind: 'ClusterRole',
      rules: [{ apiGroups: [''], resources: ['namespaces'], verbs: ['list'] }],
    });
    await api.create({
      ...clusterRole,
      kind: 'ClusterRoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: user },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
    });
    try {
      await hang(namespace, 'mine');
      const { code, items } = await end('--hanging', '-A', '--yes', '--as', user);
      expect(items.filter((row) => row.namespace === namespace)).toMatchObject([{ job: 'mine', result: 'ended' }]);
      expect(items.find((row) => row.namespace === 'kube-system')).toMatchObject({
        result: 'not listed',
        message: expect.stringContaining('you may not list pods in the namespace kube-system'),
      });
      expect(code).toBe(1);
    } finally {
      const roles = '/apis/rbac.authorization.k8s.io/v1';
      await api.delete(`${roles}/clusterroles/${user}`);
      await api.delete(`${roles}/clusterrolebindings/${user}`);
    }
  });
});

/** Runs the CronJob now, and looks before its Job is removed. */
async function runCronJob(name: string) {
  await runKubectl('create', 'job', name, '-n', releaseNamespace, '--from=cronjob/clockout-end-hanging');
  try {
    const { result, pod } = await jobEnd(releaseNamespace, name);
    return { result, pod, log: await logOf(pod, 'end-hanging') };
  } finally {
    await removeJob(releaseNamespace, name);
  }
}

describe('the CronJob of the chart', () => {
  afterAll(() => installClockout());

  it('uses the settings of the installation, and leaves out the namespaces that the webhook leaves out', async () => {
    const [plain, annotated, excluded] = [await makeMeshed(), await makeMeshed(), await makeMeshed()];
    await Promise.all([
      hang(plain, 'after-success'),
      hang(plain, 'after-failure', 5),
      hang(annotated, 'keeps'),
      hang(excluded, 'left-out'),
    ]);
    const change = (namespace: string, metadata: Record<string, Record<string, string>>) =>
      api.merge(`/api/v1/namespaces/${namespace}`, { metadata });
    await change(plain, { labels: { 'ends-jobs': 'yes' } });
    await change(annotated, { labels: { 'ends-jobs': 'yes' }, annotations: { 'clockout.dev/quit': 'never' } });
    await installClockout({
      mode: 'cluster',
      endHanging: { enabled: true, schedule: '0 0 1 1 *' },
      defaults: { quit: 'on-success' },
      namespaceDefaults: true,
      webhook: { namespaceMatchExpressions: [{ key: 'ends-jobs', operator: 'Exists' }] },
    });
    const { result, log } = await runCronJob(`end-hanging-${plain}`);
    expect(result, log).toBe('Complete');
    expect((await jobEnd(plain, 'after-success')).result).toBe('Complete');
    expect(log).toMatch(new RegExp(`^${plain} +after-failure-\\S+ +opted out +`, 'm'));
    expect(log).toMatch(new RegExp(`^${annotated} +keeps-\\S+ +opted out +`, 'm'));
    expect(log).not.toContain('left-out');
    const kept = [
      [plain, 'after-failure'],
      [annotated, 'keeps'],
      [excluded, 'left-out'],
    ] as const;
    for (const [namespace, name] of kept) expect(isRunning(await podOf(namespace, name), 'istio-proxy')).toBe(true);
  });

  it('ends what hangs where Clockout would wrap, from a pod that meets Pod Security', async () => {
    await runKubectl(
      'label',
      'namespace',
      releaseNamespace,
      'pod-security.kubernetes.io/enforce=restricted',
      '--overwrite',
    );
    await installClockout({ endHanging: { enabled: true, schedule: '0 0 1 1 *' } });
    const [optedIn, other] = [await makeMeshed(), await makeMeshed()];
    await Promise.all([
      hang(optedIn, 'missed', 5),
      hang(optedIn, 'opted-out', 0, optedOut),
      hang(other, 'not-opted-in'),
    ]);
    await api.merge(`/api/v1/namespaces/${optedIn}`, { metadata: { labels: { 'clockout.dev/inject': 'enabled' } } });
    const name = `end-hanging-${optedIn}`;
    try {
      const { result, pod, log } = await runCronJob(name);
      expect(result, log).toBe('Complete');
      expect(log).toMatch(
        new RegExp(`^${optedIn} +missed-\\S+ +ended +pod Failed: app exited with code 5; Job Failed`, 'm'),
      );
      expect(pod.spec.containers.map((each: KubeObject) => each.name)).toEqual(['end-hanging']);
      expect((await jobEnd(optedIn, 'missed')).result).toBe('Failed');
      expect(isRunning(await podOf(optedIn, 'opted-out'), 'istio-proxy')).toBe(true);
      expect(isRunning(await podOf(other, 'not-opted-in'), 'istio-proxy')).toBe(true);
    } finally {
      await runKubectl('label', 'namespace', releaseNamespace, 'pod-security.kubernetes.io/enforce-');
    }
  });
});
