import { describe, expect, it } from 'vitest';
import { admitPod } from '../../../src/admission/admit.ts';
import type { Outcome } from '../../../src/admission/outcome.ts';
import type { Container, Pod } from '../../../src/pod/schema.ts';
import { knownSidecars } from '../../../src/pod/sidecars/find-known.ts';
import { app, classicPod, frozen, jobPod, proxy, withStrategy } from '../../support/pods.ts';

async function converted(pod: Pod, oldestNode = 35): Promise<Extract<Outcome, { kind: 'patched' }>> {
  const settings = withStrategy('native', { apiServer: 35, oldestNode });
  const outcome = await admitPod(frozen(pod), { from: 'server' }, settings);
  if (outcome.kind !== 'patched') throw new Error(`expected a patch, found ${JSON.stringify(outcome)}`);
  return outcome;
}

const initNames = async (pod: Pod) => {
  const { spec } = (await converted(pod)).patched;
  return (spec.initContainers ?? []).map(({ name, restartPolicy }) => name + (restartPolicy === 'Always' ? '*' : ''));
};
const native = async (pod: Pod, name = 'istio-proxy', oldestNode = 35) =>
  (await converted(pod, oldestNode)).patched.spec.initContainers?.find((each) => each.name === name);

/** As Istio injects it, without its own annotation if `status` is left out. */
const injected = (containers: Container[], initContainers: Container[] = [], annotations = {}): Pod =>
  jobPod({
    annotations: {
      'sidecar.istio.io/status': '{"initContainers":null,"containers":["istio-proxy"],"revision":"r"}',
      ...annotations,
    },
    spec: { containers, initContainers },
  });
const init = (name: string, changes: Partial<Container> = {}) => ({ name, image: 'init:1', ...changes });
const always = (name: string) => init(name, { restartPolicy: 'Always' });
const http = { httpGet: { path: '/healthz/ready', port: 15021 } };
const startup = { ...http, periodSeconds: 1, timeoutSeconds: 3, failureThreshold: 600 };

describe('the patch', () => {
  it('is this', async () => {
    const { patch } = await converted(classicPod({ spec: { containers: [app(), { name: 'vault-agent' }] } }));
    expect(patch).toEqual([
      { op: 'remove', path: '/spec/containers/2' },
      { op: 'remove', path: '/spec/containers/1' },
      {
        op: 'add',
        path: '/spec/initContainers',
        value: [
          {
            ...proxy(),
            env: [{ name: 'PROXY_CONFIG', value: '{"terminationDrainDuration":"0s"}' }],
            restartPolicy: 'Always',
          },
          { name: 'vault-agent', restartPolicy: 'Always' },
        ],
      },
      {
        op: 'replace',
        path: '/metadata/annotations/sidecar.istio.io~1status',
        value: '{"containers":[],"initContainers":["istio-proxy"]}',
      },
      { op: 'add', path: '/metadata/annotations/sidecar.istio.io~1nativeSidecar', value: 'true' },
      { op: 'add', path: '/metadata/annotations/clockout.dev~1native', value: 'istio-proxy,vault-agent' },
      {
        op: 'add',
        path: '/metadata/annotations/clockout.dev~1status',
        value: '{"version":"0.0.0-test","strategy":"native"}',
      },
    ]);
  });

  it('names only native sidecars, whatever the annotation said before', async () => {
    const annotations = { 'clockout.dev/native': 'u1,u2,app,gone' };
    const initContainers = [init('u1', { restartPolicy: 'OnFailure' }), init('u2', { restartPolicy: 'Always' })];
    const { patched } = await converted(injected([app(), proxy()], initContainers, annotations));
    expect(patched.metadata?.annotations?.['clockout.dev/native']).toBe('u2,istio-proxy');
  });

  it('only asks Istio if its sidecar is not there yet', async () => {
    const { patch } = await converted(jobPod({ labels: { 'sidecar.istio.io/inject': 'true' } }));
    expect(patch).toEqual([
      { op: 'add', path: '/metadata/annotations/sidecar.istio.io~1nativeSidecar', value: 'true' },
    ]);
  });

  it('keeps what Istio has written besides', async () => {
    const { patched } = await converted(injected([app(), proxy()], [init('istio-init')]));
    expect(patched.metadata?.annotations?.['sidecar.istio.io/status']).toBe(
      '{"initContainers":["istio-proxy"],"containers":[],"revision":"r"}',
    );
  });

  it('mounts the token of the service account where the API server would, so that it need not call again', async () => {
    const token = {
      name: 'kube-api-access-x',
      mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
      readOnly: true,
    };
    const pod = injected([app({ volumeMounts: [token] }), proxy()], [init('istio-init')]);
    const { initContainers } = (await converted(pod)).patched.spec;
    expect(initContainers?.map(({ volumeMounts }) => volumeMounts)).toEqual([[token], [token]]);
  });
});

