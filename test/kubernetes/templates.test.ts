import { afterEach, describe, expect, it } from 'vitest';
import type { Template } from '../../src/image-lookup/warm-up.ts';
import { shareConnections } from '../../src/kubernetes/kube-config.ts';
import type { StoreBounds } from '../../src/kubernetes/template-store.ts';
import { followTemplates } from '../../src/kubernetes/templates.ts';
import { startWatchServer } from './watch-server.ts';

type Server = Awaited<ReturnType<typeof startWatchServer>>;
let server: Server;
let stop: () => void = () => {};
afterEach(async () => {
  stop();
  await server.close();
});

const namespaces = '/api/v1/namespaces';
const jobs = '/apis/batch/v1/jobs';
const cronJobs = '/apis/batch/v1/cronjobs';

const namespace = (name: string, label?: string) => ({
  metadata: { uid: `namespace ${name}`, name, labels: { ...(label && { 'clockout.dev/inject': label }) } },
});
const spec = (image = 'app:1.0', more: object = {}) => ({ containers: [{ name: 'app', image, ...more }] });
const template = (image?: string, more?: object) => ({ metadata: { labels: {} }, spec: spec(image, more) });
const cronJob = (uid: string, pod: object = template(), more: object = {}, namespace = 'shop') => ({
  metadata: { uid, name: uid, namespace, managedFields: [{ manager: 'kubectl' }] },
  spec: { schedule: '* * * * *', jobTemplate: { spec: { template: pod } }, ...more },
  status: {},
});
const job = (
  uid: string,
  { metadata = {}, namespace = 'shop', pod = template() as object, ...more }: JobOptions = {},
) => ({
  metadata: { uid, name: uid, namespace, ...metadata },
  spec: { template: pod, ...(more.suspend && { suspend: true }) },
  status: { ...(more.conditions && { conditions: more.conditions }) },
});
type JobOptions = { metadata?: object; namespace?: string; pod?: object; suspend?: boolean; conditions?: object[] };

/** Follows what a server has by then. `uids`: of those followed by now. */
async function follow(fill: (server: Server) => void, mode: 'opted-in' | 'cluster' = 'opted-in', bounds?: StoreBounds) {
  server = await startWatchServer();
  fill(server);
  const now = new Map<string, Template>();
  const told: string[] = [];
  const problems: string[] = [];
  stop = followTemplates(shareConnections(server.config), {
    mode,
    onTemplate: (template) => {
      told.push(template.uid);
      now.set(template.uid, template);
    },
    onGone: (uid) => now.delete(uid),
    onError: (problem) => problems.push(problem),
    ...(bounds && { bounds }),
  });
  return { now, told, problems, uids: () => [...now.keys()].sort(), images: () => [...now.values()].map(imageOf) };
}
const imageOf = ({ pod }: Template) => pod.spec.containers[0]?.image;

/** That nothing comes can only be seen from what comes after it. */
async function settle({ now }: { now: Map<string, Template> }) {
  const last = `last ${Math.random()}`;
  server.put(namespaces, namespace('last', 'enabled'));
  server.put(jobs, job(`${last} job`, { namespace: 'last' }));
  server.put(cronJobs, cronJob(last, template(), {}, 'last'));
  await expect.poll(() => now.has(last) && now.has(`${last} job`)).toBe(true);
  now.delete(last);
  now.delete(`${last} job`);
}

