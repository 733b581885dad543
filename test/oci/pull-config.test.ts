/** What is read of images that are as they should be; hostile.test.ts has the others. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createRegistryClient } from '../../src/oci/client.ts';
import type { Platform } from '../../src/oci/platform.ts';
import { resolveDigest } from '../../src/oci/pull-config.ts';
import { startDeadline } from '../../src/util/deadline.ts';
import { pull } from './ask.ts';
import { describeContent, type Image, type Index, makeAttestation, makeImage, makeIndex, types } from './content.ts';
import { sendError, serveImages, type startServer } from './fake-registry.ts';
import { start } from './test-servers.ts';

const serve = (tagged: Record<string, Image | Index>) => start(serveImages(tagged));

const app = { entrypoint: ['/app'], cmd: ['serve', '--port', '80'] };
const amd64 = makeImage(app);
const arm64 = makeImage({ ...app, architecture: 'arm64', variant: 'v8' });
const windows = makeImage({ os: 'windows', entrypoint: ['app.exe'] });
const other = makeImage({ ...app, cmd: ['other'], architecture: 's390x' });

describe('an image', () => {
  it.each<[string, Image, object]>([
    ['with both', makeImage(app), app],
    ["of Docker's types", makeImage({ ...app, docker: true }), app],
    ['with CMD alone', makeImage({ cmd: ['/hello'] }), { entrypoint: [], cmd: ['/hello'] }],
    ['with ENTRYPOINT alone', makeImage({ entrypoint: ['/hello'], cmd: null }), { entrypoint: ['/hello'], cmd: [] }],
    ['with empty lists', makeImage({ entrypoint: [], cmd: [] }), { entrypoint: [], cmd: [] }],
    [
      'with a shell',
      makeImage({ cmd: ['/bin/sh', '-c', 'echo $HOME'] }),
      { entrypoint: [], cmd: ['/bin/sh', '-c', 'echo $HOME'] },
    ],
    ['with neither', makeImage({ entrypoint: null }), { entrypoint: [], cmd: [] }],
    ['with a config of null', makeImage({ config: { config: null } }), { entrypoint: [], cmd: [] }],
    ['without a config', makeImage({ config: { config: undefined } }), { entrypoint: [], cmd: [] }],
    [
      'with more in its config than is read',
      makeImage({
        config: {
          config: { ...{ Cmd: ['x'] }, Env: ['A=b'], Healthcheck: { Test: ['CMD', 'true'] }, ArgsEscaped: true },
        },
      }),
      { entrypoint: [], cmd: ['x'] },
    ],
    [
      'with a STOPSIGNAL',
      makeImage({ config: { config: { Cmd: ['x'], StopSignal: 'SIGWINCH' } } }),
      { cmd: ['x'], stopSignal: 'SIGWINCH' },
    ],
    [
      'with a STOPSIGNAL that is too long',
      makeImage({ config: { config: { Cmd: ['x'], StopSignal: 'S'.repeat(1000) } } }),
      { cmd: ['x'], stopSignal: 'S'.repeat(20) },
    ],
    [
      'of an architecture that does not matter',
      makeImage({ ...app, architecture: 's390x' }),
      { ...app, platforms: ['linux/s390x'] },
    ],
    [
      'that does not say for what it is',
      makeImage({ ...app, config: { os: undefined, architecture: undefined, config: { Cmd: ['x'] } } }),
      { cmd: ['x'], platforms: ['unknown'] },
    ],
    [
      'of an architecture that would steer a terminal',
      makeImage({ ...app, architecture: `\u001b[31m${'x'.repeat(100)}` }),
      { ...app, platforms: ['another platform'] },
    ],
  ])('%s', async (_, image, expected) => {
    const { host } = await serve({ latest: image });
    const { digest } = image.manifest;
    expect(await pull(host, 'latest', { platforms: [{ os: 'linux', architecture: 'amd64' }] })).toMatchObject({
      ok: true,
      digest,
      ...expected,
    });
    expect(await pull(host, digest)).toMatchObject({ ok: true, digest, ...expected });
  });

  it('is read with two questions', async () => {
    const { host, requests } = await serve({ '1.0': amd64 });
    await pull(host, '1.0');
    expect(requests).toEqual(['GET /v2/org/app/manifests/1.0', `GET /v2/org/app/blobs/${amd64.config.digest}`]);
  });

  it.each([
    ['a charset', `${types.oci.manifest}; charset=utf-8`],
    ['capitals', types.oci.manifest.toUpperCase()],
  ])('may come with a content type with %s', async (_, type) => {
    const images = serveImages({ latest: amd64 });
    const { host } = await start((request, response) => {
      const { setHeader } = response;
      response.setHeader = (name, value) => setHeader.call(response, name, value === types.oci.manifest ? type : value);
      images(request, response);
    });
    expect(await pull(host, 'latest')).toMatchObject({ ok: true, ...app });
  });

  it('may come without a digest beside it, or packed', async () => {
    const { host } = await start((request, response) => {
      const part = request.url?.includes('manifests') ? amd64.manifest : amd64.config;
      response.writeHead(200, { 'content-type': part.mediaType, 'content-encoding': 'gzip' }).end(gzipSync(part.bytes));
    });
    expect(await pull(host, 'latest')).toMatchObject({ ok: true, ...app });
  });

  it.each(['sha384', 'sha512'])('may be named by a %s', async (algorithm) => {
    const digest = `${algorithm}:${createHash(algorithm).update(amd64.manifest.bytes).digest('hex')}`;
    const { host } = await serve({ [digest]: amd64 });
    expect(await pull(host, digest)).toMatchObject({ ok: true, digest });
    const wrong = digest.replace(/.{4}$/, '0000');
    const other = await serve({ [wrong]: amd64 });
    expect(await pull(other.host, wrong)).toMatchObject({
      problem: { kind: 'wrong-digest', expected: wrong, found: digest },
    });
  });
});

describe('an index', () => {
  const attestation = makeAttestation(amd64);
  const withAll = makeIndex([amd64, arm64, windows], { extra: [attestation.entry] });
  const platformOf = (architecture: string): Platform[] => [{ os: 'linux', architecture }];

  it.each<[string, Index, Platform[] | undefined, object]>([
    ['all of its Linux images', withAll, undefined, { ...app, platforms: ['linux/amd64', 'linux/arm64/v8'] }],
    ['the one that is wanted', withAll, platformOf('arm64'), { ...app, platforms: ['linux/arm64/v8'] }],
    [
      "Docker's list",
      makeIndex([amd64, arm64], { docker: true }),
      undefined,
      { ...app, platforms: ['linux/amd64', 'linux/arm64/v8'] },
    ],
    ['those that agree, with one beside them that is not wanted', makeIndex([amd64, other]), platformOf('amd64'), app],
    ['one that is in it twice', makeIndex([amd64, amd64]), undefined, { ...app, platforms: ['linux/amd64'] }],
    [
      'entries without a platform, by their config',
      makeIndex([], { extra: [describeContent(amd64.manifest), describeContent(windows.manifest)] }),
      undefined,
      { ...app, platforms: ['linux/amd64'] },
    ],
  ])('%s', async (_, index, platforms, expected) => {
    const { host } = await serve({ latest: index, amd64, arm64, windows, other });
    const pulled = await pull(host, 'latest', platforms ? { platforms } : {});
    expect(pulled).toMatchObject({ ok: true, digest: index.manifest.digest, ...expected });
  });

  it('in an index', async () => {
    const inner = makeIndex([arm64]);
    const outer = makeIndex([amd64], { extra: [describeContent(inner.manifest)] });
    const { host } = await serve({ latest: outer, inner });
    expect(await pull(host, 'latest')).toMatchObject({
      ok: true,
      ...app,
      platforms: ['linux/amd64', 'linux/arm64/v8'],
    });
  });

  it('is not read deeper than that', async () => {
    const deepest = makeIndex([arm64]);
    const inner = makeIndex([], { extra: [describeContent(deepest.manifest)] });
    const { host, requests } = await serve({
      latest: makeIndex([], { extra: [describeContent(inner.manifest)] }),
      inner,
      deepest,
    });
    expect(await pull(host, 'latest')).toMatchObject({ ok: false, problem: { kind: 'no-platform', found: [] } });
    expect(requests).toHaveLength(2);
  });

  it('whose images do not agree', async () => {
    const { host } = await serve({ latest: makeIndex([amd64, arm64, other]) });
    expect(await pull(host, 'latest')).toEqual({
      ok: false,
      problem: {
        kind: 'platforms-disagree',
        address: `http://${host}/v2/org/app/manifests/latest`,
        platforms: ['linux/amd64', 'linux/s390x'],
      },
    });
  });

  it('without an image that is wanted', async () => {
    const { host, requests } = await serve({ latest: withAll });
    expect(await pull(host, 'latest', { platforms: platformOf('s390x') })).toMatchObject({
      problem: {
        kind: 'no-platform',
        wanted: ['linux/s390x'],
        found: ['linux/amd64', 'linux/arm64/v8', 'windows/amd64'],
      },
    });
    expect(requests).toHaveLength(1);
  });

  it('of more images than are compared', async () => {
    const many = Array.from({ length: 17 }, (_, i) => makeImage({ ...app, architecture: `cpu${i}` }));
    const { host, requests } = await serve({ many: makeIndex(many), most: makeIndex(many.slice(1)) });
    expect(await pull(host, 'many')).toMatchObject({ problem: { kind: 'too-many-images', limit: 16 } });
    expect(requests).toHaveLength(1);
    expect(await pull(host, 'most')).toMatchObject({ ok: true, ...app });
  });

  it('is read with no more than four questions at a time', async () => {
    const many = Array.from({ length: 12 }, (_, i) => makeImage({ ...app, architecture: `cpu${i}` }));
    const images = serveImages({ latest: makeIndex(many) });
    let [now, most] = [0, 0];
    const { host } = await start((request, response) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        images(request, response);
      }, 20);
    });
    expect(await pull(host, 'latest')).toMatchObject({ ok: true });
    expect(most).toBe(4);
  });
});

describe('a mirror', () => {
  const credential = { kind: 'basic', username: 'user', password: 'for the registry' } as const;

  it('is asked first, and the registry not at all if it answers', async () => {
    const [mirror, registry] = [await serve({ latest: amd64 }), await serve({ latest: other })];
    const mirrors = [{ prefix: registry.host, locations: [`${mirror.host}/copy`] }];
    const pulled = await pull(registry.host, 'latest', { mirrors, plainHttp: ['127.0.0.1'] });
    expect(pulled).toMatchObject({ ok: true, ...app });
    expect(mirror.requests[0]).toBe('GET /v2/copy/org/app/manifests/latest');
    expect(registry.requests).toEqual([]);
  });

  it.each<[string, Parameters<typeof startServer>[0]]>([
    ['does not have it', (_, response) => sendError(response, 404, 'NAME_UNKNOWN')],
    ['fails', (_, response) => sendError(response, 503, 'UNAVAILABLE')],
    ['lies', (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
    ['hangs', () => {}],
  ])('that %s: then the registry is asked, in time', async (_, listener) => {
    const [mirror, registry] = [await start(listener), await serve({ latest: amd64 })];
    const mirrors = [{ prefix: registry.host, locations: [mirror.host] }];
    const pulled = await pull(registry.host, 'latest', { mirrors, plainHttp: ['127.0.0.1'], deadline: 3000 });
    expect(pulled).toMatchObject({ ok: true, ...app });
  });

  it('alone is asked where a setting says so', async () => {
    const [mirror, registry] = [await serve({}), await serve({ latest: amd64 })];
    const mirrors = [{ prefix: registry.host, locations: [mirror.host], only: true }];
    const pulled = await pull(registry.host, 'latest', { mirrors, plainHttp: ['127.0.0.1'] });
    expect(pulled).toMatchObject({
      problem: { kind: 'not-found', address: `http://${mirror.host}/v2/org/app/manifests/latest` },
    });
    expect(registry.requests).toEqual([]);
  });

  it('is told its own credential, and never the one of the registry', async () => {
    const challenge: Parameters<typeof startServer>[0] = (_, response) => {
      response.setHeader('www-authenticate', 'Basic realm="x"');
      sendError(response, 401, 'UNAUTHORIZED');
    };
    const [mirror, registry] = [await start(challenge), await start(challenge)];
    const settings = {
      mirrors: [{ prefix: registry.host, locations: [mirror.host] }],
      plainHttp: ['127.0.0.1'],
      credential,
    };
    await pull(registry.host, 'latest', settings);
    expect(mirror.authorizations).toEqual([undefined]);
    expect(registry.authorizations).toEqual([undefined, `Basic ${btoa('user:for the registry')}`]);

    const asked: string[] = [];
    await pull(registry.host, 'latest', {
      ...settings,
      mirrorCredential: ({ registry, repository }) => {
        asked.push(`${registry} ${repository}`);
        return { kind: 'basic', username: 'm', password: 'irror' };
      },
    });
    expect(asked).toEqual([`${mirror.host} org/app`]);
    expect(mirror.authorizations.at(-1)).toBe(`Basic ${btoa('m:irror')}`);
  });
});

describe('the digest of a tag', () => {
  const resolve = async (host: string, tag: string) => {
    const client = createRegistryClient({ plainHttp: [host] });
    try {
      return await resolveDigest(
        { registry: host, repository: 'org/app', tag },
        { client, deadline: startDeadline(5000) },
      );
    } finally {
      await client.close();
    }
  };

  it('is asked for by HEAD', async () => {
    const { host, requests } = await serve({ latest: amd64 });
    expect(await resolve(host, 'latest')).toEqual({ ok: true, value: amd64.manifest.digest });
    expect(requests).toEqual(['HEAD /v2/org/app/manifests/latest']);
  });

  it.each([
    ['does not say it', {}],
    ['says something else', { 'docker-content-digest': 'latest' }],
  ])('is counted where HEAD %s', async (_, headers) => {
    const { host, requests } = await start((request, response) => {
      const said = request.method === 'HEAD' ? headers : {};
      response.writeHead(200, { ...said, 'content-type': amd64.manifest.mediaType }).end(amd64.manifest.bytes);
    });
    expect(await resolve(host, 'latest')).toEqual({ ok: true, value: amd64.manifest.digest });
    expect(requests.map((request) => request.split(' ')[0])).toEqual(['HEAD', 'GET']);
  });

  it('needs no question where it is in the reference', async () => {
    const client = createRegistryClient();
    const reference = { registry: 'r.invalid', repository: 'a', digest: amd64.manifest.digest };
    expect(await resolveDigest(reference, { client, deadline: startDeadline(1) })).toEqual({
      ok: true,
      value: reference.digest,
    });
    await client.close();
  });

  it('is a problem if there is no such tag', async () => {
    const { host } = await serve({});
    expect(await resolve(host, 'latest')).toEqual({
      ok: false,
      problem: { kind: 'not-found', status: 404, address: `http://${host}/v2/org/app/manifests/latest` },
    });
  });
});

describe('a redirect', () => {
  const credential = { kind: 'basic', username: 'user', password: 'secret' } as const;

  it.each([301, 302, 303, 307, 308])(
    '%i of a blob to a storage is followed, without saying who asks',
    async (status) => {
      const storage = await start((_, response) => void response.end(amd64.config.bytes));
      const images = serveImages({ latest: amd64 });
      const registry = await start((request, response) => {
        if (!request.headers.authorization)
          return void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
        if (!request.url?.includes('/blobs/')) return images(request, response);
        response.writeHead(status, { location: `http://${storage.host}/bucket/config?signature=1` }).end();
      });
      expect(await pull(registry.host, 'latest', { credential })).toMatchObject({ ok: true, ...app });
      expect(registry.authorizations.at(-1)).toMatch(/^Basic /);
      expect(storage).toMatchObject({ requests: ['GET /bucket/config?signature=1'], authorizations: [undefined] });
    },
  );

  it('to another place of the same registry says who asks', async () => {
    const images = serveImages({ latest: amd64 });
    const registry = await start((request, response) => {
      if (!request.headers.authorization)
        return void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      if (request.url?.startsWith('/moved')) request.url = request.url.replace('/moved', '');
      else return void response.writeHead(307, { location: `/moved${request.url}` }).end();
      images(request, response);
    });
    expect(await pull(registry.host, 'latest', { credential })).toMatchObject({ ok: true, ...app });
  });

  it('back from another place does not say it again', async () => {
    const registry = await start((request, response) => {
      if (request.url?.startsWith('/back')) return sendError(response, 403, 'DENIED');
      if (!request.headers.authorization)
        return void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      response.writeHead(307, { location: `http://${away.host}/` }).end();
    });
    const away = await start(
      (_, response) => void response.writeHead(307, { location: `http://${registry.host}/back` }).end(),
    );
    await pull(registry.host, 'latest', { credential });
    expect(registry.requests.at(-1)).toBe('GET /back');
    expect(registry.authorizations.at(-1)).toBeUndefined();
  });

  it('to someone who asks who asks: that one is not told', async () => {
    const away = await start((_, response) => {
      response.setHeader('www-authenticate', 'Basic realm="x"');
      sendError(response, 401, 'UNAUTHORIZED');
    });
    const registry = await start(
      (_, response) => void response.writeHead(307, { location: `http://${away.host}/` }).end(),
    );
    expect(await pull(registry.host, 'latest', { credential })).toMatchObject({
      problem: { kind: 'unauthorized', credentialSent: false },
    });
    expect(away.authorizations).toEqual([undefined]);
  });
});
