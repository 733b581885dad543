import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decide/decide.ts';
import { createWrapPlan, type WrapPlan } from '../../src/inject/plan.ts';
import { findGuardGap } from '../../src/inject/plan-sidecars.ts';
import { createFacts } from '../../src/pod/facts.ts';
import type { Container, Pod } from '../../src/pod/schema.ts';
import { app, classicPod, jobPod, proxy, settings } from '../support/pods.ts';

function planOf(pod: Pod): WrapPlan {
  const facts = createFacts(pod);
  const decision = decide(facts, { from: 'server' });
  if (decision.strategy !== 'wrap') throw new Error(`expected a pod to wrap, found ${JSON.stringify(decision)}`);
  const entrypoints = facts.apps.map(() => ({ argv: ['/app'], source: 'pod' as const }));
  return createWrapPlan(facts, decision, entrypoints, settings);
}

const annotate = (name: string, value: string) => ({ [`clockout.dev/${name}`]: value });
const hook = { lifecycle: { postStart: { exec: { command: ['/hook'] } } } };

describe('what counts as the end of a container', () => {
  const end = (pod: Pod) => planOf(pod).containers.map(({ end, startTimeout }) => `${end}:${startTimeout}`);
  const policy = (restartPolicy: string, containers = [app()]) => ({ restartPolicy, containers });
  it.each<[string, Pod, string[]]>([
    ['Never', classicPod(), ['any:3600']],
    ['OnFailure', classicPod({ spec: policy('OnFailure') }), ['zero:0']],
    [
      "a container's own policy",
      classicPod({ spec: policy('OnFailure', [app({ restartPolicy: 'Never' }), app({ name: 'b' })]) }),
      ['any:3600', 'zero:0'],
    ],
    ['quit on-success', classicPod({ annotations: annotate('quit', 'on-success') }), ['zero:3600']],
    ['quit always', classicPod({ annotations: annotate('quit', 'always'), spec: policy('OnFailure') }), ['any:0']],
    ['start-timeout, rounded up', classicPod({ annotations: annotate('start-timeout', '1500ms') }), ['any:2']],
  ])('%s', (_, pod, expected) => expect(end(pod)).toEqual(expected));
});

describe('the wait for the proxy', () => {
  const waits = (pod: Pod) => planOf(pod).containers.map(({ wait }) => wait);
  const first = (containers: Container[]) =>
    jobPod({ annotations: { 'sidecar.istio.io/status': '{}' }, spec: { containers } });
  const one = (changes: Partial<Container>, annotations = {}) =>
    classicPod({ annotations, spec: { containers: [app(changes)] } });
  it.each<[string, Pod, number[]]>([
    ['two minutes', classicPod(), [120]],
    ['as asked', classicPod({ annotations: annotate('wait-timeout', '500ms') }), [1]],
    ['not asked for', classicPod({ annotations: annotate('wait-for-proxy', 'false') }), [0]],
    ['a postStart hook holds the proxy back', one(hook), [0]],
    [
      "a neighbour's postStart hook holds it back, too",
      classicPod({ spec: { containers: [app(), app({ name: 'b', ...hook })] } }),
      [0, 0],
    ],
    ['a hook behind the proxy does not', first([proxy(), app(hook)]), [120]],
    ['an app behind the proxy may wait for it', first([app(hook), proxy(), app({ name: 'b' })]), [0, 120]],
    ["the proxy's own hook does not", first([proxy(hook), app()]), [120]],
    [
      'an expected proxy comes last',
      jobPod({ labels: { 'sidecar.istio.io/inject': 'true' }, spec: { containers: [app(hook)] } }),
      [0],
    ],
    ['although asked for', one(hook, annotate('wait-for-proxy', 'true')), [120]],
    ['a liveness probe would run out', one({ livenessProbe: {} }), [0]],
    ['a liveness probe that gives time', one({ livenessProbe: { periodSeconds: 60, failureThreshold: 4 } }), [120]],
    ['a liveness probe that starts late', one({ livenessProbe: { initialDelaySeconds: 121 } }), [120]],
    [
      'a startup probe keeps the liveness probe back',
      one({ livenessProbe: {}, startupProbe: { failureThreshold: 30 } }),
      [120],
    ],
    ['a startup probe would run out', one({ startupProbe: { periodSeconds: 1, failureThreshold: 30 } }), [0]],
    ['a shorter wait fits', one({ livenessProbe: {} }, annotate('wait-timeout', '19s')), [19]],
    ['a wait as long as the probe forgives does not', one({ livenessProbe: {} }, annotate('wait-timeout', '20s')), [0]],
    [
      'a probe of ours asks the proxy',
      one({ livenessProbe: { exec: { command: ['/clockout/busybox', 'wget'] } } }),
      [120],
    ],
    ['a readiness probe kills nobody', one({ readinessProbe: { failureThreshold: 1 } }), [120]],
  ])('%s', (_, pod, expected) => expect(waits(pod)).toEqual(expected));
});

