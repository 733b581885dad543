import { readdir, readFile } from 'node:fs/promises';
import jsonPatch from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { classicPod, jobPod, withStrategy } from '../support/pods.ts';
import { explain, inject } from './run.ts';

const cases = new URL('./testdata/', import.meta.url);
const names = (await readdir(cases))
  .filter((name) => name.endsWith('.input.yaml'))
  .map((name) => name.replace('.input.yaml', ''));

/** The scripts and the version have tests of their own; here they would only make noise. */
const settled = (text: string) =>
  text.replace(/^( +)- \|-?\n(?:\1 .*\n|\n)+/gm, '$1- <script>\n').replace(/"(?:[^"\\]|\\.){300,}"/g, '"<script>"');

describe('goldens', () => {
  it.each(names)('%s', async (name) => {
    const { code, stdout, stderr } = await inject({
      'in.yaml': await readFile(new URL(`${name}.input.yaml`, cases), 'utf8'),
    });
    expect(code).toBe(0);
    await expect(settled(stdout)).toMatchFileSnapshot(`testdata/${name}.golden.yaml`);
    await expect(stderr).toMatchFileSnapshot(`testdata/${name}.report.txt`);
  });

  it('none is left over', async () => {
    const left = (await readdir(cases)).filter((name) => !names.some((known) => name.startsWith(`${known}.`)));
    expect(left).toEqual([]);
  });
});

const job = `apiVersion: batch/v1
kind: Job
metadata: {name: j, namespace: jobs}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: app, image: i, command: [/app]}]}
`;
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n';
const podJson = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...classicPod() }, null, 4);

const review = (object: object = { apiVersion: 'v1', kind: 'Pod', ...classicPod() }) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u1',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    operation: 'CREATE',
    namespace: 'jobs',
    object,
  },
});

