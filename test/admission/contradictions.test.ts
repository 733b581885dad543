/** Pods that contradict themselves: for each a warning that names both halves, and one for each pair that does not. */
import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { app, classicPod, frozen, jobPod, settings } from '../support/pods.ts';

type Annotations = Record<string, string>;

const annotated = (annotations: Annotations) =>
  Object.fromEntries(
    Object.entries(annotations).map(([name, value]) => [name.includes('/') ? name : `clockout.dev/${name}`, value]),
  );

const classic = (annotations: Annotations, spec: Partial<Pod['spec']> = {}) =>
  classicPod({ annotations: annotated(annotations), spec });

/** A pod without Istio's sidecar, whose others Clockout ends. */
const other = (annotations: Annotations) =>
  jobPod({
    labels: { 'clockout.dev/inject': 'true' },
    annotations: annotated(annotations),
    spec: { containers: [app(), { name: 'cloud-sql-proxy', image: 'cloud-sql-proxy:2', args: ['--quitquitquit'] }] },
  });

const two = { containers: [app(), app({ name: 'more' })] };
const hook = { containers: [app({ lifecycle: { postStart: { exec: { command: ['/hook'] } } } })] };
const probe = { httpGet: {}, periodSeconds: 5 };
const db = { name: 'db', image: 'cloud-sql-proxy:2.1', args: ['--quitquitquit'] };

async function admitted(pod: Pod) {
  const outcome = await admitPod(frozen(pod), { from: 'server' }, settings);
  return { warnings: outcome.warnings, kind: outcome.kind };
}

describe('a pod that contradicts itself gets a warning that names both halves', () => {
  it.each<[what: string, pod: Pod, halves: [string, string]]>([
    [
      'app and excluded',
      classic({ containers: 'app', 'exclude-containers': 'app' }, two),
      ['clockout.dev/containers', 'clockout.dev/exclude-containers'],
    ],
    [
      'app and sidecar',
      classic({ containers: 'app', sidecars: 'app' }, two),
      ['clockout.dev/containers', 'clockout.dev/sidecars'],
    ],
    [
      'sidecar and excluded',
      classic({ sidecars: 'app', 'exclude-containers': 'app' }, two),
      ['clockout.dev/sidecars', 'clockout.dev/exclude-containers'],
    ],
    [
      'quit never, quit-urls',
      classic({ quit: 'never', 'quit-urls': 'http://127.0.0.1/' }),
      ['clockout.dev/quit: with "never"', 'clockout.dev/quit-urls'],
    ],
    [
      'quit never, quit-timeout',
      classic({ quit: 'never', 'quit-timeout': '1s' }),
      ['clockout.dev/quit: with "never"', 'clockout.dev/quit-timeout'],
    ],
    [
      'quit never, quit-delay',
      classic({ quit: 'never', 'quit-delay': '1s' }),
      ['clockout.dev/quit: with "never"', 'clockout.dev/quit-delay'],
    ],
    [
      'quit never, start-timeout',
      classic({ quit: 'never', 'start-timeout': '1s' }),
      ['clockout.dev/quit: with "never"', 'clockout.dev/start-timeout'],
    ],
    [
      'quit never, a guard',
      classic({ quit: 'never', guard: 'true' }),
      ['clockout.dev/quit: with "never"', 'clockout.dev/guard'],
    ],
    [
      'quit on-success, start-timeout',
      classic({ quit: 'on-success', 'start-timeout': '1m' }),
      ['clockout.dev/quit: with "on-success"', 'clockout.dev/start-timeout'],
    ],
    [
      'no guard, start-timeout',
      classic({ guard: 'false', 'start-timeout': '1m' }),
      ['clockout.dev/guard: with "false"', 'clockout.dev/start-timeout'],
    ],
    [
      'restarts, start-timeout',
      classic({ 'start-timeout': '1m' }, { restartPolicy: 'OnFailure' }),
      ['clockout.dev/start-timeout', 'restartPolicy OnFailure'],
    ],
    [
      'one app, report-after',
      classic({ 'report-after': '1m' }),
      ['clockout.dev/report-after', 'only one app container'],
    ],
    [
      'no wait, wait-timeout',
      classic({ 'wait-for-proxy': 'false', 'wait-timeout': '1s' }),
      ['clockout.dev/wait-for-proxy: with "false"', 'clockout.dev/wait-timeout'],
    ],
    [
      'no wait, on-wait-timeout',
      classic({ 'wait-for-proxy': 'false', 'on-wait-timeout': 'fail' }),
      ['clockout.dev/wait-for-proxy: with "false"', 'clockout.dev/on-wait-timeout'],
    ],
    [
      'a wait of 0s, on-wait-timeout',
      classic({ 'wait-timeout': '0s', 'on-wait-timeout': 'fail' }),
      ['clockout.dev/wait-timeout: with "0s"', 'clockout.dev/on-wait-timeout'],
    ],
    [
      'a wait of 0s, wait-for-proxy',
      classic({ 'wait-timeout': '0s', 'wait-for-proxy': 'true' }),
      ['clockout.dev/wait-timeout: with "0s"', 'clockout.dev/wait-for-proxy'],
    ],
    [
      'a hook, wait-timeout',
      classic({ 'wait-timeout': '1m' }, hook),
      ['clockout.dev/wait-timeout', 'a postStart hook'],
    ],
    [
      'a hook, wait-for-proxy',
      classic({ 'wait-for-proxy': 'true' }, hook),
      ['clockout.dev/wait-for-proxy', 'a postStart hook'],
    ],
    [
      'a probe, on-wait-timeout',
      classic({ 'on-wait-timeout': 'fail' }, { containers: [app({ livenessProbe: probe })] }),
      ['clockout.dev/on-wait-timeout', 'liveness probe'],
    ],
    [
      'no proxy, wait-for-proxy',
      other({ 'wait-for-proxy': 'true' }),
      ['clockout.dev/wait-for-proxy', 'no classic istio-proxy'],
    ],
    [
      'no proxy, wait-timeout',
      other({ 'wait-timeout': '1m' }),
      ['clockout.dev/wait-timeout', 'no classic istio-proxy'],
    ],
    [
      'no proxy, on-wait-timeout',
      other({ 'on-wait-timeout': 'fail' }),
      ['clockout.dev/on-wait-timeout', 'no classic istio-proxy'],
    ],
    ['no proxy, probes', other({ probes: 'readiness' }), ['clockout.dev/probes', 'no classic istio-proxy']],
    [
      'no status port, probes',
      classic({ probes: 'readiness', 'status.sidecar.istio.io/port': '0' }),
      ['clockout.dev/probes', 'status port is 0'],
    ],
    [
      'probes of its own, probes',
      classic({ probes: 'readiness' }, { containers: [app({ readinessProbe: probe })] }),
      ['clockout.dev/probes', 'readinessProbe'],
    ],
    ['a command, entrypoint', classic({ entrypoint: '["/x"]' }), ['clockout.dev/entrypoint', 'has a command']],
    [
      'excluded, entrypoint',
      classic({ 'exclude-containers': 'more', entrypoint: '{"more":["/x"]}' }, two),
      ['clockout.dev/entrypoint', 'clockout.dev/exclude-containers'],
    ],
    [
      'sidecar, entrypoint',
      classic({ sidecars: 'more', entrypoint: '{"more":["/x"]}' }, two),
      ['clockout.dev/entrypoint', 'clockout.dev/sidecars'],
    ],
    [
      'not chosen, entrypoint',
      classic({ containers: 'app', entrypoint: '{"more":["/x"]}' }, two),
      ['clockout.dev/entrypoint', 'clockout.dev/containers'],
    ],
    [
      'known, entrypoint',
      classic({ entrypoint: '{"db":["/x"]}' }, { containers: [app(), db] }),
      ['clockout.dev/entrypoint', 'a sidecar that Clockout knows'],
    ],
    [
      'the URL of a known sidecar',
      classic({ 'quit-urls': 'http://localhost:15020/quitquitquit' }),
      ['clockout.dev/quit-urls', 'istio-proxy'],
    ],
    [
      'native, declined',
      classic({ strategy: 'native', 'sidecar.istio.io/nativeSidecar': 'false' }),
      ['clockout.dev/strategy', 'sidecar.istio.io/nativeSidecar'],
    ],
    [
      'wrap, native',
      jobPod({ annotations: annotated({ strategy: 'wrap', 'sidecar.istio.io/nativeSidecar': 'true' }) }),
      ['clockout.dev/strategy: wrap', 'sidecar.istio.io/nativeSidecar'],
    ],
    [
      'name and image of two sidecars',
      classic({}, { containers: [app(), { ...db, name: 'vault-agent' }] }),
      ['name of Vault Agent', 'image of Cloud SQL Auth Proxy'],
    ],
  ])('%s', async (what, pod, halves) => {
    const versions = { apiServer: 35, oldestNode: 35 };
    const strategies = { strategy: 'wrap' as const, nativeFrom: 33, clusterVersions: () => versions };
    const { warnings } = await admitPod(frozen(pod), { from: 'server' }, { ...settings, strategies });
    const naming = warnings.filter((warning) => halves.every((half) => warning.includes(half)));
    expect(naming, `${what}: ${warnings}`).toHaveLength(1);
  });
});