describe('of templates, those are told', () => {
  it.each<[string, 'opted-in' | 'cluster', string[]]>([
    ['that opted in', 'opted-in', ['in', 'out, itself in']],
    ['that did not opt out', 'cluster', ['in', 'out, itself in', 'unset']],
  ])('of namespaces %s, or that opted in themselves', async (_, mode, expected) => {
    const labelled = (value: string) => ({ metadata: { labels: { 'clockout.dev/inject': value } }, spec: spec() });
    const seen = await follow(({ put }) => {
      put(namespaces, namespace('in', 'enabled'), namespace('out', 'disabled'), namespace('unset'));
      put(namespaces, namespace('kube-system', 'enabled'));
      put(cronJobs, cronJob('in', template(), {}, 'in'), cronJob('in, itself out', labelled('false'), {}, 'in'));
      put(cronJobs, cronJob('out', template(), {}, 'out'), cronJob('out, itself in', labelled('true'), {}, 'out'));
      put(cronJobs, cronJob('unset', template(), {}, 'unset'));
      put(cronJobs, cronJob('system', template(), {}, 'kube-system'));
      put(cronJobs, cronJob('system, itself in', labelled('true'), {}, 'kube-system'));
    }, mode);
    await settle(seen);
    expect(seen.uids()).toEqual(expected);
    expect(seen.problems).toEqual([]);
  });

  const done = (type: string, status = 'True') => [{ type, status }];
  it.each<[string, JobOptions, boolean]>([
    ['underway', {}, true],
    ['suspended', { suspend: true }, true],
    ['that will fail', { conditions: done('FailureTarget') }, true],
    ['that has not failed', { conditions: done('Failed', 'False') }, true],
    ['that is complete', { conditions: done('Complete') }, false],
    ['that failed', { conditions: [...done('FailureTarget'), ...done('Failed')] }, false],
    ['of a CronJob', { metadata: { ownerReferences: [{ kind: 'CronJob', controller: true }] } }, false],
    ['of something else', { metadata: { ownerReferences: [{ kind: 'Workflow', controller: true }] } }, true],
    ['whose containers have a command', { pod: template('app:1.0', { command: ['/app'] }) }, false],
    ['whose container has an empty one', { pod: template('app:1.0', { command: [] }) }, true],
    ['without an image', { pod: template('') }, false],
  ])('of a Job %s', async (_, options, isTold) => {
    const seen = await follow(({ put }) => {
      put(namespaces, namespace('shop', 'enabled'));
      put(jobs, job('a', options));
    });
    await settle(seen);
    expect(seen.uids()).toEqual(isTold ? ['a'] : []);
  });

  it('with what a lookup reads, and no more', async () => {
    const required = {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['arm64'] }] }],
    };
    const seen = await follow(({ put }) => {
      put(namespaces, namespace('shop', 'enabled'));
      const pod = {
        metadata: { labels: { app: 'a' }, annotations: { note: 'long' } },
        spec: {
          containers: [
            { name: 'app', image: 'app:1.0', imagePullPolicy: 'Always', args: ['x'], env: [{ name: 'A', value: 'b' }] },
            { name: 'other', image: 'other:1.0', command: ['/other'] },
            { name: 'third', image: 'third:1.0' },
          ],
          initContainers: [{ name: 'init', image: 'init:1.0' }],
          imagePullSecrets: [{ name: 'regcred' }],
          serviceAccountName: 'runner',
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          affinity: {
            nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringScheduling: [] },
            podAffinity: {},
          },
          volumes: [{ name: 'v' }],
        },
      };
      put(cronJobs, cronJob('a', pod));
    });
    await settle(seen);
    expect(seen.now.get('a')).toEqual({
      uid: 'a',
      namespace: 'shop',
      pod: {
        metadata: { namespace: 'shop' },
        spec: {
          containers: [
            { name: 'app', image: 'app:1.0', imagePullPolicy: 'Always' },
            { name: 'third', image: 'third:1.0' },
          ],
          imagePullSecrets: [{ name: 'regcred' }],
          serviceAccountName: 'runner',
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
        },
      },
    });
  });
});

describe('a change', () => {
  const shop = ({ put }: Server) => {
    put(namespaces, namespace('shop', 'enabled'));
    put(cronJobs, cronJob('a'));
  };

  it('of the template is told, and of its CronJob alone is not', async () => {
    const seen = await follow(shop);
    await expect.poll(seen.uids).toEqual(['a']);
    server.put(cronJobs, { ...cronJob('a'), status: { lastScheduleTime: 'now' } });
    await settle(seen);
    expect(seen.told.filter((uid) => uid === 'a')).toHaveLength(1);
    server.put(cronJobs, cronJob('a', template('app:2.0')));
    await expect.poll(seen.images).toEqual(['app:2.0']);
  });

  it.each<[string, (server: Server) => void]>([
    ['CronJob is deleted', ({ remove }) => remove(cronJobs, 'a')],
    ['CronJob is suspended', ({ put }) => put(cronJobs, cronJob('a', template(), { suspend: true }))],
    [
      'template has a command now',
      ({ put }) => put(cronJobs, cronJob('a', template('app:1.0', { command: ['/app'] }))),
    ],
    ['namespace opted out', ({ put }) => put(namespaces, namespace('shop', 'disabled'))],
    ['namespace is deleted', ({ remove }) => remove(namespaces, 'namespace shop')],
  ])('is the end of a template whose %s', async (_, change) => {
    const seen = await follow(shop);
    await expect.poll(seen.uids).toEqual(['a']);
    change(server);
    await expect.poll(seen.uids).toEqual([]);
  });

  it('of a namespace that opts in later brings its templates', async () => {
    const seen = await follow(({ put }) => {
      put(namespaces, namespace('shop'), namespace('other'));
      put(cronJobs, cronJob('a'), cronJob('b', template(), {}, 'other'));
      put(jobs, job('c'));
    });
    await settle(seen);
    expect(seen.uids()).toEqual([]);
    server.put(namespaces, namespace('shop', 'enabled'));
    await expect.poll(seen.uids).toEqual(['a', 'c']);
    server.put(namespaces, namespace('shop'));
    await expect.poll(seen.uids).toEqual([]);
  });
});