describe('-o yaml', () => {
  it.each([
    ['other kinds', `# c\n${configMap}`],
    [
      'a Job that is skipped',
      job.replace('spec: {', 'metadata: {labels: {clockout.dev/inject: "false"}}\n    spec: {'),
    ],
    ['comments only', '# c\r\n'],
    ['empty documents', '---\n---\n# c\n---\n'],
    ['a byte order mark and CRLF', `\ufeff${configMap}`.replaceAll('\n', '\r\n')],
    ['JSON', '{"kind":\t"Other"}'],
  ])('%s: every byte stays', async (_, text) => {
    expect((await inject({ 'x.yaml': text })).stdout).toBe(text);
  });

  it('JSON stays JSON, in its own layout', async () => {
    const { stdout } = await inject({ 'pod.json': podJson });
    expect(JSON.stringify(JSON.parse(stdout), null, 4)).toBe(stdout);
    expect(JSON.parse(stdout).spec.volumes).toHaveLength(2);
  });

  it('several files become one stream', async () => {
    const files = {
      'a.json': podJson,
      'b.yaml': '\ufeff# c\n---\nkind: A',
      'c.yaml': '',
      'd.yaml': '# d\n--- # e\nkind: B\n',
      'e.yml': configMap,
    };
    const { stdout } = await inject(files);
    const unchanged =
      '# c\n---\nkind: A\n# d\n--- # e\nkind: B\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n';
    expect(stdout.endsWith(`}\n${unchanged}`)).toBe(true);
  });

  it('an AdmissionReview is answered, YAML by YAML and JSON by JSON', async () => {
    const { stdout } = await inject({ 'review.json': JSON.stringify(review()) });
    const { response, ...envelope } = JSON.parse(stdout);
    expect(envelope).toEqual({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
    expect(response).toMatchObject({ uid: 'u1', allowed: true, patchType: 'JSONPatch' });
    const block = `# asked\napiVersion: admission.k8s.io/v1\nkind: AdmissionReview\nrequest: ${JSON.stringify(review().request)}\n`;
    const answer = (await inject({ 'review.yaml': `${block}---\n${configMap}` })).stdout;
    expect(parse(answer.split('---\n')[0] ?? '').response).toEqual(response);
    expect(answer.endsWith(`---\n${configMap}`)).toBe(true);
  });
});

describe('-o json', () => {
  it('is the object, or a List for several', async () => {
    const one = JSON.parse((await inject({ 'j.yaml': job }, { output: 'json' })).stdout);
    expect(one).toMatchObject({ kind: 'Job', spec: { template: { spec: { containers: [{ args: ['/app'] }] } } } });
    const several = JSON.parse((await inject({ 'j.yaml': `${job}---\n---\n${configMap}` }, { output: 'json' })).stdout);
    expect(several).toEqual({
      apiVersion: 'v1',
      kind: 'List',
      items: [one, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }],
    });
  });

  it('has no trouble with aliases, of which each copy is its own', async () => {
    const text = job
      .replace('command: [/app]', 'command: &c [/app]')
      .replace(']}\n', ', {name: two, image: i, command: *c}]}\n');
    const { containers } = JSON.parse((await inject({ 'j.yaml': text }, { output: 'json' })).stdout).spec.template.spec;
    expect(containers.map((c: { command: string[] }) => c.command[3])).toEqual(['name=app', 'name=two']);
  });
});

describe('-o patch', () => {
  it('is a JSON patch from the root of the manifest', async () => {
    const patch = JSON.parse((await inject({ 'j.yaml': job }, { output: 'patch' })).stdout);
    const json = JSON.parse((await inject({ 'j.yaml': job }, { output: 'json' })).stdout);
    expect(jsonPatch.applyPatch(parse(job), patch, true).newDocument).toEqual(json);
  });

  it('is empty if there is nothing to do', async () => {
    expect((await inject({ 'c.yaml': configMap }, { output: 'patch' })).stdout).toBe('[]\n');
  });

  it('says which is whose for several documents', async () => {
    const text = `${configMap}---\n${job}---\n{apiVersion: v1, kind: List, items: [${podJson}]}`;
    const patches = JSON.parse((await inject({ 'x.yaml': text }, { output: 'patch' })).stdout);
    expect(patches).toMatchObject([
      { file: 'x.yaml', document: 2, targets: [{ apiVersion: 'batch/v1', kind: 'Job', namespace: 'jobs', name: 'j' }] },
      { file: 'x.yaml', document: 3, targets: [{ kind: 'Pod', name: 'report-*' }] },
    ]);
    expect(patches[1].patch[0].path).toMatch('/items/0/');
  });

  it('of a review starts at the review', async () => {
    const [first] = JSON.parse((await inject({ 'r.json': JSON.stringify(review()) }, { output: 'patch' })).stdout);
    expect(first.path).toMatch('/request/object/');
  });
});

describe('-o diff', () => {
  it('is a unified diff that patch(1) reads, of what changes only', async () => {
    const { stdout } = await inject(
      { 'a.yaml': configMap, 'j.yaml': job.replaceAll('\n', '\r\n') },
      { output: 'diff' },
    );
    expect(stdout.split('\n').slice(0, 3)).toEqual(['--- j.yaml', '+++ j.yaml', expect.stringMatching(/^@@ /)]);
    expect(stdout).not.toContain('a.yaml');
    expect(stdout).not.toContain('\u001b');
  });

  it('comes in colour where that was asked for', async () => {
    const { stdout } = await inject({ 'j.yaml': job }, { output: 'diff', color: true });
    expect(stdout).toContain('\n\u001b[32m+');
  });
});

describe('what it reads', () => {
  it('a directory: all manifests below it, sorted', async () => {
    const files = {
      'b/z.yml': 'kind: Z\n',
      'a.json': '{"kind":"A"}',
      'b/c/y.yaml': 'kind: Y\n',
      'README.md': ': no: yaml',
      'd.yaml/x.txt': '',
    };
    expect((await inject(files, { files: [''] })).stdout).toBe('{"kind":"A"}\n---\nkind: Y\n---\nkind: Z\n');
  });

  it('standard input', async () => {
    const { stdout, stderr } = await inject({}, { files: ['-'], stdin: job, output: 'diff' });
    expect(stdout).toMatch(/^--- stdin\n/);
    expect(stderr).toMatch(/^stdin: Job jobs\/j: wrapped app/);
  });
});

describe('bad input: exit code 1, nothing on standard output, and a sentence', () => {
  const binary = new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]);
  const latin1 = new Uint8Array([0x61, 0x3a, 0x20, 0xe9]);
  it.each([
    ['a missing file', {}, { files: ['gone.yaml'] }, 'gone.yaml: no such file or directory'],
    [
      'a directory without manifests',
      { 'x.txt': '' },
      { files: [''] },
      /^\.\/?: no manifests in this directory; expected files with/,
    ],
    ['an empty stdin', {}, { files: ['-'], stdin: '\n' }, 'stdin: nothing came in; expected manifests, as in'],
    ['stdin twice', {}, { files: ['-', '-'], stdin: job }, '-f - was given twice'],
    [
      'a binary file',
      { 'x.yaml': binary },
      {},
      'x.yaml:1:5: expected YAML or JSON in UTF-8, found a NUL, as binary files have; remove it',
    ],
    [
      'a text that is not UTF-8',
      { 'x.yaml': latin1 },
      {},
      'x.yaml:1:4: expected YAML or JSON in UTF-8, found the byte 0xE9; save it as UTF-8',
    ],
    ['YAML that does not parse', { 'ok.yaml': job, 'x.yaml': 'a: [1' }, {}, /^x\.yaml:1:\d: this is not valid YAML/],
    [
      'a number in args',
      { 'x.yaml': job.replace('[/app]', '[/app, 80]') },
      {},
      /^x\.yaml:6:85: Job jobs\/j: in \/spec\/template, \/spec\/containers\/0\/command\/1 .*; found 80; put it in quotes$/m,
    ],
    [
      'a spec that is no map',
      { 'x.yaml': 'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec:\n  jobTemplate: [a]\n' },
      {},
      'x.yaml:5:16: CronJob c: /spec/jobTemplate must be object; found ["a"]; write a map\n',
    ],
    [
      'a pod in a list whose spec is no map',
      { 'x.yaml': 'apiVersion: v1\nkind: PodList\nitems:\n- null\n- {spec: 3}\n' },
      {},
      'x.yaml:5:10: Pod (without a name): /spec must be object; found 3; write a map\n',
    ],
    ['a path through a file', { 'x.yaml': job }, { files: ['x.yaml/y'] }, 'a part of its path is a file, and not a'],
    ['a name that is too long', {}, { files: ['x'.repeat(300)] }, /the name is longer than the file system allows/],
    [
      'a device without an end',
      {},
      { files: ['../../../../../../../../dev/zero'] },
      'expected at most 128 MiB, found more',
    ],
    [
      'a review of something else',
      { 'r.yaml': JSON.stringify(review()).replace('"CREATE"', '"DELETE"') },
      {},
      'r.yaml:1:1: expected a review of CREATE of v1/Pod, found DELETE',
    ],
    [
      'a path across an alias',
      { 'x.yaml': job.replace('spec: {r', 'spec: &s {r').concat('x: *s\n') },
      {},
      /^x\.yaml:6:14: the alias \*s elsewhere stands for the same lines, so the patch/,
    ],
  ])('%s', async (_, files, options, message) => {
    const { code, stdout, stderr } = await inject(files as Record<string, string>, options);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
    expect(stdout).toBe('');
  });

  it('names every file that is wrong', async () => {
    const { stderr } = await inject({ 'a.yaml': 'a: [', 'b.yaml': job, 'c.yaml': 'c: [' });
    expect(stderr.split('\n').map((line) => line.split(':')[0])).toEqual(['a.yaml', 'c.yaml', '']);
  });
});

