import { applyPatch } from 'diff';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { admitPod } from '../../src/admission/admit.ts';
import { digest } from '../../src/manifests/undo/record.ts';
import { printYaml } from '../../src/manifests/yaml/print.ts';
import type { Pod } from '../../src/pod/schema.ts';
import { app, classicPod, proxy, settings, withStrategy } from '../support/pods.ts';
import { inject, uninject } from './run.ts';

const job = `# of the team
apiVersion: batch/v1
kind: Job
metadata: {name: j, namespace: jobs}
spec:
  template:
    spec:
      restartPolicy: Never
      volumes: [] # none yet
      containers:
        - name: app
          image: 'example.com/app:1'
          command: # what it runs
            - /app # first
            - '--now'
          args: ["a", b]
`;
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n';

/** As `kubectl get -o yaml` shows a pod that the webhook has wrapped. */
async function exported(pod: Pod, lookup?: { entrypoint: string[]; cmd: string[] }, using = settings): Promise<Pod> {
  const outcome = await admitPod(
    pod,
    { from: 'server' },
    using,
    lookup && (async () => ({ found: true, digest: 'sha256:0', ...lookup })),
  );
  if (outcome.kind !== 'patched') throw new Error(`expected a patched pod, found ${outcome.kind}`);
  return outcome.patched;
}

const print = (pod: object) =>
  printYaml({ apiVersion: 'v1', kind: 'Pod', ...pod }, { indent: 2, indentSeq: false, literals: true });
const named = (pod: Pod): Pod => ({ ...pod, metadata: { ...pod.metadata, name: 'p', namespace: 'jobs' } });

describe('a file that inject wrote', () => {
  it('becomes what it was, byte for byte', async () => {
    const { stdout } = await inject({ x: job });
    expect(await uninject({ x: stdout })).toEqual({
      code: 0,
      stdout: job,
      stderr: 'x: Job jobs/j: as before inject, byte for byte\n',
    });
  });

  it('becomes what it was in a stream of several files', async () => {
    const { stdout } = await inject({ a: job, b: configMap, c: job.replaceAll('\n', '\r\n') });
    const { stdout: back, stderr } = await uninject({ x: `# more\n---\n${stdout}` });
    expect(back).toBe(`# more\n---\n${job}---\n${configMap}---\n${job.replaceAll('\n', '\r\n')}`);
    expect(stderr).toMatch(/^2 as before inject\nx: Job jobs\/j: as before inject/);
  });

  it('keeps what was changed since, and every other byte', async () => {
    const { stdout } = await inject({ x: job });
    const added = '        - name: added\n          image: x # new\n';
    const changed = stdout
      .replace("'example.com/app:1'", "'example.com/app:2' # newer")
      .replace('--now', '--later')
      .replace('      initContainers:', `${added}      initContainers:`);
    const { stdout: back, stderr } = await uninject({ x: changed });
    expect(back).toBe(
      job
        .replace("'example.com/app:1'", "'example.com/app:2' # newer")
        .replace('      volumes: [] # none yet\n', '')
        .replace(
          `            - /app # first\n            - '--now'\n          args: ["a", b]\n`,
          '            - /app\n            - --later\n          args: ["a", "b"]\n',
        ) + added,
    );
    expect(stderr).toBe('x: Job jobs/j: without Clockout now; the command of app is the one from before\n');
  });

  it('can be one of several documents of which another one was changed', async () => {
    const { stdout } = await inject({ a: job, b: job });
    const [first = '', second = ''] = stdout.split('---\n');
    const { stdout: back, stderr } = await uninject({ x: `${first.replace('app:1', 'app:3')}---\n${second}` });
    expect(back.split('---\n')[1]).toBe(job);
    expect(parse(back.split('---\n')[0] ?? '').spec.template.spec.containers[0].image).toBe('example.com/app:3');
    expect(stderr).toMatch(/^1 as before inject, 1 without Clockout now\n/);
    const text = `${first.replace('app:1', 'app:3')}---\n${second}---\n${first.replace('app:1', 'app:3')}`;
    const { stdout: diff } = await uninject({ x: text }, { output: 'diff' });
    expect(applyPatch(text, diff)).toBe((await uninject({ x: text })).stdout);
  });

  it.each([
    ['the strategy native, which moves sidecars', print(named(classicPod())), withStrategy('native')],
    ['the strategy native, which only asks Istio', job, withStrategy('native')],
  ])('becomes what it was after %s', async (_, text, settings) => {
    const { stdout } = await inject({ x: text }, { settings });
    expect(stdout).not.toBe(text);
    expect((await uninject({ x: stdout })).stdout).toBe(text);
  });

  it('no longer asks Istio for a native sidecar, also if it was changed since', async () => {
    const { stdout } = await inject({ x: job }, { settings: withStrategy('native') });
    const changed = stdout.replace('app:1', 'app:2');
    expect((await uninject({ x: changed })).stdout).toBe(job.replace('app:1', 'app:2'));
  });

  it('cannot be undone if its sidecars moved and it was changed since', async () => {
    const { stdout } = await inject({ x: print(named(classicPod())) }, { settings: withStrategy('native') });
    const { code, stdout: back, stderr } = await uninject({ x: stdout.replace('team/app:1', 'team/app:2') });
    expect({ code, back }).toEqual({ code: 1, back: '' });
    expect(stderr).toMatch(
      /^x:1:1: Pod jobs\/p: Clockout made istio-proxy native, and what they were before is recorded/,
    );
  });
});

