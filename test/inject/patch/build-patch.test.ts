import { describe, expect, it } from 'vitest';
import { admitPod } from '../../../src/admission/admit.ts';
import type { Outcome } from '../../../src/admission/outcome.ts';
import { pointer } from '../../../src/inject/patch/operations.ts';
import type { Container, Pod } from '../../../src/pod/schema.ts';
import { guardScript, guardTracedScript, runScript, runTracedScript } from '../../../src/wrapper/scripts.ts';
import { app, classicPod, frozen, jobPod, proxy, settings } from '../../support/pods.ts';

async function patched(pod: Pod, change = {}): Promise<Extract<Outcome, { kind: 'patched' }>> {
  const outcome = await admitPod(frozen(pod), { from: 'server' }, { ...settings, ...change });
  if (outcome.kind !== 'patched') throw new Error(`expected a patch, found ${JSON.stringify(outcome)}`);
  return outcome;
}

const container = async (pod: Pod, name: string) =>
  [...(await patched(pod)).patched.spec.containers, ...((await patched(pod)).patched.spec.initContainers ?? [])].find(
    (c) => c.name === name,
  );

describe('the patch', () => {
  it('is this', async () => {
    const { patch } = await patched(classicPod({ spec: { containers: [app({ args: ['--home=$(HOME)', '$$'] })] } }));
    const shown = patch.map((o) => (o.path === '/spec/initContainers' ? { ...o, value: '…' } : o));
    expect(shown).toMatchInlineSnapshot(`
      [
        {
          "op": "add",
          "path": "/spec/volumes",
          "value": [
            {
              "emptyDir": {
                "sizeLimit": "16Mi",
              },
              "name": "clockout",
            },
            {
              "emptyDir": {
                "sizeLimit": "1Mi",
              },
              "name": "clockout-state",
            },
          ],
        },
        {
          "op": "add",
          "path": "/spec/initContainers",
          "value": "…",
        },
        {
          "op": "replace",
          "path": "/spec/containers/0/command",
          "value": [
            "/clockout/busybox",
            "sh",
            "/clockout/run",
            "name=app",
            "port=15020",
            "wait=120",
            "late=start",
            "quit=30",
            "delay=0",
            "urls=",
            "report=0",
            "stop=TERM",
            "guard=yes",
            "--",
          ],
        },
        {
          "op": "replace",
          "path": "/spec/containers/0/args",
          "value": [
            "/app",
            "--home=$(HOME)",
            "$$",
          ],
        },
        {
          "op": "add",
          "path": "/spec/containers/1/lifecycle",
          "value": {
            "postStart": {
              "exec": {
                "command": [
                  "/clockout/busybox",
                  "sh",
                  "/clockout/guard",
                  "me=istio-proxy",
                  "tell=http://127.0.0.1:15020/quitquitquit",
                  "term=10",
                  "to=-1,1",
                  "quit=30",
                  "delay=0",
                  "urls=",
                  "report=0",
                  "--",
                ],
              },
            },
          },
        },
        {
          "op": "add",
          "path": "/spec/containers/0/volumeMounts",
          "value": [
            {
              "mountPath": "/clockout",
              "name": "clockout",
              "readOnly": true,
            },
            {
              "mountPath": "/clockout-steps",
              "name": "clockout-state",
              "readOnly": true,
              "subPath": "steps",
            },
            {
              "mountPath": "/clockout-own",
              "name": "clockout-state",
              "subPath": "steps/app",
            },
            {
              "mountPath": "/clockout-alive",
              "name": "clockout-state",
              "readOnly": true,
              "subPath": "alive/app",
            },
          ],
        },
        {
          "op": "add",
          "path": "/spec/containers/1/volumeMounts",
          "value": [
            {
              "mountPath": "/clockout",
              "name": "clockout",
              "readOnly": true,
            },
            {
              "mountPath": "/clockout-steps",
              "name": "clockout-state",
              "readOnly": true,
              "subPath": "steps",
            },
            {
              "mountPath": "/clockout-own",
              "name": "clockout-state",
              "subPath": "steps/istio-proxy",
            },
            {
              "mountPath": "/clockout-alive",
              "name": "clockout-state",
              "readOnly": true,
              "subPath": "alive",
            },
          ],
        },
        {
          "op": "add",
          "path": "/metadata/annotations/clockout.dev~1status",
          "value": "{"version":"0.0.0-test","sidecar":"injected","containers":{"app":{"entrypoint":"pod","words":1}}}",
        },
      ]
    `);
  });

  it('adds an init container that passes Pod Security restricted', async () => {
    const { args: _, command: __, ...init } = (await container(classicPod(), 'clockout-init')) ?? {};
    expect(init).toMatchInlineSnapshot(`
      {
        "image": "busybox:1.37.0-musl",
        "name": "clockout-init",
        "resources": {},
        "securityContext": {
          "allowPrivilegeEscalation": false,
          "capabilities": {
            "drop": [
              "ALL",
            ],
          },
          "privileged": false,
          "readOnlyRootFilesystem": true,
          "runAsNonRoot": true,
          "runAsUser": 65532,
          "seccompProfile": {
            "type": "RuntimeDefault",
          },
        },
        "volumeMounts": [
          {
            "mountPath": "/clockout",
            "name": "clockout",
          },
          {
            "mountPath": "/clockout-state",
            "name": "clockout-state",
          },
          {
            "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
            "name": "clockout-state",
            "readOnly": true,
            "subPath": "no-token",
          },
        ],
      }
    `);
  });

  it('takes image, pull policy and resources from the settings', async () => {
    const wrapper = { image: 'mirror/busybox', pullPolicy: 'Always', resources: { limits: { cpu: '1' } } };
    const { patched: pod } = await patched(classicPod(), { wrapper });
    expect(pod.spec.initContainers?.[0]).toMatchObject({
      image: 'mirror/busybox',
      imagePullPolicy: 'Always',
      resources: { limits: { cpu: '1' } },
    });
  });

  it('appends to what is there', async () => {
    const before = classicPod({
      annotations: { 'a/b': 'c' },
      spec: {
        initContainers: [app({ name: 'istio-init' })],
        volumes: [{ name: 'data' }],
        containers: [app({ volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
      },
    });
    const { spec, metadata } = (await patched(before)).patched;
    expect(spec.initContainers?.map(({ name }) => name)).toEqual(['istio-init', 'clockout-init']);
    expect(spec.volumes?.map(({ name }) => name)).toEqual(['data', 'clockout', 'clockout-state']);
    expect(spec.containers[0]?.volumeMounts?.map(({ mountPath }) => mountPath)).toEqual([
      '/data',
      '/clockout',
      '/clockout-steps',
      '/clockout-own',
      '/clockout-alive',
    ]);
    expect(metadata?.annotations).toMatchObject({ 'a/b': 'c', 'clockout.dev/status': expect.any(String) });
  });

  it('works where lists are missing or null', async () => {
    const spec = {
      volumes: null,
      initContainers: null,
      containers: [app({ volumeMounts: null, args: null, readinessProbe: null })],
    };
    const pod = classicPod({ spec });
    expect((await patched(pod)).patched.spec.containers[0]?.args).toEqual(['/app']);
    const bare: Pod = { spec: { restartPolicy: 'Never', containers: [app()] } };
    const outcome = await admitPod(frozen(bare), { from: 'cli', job: true }, settings);
    expect(outcome).toMatchObject({ kind: 'patched', patched: { metadata: { annotations: {} } } });
  });

  it('asks for a native proxy only where the sidecar is not in view', async () => {
    const probe = async (pod: Pod) => (await container(pod, 'clockout-init'))?.args?.[2];
    expect(await probe(classicPod())).toBe('-');
    expect(await probe(jobPod({ labels: { 'istio.io/rev': 'x' } }))).toBe('15020');
  });

  // Who has become its app tells nobody.
  it.each<[string, Parameters<typeof jobPod>[0], string | undefined]>([
    ['alone', {}, 'native'],
    ['with another sidecar', { spec: { containers: [app(), { name: 'vault-agent' }] } }, 'kept'],
    ['with URLs', { annotations: { 'clockout.dev/quit-urls': 'http://localhost:1/x' } }, 'kept'],
    ['without a port to ask', { annotations: { 'status.sidecar.istio.io/port': '0' } }, undefined],
  ])('beside a native proxy, %s, the wrapper becomes the app, or stays', async (_, changes, mark) => {
    const init = await container(jobPod({ ...changes, labels: { 'istio.io/rev': 'x' } }), 'clockout-init');
    expect(init?.args?.slice(5)).toEqual(mark ? [mark] : []);
  });
});

describe('dollars', () => {
  it('of the manifest stay, of the annotation are doubled', async () => {
    const argv = async (changes: Partial<Container>, annotations = {}) =>
      (await container(classicPod({ annotations, spec: { containers: [app(changes)] } }), 'app'))?.args;
    expect(await argv({ command: ['/app', '$(A)'], args: ['$$', '$x'] })).toEqual(['/app', '$(A)', '$$', '$x']);
    expect(await argv({ command: null, args: ['$(A)'] }, { 'clockout.dev/entrypoint': '["/app","$(B)"]' })).toEqual([
      '/app',
      '$$(B)',
      '$(A)',
    ]);
  });

  it('of the scripts are all doubled', async () => {
    const init = await container(classicPod(), 'clockout-init');
    for (const text of [...(init?.command ?? []), ...(init?.args ?? [])])
      expect(text.replaceAll('$$', '')).not.toContain('$');
  });
});

describe("the service account's token", () => {
  const token = {
    name: 'kube-api-access-x',
    mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
    readOnly: true,
  };
  const withToken = classicPod({
    spec: { initContainers: [app({ name: 'istio-init' })], containers: [app({ volumeMounts: [token] })] },
  });

  it('is mounted where the API server would mount it after us', async () => {
    const { spec } = (await patched(withToken)).patched;
    expect(spec.containers.find(({ name }) => name === 'istio-proxy')?.volumeMounts).toContainEqual(token);
    expect(spec.initContainers?.[0]?.volumeMounts).toEqual([token]);
    expect(spec.containers[0]?.volumeMounts?.filter(({ mountPath }) => mountPath === token.mountPath)).toHaveLength(1);
  });

  it('is kept out of our init container', async () =>
    expect((await container(withToken, 'clockout-init'))?.volumeMounts).toContainEqual({
      name: 'clockout-state',
      mountPath: token.mountPath,
      subPath: 'no-token',
      readOnly: true,
    }));

  it('is kept from containers that were given none', async () => {
    const mine = { ...token, name: 'kube-api-access-mine' };
    const containers = [app({ volumeMounts: [mine] }), app({ name: 'untrusted' })];
    const { spec } = (await patched(classicPod({ spec: { containers } }))).patched;
    expect(spec.containers[1]?.volumeMounts).toHaveLength(4);
    expect(spec.containers[2]?.volumeMounts).toHaveLength(4);
    const off = { automountServiceAccountToken: false, containers: [app({ volumeMounts: [mine] })] };
    expect((await container(classicPod({ spec: off }), 'istio-proxy'))?.volumeMounts).toHaveLength(4);
  });

  it('is mounted nowhere if nobody has it', async () =>
    expect((await container(classicPod(), 'istio-proxy'))?.volumeMounts).toHaveLength(4));
});

it.each([
  ['true', [runTracedScript, guardTracedScript]],
  ['false', [runScript, guardScript]],
])('with trace: %s the init container gets these scripts', async (trace, scripts) => {
  const init = await container(classicPod({ annotations: { 'clockout.dev/trace': trace } }), 'clockout-init');
  expect(init?.args?.slice(0, 2)).toEqual(scripts.map((script) => script.replaceAll('$', '$$$$')));
});

describe('probes', () => {
  const probes = async (choice: string, changes: Partial<Container> = {}) => {
    const pod = classicPod({ annotations: { 'clockout.dev/probes': choice }, spec: { containers: [app(changes)] } });
    const { readinessProbe, livenessProbe, startupProbe } = (await container(pod, 'app')) ?? {};
    return { readinessProbe, livenessProbe, startupProbe };
  };
  const command = [
    '/clockout/busybox',
    'wget',
    '-Y',
    'off',
    '-q',
    '-O',
    '/dev/null',
    'http://127.0.0.1:15020/healthz/ready',
  ];
  const ours = expect.objectContaining({ exec: { command } });

  it('none', async () => expect(await probes('none')).toEqual({}));
  it('readiness', async () => expect(await probes('readiness')).toEqual({ readinessProbe: ours }));
  it('readiness and liveness', async () =>
    expect(await probes('readiness-liveness')).toEqual({
      readinessProbe: ours,
      livenessProbe: ours,
      startupProbe: ours,
    }));
  it('keep what is there', async () => {
    const own = { periodSeconds: 1 };
    expect(await probes('readiness-liveness', { livenessProbe: own })).toEqual({
      readinessProbe: ours,
      livenessProbe: own,
    });
    expect(await probes('readiness-liveness', { startupProbe: own })).toMatchObject({
      livenessProbe: ours,
      startupProbe: own,
    });
  });
});

describe("the proxy's hook", () => {
  const hook = async (changes: Partial<Container>) => {
    const pod = jobPod({
      annotations: { 'sidecar.istio.io/status': '{}' },
      spec: { containers: [app(), proxy(changes)] },
    });
    return (await container(pod, 'istio-proxy'))?.lifecycle;
  };
  const guard = ['/clockout/busybox', 'sh', '/clockout/guard'];
  const start = [
    ...guard,
    'me=istio-proxy',
    'tell=http://127.0.0.1:15020/quitquitquit',
    'term=10',
    'to=-1,1',
    'quit=30',
    'delay=0',
    'urls=',
    'report=0',
    '--',
  ];
  const preStop = { exec: { command: ['drain'] } };

  it('starts the guard', async () => expect(await hook({})).toEqual({ postStart: { exec: { command: start } } }));
  it('stands beside a preStop hook', async () =>
    expect(await hook({ lifecycle: { preStop } })).toEqual({ preStop, postStart: { exec: { command: start } } }));
  it.each([{ shareProcessNamespace: true }, { hostPID: true }])(
    'sends TERM to no other process, with %j',
    async (spec) => {
      const { patched: pod } = await patched(classicPod({ spec: { ...spec, containers: [app()] } }));
      expect(pod.spec.containers[1]?.lifecycle?.postStart?.exec?.command).toContain('to=');
    },
  );
  it("runs Istio's own", async () =>
    expect(await hook({ lifecycle: { preStop, postStart: { exec: { command: ['pilot-agent', 'wait'] } } } })).toEqual({
      preStop,
      postStart: { exec: { command: [...start, 'pilot-agent', 'wait'] } },
    }));
});

describe('other sidecars', () => {
  const sql = { name: 'cloud-sql-proxy', args: ['--quitquitquit'] };
  const hooked = { name: 'linkerd-proxy', lifecycle: { postStart: { httpGet: {} } as object } };
  const optionsOf = ({ lifecycle }: Container) => lifecycle?.postStart?.exec?.command?.slice(3, -1);

  it('have guards of their own; one of them tells those that have none', async () => {
    const url = 'http://localhost:1/x';
    const pod = classicPod({
      annotations: { 'clockout.dev/quit-urls': url },
      spec: { containers: [sql, app(), { name: 'vault-agent' }, hooked] },
    });
    const { containers } = (await patched(pod)).patched.spec;
    expect(containers.map(optionsOf)).toEqual([
      [
        'me=cloud-sql-proxy',
        'tell=http://127.0.0.1:9091/quitquitquit',
        'term=',
        'to=-1,1',
        'quit=30',
        'delay=0',
        'urls=',
        'report=0',
      ],
      undefined,
      ['me=vault-agent', 'tell=', 'term=-1', 'to=-1,1', 'quit=30', 'delay=0', 'urls=', 'report=0'],
      undefined,
      [
        'me=istio-proxy',
        'tell=http://127.0.0.1:15020/quitquitquit',
        'term=10',
        'to=-1,1',
        'quit=30',
        'delay=0',
        `urls=${url}`,
        'report=0',
      ],
    ]);
    expect(containers.map(({ volumeMounts }) => volumeMounts?.length ?? 0)).toEqual([4, 4, 4, 0, 4]);
    expect(containers[1]?.command).toContain(`urls=${url}`);
  });

  it('one of them says whom the pod waits for, and a wrapper only without any', async () => {
    const options = async (annotations: Record<string, string>, others = [{ ...app(), name: 'second' }]) => {
      const pod = classicPod({ annotations, spec: { containers: [app(), ...others, sql] } });
      const { containers } = (await patched(pod)).patched.spec;
      return containers.map((of) =>
        [...(of.command ?? []), ...(optionsOf(of) ?? [])].find((word) => /^report=/.test(word)),
      );
    };
    expect(await options({})).toEqual(['report=0', 'report=0', 'report=0', 'report=600']);
    expect(await options({}, [])).toEqual(['report=0', 'report=0', 'report=0']);
    expect(await options({ 'clockout.dev/report-after': '90s' })).toContain('report=90');
    expect(await options({ 'clockout.dev/report-after': '0s' })).not.toContain('report=600');
    const unguarded = await options({ 'clockout.dev/guard': 'false' });
    expect(unguarded.slice(0, 2)).toEqual(['report=600', 'report=600']);
  });

  it('without Istio: no container waits for it, asks for it or tells it', async () => {
    const pod = jobPod({ labels: { 'clockout.dev/inject': 'true' }, spec: { containers: [app(), sql] } });
    const { spec } = (await patched(pod)).patched;
    expect(spec.containers[0]?.command).toEqual(expect.arrayContaining(['port=0', 'wait=0', 'guard=no', 'urls=']));
    expect(spec.initContainers?.[0]?.args?.[2]).toBe('-');
    expect(optionsOf(spec.containers[1] ?? sql)).toContain('urls=');
  });
});

describe('without a status port', () => {
  const annotations = { 'status.sidecar.istio.io/port': '0', 'clockout.dev/probes': 'readiness' };

  it('there is nothing to ask whether it is ready', async () => {
    const { patched: pod, warnings } = await patched(classicPod({ annotations }));
    expect(pod.spec.containers[0]?.readinessProbe).toBeUndefined();
    expect(warnings).toEqual(["clockout.dev/probes has no effect, because the proxy's status port is 0"]);
  });

  it('nor whether it is native', async () => {
    const pod = jobPod({ labels: { 'istio.io/rev': 'x' }, annotations });
    expect((await container(pod, 'clockout-init'))?.args?.[2]).toBe('-');
  });
});

describe('quit-urls', () => {
  it('have their dollars doubled where the kubelet expands them', async () => {
    const pod = classicPod({ annotations: { 'clockout.dev/quit-urls': 'http://localhost/$(HOME)' } });
    expect((await container(pod, 'app'))?.command).toContain('urls=http://localhost/$$(HOME)');
    expect((await container(pod, 'istio-proxy'))?.lifecycle?.postStart?.exec?.command).toContain(
      'urls=http://localhost/$(HOME)',
    );
  });
});

describe('a second call', () => {
  const again = async (pod: Pod) => (await admitPod(frozen(pod), { from: 'server' }, settings)).kind;

  it('has nothing to do', async () => expect(await again((await patched(classicPod())).patched)).toBe('complete'));

  it("does not mind another version's status", async () => {
    const { patched: pod } = await patched(classicPod(), { version: '9.9.9' });
    expect(await again(pod)).toBe('complete');
  });

  it('does not mind defaults and what other webhooks changed', async () => {
    const { patched: pod } = await patched(classicPod());
    const init = {
      ...pod.spec.initContainers?.[0],
      image: 'mirror.example.com/busybox',
      terminationMessagePath: '/dev/termination-log',
    } as Container;
    expect(await again({ ...pod, spec: { ...pod.spec, initContainers: [init] } })).toBe('complete');
  });

  it('finds the wrapper behind a program that another webhook has put before it', async () => {
    const { patched: pod } = await patched(classicPod());
    const { command, args } = pod.spec.containers[0] ?? {};
    const before = app({
      ...pod.spec.containers[0],
      command: ['/vault/vault-env'],
      args: [...(command ?? []), ...(args ?? [])],
    });
    const changed = { ...pod, spec: { ...pod.spec, containers: [before, ...pod.spec.containers.slice(1)] } };
    expect(await again(changed)).toBe('complete');
    // An earlier version wrapped such a container twice.
    const twice = { ...before, command: [...(command ?? [])], args: ['/vault/vault-env', ...(before.args ?? [])] };
    const { spec } = (
      await patched({ ...pod, spec: { ...pod.spec, containers: [twice, ...pod.spec.containers.slice(1)] } })
    ).patched;
    expect(spec.containers[0]).toMatchObject({ command, args: ['/vault/vault-env', '/app'] });
  });

  it.each<[how: string, join: (words: string[]) => string[]]>([
    ['joined by spaces', (words) => ['sh', '-c', words.join(' ')]],
    ['each quoted', (words) => ['sh', '-c', `. /secrets; exec ${words.map((word) => `'${word}'`).join(' ')}`]],
    ['in double quotes', (words) => ['sh', '-c', words.map((word) => JSON.stringify(word)).join(' ')]],
    ['as a list', (words) => ['/launcher', `--entrypoint=${JSON.stringify(words)}`]],
    ['after an operator', (words) => ['sh', '-c', `. /secrets&&${words.join(' ')}`]],
    ['in backticks', (words) => ['sh', '-c', `exit \`${words.join(' ')}\``]],
  ])('leaves a wrapper in the text of a script as it is, and says so: %s', async (_, join) => {
    const { patched: pod } = await patched(classicPod());
    const [first, ...others] = pod.spec.containers;
    const command = join([...(first?.command ?? []), ...(first?.args ?? [])]);
    const joined = app({ ...first, command, args: [] });
    const changed = { ...pod, spec: { ...pod.spec, containers: [joined, ...others] } };
    const outcome = await admitPod(frozen(changed), { from: 'server' }, settings);
    expect(outcome).toMatchObject({
      kind: 'complete',
      warnings: [expect.stringMatching(/^container app starts the wrapper from a shell's script/)],
    });
  });

  it.each<
    [
      where: string,
      wrap: (outer: string[], script: string) => Pick<Container, 'command' | 'args'>,
      left: (script: string) => object,
    ]
  >([
    [
      'before it, in command',
      (outer, script) => ({ command: outer, args: ['sh', '-c', script] }),
      (script) => ({ command: ['sh'], args: ['-c', script] }),
    ],
    [
      'before it, twice',
      (outer, script) => ({ command: outer, args: ['/vault/env', ...outer, 'sh', '-c', script] }),
      (script) => ({ command: ['/vault/env'], args: ['sh', '-c', script] }),
    ],
    [
      'behind it, as what the script is given',
      (outer, script) => ({ command: ['sh', '-c', `${script} "$@"`, 'sh'], args: [...outer, 'date'] }),
      (script) => ({ command: ['sh'], args: ['-c', `${script} "$@"`, 'sh', 'date'] }),
    ],
    [
      'before it, in args alone',
      (outer, script) => ({ args: [...outer, 'sh', '-c', script] }),
      (script) => ({ args: ['sh', '-c', script] }),
    ],
  ])('drops a wrapper in words if a script has one, too: %s', async (_, wrap, left) => {
    const { patched: pod } = await patched(classicPod());
    const [first, ...others] = pod.spec.containers;
    const outer = first?.command ?? [];
    const script = `exec ${[...outer, '/app'].join(' ')}`;
    const { command: _command, args: _args, ...container } = first ?? app();
    const twice = { ...container, ...wrap(outer, script) };
    const { patched: once, warnings } = await patched({
      ...pod,
      spec: { ...pod.spec, containers: [twice, ...others] },
    });
    expect(once.spec.containers[0]).toEqual({ ...container, ...left(script) });
    expect(warnings).toEqual([expect.stringMatching(/^container app starts the wrapper from a shell's script/)]);
    expect(await again(once)).toBe('complete');
  });

  it.each([
    ['a script that names our path', '/clockout/run is not run here'],
    ['a script that names our words in another order', 'ls /clockout/run sh /clockout/busybox --'],
    ['a script that runs our busybox', '/clockout/busybox sh /clockout/runner --'],
  ])('wraps %s', async (_, script) => {
    const { command } =
      (await container(classicPod({ spec: { containers: [app({ command: ['sh', '-c', script] })] } }), 'app')) ?? {};
    expect(command?.slice(0, 3)).toEqual(['/clockout/busybox', 'sh', '/clockout/run']);
  });

  it('wraps a container that came later, and has the others wait for it', async () => {
    const { patched: pod } = await patched(classicPod());
    const more = { ...pod, spec: { ...pod.spec, containers: [...pod.spec.containers, app({ name: 'late' })] } };
    const { spec } = (await patched(more)).patched;
    expect(spec.containers.find(({ name }) => name === 'app')?.args).toEqual(['/app']);
    expect(spec.initContainers?.[0]?.args?.[3]).toBe('app:any:3600,late:any:3600');
    expect(await again((await patched(more)).patched)).toBe('complete');
  });

  it('adds the guard to a proxy that came later', async () => {
    const first = (await patched(jobPod({ labels: { 'istio.io/rev': 'x' } }))).patched;
    const annotations = { ...first.metadata?.annotations, 'sidecar.istio.io/status': '{}' };
    const injected: Pod = {
      metadata: { ...first.metadata, annotations },
      spec: { ...first.spec, containers: [...first.spec.containers, proxy()] },
    };
    const { spec, metadata } = (await patched(injected)).patched;
    expect(spec.containers[1]?.lifecycle?.postStart).toBeDefined();
    expect(spec.containers[0]?.command).toContain('guard=yes');
    expect(metadata?.annotations?.['clockout.dev/status']).toContain('"injected"');
  });

  it('remembers where an entrypoint came from', async () => {
    const lookup = async () => ({ found: true as const, digest: 'sha256:1', entrypoint: ['/from$image'], cmd: [] });
    const pod = classicPod({ spec: { containers: [app({ command: null })] } });
    const first = await admitPod(pod, { from: 'server' }, settings, lookup);
    if (first.kind !== 'patched') throw new Error(first.kind);
    expect(first.patched.spec.containers[0]?.args).toEqual(['/from$$image']);
    const second = await admitPod(first.patched, { from: 'server' }, settings, () =>
      Promise.reject(new Error('asked again')),
    );
    expect(second).toMatchObject({
      kind: 'complete',
      plan: { containers: [{ entrypoint: { source: 'image', image: 'sha256:1' } }] },
    });
  });
});

describe('an init container of our name', () => {
  const withInit = async (change: (init: Container) => object) => {
    const { patched: pod } = await patched(classicPod());
    const [init] = pod.spec.initContainers ?? [];
    if (!init) throw new Error('expected an init container');
    const changed = { ...init, ...change(init) } as Container;
    const outcome = await admitPod(
      frozen({ ...pod, spec: { ...pod.spec, initContainers: [changed] } }),
      { from: 'server' },
      settings,
    );
    const after = outcome.kind === 'patched' ? outcome.patched.spec.initContainers?.[0] : undefined;
    return { init, changed, kind: outcome.kind, after };
  };
  const token = { name: 'aws-token', mountPath: '/var/run/secrets/eks.amazonaws.com/serviceaccount', readOnly: true };

  it.each<[string, (init: Container) => object]>([
    ['its script', ({ command }) => ({ command: [...(command ?? []).slice(0, 3), 'true', 'clockout-init'] })],
    ['its arguments', () => ({ args: ['exit 0'] })],
    ['environment', () => ({ env: [{ name: 'LD_PRELOAD', value: '/evil.so' }] })],
    ['environment from elsewhere', () => ({ envFrom: [{ secretRef: { name: 'x' } }] })],
    ['a user', ({ securityContext }) => ({ securityContext: { ...securityContext, runAsUser: 0 } })],
    ['privileges', () => ({ securityContext: { privileged: true } })],
    ['no security context', () => ({ securityContext: undefined })],
    [
      'a mount over busybox',
      ({ volumeMounts }) => ({ volumeMounts: [...(volumeMounts ?? []), { name: 'x', mountPath: '/bin' }] }),
    ],
    [
      'another mount of the tools',
      ({ volumeMounts }) => ({ volumeMounts: [...(volumeMounts ?? []), { name: 'clockout', mountPath: '/x' }] }),
    ],
    [
      'a mount that goes up from where tokens are',
      ({ volumeMounts }) => ({
        volumeMounts: [...(volumeMounts ?? []), { name: 'x', mountPath: '/var/run/secrets/../../../bin' }],
      }),
    ],
    ['no mounts', () => ({ volumeMounts: null })],
    [
      'the tools read-only',
      ({ volumeMounts }) => ({ volumeMounts: volumeMounts?.map((mount) => ({ ...mount, readOnly: true })) }),
    ],
    ['a restart policy of its own', () => ({ restartPolicy: 'Always' })],
    ['a hook', () => ({ lifecycle: { postStart: { exec: { command: ['/x'] } } } })],
    ['another working directory', () => ({ workingDir: '/x' })],
    ['a file of its own over the script of the wrapper', () => ({ terminationMessagePath: '/clockout/run' })],
  ])('is put back: %s', async (_, change) => {
    const { init, after } = await withInit(change);
    expect(after).toEqual(init);
  });

  it.each<[string, (init: Container) => object]>([
    ['a pull policy', () => ({ imagePullPolicy: 'Always' })],
    ['resources', () => ({ resources: { limits: { cpu: '1' } } })],
    ['a mirrored image', () => ({ image: 'mirror.example.com/busybox@sha256:0' })],
    ['a token mount', ({ volumeMounts }) => ({ volumeMounts: [token, ...(volumeMounts ?? [])] })],
    [
      "the API server's token in place of our empty folder",
      ({ volumeMounts }) => ({
        volumeMounts: volumeMounts?.map((mount) =>
          mount.subPath ? { name: 'kube-api-access-x', mountPath: mount.mountPath, readOnly: true } : mount,
        ),
      }),
    ],
    ['where its messages come from', () => ({ terminationMessagePolicy: 'FallbackToLogsOnError' })],
    [
      "the API server's defaults",
      () => ({ terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' }),
    ],
    [
      'more dropped capabilities',
      ({ securityContext }) => ({ securityContext: { ...securityContext, capabilities: { drop: ['ALL', 'KILL'] } } }),
    ],
    ['mounts in another order', ({ volumeMounts }) => ({ volumeMounts: [...(volumeMounts ?? [])].reverse() })],
  ])('keeps what other webhooks change: %s', async (_, change) =>
    expect((await withInit(change)).kind).toBe('complete'),
  );

  it('keeps a token mount when the rest is put back', async () => {
    const { init, after } = await withInit(({ volumeMounts }) => ({
      env: [{ name: 'A', value: 'b' }],
      volumeMounts: [...(volumeMounts ?? []), token],
    }));
    expect(after).toEqual({ ...init, volumeMounts: [...(init.volumeMounts ?? []), token] });
  });
});

it('JSON pointers are escaped', () => expect(pointer('a/b', '~1', 0)).toBe('/a~1b/~01/0'));