const named = (name: string, text = job) => text.replace('name: j,', `name: ${name},`);

describe('a directory', () => {
  it('starts with a summary, and says a repeated sentence once', async () => {
    const pod = (i: number) => `apiVersion: v1\nkind: Pod\nmetadata: {name: p${i}}\nspec: {containers: [{name: a}]}\n`;
    const files = {
      'a.yaml': named('a'),
      'b.yaml': named('b'),
      'c.yaml': job.replace(', command: [/app]', ''),
      'pods.yaml': Array.from({ length: 12 }, (_, i) => pod(i)).join('---\n'),
    };
    const lines = (await inject(files, { files: [''] })).stderr.trimEnd().split('\n');
    expect(lines[0]).toBe('2 wrapped, 12 not Jobs, 1 needs a command');
    expect(lines[1]).toMatch(/^a\.yaml: Job jobs\/a: wrapped app \(command from the manifest\); istio-proxy is not/);
    expect(lines[2]).toBe('b.yaml: Job jobs/b: wrapped app (command from the manifest)');
    expect(lines.filter((line) => line.includes('not-a-job'))).toHaveLength(10);
    expect(lines.filter((line) => line.includes('the pod belongs to no Job'))).toHaveLength(1);
  });

  it('skips patches of kustomize, with a hint', async () => {
    const patch =
      'apiVersion: batch/v1\nkind: Job\nmetadata: {name: p}\nspec: {template: {metadata: {annotations: {a: b}}}}\n';
    const { code, stdout, stderr } = await inject({ 'job.yaml': job, 'patch.yaml': patch });
    expect(code).toBe(0);
    expect(stdout.endsWith(`---\n${patch}`)).toBe(true);
    expect(stderr).toContain('1 wrapped, 1 incomplete\n');
    expect(stderr).toMatch(
      /^patch\.yaml: Job p: skipped, because it has no containers; if it is a patch of kustomize, .*`kubectl kustomize DIR`/m,
    );
    expect((await explain({ 'patch.yaml': patch })).stderr).toMatch(/^patch\.yaml: Job p: skipped/);
  });

  it.each([
    ['no spec', 'metadata: {name: p}\n', 'it has no containers'],
    ['a field of the Job', 'spec: {backoffLimit: 1}\n', 'it has no containers'],
    ['containers that are null', 'spec: {template: {spec: {containers: }}}\n', 'it has no containers'],
    [
      'a container that is removed',
      'spec: {template: {spec: {containers: [{name: a, $patch: delete}]}}}\n',
      'it has the field $patch',
    ],
  ])('recognises a patch of kustomize with %s', async (_, text, because) => {
    const { code, stderr } = await inject({ 'p.yaml': `apiVersion: batch/v1\nkind: Job\n${text}` });
    expect([code, stderr.split('; ')[0]]).toEqual([0, expect.stringMatching(/^p\.yaml: Job .*: skipped, because /)]);
    expect(stderr).toContain(because);
  });

  it('writes nothing if one file is bad, and names each place and each piece of advice once', async () => {
    const template = 'a: {{ x }}\n';
    const { code, stdout, stderr } = await inject({ 'a.yaml': template, 'b.yaml': job, 'c.yaml': template });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr.split('\n').map((line) => line.split(':').slice(0, 3).join(':'))).toEqual(
      [
        'a.yaml:1:5',
        'It looks like a template: render it first, for example with `helm template`.',
        'c.yaml:1:5',
        '',
      ].map((line) => line.split(':').slice(0, 3).join(':')),
    );
  });
});

