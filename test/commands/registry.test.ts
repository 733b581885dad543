/** The commands that ask a registry, as their user calls them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/commands/program.ts';
import { makeImage, makeIndex } from '../oci/content.ts';
import { sendError, serveImages, startServer, type TestServer } from '../oci/fake-registry.ts';

const app = makeImage({ entrypoint: ['/bin/app', "it's"], cmd: ['serve'] });
const index = makeIndex(
  ['amd64', 'arm64'].map((architecture) => makeImage({ entrypoint: [`/bin/${architecture}`], architecture })),
);
const nothing = makeImage({});

const home = mkdtempSync(join(tmpdir(), 'clockout-'));
let registry: TestServer;
beforeAll(async () => {
  const serve = serveImages({ '1.0': app, multi: index, nothing });
  registry = await startServer((request, response) => {
    const isPrivate = request.url?.startsWith('/v2/private/');
    const login = `Basic ${Buffer.from('robot:secret').toString('base64')}`;
    if (!isPrivate || request.headers.authorization === login) return serve(request, response);
    response.setHeader('www-authenticate', 'Basic realm="r"');
    return sendError(response, 401, 'UNAUTHORIZED', 'log in');
  });
  const auths = { [registry.host]: { username: 'robot', password: 'secret' } };
  writeFileSync(join(home, 'config.json'), JSON.stringify({ auths }));
});
afterAll(async () => {
  await registry.close();
  rmSync(home, { recursive: true });
});

async function run(args: string[], { env = {}, stdin = '' } = {}) {
  const [out, err]: string[][] = [[], []];
  const io = {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: (text: string) => void out?.push(text),
    stderr: (text: string) => void err?.push(text),
  };
  const all = { CLOCKOUT_REGISTRY_PLAIN_HTTP: '127.0.0.1', DOCKER_CONFIG: join(home, 'none'), ...env };
  const code = await main(['node', 'clockout', ...args], all, io);
  return { code, stdout: out?.join('') ?? '', stderr: err?.join('') ?? '' };
}

const imageOf = (name: string) => `${registry.host}/${name}`;

const job = (name: string) => `apiVersion: batch/v1
kind: Job
metadata: {name: report}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: app
          image: ${imageOf(name)}
`;

describe('clockout entrypoint', () => {
  it('prints what an image runs, and the annotation for it', async () => {
    const { code, stdout, stderr } = await run(['entrypoint', imageOf('org/app:1.0')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(/\d+ ms/, 'N ms').replaceAll(registry.host, 'HOST')).toBe(`HOST/org/app:1.0
  digest      ${app.manifest.digest}
  platforms   linux/amd64
  ENTRYPOINT  ["/bin/app","it's"]
  CMD         ["serve"]
  took        N ms
as an annotation, for a container without args:
  clockout.dev/entrypoint: '["/bin/app","it''s","serve"]'
and for one with args:
  clockout.dev/entrypoint: '["/bin/app","it''s"]'
`);
  });

  it('prints JSON', async () => {
    const { stdout } = await run(['entrypoint', imageOf('org/app:1.0'), '-o', 'json']);
    expect(JSON.parse(stdout)).toEqual({
      image: imageOf('org/app:1.0'),
      digest: app.manifest.digest,
      platforms: ['linux/amd64'],
      entrypoint: ['/bin/app', "it's"],
      cmd: ['serve'],
      milliseconds: expect.any(Number),
    });
  });

  it('says that an image has no entrypoint', async () =>
    expect((await run(['entrypoint', imageOf('org/app:nothing')])).stdout).toContain(
      'has no ENTRYPOINT and no CMD: its containers need a command',
    ));

  it.each([
    [[], 1, 'has a different ENTRYPOINT or CMD for linux/amd64 than for linux/arm64'],
    [['--registry-platforms', 'linux/s390x'], 1, 'has no image for linux/s390x, only for linux/amd64, linux/arm64'],
    [['--registry-platforms', 'linux'], 2, '--registry-platforms is "linux"; expected platforms such as'],
  ])('of several platforms, with %j', async (flags, code, text) => {
    const ran = await run(['entrypoint', imageOf('org/app:multi'), ...flags]);
    expect({ ...ran, stderr: '' }).toEqual({ code, stdout: '', stderr: '' });
    expect(ran.stderr).toContain(text);
  });

  it('takes the platform that is named', async () =>
    expect((await run(['entrypoint', imageOf('a:multi'), '--registry-platforms', 'linux/arm64'])).stdout).toContain(
      '["/bin/arm64"]',
    ));

  it('reads a private image with the docker login', async () => {
    const refused = await run(['entrypoint', imageOf('private/app:1.0')]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('asks for credentials (401 UNAUTHORIZED)');
    const { code, stdout } = await run(['entrypoint', imageOf('private/app:1.0')], { env: { DOCKER_CONFIG: home } });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('"/bin/app"') });
  });

  it.each([
    ['registry.example.com/App', 'invalid image reference'],
    ['', 'invalid image reference'],
  ])('refuses %j', async (image, text) => {
    const { code, stderr } = await run(['entrypoint', image]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(text) });
  });
});

describe('--registry', () => {
  it('lets inject wrap a container without a command', async () => {
    const { code, stdout, stderr } = await run(['inject', '-f', '-', '--registry'], { stdin: job('org/app:1.0') });
    expect(code).toBe(0);
    expect(stderr).toContain('wrapped app (command from the image)');
    expect(stdout).toMatch(/args:\n(.*\n)*? +- \/bin\/app\n/);
    expect(stdout).toContain(app.manifest.digest);
  });

  it('lets explain say what a container runs, or why the lookup failed', async () => {
    const known = await run(['explain', '-f', '-', '--registry'], { stdin: job('org/app:1.0') });
    expect(known.stdout).toContain(`runs ["/bin/app","it's","serve"]`);
    const unknown = await run(['explain', '-f', '-', '--registry'], { stdin: job('org/app:2.0') });
    expect(unknown.stdout).toMatch(/not wrapped \(no-entrypoint\)[\s\S]*does not exist \(404 MANIFEST_UNKNOWN/);
  });

  it('is off by default', async () => {
    const before = registry.requests.length;
    const { stderr } = await run(['inject', '-f', '-'], { stdin: job('org/app:1.0') });
    expect(stderr).toContain('no-entrypoint');
    expect(registry.requests.length).toBe(before);
  });

  it('reports invalid settings', async () => {
    const flags = ['inject', '-f', '-', '--registry', '--registry-ca-file', join(home, 'none')];
    const { code, stderr } = await run(flags, { stdin: job('org/app:1.0') });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('cannot be read (ENOENT)') });
  });
});