describe('the guard', () => {
  const proxied = (changes: Partial<Container>, annotations = {}) =>
    jobPod({
      annotations: { 'sidecar.istio.io/status': '{}', ...annotations },
      spec: { containers: [app(), proxy(changes)] },
    });
  it.each<[string, Pod, WrapPlan['sidecars'][number]['guard']]>([
    ['runs beside the proxy', proxied({}), { runs: true, hook: [] }],
    [
      "runs Istio's own hook after it",
      proxied({ lifecycle: { postStart: { exec: { command: ['pilot-agent', 'wait'] } } } }),
      { runs: true, hook: ['pilot-agent', 'wait'] },
    ],
    [
      'keeps that hook on a second call',
      proxied({
        lifecycle: {
          postStart: {
            exec: { command: ['/clockout/busybox', 'sh', '/clockout/guard', 'port=1', '--', 'x', '--', 'y'] },
          },
        },
      }),
      { runs: true, hook: ['x', '--', 'y'] },
    ],
    [
      'cannot share a hook that is no command',
      proxied({ lifecycle: { postStart: {} } }),
      { runs: false, reason: 'foreign-hook' },
    ],
    ['is not wanted', proxied({}, annotate('guard', 'false')), { runs: false, reason: 'annotation' }],
    ['has nothing to do', proxied({}, annotate('quit', 'never')), { runs: false, reason: 'quit-never' }],
  ])('%s', (_, pod, expected) => expect(planOf(pod).sidecars[0]?.guard).toEqual(expected));

  it('has no place in a pod that Istio has yet to see', () => {
    const labels = { 'sidecar.istio.io/inject': 'true' };
    const plan = planOf(jobPod({ labels, spec: { containers: [app(), proxy()] } }));
    expect([plan.sidecars, findGuardGap(plan)]).toEqual([[], 'proxy-not-in-view']);
  });
});