describe('what Kubernetes reads otherwise than a person might', () => {
  it.each(['yaml', 'json', 'diff', 'patch'] as const)('is warned of once: -o %s', async (output) => {
    const text = job.replace('kind: Job\n', 'kind: Job\nkind: Job\n');
    const { code, stderr } = await inject({ 'x.yaml': text }, { output });
    expect(code).toBe(0);
    expect(stderr).toContain(
      'x.yaml:3:1: warning: the key kind is in this map twice, first at 2:1; Kubernetes reads the last one\n',
    );
  });

  it('patches the last of equal keys', async () => {
    const text = job.replace('command: [/app]', 'command: [/old], command: [/app]');
    const { stdout } = await inject({ 'x.yaml': text });
    expect(stdout).toContain('command: [/old], command: ["/clockout/busybox"');
  });

  it('declines to patch what a merge key below takes the place of', async () => {
    const text = job.replace('command: [/app]', 'command: [/old], <<: {command: [/app]}');
    expect((await inject({ 'x.yaml': text })).stderr).toMatch(/^x\.yaml:6:\d+: a merge key \(<<\) below command takes/);
  });

  it('keeps all digits of large integers', async () => {
    const text = `apiVersion: v1\nkind: Other\nmaximum: 9223372036854775807\ntext: "integer:1"\n---\n${job}`;
    const { stdout } = await inject({ 'x.yaml': text }, { output: 'json' });
    expect(stdout).toContain('"maximum": 9223372036854775807,');
    expect(JSON.parse(stdout).items[0].text).toBe('integer:1');
  });
});

describe('the report', () => {
  it.each([
    [
      'a Job',
      job,
      /^x: Job jobs\/j: wrapped app \(command from the manifest\); istio-proxy is not in the manifest yet, so it has no guard: /,
    ],
    [
      'an injected pod',
      podJson,
      /^x: Pod report-\*: wrapped app \(command from the manifest\); a guard runs in istio-proxy\n$/,
    ],
    [
      'a bare pod',
      JSON.stringify({ apiVersion: 'v1', kind: 'Pod', spec: jobPod().spec }),
      /^x: Pod \(without a name\): skipped, not-a-job: /,
    ],
    [
      'a Job of Volcano',
      job.replace('batch/', 'batch.volcano.sh/'),
      /^x: Job jobs\/j of batch\.volcano\.sh\/v1: skipped/,
    ],
    [
      'a Job without a restartPolicy',
      job.replace('restartPolicy: Never, ', ''),
      /: skipped, restart-policy-always: the pod template has no restartPolicy, and Kubernetes takes no Job without it; set/,
    ],
    ['no Job at all', configMap, /^nothing to wrap: the input has no Pod, Job or CronJob\n$/],
    [
      'no command',
      job.replace(', command: [/app]', ''),
      /skipped, no-entrypoint: .*\nx: Job jobs\/j: warning: container app: .*clockout\.dev\/entrypoint/,
    ],
  ])('%s', async (_, text, expected) => {
    expect((await inject({ x: text })).stderr).toMatch(expected);
  });

  it('warns of nothing that the reason says already', async () => {
    const { stderr } = await inject({ x: job.replace('[/app]', '[/init]') });
    expect(stderr).toMatch(/^x: Job jobs\/j: skipped, needs-pid-1: [^\n]*\n$/);
  });

  it('says so if it was wrapped before', async () => {
    const { stdout } = await inject({ x: job });
    const again = await inject({ x: stdout });
    expect(again.stdout).toBe(stdout);
    expect(again.stderr).toBe('x: Job jobs/j: wrapped already, nothing to change\n');
  });
});