describe('the position', () => {
  const [u1, u2] = [init('u1'), init('u2')];
  const both = [app(), proxy()];
  it.each<[string, Pod, string[]]>([
    ['after istio-init', injected(both, [u1, u2, init('istio-init')]), ['u1', 'u2', 'istio-init', 'istio-proxy*']],
    [
      'before what comes after istio-init',
      injected(both, [init('istio-init'), u1]),
      ['istio-init', 'istio-proxy*', 'u1'],
    ],
    ['last without one', injected(both, [u1]), ['u1', 'istio-proxy*']],
    [
      'after istio-validation',
      injected([app(), proxy({ image: 'proxyv2:1.24.0' })], [init('istio-validation'), u1]),
      ['istio-validation', 'istio-proxy*', 'u1'],
    ],
    [
      'last where the pod would request more',
      injected(
        [app(), proxy({ resources: { requests: { cpu: '100m' } } })],
        [init('istio-init'), init('u1', { resources: { requests: { cpu: '1' } } })],
      ),
      ['istio-init', 'u1', 'istio-proxy*'],
    ],
    [
      'the mesh first, the others last, in the order in which they need each other',
      injected(
        [
          { name: 'daprd' },
          app(),
          { name: 'cloud-sql-proxy' },
          { name: 'fluent-bit' },
          { name: 'vault-agent' },
          proxy(),
        ],
        [init('istio-init'), init('vault-agent-init')],
      ),
      ['istio-init', 'istio-proxy*', 'vault-agent-init', 'vault-agent*', 'fluent-bit*', 'cloud-sql-proxy*', 'daprd*'],
    ],
    [
      'Linkerd after its own',
      jobPod({ spec: { initContainers: [init('linkerd-init'), u1], containers: [app(), { name: 'linkerd-proxy' }] } }),
      ['linkerd-init', 'linkerd-proxy*', 'u1'],
    ],
    [
      'Consul after its own, whose names end in a service',
      jobPod({
        spec: {
          initContainers: [init('consul-connect-inject-init-web'), u1],
          containers: [app(), { name: 'consul-dataplane' }],
        },
      }),
      ['consul-connect-inject-init-web', 'consul-dataplane*', 'u1'],
    ],
    [
      'before those of an earlier call that start later',
      injected(both, [u1, always('vault-agent'), always('daprd')], { 'clockout.dev/native': 'vault-agent,daprd' }),
      ['u1', 'istio-proxy*', 'vault-agent*', 'daprd*'],
    ],
    [
      'before those of an earlier call, and after those that start before it',
      jobPod({
        annotations: { 'clockout.dev/native': 'vault-agent,daprd' },
        spec: {
          initContainers: [always('vault-agent'), always('daprd')],
          containers: [app(), { name: 'fluent-bit' }],
        },
      }),
      ['vault-agent*', 'fluent-bit*', 'daprd*'],
    ],
    [
      'after an init container that came later',
      jobPod({
        annotations: { 'clockout.dev/native': 'daprd' },
        spec: {
          initContainers: [always('daprd'), init('vault-agent-init')],
          containers: [app(), { name: 'vault-agent' }],
        },
      }),
      ['daprd*', 'vault-agent-init', 'vault-agent*'],
    ],
    [
      "not before the user's own",
      injected(both, [always('daprd'), u1, always('mine')]),
      ['daprd*', 'u1', 'mine*', 'istio-proxy*'],
    ],
  ])('is %s', async (_, pod, expected) => expect(await initNames(pod)).toEqual(expected));
});

