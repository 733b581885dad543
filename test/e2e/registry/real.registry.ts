/** The client on the distribution project's registry, with images that were pushed there, and some that buildah made. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCa, signServingCertificate } from '../../../src/certificates/x509.ts';
import { createRegistryClient } from '../../../src/oci/client.ts';
import type { Credential } from '../../../src/oci/credentials/credential.ts';
import { resolveDigest } from '../../../src/oci/pull-config.ts';
import { startDeadline } from '../../../src/util/deadline.ts';
import { type PullSettings, pull } from '../../oci/ask.ts';
import { type Image, type Index, makeAttestation, makeImage, makeIndex } from '../../oci/content.ts';
import { type JwtServer, startJwtServer } from '../../oci/jwt-server.ts';
import { push } from '../../oci/push.ts';
import { run } from '../cluster/exec.ts';
import { type DockerRegistry, type DockerRegistryOptions, startDockerRegistry } from './docker-registry.ts';

const app = { entrypoint: ['/app', '--flag'], cmd: ['serve', 'two words'] };
const amd64 = makeImage(app);
const arm64 = makeImage({ ...app, architecture: 'arm64', variant: 'v8' });
const dockerAmd64 = makeImage({ ...app, docker: true });
const dockerArm = makeImage({ ...app, docker: true, architecture: 'arm', variant: 'v7' });
const other = makeImage({ ...app, entrypoint: ['/other'], architecture: 's390x' });
const attestation = makeAttestation(amd64);

const pushed: Record<string, Image | Index> = {
  oci: amd64,
  docker: dockerAmd64,
  'scratch-with-cmd': makeImage({ cmd: ['/hello'] }),
  neither: makeImage(),
  multi: makeIndex([amd64, arm64]),
  list: makeIndex([dockerAmd64, dockerArm], { docker: true }),
  mixed: makeIndex([amd64, dockerArm]),
  disagreeing: makeIndex([amd64, other]),
};
const attested: Index = {
  ...makeIndex([amd64, arm64], { extra: [attestation.entry] }),
  images: [amd64, arm64, attestation.image],
};

const registries: DockerRegistry[] = [];
const start = async (options?: DockerRegistryOptions) => {
  const registry = await startDockerRegistry(options);
  registries.push(registry);
  return registry;
};
afterAll(() => Promise.all(registries.map((registry) => registry.close())));

const basic = (username: string, password: string): Credential => ({ kind: 'basic', username, password });

describe('a registry without credentials', () => {
  let host = '';
  const ask = (tag: string, settings: PullSettings = {}) => pull(host, tag, settings);
  beforeAll(async () => {
    ({ host } = await start());
    const target = { origin: `http://${host}`, repository: 'org/app' };
    for (const [tag, item] of Object.entries({ ...pushed, attested })) await push(target, tag, item);
  });

  it.each<[string, object]>([
    ['oci', { ...app, platforms: ['linux/amd64'] }],
    ['docker', { ...app, platforms: ['linux/amd64'] }],
    ['scratch-with-cmd', { entrypoint: [], cmd: ['/hello'] }],
    ['neither', { entrypoint: [], cmd: [] }],
    ['multi', { ...app, platforms: ['linux/amd64', 'linux/arm64/v8'] }],
    ['list', { ...app, platforms: ['linux/amd64', 'linux/arm/v7'] }],
    ['mixed', { ...app, platforms: ['linux/amd64', 'linux/arm/v7'] }],
    ['attested', { ...app, platforms: ['linux/amd64', 'linux/arm64/v8'] }],
  ])('%s', async (tag, expected) => {
    const { digest } = { ...pushed, attested }[tag]?.manifest ?? { digest: '' };
    expect(await ask(tag)).toMatchObject({ ok: true, digest, ...expected });
    expect(await ask(digest)).toMatchObject({ ok: true, digest, ...expected });
    const client = createRegistryClient({ plainHttp: [host] });
    const reference = { registry: host, repository: 'org/app', tag };
    expect(await resolveDigest(reference, { client, deadline: startDeadline(10_000) })).toEqual({
      ok: true,
      value: digest,
    });
    await client.close();
  });

  it.each(['oci', 'docker', 'scratch-with-cmd', 'multi', 'list', 'attested'])(
    '%s is what skopeo reads',
    async (tag) => {
      const inspected = await run([
        'skopeo',
        '--override-arch',
        'amd64',
        'inspect',
        '--config',
        '--tls-verify=false',
        `docker://${host}/org/app:${tag}`,
      ]);
      const { Entrypoint = [], Cmd = [] } = JSON.parse(inspected).config;
      expect(await ask(tag, { platforms: [{ os: 'linux', architecture: 'amd64' }] })).toMatchObject({
        entrypoint: Entrypoint,
        cmd: Cmd,
      });
    },
  );

  it('an index whose images do not agree', async () => {
    expect(await ask('disagreeing')).toMatchObject({
      problem: { kind: 'platforms-disagree', platforms: ['linux/amd64', 'linux/s390x'] },
    });
    expect(await ask('disagreeing', { platforms: [{ os: 'linux', architecture: 's390x' }] })).toMatchObject({
      ok: true,
      entrypoint: ['/other'],
    });
  });

  it.each([
    ['a tag', 'nothing', {}, 'MANIFEST_UNKNOWN'],
    ['a digest', `sha256:${'0'.repeat(64)}`, {}, 'MANIFEST_UNKNOWN'],
    ['a repository', 'oci', { repository: 'no/such' }, 'MANIFEST_UNKNOWN'],
  ])('%s that it does not have', async (_, tag, settings, code) =>
    expect(await ask(tag, settings)).toMatchObject({ problem: { kind: 'not-found', status: 404, code } }),
  );
});

describe('images that buildah makes', () => {
  let [host, folder] = ['', ''];
  const buildah = (...args: string[]) =>
    run([
      'buildah',
      '--root',
      join(folder, 'root'),
      '--runroot',
      join(folder, 'run'),
      '--storage-driver',
      'vfs',
      ...args,
    ]);
  beforeAll(async () => {
    ({ host } = await start());
    folder = await mkdtemp(join(tmpdir(), 'clockout-buildah-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const builds: [string, string[], object][] = [
    [
      'lists',
      ['ENTRYPOINT ["/app", "$HOME", "two words"]', 'CMD ["a", "\\"b\\""]'],
      { entrypoint: ['/app', '$HOME', 'two words'], cmd: ['a', '"b"'] },
    ],
    ['a shell', ['ENTRYPOINT exec /app $HOME'], { entrypoint: ['/bin/sh', '-c', 'exec /app $HOME'], cmd: [] }],
    [
      'a command for a shell',
      ['CMD /app && echo done'],
      { entrypoint: [], cmd: ['/bin/sh', '-c', '/app && echo done'] },
    ],
    ['a health check', ['HEALTHCHECK CMD /healthy', 'CMD ["/app"]'], { entrypoint: [], cmd: ['/app'] }],
    ['neither', ['ENV A=b'], { entrypoint: [], cmd: [] }],
  ];
  it.each(['oci', 'docker'].flatMap((format) => builds.map((build) => [format, ...build] as const)))(
    'as %s, with %s',
    async (format, name, lines, expected) => {
      const file = join(folder, 'Dockerfile');
      await writeFile(file, ['FROM scratch', ...lines, ''].join('\n'));
      const tag = name.replaceAll(' ', '-');
      await buildah('build', '--quiet', '--format', format, '-t', tag, '-f', file, folder);
      await buildah('push', '--quiet', '--tls-verify=false', tag, `docker://${host}/org/app:${tag}-${format}`);
      expect(await pull(host, `${tag}-${format}`)).toMatchObject({ ok: true, ...expected });
    },
  );

  it('for several platforms', async () => {
    const file = join(folder, 'Dockerfile');
    await writeFile(file, 'FROM scratch\nENTRYPOINT ["/app"]\n');
    await buildah(
      'build',
      '--quiet',
      '--manifest',
      'many',
      '--platform',
      'linux/amd64,linux/arm64,linux/arm/v7',
      '-f',
      file,
      folder,
    );
    await buildah('manifest', 'push', '--all', '--tls-verify=false', 'many', `docker://${host}/org/app:many`);
    const pulled = await pull(host, 'many');
    expect(pulled).toMatchObject({ ok: true, entrypoint: ['/app'], cmd: [] });
    expect(pulled.ok && pulled.platforms.map((name) => name.split('/')[1]).sort()).toEqual(['amd64', 'arm', 'arm64']);
  });
});

describe('a registry with users and TLS', () => {
  const password = 'pä:ss wörd$';
  let host = '';
  let ca = '';
  beforeAll(async () => {
    const validity = { now: new Date(), lifetimeMilliseconds: 3_600_000 };
    const authority = await createCa(validity);
    ca = authority.cert;
    const tls = await signServingCertificate(authority, ['127.0.0.1'], validity);
    ({ host } = await start({ users: { robot: password }, tls }));
    const authorization = `Basic ${Buffer.from(`robot:${password}`).toString('base64')}`;
    await push({ origin: `https://${host}`, repository: 'org/app', authorization, ca }, 'latest', amd64);
  });
  const ask = (settings: PullSettings) =>
    pull(host, 'latest', { plainHttp: [], trustedRealms: ['127.0.0.1'], ca: [ca], ...settings });

  it('lets in those it knows', async () =>
    expect(await ask({ credential: basic('robot', password) })).toMatchObject({ ok: true, ...app }));

  it.each<[string, PullSettings, boolean]>([
    ['nobody', {}, false],
    ['the wrong password', { credential: basic('robot', 'wrong') }, true],
    ['somebody else', { credential: basic('other', password) }, true],
  ])('and not %s', async (_, settings, credentialSent) =>
    expect(await ask(settings)).toMatchObject({
      problem: { kind: 'unauthorized', status: 401, code: 'UNAUTHORIZED', credentialSent },
    }),
  );

  it('is not asked where its CA is not trusted', async () =>
    expect(await ask({ ca: [] })).toMatchObject({ problem: { kind: 'untrusted-certificate' } }));

  it('is told from one without TLS', async () =>
    expect(await pull(host, 'latest')).toMatchObject({ problem: { kind: 'refused', status: 400 } }));
});

describe('a registry with a token server', () => {
  let host = '';
  let tokens: JwtServer;
  beforeAll(async () => {
    tokens = await startJwtServer({
      users: {
        '': { repositories: ['public/app'] },
        robot: { password: 'secret', repositories: ['org/app', 'public/app'] },
        login: { identityToken: 'identity', repositories: ['org/app'] },
      },
    });
    ({ host } = await start({ token: tokens.token }));
    for (const repository of ['org/app', 'public/app'])
      await push(
        { origin: `http://${host}`, repository, authorization: tokens.mint(repository, ['push', 'pull']) },
        'latest',
        pushed.multi as Index,
      );
  });
  afterAll(() => tokens.close());

  it.each<[string, PullSettings]>([
    ['a password', { credential: basic('robot', 'secret') }],
    ['an identity token', { credential: { kind: 'identity-token', token: 'identity' } }],
    ['nothing, where that is enough', { repository: 'public/app' }],
  ])('lets in those with %s, by one token', async (_, settings) => {
    tokens.requests.length = 0;
    expect(await pull(host, 'latest', settings)).toMatchObject({
      ok: true,
      ...app,
      platforms: ['linux/amd64', 'linux/arm64/v8'],
    });
    expect(tokens.requests).toHaveLength(1);
  });

  it.each<[string, PullSettings, object]>([
    ['the wrong password', { credential: basic('robot', 'wrong') }, { code: 'UNAUTHORIZED', credentialSent: true }],
    [
      'the wrong identity token',
      { credential: { kind: 'identity-token', token: 'x' } },
      { code: 'UNAUTHORIZED', credentialSent: true },
    ],
    ['nothing', {}, { code: 'UNAUTHORIZED', credentialSent: false }],
    [
      'a token for something else',
      { credential: basic('robot', 'secret'), repository: 'other/app' },
      { code: 'UNAUTHORIZED', credentialSent: true },
    ],
  ])('and not those with %s', async (_, settings, expected) =>
    expect(await pull(host, 'latest', settings)).toMatchObject({
      problem: { kind: 'unauthorized', status: 401, ...expected },
    }),
  );
});