describe('a pod from a cluster', () => {
  const own = app({
    command: ['/app'],
    args: ['--now'],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  });
  const sidecar = proxy({ lifecycle: { postStart: { exec: { command: ['pilot-agent', 'wait'] } } } });
  const pod: Pod = named(classicPod({ spec: { containers: [own], volumes: [{ name: 'data', emptyDir: {} }] } }));

  it.each<[string, Pod, { entrypoint: string[]; cmd: string[] }?]>([
    ['with a command and args', pod],
    ['with a hook in its sidecar', { ...pod, spec: { ...pod.spec, containers: [own, sidecar] } }],
    ['with a command only', named(classicPod({ spec: { containers: [app({ command: ['sh', '-c', 'x'] })] } }))],
    [
      'whose command is from the image',
      named(classicPod({ spec: { containers: [{ name: 'app', image: 'i' }] } })),
      { entrypoint: ['/entry', '$HOME'], cmd: ['serve'] },
    ],
    [
      'whose command is from the image, with args of its own',
      named(classicPod({ spec: { containers: [{ name: 'app', image: 'i', args: ['serve', '--x'] }] } })),
      { entrypoint: ['/entry'], cmd: ['run'] },
    ],
    [
      'whose command is from an annotation',
      named(
        classicPod({
          annotations: { 'clockout.dev/entrypoint': '["/entry"]' },
          spec: { containers: [{ name: 'app', image: 'i', args: ['x'] }] },
        }),
      ),
    ],
    ['with probes of Clockout', named(classicPod({ annotations: { 'clockout.dev/probes': 'readiness-liveness' } }))],
  ])('%s is as it was', async (_, before, image) => {
    const { stdout, stderr } = await uninject({ x: print(await exported(before, image)) });
    expect({ after: parse(stdout), stderr }).toEqual({
      after: parse(print(before)),
      stderr: 'x: Pod jobs/p: without Clockout now; the command of app is the one from before\n',
    });
  });

  it('in a List of others is changed alone', async () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'Pod', ...(await exported(pod)) }],
    };
    const { stdout, stderr } = await uninject({ x: JSON.stringify(list, null, 4) }, { output: 'json' });
    expect(JSON.parse(stdout).items).toEqual([{ apiVersion: 'v1', kind: 'Pod', ...pod }]);
    expect(stderr).toBe('x: Pod jobs/p: without Clockout now; the command of app is the one from before\n');
  });

  it('gets the whole command of which an earlier version recorded no more', async () => {
    const before = named(classicPod({ spec: { containers: [{ name: 'app', image: 'i' }] } }));
    const wrapped = print(await exported(before, { entrypoint: ['/entry'], cmd: ['serve'] }));
    const { stdout, stderr } = await uninject({ x: wrapped.replace(/"words":\d+,/, '') });
    expect(parse(stdout).spec.containers[0]).toEqual({ name: 'app', image: 'i', command: ['/entry', 'serve'] });
    expect(stderr).toContain('warning: app has the whole command that it ran');
  });

  it('whose sidecars became native cannot be undone, which it says', async () => {
    const { code, stdout, stderr } = await uninject({
      x: print(await exported(pod, undefined, withStrategy('native'))),
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^x:1:1: Pod jobs\/p: Clockout made istio-proxy native/);
  });

  it('whose wrapper another program has joined into a text cannot be undone, which it says', async () => {
    const wrapped = await exported(pod);
    const [{ command, args, ...rest } = own, ...others] = wrapped.spec.containers;
    const joined = { ...rest, command: ['sh', '-c', [...(command ?? []), ...(args ?? [])].join(' ')] };
    const { code, stderr } = await uninject({
      x: print({ ...wrapped, spec: { ...wrapped.spec, containers: [joined, ...others] } }),
    });
    expect(code).toBe(1);
    expect(stderr).toContain("another program has joined Clockout's words in the command of container app");
  });
});