describe('each known sidecar becomes native with one, and stays single when its injector is called again', () => {
  const endsItself = knownSidecars.filter(({ end }) => end({ name: '' }, {}).by === 'itself').map(({ title }) => title);
  const rows = knownSidecars.filter(({ title }) => !endsItself.includes(title));

  it('but those that end by themselves', () =>
    expect(endsItself).toEqual([
      'Kuma',
      'Cloud Storage FUSE on GKE',
      'Fluid',
      'JuiceFS',
      "Airflow's sidecar for results",
    ]));

  it.each(rows.map((known) => [known.title, known] as const))('%s', async (_, { names, image }) => {
    const name = names[0]?.replace('*', 'x') ?? 'own-name';
    const sidecar = { name, image: `registry.example.com/${image ?? 'other'}:1` };
    const of = (containers: Container[], more = {}) =>
      jobPod({ annotations: { 'sidecar.istio.io/status': '{}' }, spec: { containers, ...more } });
    const { patched } = await converted(of([app(), sidecar]));
    expect(patched.spec.initContainers).toMatchObject([{ ...sidecar, restartPolicy: 'Always' }]);
    const again = { ...patched, spec: { ...patched.spec, containers: [app(), sidecar] } };
    expect((await converted(again)).patched.spec).toEqual(patched.spec);
  });
});

describe('an injector that was called again', () => {
  it('has its newer container put in the place of the older', async () => {
    const older = proxy({ restartPolicy: 'Always', image: 'proxyv2:1.26.0' });
    const pod = injected([app(), proxy({ image: 'proxyv2:1.26.1' })], [init('istio-init'), older, init('u1')]);
    const { patch, patched } = await converted(pod);
    expect(patched.spec.initContainers?.map(({ name, image }) => [name, image])).toEqual([
      ['istio-init', 'init:1'],
      ['istio-proxy', 'proxyv2:1.26.1'],
      ['u1', 'init:1'],
    ]);
    expect(patch.slice(0, 2).map(({ op, path }) => [op, path])).toEqual([
      ['replace', '/spec/initContainers/1'],
      ['remove', '/spec/containers/1'],
    ]);
  });
});

describe('the start gate', () => {
  const hook = (command: string[]) => ({ postStart: { exec: { command } } });
  const gated = (changes: Partial<Container>) => native(injected([app(), proxy(changes)]));

  it('is the startup probe that is there', async () => {
    const startupProbe = { ...http, periodSeconds: 2 };
    expect((await gated({ startupProbe, readinessProbe: http }))?.startupProbe).toEqual(startupProbe);
  });

  it('is made of the readiness probe', async () =>
    expect((await gated({ readinessProbe: { ...http, periodSeconds: 15 } }))?.startupProbe).toEqual(startup));

  it('is none where there is nothing to ask', async () => expect(await gated({})).not.toHaveProperty('startupProbe'));

  it.each<[string, Partial<Container>, object | undefined]>([
    ['is dropped', { readinessProbe: http, lifecycle: hook(['pilot-agent', 'wait']) }, undefined],
    [
      'is dropped, and the others stay',
      { readinessProbe: http, lifecycle: { ...hook(['/usr/local/bin/pilot-agent', 'wait', '-t=1']), preStop: {} } },
      { preStop: {} },
    ],
    ['stays without a gate', { lifecycle: hook(['pilot-agent', 'wait']) }, hook(['pilot-agent', 'wait'])],
    ['stays if it does something else', { readinessProbe: http, lifecycle: hook(['sh', 'x']) }, hook(['sh', 'x'])],
  ])('a hook that waits %s', async (_, changes, expected) =>
    expect((await gated(changes))?.lifecycle).toEqual(expected),
  );

  it.each([
    ['linkerd-proxy', true],
    ['consul-dataplane', true],
    ['daprd', false],
    ['vault-agent', false],
    ['fluent-bit', false],
  ])('of %s is made: %s', async (name, isMade) => {
    const sidecar = { name, readinessProbe: { tcpSocket: { port: 1 } }, lifecycle: hook(['linkerd-await']) };
    const found = await native(jobPod({ spec: { containers: [app(), sidecar] } }), name);
    expect(found?.startupProbe !== undefined).toBe(isMade);
    expect(found?.lifecycle === undefined).toBe(name === 'linkerd-proxy');
  });

  it.each([
    [35, true],
    [32, false],
  ])('is not made beside another on nodes of 1.%i, if the pod is not restarted: %s', async (oldestNode, isMade) => {
    const pod = injected([app(), { name: 'vault-agent', startupProbe: http }, proxy({ readinessProbe: http })]);
    expect((await native(pod, 'istio-proxy', oldestNode))?.startupProbe !== undefined).toBe(isMade);
    const restarted = { ...pod, spec: { ...pod.spec, restartPolicy: 'OnFailure' } };
    expect((await native(restarted, 'istio-proxy', oldestNode))?.startupProbe).toBeDefined();
  });

  it('is made beside another where the nodes are not known', async () => {
    const helper = init('helper', { restartPolicy: 'Always', startupProbe: http });
    const pod = injected([app(), proxy({ readinessProbe: http })], [helper]);
    const outcome = await admitPod(frozen(pod), { from: 'server' }, withStrategy('native', { apiServer: 35 }));
    expect(outcome).toMatchObject({ patched: { spec: { initContainers: [helper, { startupProbe: startup }] } } });
  });
});

