import { describe, expect, it } from 'vitest';
import { toWarnings } from '../../src/admission/warnings.ts';
import { decide as decideFacts } from '../../src/decide/decide.ts';
import type { Origin } from '../../src/decide/origin.ts';
import { reasons, type SkipReason } from '../../src/decide/reasons.ts';
import type { AllowedAnnotations } from '../../src/pod/annotations/parse.ts';
import { createFacts } from '../../src/pod/facts.ts';
import type { Container, Pod, VolumeMount } from '../../src/pod/schema.ts';
import { app, classicPod, jobPod, proxy } from '../support/pods.ts';

const server: Origin = { from: 'server' };
const cli: Origin = { from: 'cli', job: true };
const seen = (label?: string): Origin => ({
  from: 'cli',
  job: true,
  namespaceLabels: label === undefined ? {} : { 'clockout.dev/inject': label },
});

/** With the texts of its problems. */
const decide = (pod: Pod, origin: Origin, allowed?: AllowedAnnotations) => {
  const decision = decideFacts(createFacts(pod, allowed), origin);
  if (decision.strategy !== 'none') return decision;
  const { strategy, reason, problems } = decision;
  return { strategy, reason, warnings: toWarnings(problems) };
};

const answer = (pod: Pod, origin: Origin = server) => {
  const decision = decide(pod, origin);
  if (decision.strategy === 'none') return decision.reason;
  return decision.strategy === 'wrap' ? decision.sidecar : decision.strategy;
};

const nativePod = jobPod({ spec: { initContainers: [proxy({ restartPolicy: 'Always' })] } });
const asks = { 'sidecar.istio.io/inject': 'true' };

describe('the sidecar table', () => {
  it.each<[string, Pod, Origin, string]>([
    ['classic, injected', classicPod(), server, 'injected'],
    ['classic, injected, seen by the CLI', classicPod(), cli, 'injected'],
    ['native', nativePod, server, 'native-sidecar'],
    [
      'will be native',
      jobPod({ annotations: { 'sidecar.istio.io/nativeSidecar': 'true' }, labels: asks }),
      server,
      'native-sidecar',
    ],
    [
      'native is declined by annotation',
      jobPod({ annotations: { 'sidecar.istio.io/nativeSidecar': 'false' }, labels: asks }),
      server,
      'expected',
    ],
    [
      'an init container istio-proxy that is not kept running',
      jobPod({ spec: { initContainers: [proxy()] } }),
      server,
      'no-sidecar',
    ],
    ['a label asks', jobPod({ labels: asks }), server, 'expected'],
    [
      'an annotation alone, which the selectors of Istio do not see',
      jobPod({ annotations: asks }),
      server,
      'no-sidecar',
    ],
    ['an annotation alone, seen by the CLI', jobPod({ annotations: asks }), cli, 'expected'],
    ['a label without a value', jobPod({ labels: { 'sidecar.istio.io/inject': '' } }), server, 'no-sidecar'],
    [
      'the label beats the annotation',
      jobPod({ labels: { 'sidecar.istio.io/inject': 'false' }, annotations: asks }),
      server,
      'no-sidecar',
    ],
    ['a revision asks', jobPod({ labels: { 'istio.io/rev': 'canary' } }), server, 'expected'],
    [
      'a revision, but inject is false',
      jobPod({ labels: { 'istio.io/rev': 'canary', 'sidecar.istio.io/inject': 'false' } }),
      server,
      'no-sidecar',
    ],
    [
      'a revision, but the annotation says false',
      jobPod({ labels: { 'istio.io/rev': 'canary' }, annotations: { 'sidecar.istio.io/inject': 'false' } }),
      server,
      'no-sidecar',
    ],
    [
      'the pod declines, seen by the CLI',
      jobPod({ labels: { 'sidecar.istio.io/inject': 'false' } }),
      cli,
      'no-sidecar',
    ],
    [
      'the annotation declines, seen by the CLI',
      jobPod({ annotations: { 'sidecar.istio.io/inject': 'false' } }),
      cli,
      'no-sidecar',
    ],
    ['nobody asks, seen by the server', jobPod(), server, 'no-sidecar'],
    ['nobody asks, seen by the CLI', jobPod(), cli, 'expected'],
    [
      'an override of istio-proxy that nobody injected',
      jobPod({ spec: { containers: [app(), proxy()] } }),
      server,
      'no-sidecar',
    ],
    [
      'grpc-simple, and a label asks',
      jobPod({ labels: asks, annotations: { 'sidecar.istio.io/status': '{"containers":["app"]}' } }),
      server,
      'no-sidecar',
    ],
    [
      'grpc-simple: Istio was here, but there is no proxy',
      jobPod({ annotations: { 'sidecar.istio.io/status': '{"containers":["app"]}' } }),
      server,
      'no-sidecar',
    ],
  ])('%s', (_, pod, origin, expected) => expect(answer(pod, origin)).toBe(expected));
});

