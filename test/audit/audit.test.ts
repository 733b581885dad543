/** Whole audits, of a cluster that a stand-in API server lists. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import { auditPage } from '../../src/audit/html/page.ts';
import type { Report } from '../../src/audit/report.ts';
import { auditText } from '../../src/audit/text/text.ts';
import { type AuditRequest, auditCluster } from '../../src/commands/live/audit-cluster.ts';
import { createApi } from '../../src/kubernetes/api/api.ts';
import { asClockout } from '../../src/util/called.ts';
import type { ApiServer } from '../kubernetes/api-server.ts';
import { app, classicPod, jobPod, proxy, settings } from '../support/pods.ts';
import { type ClusterOptions, type Objects, startCluster } from './cluster.ts';
import {
  ago,
  clockoutServer,
  clockoutWebhooks,
  cronJob,
  exited,
  finished,
  istiod,
  istioWebhooks,
  job,
  live,
  namespace,
  node,
  now,
  running,
  suspend,
  waiting,
  withRequests,
} from './objects.ts';

let server: ApiServer | undefined;
afterEach(() => server?.close());

async function tryAudit(objects: Objects, request: Partial<AuditRequest> = {}, options: ClusterOptions = {}) {
  server = await startCluster(objects, options);
  return auditCluster(createApi(server.config), { scope: undefined, now, ...request });
}

async function audit(...all: Parameters<typeof tryAudit>): Promise<Report> {
  const audited = await tryAudit(...all);
  if (!audited.ok) throw new Error(audited.problem);
  return audited.value;
}

const fatesOf = ({ rows }: Report) =>
  Object.fromEntries(rows.map(({ kind, name, fate, now: at }) => [`${kind} ${name}`, `${fate}, ${at}`]));
const becauseOf = ({ rows }: Report) => Object.fromEntries(rows.map(({ name, because }) => [name, because]));

const meshed = { 'istio-injection': 'enabled' };
const both = { ...meshed, 'clockout.dev/inject': 'enabled' };

const native = jobPod({
  annotations: { 'sidecar.istio.io/status': '{"initContainers":["istio-proxy"]}' },
  spec: { initContainers: [{ ...proxy(), restartPolicy: 'Always' }] },
});
const stripped = jobPod({
  annotations: { 'sidecar.istio.io/status': '{"initContainers":["istio-proxy"]}' },
  spec: { initContainers: [proxy()] },
});
const vault = { name: 'vault-agent', image: 'hashicorp/vault:1.18', args: ['agent'] };
const wrap = async (pod = classicPod()) => {
  const outcome = await admitPod(pod, { from: 'server' }, settings);
  return outcome.kind === 'patched' ? outcome.patched : pod;
};
const wrapped = await wrap();

const runs = [running('app'), running('istio-proxy')];
const hung = [exited('app', 0), running('istio-proxy')];

const mesh: Objects = {
  namespaces: [namespace('shop', meshed), namespace('plain')],
  mutatingwebhookconfigurations: [istioWebhooks()],
  nodes: [node('v1.32.4'), node('v1.35.4')],
  deployments: [istiod('1.26.4')],
};
const withClockout: Objects = {
  ...mesh,
  namespaces: [namespace('shop', both), namespace('plain')],
  mutatingwebhookconfigurations: [istioWebhooks(), clockoutWebhooks()],
  deployments: [istiod('1.26.4'), clockoutServer('wrap')],
};

const observing = {
  metadata: { name: 'zz-clockout' },
  webhooks: [
    {
      ...clockoutWebhooks().webhooks[0],
      name: 'observe.clockout.dev',
      clientConfig: { service: { namespace: 'clockout', name: 'clockout', path: '/mutate/observe' } },
      namespaceSelector: { matchLabels: { 'clockout.dev/inject': 'observe' } },
    },
  ],
};

const mixed: Objects = {
  jobs: [
    job('shop', 'hung'),
    job('shop', 'hung-failed'),
    job('shop', 'runs'),
    job('shop', 'backoff'),
    job('shop', 'wrapped'),
    job('shop', 'native'),
    job('shop', 'native-vault', { template: jobPod({ spec: { containers: [app(), vault] } }) }),
    job('shop', 'stripped'),
    job('shop', 'opted-out', { template: jobPod({ labels: { 'clockout.dev/inject': 'false' } }) }),
    job('shop', 'suspended', { spec: { suspend: true }, status: { active: 0 } }),
    job('shop', 'finished', { status: finished }),
    job('plain', 'outside'),
  ],
  pods: [
    live('shop', 'hung', withRequests(), hung),
    live('shop', 'hung-failed', withRequests(), [exited('app', 7, 90_000), running('istio-proxy')]),
    live('shop', 'runs', classicPod(), runs),
    live('shop', 'backoff', classicPod({ spec: { restartPolicy: 'OnFailure' } }), [
      waiting('app', 'CrashLoopBackOff'),
      running('istio-proxy'),
    ]),
    live('shop', 'wrapped', wrapped, runs),
    live('shop', 'native', native, [running('app')]),
    live('shop', 'native-vault', { ...native, spec: { ...native.spec, containers: [app(), vault] } }, [
      running('app'),
      running('vault-agent'),
    ]),
    live('shop', 'stripped', stripped, [waiting('app', 'PodInitializing')], 'Pending'),
    live('shop', 'opted-out', classicPod({ labels: { 'clockout.dev/inject': 'false' } }), runs),
    live('plain', 'outside', jobPod(), [running('app')]),
  ],
  cronjobs: [cronJob('shop', 'nightly'), cronJob('plain', 'nightly-outside')],
};

describe('an audit of a cluster without Clockout', () => {
  it('says of each Job what becomes of it', async () => {
    const report = await audit({ ...mesh, ...mixed });
    expect(fatesOf(report)).toEqual({
      'Job hung-failed': 'hangs, hangs',
      'Job hung': 'hangs, hangs',
      'Job stripped': 'stripped, pending',
      'Job backoff': 'would-hang, backoff',
      'Job runs': 'would-hang, runs',
      'Job native-vault': 'would-hang, runs',
      'Job suspended': 'would-hang, suspended',
      'CronJob nightly': 'would-hang, idle',
      'Job opted-out': 'opted-out, runs',
      'Job wrapped': 'wrapped, runs',
      'Job native': 'native, runs',
      'Job outside': 'outside, runs',
      'CronJob nightly-outside': 'outside, idle',
      'Job finished': 'finished, finished',
    });
    expect(becauseOf(report)).toMatchObject({ runs: 'not-installed', 'native-vault': 'not-installed' });
    expect(report).toMatchObject({ installations: [], partial: false, notKnown: [] });
  });

  it('says since when its apps have ended, with which code, and what its sidecars hold', async () => {
    const { rows, held } = await audit({ ...mesh, ...mixed });
    expect(rows.slice(0, 2).map(({ hangs }) => hangs)).toEqual([
      {
        pods: 1,
        since: Date.parse(ago(90_000)),
        code: 7,
        sidecars: ['istio-proxy'],
        cpu: 0.1,
        memory: 128 * 1024 ** 2,
      },
      { pods: 1, since: Date.parse(ago(3600)), code: 0, sidecars: ['istio-proxy'], cpu: 0.1, memory: 128 * 1024 ** 2 },
    ]);
    expect(held).toEqual({ pods: 2, cpu: 0.2, memory: 256 * 1024 ** 2 });
  });

  it('says that it is needed, and for how many', async () => {
    const { verdict } = await audit({ ...mesh, ...mixed });
    expect(verdict).toMatchObject({ kind: 'needed', sentence: 'needed for 9 of 13 Jobs and CronJobs' });
    expect(verdict.reasons).toEqual([
      '2 hang now',
      '5 would hang',
      '1 cannot start',
      '1 wrapped by Clockout',
      '1 native without Clockout',
      '1 opted out',
      '2 without a sidecar',
    ]);
  });

  it('says that it is not needed where nothing would hang', async () => {
    const { verdict } = await audit({ ...mesh, jobs: [job('plain', 'outside')], pods: [] });
    expect(verdict).toMatchObject({
      kind: 'not-needed',
      sentence: 'not needed: none of 1 Job or CronJob would hang',
    });
  });

  it('takes a sidecar that is about to exit for what it is', async () => {
    const pods = [live('shop', 'soon', classicPod(), [exited('app', 0, 3), running('istio-proxy')])];
    expect(fatesOf(await audit({ ...mesh, jobs: [job('shop', 'soon')], pods }))).toEqual({
      'Job soon': 'would-hang, ending',
    });
  });
});

describe('an audit of a cluster with Clockout', () => {
  it('judges what has no pod by its template, and a pod by itself', async () => {
    const report = await audit({ ...withClockout, ...mixed });
    expect(fatesOf(report)).toMatchObject({
      'Job runs': 'would-hang, runs',
      'Job suspended': 'wrapped, suspended',
      'CronJob nightly': 'wrapped, idle',
      'CronJob nightly-outside': 'outside, idle',
      'Job opted-out': 'opted-out, runs',
    });
    expect(becauseOf(report)).toMatchObject({ runs: 'missed' });
    expect(report.installations).toEqual([
      { namespace: 'clockout', name: 'clockout', mode: 'opt-in', strategy: 'wrap' },
    ]);
  });

  it.each<[string, Objects, string]>([
    ['with a namespace that has not opted in', { namespaces: [namespace('shop', meshed)] }, 'would-hang, idle'],
    [
      'with a namespace that has opted out',
      { namespaces: [namespace('shop', { ...meshed, 'clockout.dev/inject': 'disabled' })] },
      'opted-out, idle',
    ],
    [
      'with a namespace that is only observed',
      {
        namespaces: [namespace('shop', { ...meshed, 'clockout.dev/inject': 'observe' })],
        mutatingwebhookconfigurations: [istioWebhooks(), clockoutWebhooks(), observing],
      },
      'would-hang, idle',
    ],
    [
      'in ambient mode',
      { namespaces: [namespace('shop', { 'istio.io/dataplane-mode': 'ambient', 'clockout.dev/inject': 'enabled' })] },
      'ambient, idle',
    ],
    [
      'with strategy native',
      { deployments: [istiod('1.26.4'), clockoutServer('native')], nodes: [node('v1.35.4')] },
      'native, idle',
    ],
    [
      'with an Istio that makes sidecars native by itself',
      { deployments: [istiod('1.27.0'), clockoutServer('wrap')], nodes: [node('v1.33.0')] },
      'native, idle',
    ],
    [
      'with such an Istio and an old node',
      { deployments: [istiod('1.27.0'), clockoutServer('wrap')], nodes: [node('v1.32.9'), node('v1.33.0')] },
      'wrapped, idle',
    ],
    [
      'with an Istio that is told to',
      { deployments: [istiod('1.24.1', { ENABLE_NATIVE_SIDECARS: 'true' }), clockoutServer('wrap')] },
      'native, idle',
    ],
    [
      'with a template that asks for a native sidecar',
      { cronjobs: [cronJob('shop', 'nightly', jobPod({ annotations: { 'sidecar.istio.io/nativeSidecar': 'true' } }))] },
      'native, idle',
    ],
    [
      'with a template that Clockout cannot wrap',
      { cronjobs: [cronJob('shop', 'nightly', jobPod({ annotations: { 'clockout.dev/quit': 'maybe' } }))] },
      'unwrappable, idle',
    ],
  ])('judges a CronJob %s', async (_, changed, expected) => {
    const objects = { ...withClockout, jobs: [], pods: [], cronjobs: [cronJob('shop', 'nightly')], ...changed };
    expect(fatesOf(await audit(objects))).toEqual({ 'CronJob nightly': expected });
  });

  it.each<[string, Objects, string]>([
    ['needed', { cronjobs: [cronJob('shop', 'nightly')] }, 'needed'],
    ['could be native', { cronjobs: [cronJob('shop', 'nightly')], nodes: [node('v1.33.0')] }, 'could-be-native'],
    ['safe to remove', { cronjobs: [cronJob('plain', 'nightly')] }, 'safe-to-remove'],
    ['not known without Jobs', {}, 'unknown'],
  ])('the verdict is: %s', async (_, changed, kind) => {
    const { verdict } = await audit({ ...withClockout, ...changed });
    expect(verdict.kind).toBe(kind);
  });

  it.each<[string, Objects]>([
    ['a template that Clockout would wrap', { cronjobs: [cronJob('shop', 'nightly')] }],
    ['a suspended one', { cronjobs: [suspend(cronJob('shop', 'nightly'))] }],
    [
      'a template that would hang',
      { cronjobs: [cronJob('shop', 'nightly', jobPod({ annotations: { 'clockout.dev/quit': 'maybe' } }))] },
    ],
  ])('does not call it safe to remove for a CronJob without any run: %s', async (_, changed) => {
    const { verdict, horizon } = await audit({ ...withClockout, ...changed });
    expect(verdict.kind).toBe('needed');
    expect(horizon).toBeUndefined();
  });

  it('does not call it safe to remove where Clockout is why sidecars are native', async () => {
    const objects = {
      ...withClockout,
      deployments: [istiod('1.26.4'), clockoutServer('native')],
      nodes: [node('v1.35.4')],
      cronjobs: [cronJob('shop', 'nightly')],
    };
    expect((await audit(objects)).verdict.kind).toBe('needed');
  });

  it('does not call it safe to remove after Jobs that it has helped: they can come again', async () => {
    const jobs = [job('shop', 'report', { status: finished }), job('plain', 'outside')];
    const { verdict } = await audit({ ...withClockout, jobs });
    expect(verdict).toMatchObject({
      kind: 'needed',
      sentence: 'needed for 1 Job that has finished, if it comes again: ask who creates such Jobs (job/report in shop)',
      reasons: ['1 without a sidecar', '1 finished that Clockout would help again'],
    });
    const plain = [job('plain', 'done', { status: finished }), job('plain', 'outside')];
    expect((await audit({ ...withClockout, jobs: plain })).verdict.kind).toBe('safe-to-remove');
  });

  it.each<[string, string, string, string]>([
    ['because the webhook failed', 'shop', 'failed calling webhook "namespace.clockout.dev"', 'needed'],
    [
      'after a webhook dropped restartPolicy',
      'plain',
      'startupProbe: may not be set without restartPolicy=Always',
      'needed',
    ],
    ['for another reason, outside the mesh', 'plain', 'exceeded quota', 'safe-to-remove'],
  ])('counts a Job whose pods were refused %s', async (_, in_, message, kind) => {
    const events = [
      { metadata: { name: 'e', namespace: in_ }, involvedObject: { kind: 'Job', name: 'refused' }, message },
    ];
    const { verdict } = await audit({ ...withClockout, jobs: [job(in_, 'refused')], events });
    expect(verdict.kind).toBe(kind);
  });

  it('judges only what has the labels, and never the whole by them', async () => {
    const objects = {
      ...withClockout,
      jobs: [job('plain', 'outside', { labels: { team: 'plain' } }), job('shop', 'report')],
    };
    const { verdict, selector } = await audit(objects, { selector: 'team=plain' });
    expect(selector).toBe('team=plain');
    expect(verdict).toMatchObject({
      kind: 'not-needed',
      sentence: 'not needed in all namespaces, with the labels team=plain: none of 1 Job or CronJob needs it',
    });
  });
});

describe('sidecars that other webhooks add', () => {
  const agent = { name: 'scan-agent', image: 'registry.example.com:5000/security/scan-agent:2@sha256:abc' };
  const withAgent = {
    ...classicPod(),
    spec: { ...classicPod().spec, containers: [...classicPod().spec.containers, agent] },
  };

  it('are told of, and a pod hangs that an unknown one keeps running', async () => {
    const pods = [
      live('shop', 'report', withAgent, [exited('app', 0), exited('istio-proxy', 0), running('scan-agent')]),
    ];
    const report = await audit({ ...mesh, jobs: [job('shop', 'report')], pods });
    expect(report.rows).toMatchObject([{ fate: 'hangs', sidecars: ['scan-agent'] }]);
    expect(report.addedSidecars).toEqual([
      { name: 'scan-agent', image: 'security/scan-agent', ended: 'nobody', pods: 1, namespaces: 1 },
    ]);
  });

  it('make a CronJob hang, as its newest pod shows', async () => {
    const nightly = { ...wrapped, spec: { ...wrapped.spec, containers: [...wrapped.spec.containers, agent] } };
    const pods = [live('shop', 'nightly-1', nightly, [exited('app', 0)], 'Succeeded')];
    const jobs = [job('shop', 'nightly-1', { cronJob: 'nightly', status: finished })];
    const report = await audit({ ...withClockout, cronjobs: [cronJob('shop', 'nightly')], jobs, pods });
    expect(report.rows).toMatchObject([{ kind: 'CronJob', fate: 'would-hang', because: 'unknown-sidecar' }]);
  });
});

describe('where the setting of Istio is not known', () => {
  const unknownSetting = { ...withClockout, deployments: [clockoutServer('wrap')] };
  const jobs = [job('shop', 'nightly-1', { cronJob: 'nightly', status: finished })];

  it.each([
    ['the newest pod says that sidecars are native', native, 'native, idle'],
    ['a pod from before the installation says nothing about Clockout', classicPod(), 'wrapped, idle'],
  ])('%s', async (_, pod, expected) => {
    const pods = [live('shop', 'nightly-1', pod, [exited('app', 0)], 'Succeeded')];
    const report = await audit({ ...unknownSetting, cronjobs: [cronJob('shop', 'nightly')], jobs, pods });
    expect(fatesOf(report)).toEqual({ 'CronJob nightly': expected });
  });
});

describe('what blocks native sidecars', () => {
  it('are old kubelets, the setting of Istio, an annotation, and a webhook that strips them', async () => {
    const declines = jobPod({ annotations: { 'sidecar.istio.io/nativeSidecar': 'false' } });
    const tag = {
      metadata: { name: 'istio-revision-tag-prod', labels: { 'istio.io/tag': 'prod', 'istio.io/rev': 'default' } },
    };
    const other = { ...clockoutWebhooks(), metadata: { name: 'datadog-webhook' } };
    const stripper = { ...other, webhooks: other.webhooks.map((each) => ({ ...each, name: 'pods.datadoghq.com' })) };
    const { native: found } = await audit({
      ...mesh,
      mutatingwebhookconfigurations: [istioWebhooks(), tag, stripper],
      cronjobs: [cronJob('shop', 'nightly', declines)],
      jobs: [job('shop', 'stripped')],
      pods: [live('shop', 'stripped', stripped, [], 'Pending')],
    });
    expect(found).toEqual({
      kubelets: [
        { version: 'v1.32.4', nodes: 1, isOld: true },
        { version: 'v1.35.4', nodes: 1, isOld: false },
      ],
      controlPlanes: [
        {
          namespace: 'istio-system',
          name: 'istiod',
          revision: 'default',
          version: '1.26.4',
          minor: 26,
          native: undefined,
          makesNative: false,
          tags: ['prod'],
        },
      ],
      declining: 1,
      stripped: 1,
      suspects: ['datadog-webhook'],
    });
  });

  it('shows a Job whose pods the API server refuses, with its words', async () => {
    const message =
      'Error creating: Pod "x" is invalid: may not be set for init containers without restartPolicy=Always';
    const event = {
      metadata: { name: 'e', namespace: 'shop' },
      involvedObject: { kind: 'Job', name: 'report' },
      message,
    };
    const report = await audit({
      ...mesh,
      jobs: [job('shop', 'report', { status: { active: 0, startTime: ago(60) } })],
      events: [event],
    });
    expect(report.rows).toMatchObject([{ fate: 'refused', message }]);
    expect(report.native.stripped).toBe(1);
  });
});

it('a selector is for Jobs, whose pods can have other labels', async () => {
  const labelled = job('shop', 'hung');
  const objects = {
    ...mesh,
    jobs: [{ ...labelled, metadata: { ...labelled.metadata, labels: { team: 'shop' } } }, job('shop', 'other')],
    pods: [live('shop', 'hung', classicPod(), hung), live('shop', 'other', classicPod(), hung)],
  };
  expect(fatesOf(await audit(objects, { selector: 'team=shop' }))).toEqual({ 'Job hung': 'hangs, hangs' });
});

describe('the preview', () => {
  const noCommand = { name: 'app', image: 'registry.example.com/team/app:1' };

  it('says what another mode would change, where, and which registries it would ask', async () => {
    const { preview } = await audit(
      {
        ...withClockout,
        namespaces: [namespace('shop', both), namespace('web', meshed), namespace('plain')],
        cronjobs: [
          cronJob('shop', 'a'),
          cronJob('web', 'b'),
          cronJob('web', 'c', jobPod({ spec: { containers: [noCommand] } })),
          cronJob('plain', 'd'),
        ],
      },
      { planned: { mode: 'cluster' } },
    );
    expect(preview).toEqual({
      mode: 'cluster',
      strategy: 'wrap',
      changes: [{ from: 'would-hang', to: 'wrapped', count: 2 }],
      namespaces: [{ namespace: 'web', count: 2 }],
      lookups: [{ registry: 'registry.example.com', images: 1 }],
    });
  });

  it('shows another strategy, also before an installation', async () => {
    const { preview } = await audit(
      { ...mesh, namespaces: [namespace('shop', both)], nodes: [node('v1.35.4')], cronjobs: [cronJob('shop', 'a')] },
      { planned: { strategy: 'native' } },
    );
    expect(preview).toMatchObject({
      mode: 'opt-in',
      changes: [{ from: 'would-hang', to: 'native', count: 1 }],
      lookups: [],
    });
  });
});

describe('what the caller may not read', () => {
  it('are lists of all namespaces: then each is asked, and a forbidden one is named', async () => {
    const report = await audit(
      { ...mesh, ...mixed },
      {},
      {
        refuse: (resource, of) =>
          ['pods', 'jobs', 'cronjobs'].includes(resource) && (of === undefined || of === 'plain') ? 403 : undefined,
      },
    );
    expect(report.forbidden).toEqual([{ namespace: 'plain', resources: ['cronjobs', 'jobs', 'pods'] }]);
    expect(report).toMatchObject({ partial: true, counts: { hangs: 2 } });
    expect(report.verdict).toMatchObject({
      kind: 'needed',
      sentence: expect.stringMatching(/^needed for at least \d+ Jobs and CronJobs.*: not everything could be read$/),
    });
  });

  it('is named with the verb and the resource where not even namespaces may be listed', async () => {
    const report = await audit({ ...mesh, ...mixed }, {}, { refuse: () => 403 });
    expect(report.partial).toBe(true);
    expect(report.problems[0]).toMatch(
      /^you may not list cronjobs\.batch in all namespaces .*; name a namespace with -n$/,
    );
    expect(report.notKnown).toContain('you may not list nodes: the versions of kubelets are not known');
    expect(report.verdict.kind).toBe('unknown');
  });

  it('makes a look at all namespaces partial, also if only the nodes are not known', async () => {
    const report = await audit(mesh, {}, { refuse: (resource) => (resource === 'nodes' ? 403 : undefined) });
    expect(report).toMatchObject({ partial: true, problems: [], forbidden: [] });
  });

  it('is hardly needed in a namespace of its own: without the rest, sidecars are told by the pods', async () => {
    const report = await audit(
      { ...mesh, ...mixed },
      { scope: ['shop'] },
      {
        refuse: (resource) => (['pods', 'jobs', 'cronjobs', 'events'].includes(resource) ? undefined : 403),
      },
    );
    expect(report).toMatchObject({ partial: true, counts: { hangs: 2, native: 1 }, verdict: { kind: 'needed' } });
    expect(report.notKnown).not.toEqual([]);
    expect(report).toMatchObject({ installations: [], installationKnown: false });
    expect(becauseOf(report)).toMatchObject({ hung: 'not-known' });
    const options = { color: false, width: undefined, wide: false, called: asClockout };
    expect(auditText(report, options)).toContain('in the namespace shop; whether it is installed is not known\n');
    expect(auditText(report, options)).not.toContain('not installed');
    expect(auditPage(report)).toContain('Whether Clockout is installed is not known');
  });

  it('is told of in one line where the API server does not know the caller', async () => {
    expect(await tryAudit(mesh, {}, { refuse: () => 401 })).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/does not know you/),
    });
  });

  it('is reported in one line if there is no such namespace', async () => {
    expect(await tryAudit(mesh, { scope: ['shopp'] })).toEqual({
      ok: false,
      problem: 'there is no namespace shopp; did you mean shop?',
    });
  });
});

describe('what an installation sets', () => {
  const annotated = {
    ...namespace('shop', both),
    metadata: { name: 'shop', labels: both, annotations: { 'clockout.dev/quit': 'never' } },
  };
  const judgedWith = async (env: Record<string, string>, more: Objects = {}) => {
    const report = await audit({
      ...withClockout,
      jobs: [job('shop', 'report')],
      pods: [],
      cronjobs: [],
      deployments: [istiod('1.26.4'), clockoutServer('wrap', env)],
      ...more,
    });
    return report.rows.map(({ fate, because }) => [fate, because].filter(Boolean).join(', '));
  };

  it.each<[string, Record<string, string>, Objects, string[]]>([
    ['nothing', {}, {}, ['wrapped']],
    ['a default', { DEFAULTS: '{"quit":"never"}' }, {}, ['would-hang, quit-never']],
    [
      'an annotation of the namespace',
      { NAMESPACE_DEFAULTS: 'on' },
      { namespaces: [annotated] },
      ['would-hang, quit-never'],
    ],
    ['an annotation that does not hold', { NAMESPACE_DEFAULTS: 'off' }, { namespaces: [annotated] }, ['wrapped']],
    [
      'an annotation that it does not allow',
      { ALLOWED_ANNOTATIONS: 'none' },
      { jobs: [job('shop', 'report', { template: jobPod({ annotations: { 'clockout.dev/guard': 'false' } }) })] },
      ['unwrappable, invalid-annotation'],
    ],
    [
      'a container that is not waited for',
      { DEFAULTS: '{"exclude-containers":"helper"}' },
      {
        pods: [
          live('shop', 'report', classicPod({ spec: { containers: [app(), app({ name: 'helper' })] } }), [
            exited('app', 0),
            running('helper'),
            running('istio-proxy'),
          ]),
        ],
      },
      ['hangs, missed'],
    ],
    ['a default that is none', { DEFAULTS: '[' }, {}, ['wrapped']],
  ])('%s', async (_, env, more, expected) => expect(await judgedWith(env, more)).toEqual(expected));

  it('of several, each for its own namespaces', async () => {
    const never = { DEFAULTS: '{"quit":"never"}' };
    const installation = (at: string, of: string) => {
      const { metadata, ...rest } = clockoutWebhooks('cluster');
      const webhooks = rest.webhooks.map((each) => ({
        ...each,
        clientConfig: { service: { ...each.clientConfig.service, namespace: at, name: `${at}-hooks` } },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': of } },
      }));
      return { ...rest, metadata: { ...metadata, name: `zz-${at}` }, webhooks };
    };
    const server = (at: string, env: Record<string, string>) => ({
      ...clockoutServer('wrap', env),
      metadata: { name: `${at}-hooks`, namespace: at },
    });
    for (const [ofShop, ofOther] of [
      [never, {}],
      [{}, never],
    ] as const) {
      const report = await audit({
        ...withClockout,
        namespaces: [namespace('shop', meshed), namespace('other', meshed)],
        mutatingwebhookconfigurations: [istioWebhooks(), installation('b', 'shop'), installation('a', 'other')],
        deployments: [istiod('1.26.4'), server('b', ofShop), server('a', ofOther)],
        jobs: [job('shop', 'report'), job('other', 'report')],
      });
      const stuck = report.rows.filter(({ because }) => because === 'quit-never').map((row) => row.namespace);
      expect(stuck).toEqual([ofShop === never ? 'shop' : 'other']);
      expect(report.rows.map(({ fate }) => fate).sort()).toEqual(['would-hang', 'wrapped']);
      const options = { color: false, width: undefined, wide: false, called: asClockout };
      expect(auditText(report, options)).toContain(
        'installed 2 times: a/a-hooks (mode cluster, strategy wrap), b/b-hooks (mode cluster, strategy wrap); each Job is judged by the one that its pods belong to',
      );
    }
  });

  it('the mode observe', async () => {
    const [webhook] = observing.webhooks;
    const expressions = [{ key: 'clockout.dev/inject', operator: 'NotIn', values: ['enabled', 'disabled'] }];
    const all = { ...observing, webhooks: [{ ...webhook, namespaceSelector: { matchExpressions: expressions } }] };
    const report = await audit({
      ...withClockout,
      namespaces: [namespace('shop', meshed)],
      mutatingwebhookconfigurations: [istioWebhooks(), clockoutWebhooks(), all],
      jobs: [job('shop', 'report')],
    });
    expect(report.installations).toMatchObject([{ mode: 'observe', strategy: 'wrap' }]);
    expect(report.rows).toMatchObject([{ fate: 'would-hang', because: 'observed' }]);
  });
});

describe('half-broken objects', () => {
  it('have a row that says what is wrong', async () => {
    const broken = {
      ...live('shop', 'report', classicPod(), runs),
      spec: { restartPolicy: 'Never', containers: 'none' },
    };
    const report = await audit({
      ...mesh,
      jobs: [job('shop', 'report'), { metadata: { name: 'empty', namespace: 'shop' } }, { metadata: {} }],
      pods: [broken],
    });
    expect(report.rows).toMatchObject([
      { name: 'empty', fate: 'unreadable', message: expect.stringContaining('/spec must') },
      { name: 'report', fate: 'unreadable', message: expect.stringContaining('/spec/containers must') },
    ]);
    expect(report.verdict.kind).toBe('unknown');
  });

  it('make the result partial, with the names of a few', async () => {
    const many = Array.from({ length: 8 }, (_, at) => ({
      metadata: { name: `j${at}`, namespace: 'shop' },
      spec: null,
    }));
    const report = await audit({
      ...mesh,
      jobs: [{}, { metadata: null }, { metadata: { name: 7 } }, job('shop', 'good'), ...many],
      pods: [
        { metadata: { name: 'no-spec', namespace: 'shop' }, spec: null, status: { phase: 'Running' } },
        { metadata: { name: 'no-status', namespace: 'shop' }, spec: { restartPolicy: 'Never' }, status: 'none' },
      ],
      cronjobs: [{ metadata: { name: 'nightly', namespace: 'shop', labels: 'none' }, spec: { jobTemplate: [] } }],
    });
    expect(report.partial).toBe(true);
    expect(report.problems).toEqual([
      '3 jobs could not be read: too large, or without a name',
      '11 could not be judged, because they are not as Kubernetes documents them: job/j0 in shop, job/j1 in shop, job/j2 in shop, job/j3 in shop, job/j4 in shop, and 6 more',
    ]);
    expect(report.counts).toMatchObject({ unreadable: 11, 'would-hang': 1 });
  });
});

describe('1,000 Jobs with recorded pods of 12 KB', () => {
  const recorded = JSON.parse(
    readFileSync(join(import.meta.dirname, '../testdata/pods/classic-never-args.json'), 'utf8'),
  ).request.object;
  const names = Array.from({ length: 1000 }, (_, i) => `report-${i}`);
  // With the fields that a kubelet and an injector own.
  const { managedFields } = recorded.metadata;
  recorded.metadata.managedFields = Array.from({ length: 7 }, () => managedFields).flat();
  const pods = names.map((name) =>
    JSON.stringify(live('shop', name, recorded, [exited('report', 0), running('istio-proxy')])),
  );
  const template = { metadata: {}, spec: { restartPolicy: 'Never', containers: [app({ name: 'report' })] } };
  const jobs = names.map((name) => JSON.stringify(job('shop', name, { template })));

  it('are all read, although a token expires and the API server is busy', async () => {
    let pages = 0;
    const report = await audit(
      { ...mesh, jobs, pods },
      {},
      {
        pageSize: 100,
        refuse: (resource) => {
          if (resource !== 'pods') return undefined;
          pages++;
          return pages === 4 ? 410 : pages % 3 === 0 ? 429 : undefined;
        },
      },
    );
    expect(report).toMatchObject({ counts: { hangs: 1000 }, partial: false, held: { pods: 1000 } });
  });

  it('leave little behind: a row of less than 500 bytes', async () => {
    const { rows } = await audit({ ...mesh, jobs, pods });
    expect(pods[0]?.length).toBeGreaterThan(12_000);
    expect(JSON.stringify(rows).length / rows.length).toBeLessThan(500);
  });

  it('are marked as partial if the API server goes away midway', async () => {
    let pages = 0;
    const report = await audit(
      { ...mesh, jobs, pods },
      {},
      {
        pageSize: 100,
        refuse: (resource) => (resource === 'pods' && ++pages > 3 ? 500 : undefined),
      },
    );
    expect(report).toMatchObject({ partial: true, counts: { hangs: 300, 'would-hang': 700 } });
  });
});