describe('a resizePolicy', () => {
  const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }];

  it.each([
    [32, false],
    [33, true],
  ])(
    'on an API server of 1.%i stays: %s, because older ones refuse it in an init container',
    async (apiServer, stays) => {
      const pod = injected([app({ resizePolicy }), proxy({ resizePolicy })]);
      const outcome = await admitPod(frozen(pod), { from: 'server' }, withStrategy('native', { apiServer }));
      if (outcome.kind !== 'patched') throw new Error(outcome.kind);
      const { containers, initContainers } = outcome.patched.spec;
      expect(containers[0]?.resizePolicy).toEqual(resizePolicy);
      expect(initContainers?.[0]?.resizePolicy).toEqual(stays ? resizePolicy : undefined);
    },
  );
});

describe('the drain at the end', () => {
  const variable = (value: string) => [{ name: 'PROXY_CONFIG', value }];
  const zero = '"terminationDrainDuration":"0s"';
  it.each<[string, Container['env'], Container['env']]>([
    ['without a config', undefined, variable(`{${zero}}`)],
    ['in an empty one', variable('{}\n'), variable(`{${zero}}\n`)],
    ['before what is there', variable(' {"a":1.0}'), variable(` {${zero},"a":1.0}`)],
    [
      'not where the mesh has one',
      variable('{"terminationDrainDuration":"9s"}'),
      variable('{"terminationDrainDuration":"9s"}'),
    ],
    ['not in what is no JSON', variable('a: b'), variable('a: b')],
    [
      'not where it waits for connections',
      variable('{"proxyMetadata":{"EXIT_ON_ZERO_ACTIVE_CONNECTIONS":"true"}}'),
      variable('{"proxyMetadata":{"EXIT_ON_ZERO_ACTIVE_CONNECTIONS":"true"}}'),
    ],
    [
      'not where a variable says so',
      [{ name: 'EXIT_ON_ZERO_ACTIVE_CONNECTIONS', value: 'true' }],
      [{ name: 'EXIT_ON_ZERO_ACTIVE_CONNECTIONS', value: 'true' }],
    ],
  ])('is 0 s %s', async (_, env, expected) =>
    expect((await native(injected([app(), proxy(env ? { env } : {})])))?.env).toEqual(expected),
  );

  it('is what quit-delay says', async () => {
    const pod = injected([app(), proxy()], [], { 'clockout.dev/quit-delay': '1500ms' });
    expect((await native(pod))?.env).toEqual(variable('{"terminationDrainDuration":"1.5s"}'));
  });
});