const bare = (labels: Record<string, string> = {}) => classicPod({ metadata: { labels, ownerReferences: [] } });

const on: Record<string, string> = { 'clockout.dev/inject': 'true' };
const off: Record<string, string> = { 'clockout.dev/inject': 'false' };

describe('the opt-in table', () => {
  it.each<[string, Pod, Origin, string]>([
    ['no Job', bare(), server, 'not-a-job'],
    ['no Job, but the pod asks', bare(on), server, 'injected'],
    ['no Job, and the pod declines', bare(off), server, 'not-a-job'],
    [
      'a Job by owner',
      classicPod({
        metadata: {
          ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', controller: true }],
          annotations: { 'sidecar.istio.io/status': '{}' },
        },
      }),
      server,
      'injected',
    ],
    [
      "another project's Job",
      classicPod({
        metadata: {
          labels: {},
          ownerReferences: [{ apiVersion: 'batch.volcano.sh/v1alpha1', kind: 'Job', controller: true }],
        },
      }),
      server,
      'not-a-job',
    ],
    [
      'a Job that owns but does not control',
      classicPod({ metadata: { labels: {}, ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job' }] } }),
      server,
      'not-a-job',
    ],
    ['a Job by its old label', bare({ 'job-name': 'x' }), server, 'injected'],
    [
      'the label of a Job, and another controller',
      classicPod({
        metadata: {
          labels: { 'job-name': 'x' },
          ownerReferences: [{ apiVersion: 'kubeflow.org/v1', kind: 'PyTorchJob', controller: true }],
          annotations: { 'sidecar.istio.io/status': '{}' },
        },
      }),
      server,
      'not-a-job',
    ],
    [
      'the label of a Job, and an owner that is no controller',
      classicPod({
        metadata: {
          labels: { 'job-name': 'x' },
          ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap' }],
          annotations: { 'sidecar.istio.io/status': '{}' },
        },
      }),
      server,
      'injected',
    ],
    ['the pod declines', classicPod({ labels: off }), server, 'opted-out'],
    ['the namespace declines', classicPod(), seen('disabled'), 'opted-out'],
    ['the pod beats the namespace', classicPod({ labels: on }), seen('disabled'), 'injected'],
    ['the pod declines in a namespace that asks', classicPod({ labels: off }), seen('enabled'), 'opted-out'],
    ['nobody opts in', classicPod(), seen(), 'not-opted-in'],
    ['the pod opts in', classicPod({ labels: on }), seen(), 'injected'],
    ['the namespace opts in', classicPod(), seen('enabled'), 'injected'],
    ['the namespace is observed: the same is decided', classicPod(), seen('observe'), 'injected'],
    ['the namespace is out of sight', classicPod(), cli, 'injected'],
  ])('%s', (_, pod, origin, expected) => expect(answer(pod, origin)).toBe(expected));
});

describe('other sidecars, if Clockout does not end Istio’s', () => {
  const sql = { name: 'cloud-sql-proxy', args: ['--quitquitquit'] };
  const shut = { name: 'cloud-sql-proxy' };
  const url = { 'clockout.dev/quit-urls': 'http://localhost:1/quit' };
  const pod = (containers: Container[], labels = on, annotations = {}, spec = {}) =>
    jobPod({ labels, annotations, spec: { containers: [app(), ...containers], ...spec } });
  const native = { initContainers: [proxy({ restartPolicy: 'Always' })] };
  it.each<[string, Pod, string]>([
    ['one that can be ended', pod([sql]), 'other'],
    ['one that can be ended, and nobody asks', pod([sql], {}), 'no-sidecar'],
    ['one that cannot', pod([shut]), 'unknown-end'],
    ['one that cannot, and nobody asks', pod([shut], {}), 'no-sidecar'],
    ['one of each', pod([shut, { name: 'vault-agent' }]), 'other'],
    ['one that cannot, but has a URL', pod([shut], on, url), 'other'],
    ['none known, but a URL', pod([], on, url), 'other'],
    ['one that ends by itself', pod([{ name: 'kuma-sidecar' }]), 'no-sidecar'],
    ['none', pod([]), 'no-sidecar'],
    ['none, and a typo', pod([], on, { 'clockout.dev/quit-urls': 'x' }), 'invalid-annotation'],
    ['with a native one', pod([sql], on, {}, native), 'other'],
    ['with a native one, without a label of its own', pod([sql], {}, {}, native), 'other'],
    ['one that cannot, with a native one, without a label of its own', pod([shut], {}, {}, native), 'unknown-end'],
    ['none known with a native one, but a URL, without a label of its own', pod([], {}, url, native), 'other'],
    [
      'a URL that cannot be read, with a native one, without a label of its own',
      pod([], {}, { 'clockout.dev/quit-urls': 'x' }, native),
      'invalid-annotation',
    ],
    [
      'a typo with a native one, without a label of its own',
      pod([], {}, { 'clockout.dev/quit': 'x' }, native),
      'native-sidecar',
    ],
    ['none beside a native one', pod([], on, {}, native), 'native-sidecar'],
    ['beside one that Istio was told not to add', pod([sql], { ...on, 'sidecar.istio.io/inject': 'false' }), 'other'],
    ['beside one that Istio has yet to add', pod([sql], { ...on, 'sidecar.istio.io/inject': 'true' }), 'expected'],
  ])('%s', (_, pod, expected) => expect(answer(pod, server)).toBe(expected));

  it('says what to do about one that cannot be ended', () => {
    const decision = decide(pod([shut]), server);
    expect(decision).toMatchObject({ warnings: [reasons['unknown-end'], expect.stringContaining('--quitquitquit')] });
  });
});

/** What to change about a wrapped pod so that a reason holds, as well as those that held before. */
const defects: Record<
  Exclude<SkipReason, 'no-entrypoint' | 'not-opted-in' | 'native-unsupported'>,
  (pod: Pod) => Pod
> = {
  'not-a-job': ({ metadata, spec }) => ({ metadata: { annotations: metadata?.annotations ?? {} }, spec }),
  'opted-out': (pod) => labelled(pod, { 'clockout.dev/inject': 'false' }),
  'too-large': (pod) => annotated(pod, { 'clockout.dev/containers': 'app,'.repeat(200) }),
  'unknown-end': (pod) => {
    const { metadata, spec } = defects['no-sidecar'](pod);
    const containers = [...spec.containers, { name: 'cloud-sql-proxy' }];
    return labelled({ ...(metadata ? { metadata } : {}), spec: { ...spec, containers } }, on);
  },
  'native-sidecar': (pod) => {
    const { metadata, spec } = defects['no-sidecar'](pod);
    return {
      ...(metadata ? { metadata } : {}),
      spec: { ...spec, initContainers: [proxy({ restartPolicy: 'Always' })] },
    };
  },
  'no-sidecar': ({ metadata, spec }) => ({
    metadata: { ...metadata },
    spec: { ...spec, containers: spec.containers.filter(({ name }) => name !== 'istio-proxy') },
  }),
  'host-network': (pod) => ({ ...pod, spec: { ...pod.spec, hostNetwork: true } }),
  windows: (pod) => ({ ...pod, spec: { ...pod.spec, os: { name: 'windows' } } }),
  'mirror-pod': (pod) => annotated(pod, { 'kubernetes.io/config.mirror': 'x' }),
  'restart-policy-always': (pod) => ({ ...pod, spec: { ...pod.spec, restartPolicy: 'Always' } }),
  'container-restart-rules': (pod) =>
    withContainer(pod, app({ name: 'rules', restartPolicyRules: [{ action: 'Restart' }] })),
  'needs-pid-1': (pod) => withContainer(pod, app({ name: 'init-system', command: ['/init'] })),
  'managed-command': (pod) => labelled(pod, { 'tekton.dev/taskRun': 'x' }),
  'watched-processes': (pod) => {
    const { spec, ...rest } = withContainer(pod, app({ name: 'metrics-logger-and-collector' }));
    return { ...rest, spec: { ...spec, shareProcessNamespace: true } };
  },
  'name-collision': (pod) => ({ ...pod, spec: { ...pod.spec, volumes: [{ name: 'clockout', emptyDir: {} }] } }),
  'no-app-container': (pod) => ({
    ...pod,
    spec: { ...pod.spec, containers: [app({ name: 'kuma-sidecar' }), proxy()] },
  }),
  'invalid-annotation': (pod) => annotated(pod, { 'clockout.dev/quit': 'sometimes' }),
};

const annotated = ({ metadata, spec }: Pod, annotations: Record<string, string>): Pod => ({
  metadata: { ...metadata, annotations: { ...metadata?.annotations, ...annotations } },
  spec,
});
const labelled = ({ metadata, spec }: Pod, labels: Record<string, string>): Pod => ({
  metadata: { ...metadata, labels: { ...metadata?.labels, ...labels } },
  spec,
});
const withContainer = ({ spec, ...pod }: Pod, container: Container): Pod => ({
  ...pod,
  spec: { ...spec, containers: [container, ...spec.containers] },
});

describe('the reasons', () => {
  const rows = Object.entries(defects) as [keyof typeof defects, (pod: Pod) => Pod][];

  it.each(rows)('%s holds by itself', (reason, defect) => expect(answer(defect(classicPod()))).toBe(reason));

  it('each win over all that come after them in the map', () => {
    const wins: string[] = [];
    rows.reduceRight((pod, [, defect]) => {
      const worse = defect(pod);
      wins.unshift(answer(worse));
      return worse;
    }, classicPod());
    expect(wins).toEqual(Object.keys(reasons).filter((reason) => reason in defects));
  });

  it('are all covered, here or in the tables above', () =>
    expect(new Set([...Object.keys(defects), 'not-opted-in', 'no-entrypoint', 'native-unsupported'])).toEqual(
      new Set(Object.keys(reasons)),
    ));
});

describe('app containers', () => {
  const names = (pod: Pod) => {
    const decision = decide(pod, server);
    return decision.strategy === 'none'
      ? decision.reason
      : createFacts(pod).apps.map(({ container }) => container.name);
  };
  const three = { containers: [app(), app({ name: 'more' }), app({ name: 'vault-agent' })] };
  it.each<[string, Record<string, string>, string[] | string]>([
    ['all but sidecars', {}, ['app', 'more']],
    ['those named', { 'clockout.dev/containers': 'more' }, ['more']],
    ['a known sidecar, if named', { 'clockout.dev/containers': 'app, vault-agent' }, ['app', 'vault-agent']],
    ['without those excluded', { 'clockout.dev/exclude-containers': 'app' }, ['more']],
    ['all excluded', { 'clockout.dev/exclude-containers': 'app,more' }, 'no-app-container'],
    ['a name that is not there', { 'clockout.dev/containers': 'ap' }, 'invalid-annotation'],
    ['the proxy is no app', { 'clockout.dev/containers': 'istio-proxy' }, 'invalid-annotation'],
    [
      'named and excluded',
      { 'clockout.dev/containers': 'app,more', 'clockout.dev/exclude-containers': 'more' },
      'invalid-annotation',
    ],
    [
      'an entrypoint for a container that is not there',
      { 'clockout.dev/entrypoint': '{"ap":["/app"]}' },
      'invalid-annotation',
    ],
    ['one entrypoint for two', { 'clockout.dev/entrypoint': '["/app"]' }, 'invalid-annotation'],
  ])('%s', (_, annotations, expected) => expect(names(classicPod({ annotations, spec: three }))).toEqual(expected));

  it('says what it expected, and what it found', () => {
    const annotations = { 'clockout.dev/containers': 'ap', 'clockout.dev/wait-timeout': '2 minutes' };
    expect(decide(classicPod({ annotations }), server)).toEqual({
      strategy: 'none',
      reason: 'invalid-annotation',
      warnings: [
        'clockout.dev/wait-timeout: expected a duration such as 500ms, 30s or 2m, at most 10080m; found "2 minutes"',
        'clockout.dev/containers: expected names of app containers (app); found "ap"',
      ],
    });
  });
});

it('a pod with an annotation that the operator does not allow is skipped, and told which are', () => {
  const annotations = { 'clockout.dev/quit': 'never', 'clockout.dev/wait-timeout': '1m' };
  expect(decide(classicPod({ annotations }), server, new Set(['wait-timeout', 'entrypoint']))).toEqual({
    strategy: 'none',
    reason: 'invalid-annotation',
    warnings: [
      "clockout.dev/quit is not allowed in this cluster; Clockout's operator allows only wait-timeout, entrypoint",
    ],
  });
  expect(decide(classicPod({ annotations }), server, new Set(['wait-timeout', 'quit'])).strategy).toBe('wrap');
  expect(decide(classicPod(), server, new Set()).strategy).toBe('wrap');
});

describe('name collisions', () => {
  const of = (name: string, mountPath: string): VolumeMount => ({ name, mountPath });
  const at = (path: string) => of('x', path);
  it.each<[string, Partial<Pod['spec']>]>([
    ['a volume', { volumes: [{ name: 'clockout-state' }] }],
    ['an init container', { initContainers: [app({ name: 'clockout-init' })] }],
    ['a container', { containers: [app(), app({ name: 'clockout-init' })] }],
    ['a mount at our path', { containers: [app({ volumeMounts: [{ name: 'x', mountPath: '/clockout' }] })] }],
    [
      'a mount at our path, with a slash',
      { containers: [app({ volumeMounts: [{ name: 'x', mountPath: '/clockout/' }] })] },
    ],
    [
      'a mount below our path',
      { containers: [app({ volumeMounts: [{ name: 'x', mountPath: '/clockout-state/x' }] })] },
    ],
    [
      'a mount at our path that is not clean',
      { containers: [app({ volumeMounts: [{ name: 'x', mountPath: '//clockout/./' }] })] },
    ],
    [
      'a relative mount that the kubelet makes ours',
      { containers: [app({ volumeMounts: [{ name: 'x', mountPath: 'clockout' }] })] },
    ],
    [
      'a mount at our path by way of another',
      { containers: [app({ volumeMounts: [{ name: 'x', mountPath: '/x/../clockout-own' }] })] },
    ],
    [
      'a mount below our steps',
      { containers: [app({ volumeMounts: [{ name: 'x', mountPath: '/clockout-steps/x' }] })] },
    ],
    [
      'a mount at our path in a sidecar',
      { containers: [app(), { name: 'vault-agent', volumeMounts: [at('/clockout')] }] },
    ],
    ['a mount of a volume that would be ours', { containers: [app({ volumeMounts: [of('clockout', '/x')] })] }],
    ['a device at our path', { containers: [app({ volumeDevices: [{ devicePath: '/clockout' }] })] }],
    [
      'a volume that took the place of ours',
      {
        volumes: [{ name: 'clockout' }],
        initContainers: [app({ name: 'clockout-init', command: ['/bin/busybox', 'sh', '-c'] })],
      },
    ],
  ])('%s', (_, spec) => expect(answer(classicPod({ spec }))).toBe('name-collision'));

  // A pod that says that it was wrapped before, with a mount that we have not made.
  const init = app({ name: 'clockout-init', command: ['/bin/busybox', 'sh', '-c'] });
  const ours = (pod: Pod['spec']) => classicPod({ spec: { volumes: ourVolumes, ...pod } });
  const ourVolumes = [
    { name: 'clockout', emptyDir: {} },
    { name: 'clockout-state', emptyDir: {} },
  ];
  const steps = { name: 'clockout-state', mountPath: '/clockout-steps', subPath: 'steps', readOnly: true };
  const tools = { name: 'clockout', mountPath: '/clockout', readOnly: true };
  const fifo = { name: 'clockout-state', mountPath: '/clockout-alive', subPath: 'alive/app', readOnly: true };

  it.each<[string, VolumeMount]>([
    ['the tools, to be written', { ...tools, readOnly: false }],
    ['the tools at another path', { ...tools, mountPath: '/elsewhere' }],
    ['a part of the tools', { ...tools, subPath: 'x' }],
    ['all steps, to be written', { ...steps, readOnly: false }],
    ['the state at another path', { name: 'clockout-state', mountPath: '/state' }],
    [
      'the state at its path, by an expression',
      { name: 'clockout-state', mountPath: '/clockout-state', subPathExpr: 'x' },
    ],
    ["another container's steps", { name: 'clockout-state', mountPath: '/clockout-own', subPath: 'steps/b' }],
    ["another container's FIFO", { ...fifo, subPath: 'alive/b' }],
    ["all containers' FIFOs", { ...fifo, subPath: 'alive' }],
    ['mounts that spread', { ...steps, mountPropagation: 'Bidirectional' }],
  ])('of our own volumes: %s', (_, mount) => {
    const containers = [app({ volumeMounts: [mount] })];
    expect(answer(ours({ initContainers: [init], containers }))).toBe('name-collision');
  });

  it.each<[string, Partial<Pod['spec']>]>([
    ['an init container', { initContainers: [init, app({ name: 'other', volumeMounts: [tools] })] }],
    [
      'a container that nobody wraps',
      { containers: [app(), { name: 'vault-agent', volumeMounts: [of('clockout', '/x')] }] },
    ],
    ['an ephemeral container', { ephemeralContainers: [{ volumeMounts: [of('clockout-state', '/x')] }] }],
    ['the same place, twice', { containers: [app({ volumeMounts: [tools, tools] })] }],
    ['two volumes of one name', { volumes: [...ourVolumes, { name: 'clockout', emptyDir: {} }] }],
  ])('of our own volumes in %s', (_, spec) =>
    expect(answer(ours({ initContainers: [init], containers: [app()], ...spec }))).toBe('name-collision'),
  );

  it("are no mounts of ours, nor of the first version's", () => {
    const volumeMounts = [tools, steps, fifo, of('clockout-state', '/clockout-state')];
    expect(answer(ours({ initContainers: [init], containers: [app({ volumeMounts })] }))).toBe('injected');
  });

  it('looks at the proxy, too', () => {
    const pod = jobPod({
      annotations: { 'sidecar.istio.io/status': '{}' },
      spec: { containers: [app(), proxy({ volumeMounts: [{ name: 'x', mountPath: '/clockout' }] })] },
    });
    expect(answer(pod)).toBe('name-collision');
  });

  it('is not found if a path only starts with the same letters', () =>
    expect(
      answer(classicPod({ spec: { containers: [app({ volumeMounts: [{ name: 'x', mountPath: '/clockouts' }] })] } })),
    ).toBe('injected'));
});

describe('policies and commands', () => {
  it.each<[string, Pod, string]>([
    [
      "a container's own policy Always",
      classicPod({ spec: { containers: [app({ restartPolicy: 'Always' })] } }),
      'restart-policy-always',
    ],
    [
      "a container's own policy wins",
      classicPod({ spec: { restartPolicy: 'Always', containers: [app({ restartPolicy: 'Never' })] } }),
      'injected',
    ],
    [
      "a sidecar's policy does not count",
      classicPod({ spec: { containers: [app(), app({ name: 'daprd', restartPolicy: 'Always' })] } }),
      'injected',
    ],
    [
      'Argo, by command',
      classicPod({ spec: { containers: [app({ command: ['/var/run/argo/argoexec', 'emissary'] })] } }),
      'managed-command',
    ],
    [
      'Argo, but asked',
      classicPod({ labels: { 'workflows.argoproj.io/workflow': 'x', 'clockout.dev/inject': 'true' } }),
      'injected',
    ],
    ['systemd', classicPod({ spec: { containers: [app({ command: ['/usr/lib/systemd/systemd'] })] } }), 'needs-pid-1'],
    [
      'an init system whose author says that it works as any process',
      classicPod({
        annotations: { 'clockout.dev/needs-pid-1': 'false' },
        spec: { containers: [app({ command: ['/init'] })] },
      }),
      'injected',
    ],
    [
      'a program whose author says that it needs process 1',
      classicPod({ annotations: { 'clockout.dev/needs-pid-1': 'true' } }),
      'needs-pid-1',
    ],
    ['a program called init', classicPod({ spec: { containers: [app({ command: ['/app/init'] })] } }), 'injected'],
    ['windows by node selector', classicPod({ spec: { nodeSelector: { 'kubernetes.io/os': 'windows' } } }), 'windows'],
    ['a label that is neither', classicPod({ labels: { 'clockout.dev/inject': 'yes' } }), 'invalid-annotation'],
  ])('%s', (_, pod, expected) => expect(answer(pod)).toBe(expected));
});
