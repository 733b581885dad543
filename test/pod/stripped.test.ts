import { describe, expect, it } from 'vitest';
import { admitPod } from '../../src/admission/admit.ts';
import { type Strategy, strategies } from '../../src/pod/annotations/table.ts';
import { readIstioMinor } from '../../src/pod/istio-version.ts';
import type { Container, Pod } from '../../src/pod/schema.ts';
import { app, classicPod, frozen, jobPod, proxy, settings, withStrategy } from '../support/pods.ts';

const status = { 'sidecar.istio.io/status': '{"initContainers":["istio-init","istio-proxy"],"containers":null}' };
const pod = (initContainers: Container[], annotations = {}, more = {}): Pod =>
  jobPod({ annotations, spec: { initContainers, ...more } });
const probe = { exec: { command: ['/ready'] } };

const repaired = async (given: Pod, strategy: Strategy) => {
  const outcome = await admitPod(frozen(given), { from: 'server' }, withStrategy(strategy));
  return outcome.kind === 'skipped' ? [] : outcome.plan.repairs.map(({ container }) => container.name);
};

describe('a native sidecar without its restartPolicy', () => {
  it.each<[string, Pod, string[]]>([
    ["Istio's, by its status", pod([app({ name: 'istio-init' }), proxy()], status), ['istio-proxy']],
    ["Istio's, by its probe", pod([proxy({ startupProbe: probe })]), ['istio-proxy']],
    ['one with a readiness probe', pod([app({ name: 'side', readinessProbe: probe })]), ['side']],
    ['one with a liveness probe', pod([app({ name: 'side', livenessProbe: probe })]), ['side']],
    ['one with a hook', pod([app({ name: 'side', lifecycle: { preStop: {} } })]), ['side']],
    ["one of Clockout's annotation", pod([app({ name: 'side' })], { 'clockout.dev/native': 'x,side' }), ['side']],
    ['not an ordinary init container', pod([app({ name: 'side' })]), []],
    ["not an init container of Istio's name that Istio does not name", pod([proxy()]), []],
    ['not one with the restartPolicy Never', pod([proxy({ restartPolicy: 'Never' })], status), []],
    ['not one that is whole', pod([proxy({ restartPolicy: 'Always', startupProbe: probe })], status), []],
    ['not one whose name is there twice', pod([proxy(), proxy()], status), []],
    ['not in a pod that belongs to no Job', { ...pod([proxy()], status), metadata: { annotations: status } }, []],
    [
      'not in a pod that is opted out',
      {
        ...pod([proxy()]),
        metadata: {
          ...pod([]).metadata,
          annotations: status,
          labels: { 'job-name': 'x', 'clockout.dev/inject': 'false' },
        },
      },
      [],
    ],
  ])('is found: %s', async (_, given, expected) => {
    for (const strategy of strategies) expect(await repaired(given, strategy)).toEqual(expected);
  });

  it('gets it back with one operation and a warning, and then needs nothing', async () => {
    const outcome = await admitPod(
      frozen(pod([app({ name: 'istio-init' }), proxy()], status)),
      { from: 'server' },
      settings,
    );
    if (outcome.kind !== 'patched') throw new Error(outcome.kind);
    expect(outcome.patch).toEqual([{ op: 'add', path: '/spec/initContainers/1/restartPolicy', value: 'Always' }]);
    expect(outcome.plan).toMatchObject({ strategy: 'none', reason: 'native-sidecar' });
    expect(outcome.warnings).toEqual([
      expect.stringMatching(
        /^Clockout restored restartPolicy: Always of istio-proxy;.*Datadog.*patch\.webhook\.admission\.k8s\.io\/round_N_index_M/,
      ),
    ]);
    expect(await admitPod(frozen(outcome.patched), { from: 'server' }, settings)).toMatchObject({
      kind: 'skipped',
      reason: 'native-sidecar',
    });
  });

  it('gets it back beside another sidecar that Clockout ends', async () => {
    const given = pod([proxy()], status, { containers: [app(), { name: 'vault-agent' }] });
    const wrapped = await admitPod(frozen(given), { from: 'server' }, settings);
    expect(wrapped).toMatchObject({ kind: 'patched', plan: { strategy: 'wrap', sidecar: 'other' } });
    const native = await admitPod(frozen(given), { from: 'server' }, withStrategy('native'));
    expect(
      native.kind === 'patched' && native.patched.spec.initContainers?.map(({ restartPolicy }) => restartPolicy),
    ).toEqual(['Always', 'Always']);
  });

  it('is put in the place of, where its injector was called again', async () => {
    const given = classicPod({
      annotations: { 'clockout.dev/native': 'istio-proxy' },
      spec: { initContainers: [proxy({ image: 'old' })] },
    });
    const outcome = await admitPod(frozen(given), { from: 'server' }, withStrategy('native'));
    expect(outcome.kind === 'patched' && outcome.patched.spec.initContainers).toMatchObject([
      { name: 'istio-proxy', image: proxy().image, restartPolicy: 'Always' },
    ]);
    expect(await repaired(given, 'native')).toEqual(['istio-proxy']);
    expect(outcome.warnings.join('\n')).toContain('another webhook drops it');
  });
});

describe('the version of Istio', () => {
  it.each([
    ['docker.io/istio/proxyv2:1.26.4', 26],
    ['proxyv2:v1.19', 19],
    ['localhost:5000/proxyv2:1.18.7-distroless@sha256:0', 18],
    ['proxyv2:1.26-alpha.0', 26],
    ['proxyv2:dev', undefined],
    ['proxyv2:2.1.0', undefined],
    ['proxyv2@sha256:1', undefined],
    [undefined, undefined],
  ])('of %s is 1.%s', (image, expected) => expect(readIstioMinor(image)).toBe(expected));
});