describe('a pod that does not contradict itself gets none', () => {
  it.each<[what: string, pod: Pod]>([
    ['no annotations', classic({})],
    [
      'every option at its default',
      classic({
        quit: 'auto',
        guard: 'true',
        probes: 'none',
        'wait-for-proxy': 'true',
        'wait-timeout': '2m',
        'start-timeout': '60m',
      }),
    ],
    ['quit on-success', classic({ quit: 'on-success', 'quit-timeout': '5s', 'quit-delay': '1s' })],
    ['quit never without a guard', classic({ quit: 'never', guard: 'false' })],
    ['a wait of 0s', classic({ 'wait-timeout': '0s' })],
    ['no wait, with a hook', classic({ 'wait-for-proxy': 'false' }, hook)],
    ['two apps and report-after', classic({ containers: 'app,more', 'report-after': '1m' }, two)],
    ['report-after turned off', classic({ 'report-after': '0s' })],
    ['another URL', classic({ 'quit-urls': 'http://localhost:15020/other' })],
    ['no proxy, and no wait', other({ 'wait-for-proxy': 'false', probes: 'none' })],
    ['entrypoint of an app', classic({ entrypoint: '{"app":["/x"]}' }, { containers: [app({ command: null })] })],
    ['a probe that the pod does not have', classic({ probes: 'readiness-liveness' })],
  ])('%s', async (_, pod) => expect((await admitted(pod)).warnings).toEqual([]));

  it('nor one that is wrapped already', async () => {
    const outcome = await admitPod(frozen(classic({ probes: 'readiness-liveness' })), { from: 'server' }, settings);
    const patched = outcome.kind === 'patched' ? outcome.patched : undefined;
    expect(patched && (await admitted(patched))).toEqual({ kind: 'complete', warnings: [] });
  });
});