describe('what has nothing of Clockout', () => {
  const volumes = [{ name: 'clockout', emptyDir: {} }];
  it.each([
    ['other kinds', configMap],
    ['a Job', job],
    ['a pod with a volume of that name', print(named(classicPod({ spec: { volumes } })))],
    ['an annotation that is no status', print(named(classicPod({ annotations: { 'clockout.dev/status': '{}' } })))],
  ])('%s: every byte stays', async (_, text) => {
    expect(await uninject({ x: text })).toEqual({
      code: 0,
      stdout: text,
      stderr: 'nothing to take out: the input has nothing of Clockout\n',
    });
  });
});

describe('a record that somebody else wrote', () => {
  /** Claims that a text was here before, with the right digest. */
  function forge(text: string, old: string, instead: string): string {
    const bare = text.replace('"RECORD"', '');
    const edits = [[bare.indexOf(old), old.length, instead]];
    const record = { strategy: 'wrap', text: { sha256: digest(bare), length: bare.length, edits } };
    return text.replace('"RECORD"', JSON.stringify(JSON.stringify(record)));
  }
  const pod = (image: string) =>
    `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "annotations": {"clockout.dev/undo": "RECORD"}}, "spec": {"containers": [{"name": "a", "image": "${image}", "command": ["/a"]}]}}`;

  it('may give back a command', async () => {
    const { stdout } = await uninject({ x: forge(pod('i'), '["/a"]', '[ "/b" ]') });
    expect(stdout).toContain('[ "/b" ]');
  });

  it.each([
    ['an image', '"i"', '"evil"'],
    ['the kind', '"Pod"', '"ClusterRoleBinding"'],
    ['the name', '"p"', '"other"'],
    ['a security context', '"/a"]', '"/a"], "securityContext": {"privileged": true}'],
    ['what is no YAML', '"/a"]', ']]]'],
    ['another document', '"/a"]}]}}', '"/a"]}]}}\n{"kind": "Role"}'],
  ])('changes nothing if it would change %s', async (_, old, instead) => {
    const { code, stdout } = await uninject({ x: forge(pod('i'), old, instead) });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(
      JSON.parse(pod('i').replace(', "annotations": {"clockout.dev/undo": "RECORD"}', '')),
    );
  });

  it.each(['', 'null', '[]', '{"strategy":"wrap","text":{"sha256":"","length":-1,"edits":[]}}', '['.repeat(70_000)])(
    'is taken out if it is none',
    async (record) => {
      const text = pod('i').replace('"RECORD"', JSON.stringify(record));
      const { code, stdout } = await uninject({ x: text });
      expect({ code, metadata: JSON.parse(stdout).metadata }).toEqual({ code: 0, metadata: { name: 'p' } });
    },
  );
});

it('stops where an alias stands for the same lines, and names the line of the file', async () => {
  const text = `${job}---\n${job}`;
  const { stdout } = await inject({ x: text });
  const [first = '', second = ''] = stdout.split('---\n');
  const shared = second.replace('    spec:', '    spec: &s').replace(/$/, 'other: *s\n');
  const { code, stderr } = await uninject({ x: `${first}---\n${shared}` });
  expect(code).toBe(1);
  const line = first.split('\n').length + 8;
  expect(stderr).toMatch(new RegExp(`^x:${line}:\\d+: the alias \\*s elsewhere`));
});

it('looks where --template-path says, too', async () => {
  const text = job.replace('batch/v1', 'example.com/v1').replace('kind: Job', 'kind: Batch');
  const templatePaths = [['spec', 'template']];
  const { stdout } = await inject({ x: text }, { templatePaths });
  expect(stdout).toContain('clockout-init');
  expect((await uninject({ x: stdout }, { templatePaths })).stdout).toBe(text);
});

it('says of an object of another kind where it has something of Clockout', async () => {
  const text = job.replace('batch/v1', 'example.com/v1').replace('kind: Job', 'kind: Batch');
  const { stdout } = await inject({ x: text }, { templatePaths: [['spec', 'template']] });
  expect(await uninject({ x: stdout, y: text })).toEqual({
    code: 0,
    stdout: `${stdout}---\n${text}`,
    stderr:
      'x: Batch jobs/j: it has something of Clockout, and was not looked at; take it out with --template-path /spec/template\n',
  });
});

it('shows in its diff what it does', async () => {
  const { stdout } = await inject({ x: job });
  const { stdout: diff } = await uninject({ x: stdout }, { output: 'diff' });
  expect(diff).toMatch(/^--- x\n\+\+\+ x\n@@/);
  expect(diff).toContain("\n+            - '--now'\n");
});