describe('a watch', () => {
  const fill = ({ put }: Server) => {
    put(namespaces, namespace('shop', 'enabled'), namespace('other', 'enabled'));
    put(cronJobs, cronJob('a'), cronJob('b'), cronJob('c', template(), {}, 'other'));
    put(jobs, job('d'));
  };
  /** Until all three are there, or again. */
  const watched = () => expect.poll(() => server.streams()).toBe(3);

  const listings = () => server.requests.filter((request) => request.includes('limit='));

  it('begins after what is there, with no Jobs that have succeeded', async () => {
    const seen = await follow(fill);
    await settle(seen);
    await watched();
    expect(listings().sort()).toEqual([
      `GET ${namespaces}?limit=500`,
      `GET ${cronJobs}?limit=500`,
      `GET ${jobs}?fieldSelector=status.successful=0&limit=500`,
    ]);
    const watches = server.requests.filter((request) => request.includes('watch='));
    expect(watches.map((request) => request.replace(/resourceVersion=1\d\d$/, 'on')).sort()).toEqual([
      `GET ${namespaces}?watch=true&on`,
      `GET ${cronJobs}?watch=true&on`,
      `GET ${jobs}?watch=true&fieldSelector=status.successful=0&on`,
    ]);
  });

  it('begins with many in pages', async () => {
    const seen = await follow((server) => {
      fill(server);
      server.put(cronJobs, ...Array.from({ length: 1200 }, (_, i) => cronJob(`many ${i}`)));
    });
    await expect.poll(() => seen.now.size, { timeout: 20_000 }).toBe(1204);
    expect(listings().filter((request) => request.includes(cronJobs))).toHaveLength(3);
  });

  it('that breaks off goes on from where it was, and misses nothing', async () => {
    const seen = await follow(fill);
    await settle(seen);
    await watched();
    server.requests.length = 0;
    seen.told.length = 0;
    server.breakOff();
    server.remove(cronJobs, 'a');
    server.put(cronJobs, cronJob('e'));
    await watched();
    await expect.poll(seen.uids).toEqual(['b', 'c', 'd', 'e']);
    expect(seen.told).toEqual(['e']);
    expect(listings()).toEqual([]);
  });

  it('whose version is too old begins anew, and finds out what is there no more', async () => {
    const seen = await follow(fill);
    await settle(seen);
    await watched();
    server.breakOff();
    server.remove(cronJobs, 'a');
    server.remove(jobs, 'd');
    server.remove(namespaces, 'namespace other');
    server.forget();
    await expect.poll(() => listings().length).toBe(6);
    await watched();
    await expect.poll(seen.uids).toEqual(['b']);
    expect(seen.problems.filter((problem) => problem.includes('too old'))).toEqual([]);
  });

  it('that is refused says what to do', async () => {
    const seen = await follow((server) => {
      fill(server);
      server.refuse(jobs);
    });
    await expect.poll(() => seen.problems.length).toBeGreaterThan(0);
    expect(seen.problems[0]).toBe(
      'the API server did not let Clockout watch the Jobs of the cluster: 403 no; the chart gives it the right with `registry.warmUp`, unless `rbac.create` is false',
    );
    await expect.poll(seen.uids).toEqual(['a', 'b', 'c']);
  });

  it('is over once it is stopped', async () => {
    const seen = await follow(fill);
    await expect.poll(seen.uids).toEqual(['a', 'b', 'c', 'd']);
    await watched();
    stop();
    await expect.poll(() => server.streams()).toBe(0);
    const before = server.requests.length;
    server.put(cronJobs, cronJob('e'));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect([server.requests.length, seen.uids()]).toEqual([before, ['a', 'b', 'c', 'd']]);
  });
});

it('of many, only so many are kept', async () => {
  const seen = await follow(
    ({ put }) => {
      put(namespaces, namespace('shop', 'enabled'));
      for (let i = 0; i < 3000; i++) put(jobs, job(`${i}`, { namespace: i % 2 ? 'other' : 'shop' }));
      put(jobs, job('labelled', { pod: { ...template(), metadata: { labels: { 'clockout.dev/inject': 'true' } } } }));
    },
    'opted-in',
    { maxTemplates: 100, maxBytes: 1_000_000 },
  );
  await expect.poll(() => seen.now.size, { timeout: 20_000 }).toBe(100);
  server.remove(jobs, '0');
  server.put(jobs, job('new'));
  await expect.poll(() => seen.now.has('new'), { timeout: 20_000 }).toBe(true);
  expect(seen.now.size).toBe(100);
});