describe('the strategy native', () => {
  const settings = withStrategy('native');

  it('only asks Istio if its sidecar is not there yet', async () => {
    const { stdout, stderr } = await inject({ x: job }, { settings });
    expect(stdout.replace(/ +clockout\.dev\/undo: .*\n/, '')).toBe(
      job.replace(
        '    spec: {restartPolicy: Never, containers: [{name: app, image: i, command: [/app]}]}\n',
        '    spec: {restartPolicy: Never, containers: [{name: app, image: i, command: [/app]}]}\n' +
          '    metadata:\n      annotations:\n        sidecar.istio.io/nativeSidecar: "true"\n',
      ),
    );
    expect(stderr).toBe('x: Job jobs/j: made native: istio-proxy (asked of Istio, from 1.24 on)\n');
  });

  it('moves the sidecars of a pod that Istio has seen', async () => {
    const { stdout, stderr } = await inject({ x: podJson }, { settings });
    const { spec } = JSON.parse(stdout);
    expect(spec.containers.map(({ name }: { name: string }) => name)).toEqual(['app']);
    expect(spec.initContainers).toMatchObject([{ name: 'istio-proxy', restartPolicy: 'Always' }]);
    expect(stderr).toBe('x: Pod report-*: made native: istio-proxy\n');
    const again = await inject({ x: stdout }, { settings });
    expect(again).toEqual({ code: 0, stdout, stderr: 'x: Pod report-*: made native already, nothing to change\n' });
  });

  it('has words of its own in the summary', async () => {
    const initContainers = [{ name: 'side', startupProbe: {} }];
    const labels = { 'sidecar.istio.io/inject': 'false' };
    const repaired = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...jobPod({ labels, spec: { initContainers } }) });
    const { stderr } = await inject({ a: job, b: named('b'), c: repaired }, { settings });
    expect(stderr).toMatch(/^2 made native, 1 repaired\n/);
    const { stdout } = await inject({ x: `${podJson}\n${podJson}\n` }, { settings });
    expect((await inject({ x: stdout }, { settings })).stderr).toMatch(/^2 made native already\n/);
  });

  it.each([undefined, 2])(
    'keeps all digits of the containers that it writes again: JSON with spaces %s',
    async (space) => {
      const marked = JSON.stringify(JSON.parse(podJson), null, space).replace(
        /"name": ?"app"/,
        '$&,"x":9007199254740993',
      );
      expect((await inject({ x: marked }, { settings })).stdout).toMatch(/"x": ?9007199254740993\b/);
    },
  );

  it("may be the namespace's, in a later file", async () => {
    const labels = 'labels: {clockout.dev/strategy: native}';
    const namespace = `apiVersion: v1\nkind: Namespace\nmetadata: {name: jobs, ${labels}}\n`;
    const usual = withStrategy('wrap', { apiServer: 33 });
    const { stderr } = await inject({ 'a.yaml': job, 'b.yaml': namespace }, { settings: usual });
    expect(stderr).toMatch(/^a\.yaml: Job jobs\/j: made native: istio-proxy/);
  });

  it.each([
    ["the namespace's", 'labels: {clockout.dev/strategy: native}', /made native: istio-proxy/],
    ["the namespace's, auto: the nodes are not known", 'labels: {clockout.dev/strategy: auto}', /: wrapped app/],
    [
      "the namespace's, with a typo",
      'labels: {clockout.dev/strategy: nativ}',
      /expected wrap, native or auto; found "nativ"/,
    ],
    ['none', '{}', /: wrapped app/],
  ])('may be %s', async (_, labels, expected) => {
    const namespace = `apiVersion: v1\nkind: Namespace\nmetadata: {name: jobs, ${labels === '{}' ? '' : labels}}\n`;
    const usual = withStrategy('wrap', { apiServer: 33 });
    expect((await inject({ x: `${namespace}---\n${job}` }, { settings: usual })).stderr).toMatch(expected);
  });
});