describe('the sidecars', () => {
  const ask = { 'clockout.dev/inject': 'true' };
  const linkerd = { name: 'linkerd-proxy', lifecycle: { postStart: { exec: { command: ['/await'] } } } };
  const sql = { name: 'cloud-sql-proxy', args: ['--quitquitquit'] };
  const runs = { runs: true, hook: [] };

  it("are Istio's first, then the others, each with its end", () =>
    expect(planOf(classicPod({ spec: { containers: [sql, app(), linkerd, { name: 'otherwise' }] } })).sidecars).toEqual(
      [
        {
          name: 'istio-proxy',
          index: 4,
          quitUrl: 'http://127.0.0.1:15020/quitquitquit',
          termAfter: 10,
          guard: runs,
        },
        { name: 'cloud-sql-proxy', index: 0, quitUrl: 'http://127.0.0.1:9091/quitquitquit', guard: runs },
        { name: 'linkerd-proxy', index: 2, termAfter: 0, guard: { runs: true, hook: ['/await'] } },
      ],
    ));

  it('without Istio are all there is: nothing to wait for, and no status port', () =>
    expect(planOf(jobPod({ labels: ask, spec: { containers: [app(), sql] } }))).toMatchObject({
      sidecar: 'other',
      port: 0,
      containers: [{ name: 'app', wait: 0 }],
      sidecars: [{ name: 'cloud-sql-proxy' }],
      quitUrls: [],
    }));

  it.each<[Partial<Pod['spec']>, boolean]>([
    [{}, false],
    [{ shareProcessNamespace: true }, true],
    [{ hostPID: true }, true],
  ])('see the processes of others: %j', (spec, expected) =>
    expect(planOf(classicPod({ spec })).sharedProcesses).toBe(expected),
  );

  it('that no guard can run beside are told by the wrapper', () => {
    const hooked = { ...sql, lifecycle: { postStart: { httpGet: {} } as object } };
    expect(planOf(classicPod({ spec: { containers: [app(), hooked] } }))).toMatchObject({
      quitUrls: ['http://127.0.0.1:9091/quitquitquit'],
      sidecars: [{ guard: runs }, { guard: { reason: 'foreign-hook' } }],
    });
  });

  it('with URLs only have a guard beside the first that no app waits for', () => {
    const containers = [app(), { name: 'helper', ...hook }, { name: 'other' }];
    const annotations = {
      ...annotate('exclude-containers', 'helper,other'),
      ...annotate('quit-urls', 'http://localhost:1/x'),
    };
    const plan = planOf(jobPod({ labels: ask, annotations, spec: { containers } }));
    expect(plan.sidecars).toEqual([{ name: 'helper', index: 1, guard: { runs: true, hook: ['/hook'] } }]);
    expect(findGuardGap(plan)).toBeUndefined();
  });

  it.each([
    [undefined, classicPod()],
    ['annotation', classicPod({ annotations: annotate('guard', 'false') })],
    ['unknown-sidecar', jobPod({ labels: ask, annotations: annotate('quit-urls', 'http://localhost:1/x') })],
  ])('leave nothing unseen, or there is a reason: %s', (expected, pod) =>
    expect(findGuardGap(planOf(pod))).toBe(expected),
  );
});

describe('the quit', () => {
  it('has its defaults', () =>
    expect(planOf(classicPod())).toMatchObject({ quit: 30, quitDelay: 0, quitUrls: [], port: 15020 }));
  it('is as the annotations say', () =>
    expect(
      planOf(
        classicPod({
          annotations: {
            ...annotate('quit-timeout', '1m'),
            ...annotate('quit-delay', '1500ms'),
            ...annotate('quit-urls', 'http://localhost:9091/quitquitquit'),
          },
        }),
      ),
    ).toMatchObject({ quit: 60, quitDelay: 1.5, quitUrls: ['http://localhost:9091/quitquitquit'] }));
  it('is nobody’s', () => expect(planOf(classicPod({ annotations: annotate('quit', 'never') })).quit).toBe('never'));
});

describe("the init container's user", () => {
  const user = (pod?: number, ...containers: (number | undefined)[]) =>
    planOf(
      classicPod({
        spec: {
          ...(pod === undefined ? {} : { securityContext: { runAsUser: pod } }),
          containers: containers.map((runAsUser, i) =>
            app({ name: `app-${i}`, ...(runAsUser === undefined ? {} : { securityContext: { runAsUser } }) }),
          ),
        },
      }),
    ).initContainer.runAsUser;
  it.each([
    ["the pod's", user(1000, 2000), 1000],
    ["the first container's", user(undefined, 2000, 3000), 2000],
    ['never root: the pod', user(0, 2000), 2000],
    ['never root: the container', user(0, 0), 65532],
    ['nobody says', user(undefined, undefined), 65532],
  ])('%s', (_, found, expected) => expect(found).toBe(expected));
});
