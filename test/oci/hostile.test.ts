/** Registries that fail, lie, or never come to an end: each has its problem, within its time, and no credential in it. */
import { EventEmitter } from 'node:events';
import type { RequestListener, ServerResponse } from 'node:http';
import { createServer, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import type { Credential } from '../../src/oci/credentials/credential.ts';
import { describeProblem, type RegistryProblem } from '../../src/oci/problem.ts';
import { deadlineUntil, type PullSettings, pull } from './ask.ts';
import { content, describeContent, type Image, makeImage, makeIndex, types } from './content.ts';
import { sendError, serveImages } from './fake-registry.ts';
import { closeAfterTest, closeServers, start } from './test-servers.ts';

const credential: Credential = { kind: 'basic', username: 'robot', password: 'pa55-Wörd/+secret' };
const identity: Credential = { kind: 'identity-token', token: 'identity-secret-token' };

const app = { entrypoint: ['/app'], cmd: ['serve'] };
const image = makeImage(app);
const images = serveImages({ latest: image });

/** A server below HTTP. */
async function startRaw(onConnection: (socket: Socket) => void): Promise<{ host: string }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  closeAfterTest(close);
  return { host: `127.0.0.1:${(server.address() as { port: number }).port}` };
}

/** All that any of the tests was told. */
const told: string[] = [];

/** @returns the problem, and how long it took to come */
async function problemOf(host: string, settings: PullSettings & { tag?: string } = {}) {
  const start = performance.now();
  const pulled = await pull(host, settings.tag ?? 'latest', { credential, plainHttp: ['127.0.0.1'], ...settings });
  const took = performance.now() - start;
  if (pulled.ok) throw new Error(`expected a problem, found ${JSON.stringify(pulled)}`);
  told.push(JSON.stringify(pulled.problem), describeProblem(pulled.problem));
  return { problem: pulled.problem, took };
}

type Expected = Partial<Record<string, unknown>> & { kind: RegistryProblem['kind'] };

const send = (response: ServerResponse, type: string, body: string | Buffer | object, headers = {}) =>
  void response
    .writeHead(200, { 'content-type': type, ...headers })
    .end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));

/** A registry whose answer for the manifest, or for the config, is another. */
const insteadOf =
  (part: 'manifests' | 'blobs', answer: RequestListener, served: RequestListener = images): RequestListener =>
  (request, response) =>
    request.url?.includes(`/${part}/`) ? answer(request, response) : served(request, response);

const manifest = (body: string | Buffer | object, type = types.oci.manifest, headers = {}): RequestListener =>
  insteadOf('manifests', (_, response) => send(response, type, body, headers));

const valid = JSON.parse(`${image.manifest.bytes}`);
const withConfig = (config: object) => manifest({ ...valid, config: { ...valid.config, ...config } });

/** An image whose config is these bytes, or this object. */
const configured = (config: unknown, type = types.oci.config): RequestListener => {
  const stored = content(type, config);
  const described = content(types.oci.manifest, { ...valid, config: describeContent(stored) });
  return serveImages({ latest: { ...image, manifest: described, config: stored } as Image });
};

describe('a registry that answers with', () => {
  it.each<[number, Expected]>([
    [400, { kind: 'refused', status: 400, code: 'UNKNOWN' }],
    [401, { kind: 'unauthorized', status: 401, code: 'UNKNOWN', credentialSent: false }],
    [403, { kind: 'forbidden', status: 403, code: 'UNKNOWN', credentialSent: false }],
    [404, { kind: 'not-found', status: 404, code: 'UNKNOWN' }],
    [405, { kind: 'refused', status: 405 }],
    [418, { kind: 'refused', status: 418 }],
    [429, { kind: 'rate-limited', status: 429, code: 'UNKNOWN' }],
    [500, { kind: 'unavailable', status: 500, code: 'UNKNOWN' }],
    [502, { kind: 'unavailable', status: 502 }],
    [503, { kind: 'unavailable', status: 503 }],
    [504, { kind: 'unavailable', status: 504 }],
    [599, { kind: 'unavailable', status: 599 }],
    [201, { kind: 'invalid-answer', status: 201 }],
    [204, { kind: 'invalid-answer', status: 204 }],
    [206, { kind: 'invalid-answer', status: 206 }],
    [300, { kind: 'invalid-answer', status: 300 }],
    [304, { kind: 'invalid-answer', status: 304 }],
  ])('%i', async (status, expected) => {
    const { host } = await start((_, response) => sendError(response, status, 'UNKNOWN', 'a message'));
    const { problem } = await problemOf(host);
    expect(problem).toMatchObject({ address: `http://${host}/v2/org/app/manifests/latest`, ...expected });
    const config = await start(insteadOf('blobs', (_, response) => sendError(response, status, 'CODE')));
    expect((await problemOf(config.host)).problem.kind).toBe(expected.kind);
  });

  it.each<[string, RequestListener, Expected]>([
    [
      'an error without a body',
      (_, response) => void response.writeHead(404).end(),
      { kind: 'not-found', status: 404 },
    ],
    [
      'an error in HTML',
      (_, response) => void response.writeHead(403).end('<h1>No'),
      { kind: 'forbidden', status: 403 },
    ],
    ['an error of null', (_, response) => void response.writeHead(403).end('null'), { kind: 'forbidden' }],
    [
      'errors that are none',
      (_, response) => void response.writeHead(403).end('{"errors":[null]}'),
      { kind: 'forbidden' },
    ],
    [
      'a code that is a number',
      (_, response) => void response.writeHead(403).end('{"errors":[{"code":1}]}'),
      { kind: 'forbidden' },
    ],
    [
      'control characters',
      (_, response) => sendError(response, 404, 'A\u001b[31mB', 'one\ntwo\u202e'),
      { kind: 'not-found', status: 404 },
    ],
    [
      'an error without end',
      (_, response) => void response.writeHead(500).end('x'.repeat(10_000_000)),
      { kind: 'unavailable', status: 500 },
    ],
    [
      'when to come again',
      (_, response) => {
        response.setHeader('retry-after', '3600');
        sendError(response, 429, 'TOOMANYREQUESTS');
      },
      { kind: 'rate-limited', retryAfter: 3600 },
    ],
    ['HTML', manifest('<!doctype html>', 'text/html; charset=utf-8'), { kind: 'invalid-answer', found: 'text/html' }],
    ['JSON of no type', manifest(valid, 'application/json'), { kind: 'invalid-answer', found: 'application/json' }],
    ['no type', manifest(valid, ''), { kind: 'invalid-answer', found: 'no content type' }],
    [
      'schema 1',
      manifest({ schemaVersion: 1 }, 'application/vnd.docker.distribution.manifest.v1+prettyjws'),
      { kind: 'unsupported', found: 'an image of schema 1' },
    ],
    ['schema 1 by another name', manifest({ schemaVersion: 1 }), { kind: 'invalid-answer' }],
    [
      'something else than it says',
      manifest('<html>'),
      { kind: 'invalid-answer', found: 'something that is not JSON' },
    ],
    ['nothing', manifest(''), { kind: 'invalid-answer' }],
    ['half a manifest', manifest(image.manifest.bytes.subarray(0, 99)), { kind: 'invalid-answer' }],
    ['null', manifest('null'), { kind: 'invalid-answer', found: 'one whose whole must be object' }],
    ['brackets without end', manifest('['.repeat(1_000_000)), { kind: 'too-large', limit: 100, unit: 'depth' }],
    ['numbers without end', manifest(`[${'0,'.repeat(500_000)}`), { kind: 'too-large', limit: 20_000, unit: 'values' }],
    ['lists in lists', manifest(`${'['.repeat(9_000)}${']'.repeat(9_000)}`), { kind: 'too-large', unit: 'depth' }],
    [
      'a manifest of nothing but lists',
      manifest(`[${'[],'.repeat(1_000_000)}1]`),
      { kind: 'too-large', limit: 20_000 },
    ],
    [
      'a config of nothing but objects',
      configured([...Array(100_000)].map(() => ({}))),
      { kind: 'too-large', limit: 20_000 },
    ],
    [
      'an index that says it is a manifest',
      manifest({ ...valid, mediaType: types.oci.index }),
      { kind: 'invalid-answer', expected: types.oci.manifest, found: types.oci.index },
    ],
    ["Docker's type that says it is OCI's", manifest(valid, types.docker.manifest), { kind: 'invalid-answer' }],
    ['a manifest that is an index, too', manifest({ ...valid, manifests: [] }), { kind: 'invalid-answer' }],
    [
      'an index that is a manifest, too',
      manifest({ ...valid, mediaType: types.oci.index, manifests: [] }, types.oci.index),
      { kind: 'invalid-answer' },
    ],
    ['an index of no list', manifest({ schemaVersion: 2, manifests: {} }, types.oci.index), { kind: 'invalid-answer' }],
    [
      'an index of numbers',
      manifest({ schemaVersion: 2, manifests: Array(1000).fill(1) }, types.oci.index),
      { kind: 'invalid-answer' },
    ],
    [
      'an index of more images than anybody has',
      manifest({ schemaVersion: 2, manifests: Array(1001).fill(describeContent(image.manifest)) }, types.oci.index),
      { kind: 'invalid-answer', found: 'one whose /manifests must not have more than 1000 items' },
    ],
    [
      'a platform with a long name',
      manifest(makeIndex([makeImage({ architecture: 'x'.repeat(300) })]).manifest.bytes, types.oci.index),
      { kind: 'invalid-answer', expected: 'an image index' },
    ],
    [
      'an empty index',
      manifest({ schemaVersion: 2, manifests: [] }, types.oci.index),
      { kind: 'no-platform', found: [] },
    ],
    ['no config', manifest({ ...valid, config: undefined }), { kind: 'invalid-answer' }],
    ['a config without a digest', withConfig({ digest: 'sha256:abc' }), { kind: 'invalid-answer' }],
    ['a config with a path as digest', withConfig({ digest: '../../../secret' }), { kind: 'invalid-answer' }],
    ['a config of negative size', withConfig({ size: -1 }), { kind: 'invalid-answer' }],
    ['a config that is said to be too large', withConfig({ size: 9_000_000 }), { kind: 'too-large', limit: 1_048_576 }],
    ['a config that is said to be smaller than it is', withConfig({ size: 10 }), { kind: 'too-large', limit: 10 }],
    [
      'a Helm chart',
      withConfig({ mediaType: 'application/vnd.cncf.helm.config.v1+json' }),
      { kind: 'unsupported', found: 'of type application/vnd.cncf.helm.config.v1+json' },
    ],
    [
      'another digest than its header says',
      manifest(valid, types.oci.manifest, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }),
      { kind: 'wrong-digest', expected: `sha256:${'0'.repeat(64)}` },
    ],
    [
      'a header that is no digest',
      manifest(valid, types.oci.manifest, { 'docker-content-digest': 'latest' }),
      { kind: 'wrong-digest', expected: 'another one' },
    ],
    [
      'another config',
      insteadOf('blobs', (_, response) => send(response, '', '{}')),
      { kind: 'wrong-digest', expected: image.config.digest },
    ],
    [
      'HTML for a config',
      insteadOf('blobs', (_, response) => send(response, 'text/html', '<html>')),
      { kind: 'wrong-digest' },
    ],
    [
      'a config that is no JSON',
      configured(Buffer.from('<html>')),
      { kind: 'invalid-answer', expected: 'an image config' },
    ],
    ['a config that is a list', configured([]), { kind: 'invalid-answer' }],
    [
      'an ENTRYPOINT of one string',
      configured({ config: { Entrypoint: '/app --flag' } }),
      { kind: 'invalid-answer', found: 'one whose /config/Entrypoint must be array' },
    ],
    [
      'a CMD of numbers',
      configured({ config: { Cmd: ['a', 1] } }),
      { kind: 'invalid-answer', found: 'one whose /config/Cmd/1 must be string' },
    ],
    [
      'an ENTRYPOINT longer than anything that runs',
      configured({ config: { Entrypoint: ['x'.repeat(200_000)] } }),
      { kind: 'too-large', limit: 131_072 },
    ],
    ['a manifest too large', manifest('x'.repeat(4_200_000)), { kind: 'too-large', limit: 4_194_304 }],
    [
      'an index whose image has another digest',
      insteadOf(
        'manifests',
        (request, response) => {
          const index = makeIndex([image]);
          if (request.url?.endsWith('latest')) send(response, types.oci.index, index.manifest.bytes);
          else send(response, types.oci.manifest, makeImage().manifest.bytes);
        },
        images,
      ),
      { kind: 'wrong-digest', expected: image.manifest.digest },
    ],
    [
      'a body that is not gzip, although its header says so',
      manifest(valid, types.oci.manifest, { 'content-encoding': 'gzip' }),
      { kind: 'invalid-answer', found: 'something else (Z_DATA_ERROR)' },
    ],
    [
      'half of a gzip',
      manifest(gzipSync(image.manifest.bytes).subarray(0, 30), types.oci.manifest, { 'content-encoding': 'gzip' }),
      { kind: 'invalid-answer' },
    ],
    [
      'an encoding unknown to us',
      manifest(valid, types.oci.manifest, { 'content-encoding': 'x-new' }),
      { kind: 'invalid-answer', found: 'an unknown content encoding' },
    ],
  ])('%s', async (_, listener, expected) => {
    const { host } = await start(listener);
    const { problem, took } = await problemOf(host);
    expect(problem).toMatchObject(expected);
    expect(took).toBeLessThan(5000);
  });

  it('another manifest than the one whose digest was asked for', async () => {
    const { host } = await start(manifest(makeImage().manifest.bytes));
    const { problem } = await problemOf(host, { tag: image.manifest.digest });
    expect(problem).toMatchObject({
      kind: 'wrong-digest',
      expected: image.manifest.digest,
      found: makeImage().manifest.digest,
    });
  });

  it('as many words as it likes: none is passed on', async () => {
    const { host } = await start((_, response) => sendError(response, 404, 'C'.repeat(5000), 'm'.repeat(5000)));
    const { problem } = await problemOf(host);
    expect(describeProblem(problem)).not.toMatch(/C{5}|m{5}/);
  });
});

describe('a body without end', () => {
  const endless = (headers: Record<string, string>, chunk: Buffer) => {
    let sent = 0;
    const listener: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-type': types.oci.manifest, ...headers });
      const more = () => {
        while (!response.destroyed && sent < 1e9) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
      };
      more();
    };
    return { listener, sent: () => sent };
  };

  it('is left at the limit', async () => {
    const { listener, sent } = endless({}, Buffer.alloc(65_536, ' '));
    const { host } = await start(listener);
    const { problem } = await problemOf(host);
    expect(problem).toMatchObject({ kind: 'too-large', limit: 4_194_304 });
    expect(sent()).toBeLessThan(40_000_000); // what fits in the buffers of sockets was sent, too
  });

  it('is not begun where its length is said', async () => {
    const { host } = await start((_, response) => {
      response.writeHead(200, { 'content-type': types.oci.manifest, 'content-length': '5000000' });
      response.flushHeaders(); // and nothing more, ever
    });
    const { problem, took } = await problemOf(host);
    expect(problem).toMatchObject({ kind: 'too-large' });
    expect(took).toBeLessThan(5000);
  });

  it('is left at the limit, counted unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000));
    expect(bomb.length).toBeLessThan(200_000);
    const { host } = await start(manifest(bomb, types.oci.manifest, { 'content-encoding': 'gzip' }));
    const before = process.memoryUsage().arrayBuffers;
    const { problem } = await problemOf(host);
    expect(problem).toMatchObject({ kind: 'too-large', limit: 4_194_304 });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000);
  });
});

describe('a connection', () => {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: ${types.oci.manifest}\r\n`;
  const closed = 'the connection was closed before the whole answer had come';

  it.each<[string, (socket: Socket) => void, Expected]>([
    ['closed at once', (socket) => socket.destroy(), { kind: 'unreachable' }],
    [
      'closed after the question',
      (socket) => socket.once('data', () => socket.destroy()),
      { kind: 'unreachable', reason: closed },
    ],
    [
      'reset after the question',
      (socket) => socket.once('data', () => socket.resetAndDestroy()),
      { kind: 'unreachable', reason: 'the connection was reset' },
    ],
    [
      'closed in the middle of the headers',
      (socket) => socket.once('data', () => socket.end(head)),
      { kind: 'unreachable', reason: closed },
    ],
    [
      'closed in the middle of the body',
      (socket) => socket.once('data', () => socket.end(`${head}content-length: 1000\r\n\r\n{"a"`)),
      { kind: 'unreachable', reason: closed },
    ],
    [
      'closed in the middle of a chunk',
      (socket) => socket.once('data', () => socket.end(`${head}transfer-encoding: chunked\r\n\r\n100\r\n{"a"`)),
      { kind: 'unreachable', reason: closed },
    ],
    [
      'closed without the last chunk',
      (socket) => socket.once('data', () => socket.end(`${head}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n`)),
      { kind: 'unreachable', reason: closed },
    ],
    [
      'that speaks something else',
      (socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
      { kind: 'invalid-answer', expected: 'HTTP' },
    ],
    [
      'that says more than one length',
      (socket) => socket.once('data', () => socket.end(`${head}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`)),
      { kind: 'invalid-answer', expected: 'HTTP' },
    ],
    [
      'with headers without end',
      (socket) => socket.once('data', () => socket.write(`${head}x: ${'y'.repeat(100_000)}`)),
      { kind: 'invalid-answer', expected: 'HTTP' },
    ],
  ])('%s', async (_, onConnection, expected) => {
    const { host } = await startRaw(onConnection);
    const { problem, took } = await problemOf(host);
    expect(problem).toMatchObject({ address: `http://${host}/v2/org/app/manifests/latest`, ...expected });
    expect(took).toBeLessThan(5000);
  });

  it('that is not taken', async () => {
    const { host } = await startRaw(() => {});
    await closeServers();
    expect((await problemOf(host)).problem).toMatchObject({
      kind: 'unreachable',
      reason: 'the connection was refused',
    });
  });

  it('to a name that no host has', async () => {
    const { problem, took } = await problemOf('registry.invalid', { plainHttp: [] });
    expect(['there is no such host', 'the name server did not answer']).toContain(
      'reason' in problem && problem.reason,
    );
    expect(took).toBeLessThan(5000);
  });

  it('that is closed once is opened again', async () => {
    let connections = 0;
    const server = await start(images);
    const [, port] = server.host.split(':');
    const { host } = await startRaw((socket) => {
      if (++connections === 1) return socket.destroy();
      const onwards = new Socket();
      onwards.on('error', () => {});
      onwards.connect(Number(port), '127.0.0.1');
      socket.pipe(onwards).pipe(socket);
    });
    expect(await pull(host, 'latest')).toMatchObject({ ok: true, ...app });
  });
});

describe('a registry that hangs', () => {
  const hanging = new EventEmitter();
  const hang: RequestListener = () => void hanging.emit('asked');

  /** The listeners of its stages are started beside it. */
  it.each<[string, () => Promise<{ host: string; plainHttp?: string[] }>, string]>([
    ['before TLS', async () => ({ ...(await startRaw(() => {})), plainHttp: [] }), '/v2/org/app/manifests/latest'],
    ['before its answer', () => start(hang), '/v2/org/app/manifests/latest'],
    [
      'in the middle of its headers',
      () => startRaw((socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nx'))),
      '/v2/org/app/manifests/latest',
    ],
    [
      'before its body',
      () => start((_, response) => void response.writeHead(200, { 'content-type': types.oci.manifest }).flushHeaders()),
      '/v2/org/app/manifests/latest',
    ],
    [
      'in the middle of its body',
      () => start((_, response) => void response.writeHead(200, { 'content-type': types.oci.manifest }).write('{')),
      '/v2/org/app/manifests/latest',
    ],
    [
      'with one byte after the other',
      () =>
        start((_, response) => {
          response.writeHead(200, { 'content-type': types.oci.manifest });
          const drip = setInterval(() => response.write(' '), 20);
          response.on('close', () => clearInterval(drip));
        }),
      '/v2/org/app/manifests/latest',
    ],
    [
      'in the middle of an error',
      () => start((_, response) => void response.writeHead(403).write('{')),
      '/v2/org/app/manifests/latest',
    ],
    ['at its config', () => start(insteadOf('blobs', hang)), `/v2/org/app/blobs/${image.config.digest}`],
    [
      'at an image of its index',
      () =>
        start(
          insteadOf('manifests', (request, response) =>
            request.url?.endsWith('latest')
              ? send(response, types.oci.index, makeIndex([image]).manifest.bytes)
              : hang(request, response),
          ),
        ),
      `/v2/org/app/manifests/${image.manifest.digest}`,
    ],
    [
      'at its storage',
      async () => {
        const storage = await start(hang);
        return start(
          insteadOf(
            'blobs',
            (_, response) => void response.writeHead(307, { location: `http://${storage.host}/storage` }).end(),
          ),
        );
      },
      '/storage',
    ],
    [
      'at its token server',
      async () => {
        const realm = await start(hang);
        return start(
          (_, response) =>
            void response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${realm.host}/token"` }).end(),
        );
      },
      '/token',
    ],
  ])('%s: the answer comes in time', async (_, startHanging, path) => {
    const isFirst = path.endsWith('latest');
    const { host, plainHttp } = await startHanging();
    // To any other it has to come first.
    const deadline = isFirst ? 300 : deadlineUntil((end) => hanging.once('asked', end));
    const { problem, took } = await problemOf(host, {
      ...{ deadline, trustedRealms: ['127.0.0.1'] },
      ...(plainHttp && { plainHttp }),
    });
    expect(problem.kind).toBe('timeout');
    expect(new URL(problem.address).pathname).toBe(path);
    if (isFirst) expect(took).toBeGreaterThanOrEqual(300 - 5);
    expect(took).toBeLessThan(10_000); // it hangs forever; for a machine that is busy
  });

  it('after having failed: what it said is told', async () => {
    let asked = 0;
    const { host } = await start((request, response) =>
      ++asked === 1 ? sendError(response, 503, 'UNAVAILABLE') : hang(request, response),
    );
    const deadline = deadlineUntil((end) => hanging.once('asked', end));
    expect((await problemOf(host, { deadline })).problem).toMatchObject({ kind: 'unavailable', status: 503 });
  });
});

describe('a redirect', () => {
  const to =
    (location: string, status = 307): RequestListener =>
    (_, response) =>
      void response.writeHead(status, { location }).end();

  it.each<[string, string, string, string?]>([
    ['to itself', '/v2/org/app/manifests/latest', 'http://HOST/v2/org/app/manifests/latest', 'after 5 other places'],
    ['to no URL', 'http://', 'no URL'],
    ['to nothing', '', 'http://HOST/v2/org/app/manifests/latest', 'after 5 other places'],
    ['to a file', 'file:///etc/passwd', 'file:///etc/passwd', 'which is not https'],
    ['to something else', 'javascript:alert(1)', 'javascript:alert(1)', 'which is not https'],
  ])('%s is not followed', async (_, location, place, reason) => {
    const { host, requests } = await start(to(location));
    const { problem } = await problemOf(host);
    expect(problem).toMatchObject({ kind: 'redirect', status: 307, to: place.replace('HOST', host) });
    expect('reason' in problem ? problem.reason : undefined).toBe(reason);
    expect(requests.length).toBe(reason?.startsWith('after') ? 6 : 1);
  });

  it.each([
    ['where clouds keep secrets', 'http://169.254.169.254/latest/meta-data', '?x=y'],
    ['there by another name', 'http://[::ffff:a9fe:a9fe]/'],
    ['there through a translator', 'http://[64:ff9b::a9fe:a9fe]/'],
    ['there by its name', 'https://metadata.google.internal/'],
    ['this machine, by a host that the settings do not name', 'http://127.0.0.2:1/'],
    ['this machine, by its name', 'http://localhost:1/'],
  ])('to %s is not followed', async (_, location, query = '') => {
    const { host, requests } = await start(to(`${location}${query}`));
    expect((await problemOf(host)).problem).toEqual({ kind: 'off-limits', address: location });
    expect(requests).toHaveLength(1);
  });

  it('without a place is not followed', async () => {
    const { host } = await start((_, response) => void response.writeHead(302).end());
    expect((await problemOf(host)).problem).toMatchObject({ kind: 'redirect', status: 302, to: 'no URL' });
  });

  it('from one to the other and back ends', async () => {
    const there = await start(
      (_, response) => void response.writeHead(302, { location: `http://${here.host}/a` }).end(),
    );
    const here = await start(
      (_, response) => void response.writeHead(302, { location: `http://${there.host}/b` }).end(),
    );
    expect((await problemOf(here.host)).problem).toMatchObject({ kind: 'redirect', status: 302 });
    expect(here.requests.length + there.requests.length).toBe(6);
  });

  it('after a credential was sent is named by the address that it came from', async () => {
    const away = await start((_, response) => void response.writeHead(500).end());
    const { host } = await start((request, response) => {
      if (request.headers.authorization) return to(`http://${away.host}/kept`)(request, response);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    });
    const { problem } = await problemOf(host, { plainHttp: ['127.0.0.1'] });
    expect(problem).toMatchObject({
      kind: 'unavailable',
      address: `the address that http://${host}/v2/org/app/manifests/latest redirects to`,
    });
  });

  it('with a user in its address does not make that a credential', async () => {
    const away = await start(images);
    const { host } = await start(to(`http://robot:pa55@${away.host}/v2/org/app/manifests/latest`));
    await pull(host, 'latest', { plainHttp: ['127.0.0.1'] });
    expect(away.authorizations).toEqual([undefined, undefined]);
  });
});

describe('a registry that sends back what it was told', () => {
  const password = 'pa55-Wörd/+secret';
  const base64 = Buffer.from(`robot:${password}`).toString('base64');
  const once =
    (answer: RequestListener, header = 'Basic realm="x"'): RequestListener =>
    (request, response) =>
      request.headers.authorization
        ? answer(request, response)
        : void response.writeHead(401, { 'www-authenticate': header }).end();

  it.each<[string, RequestListener]>([
    [
      'in a message',
      once((request, response) =>
        sendError(response, 403, 'DENIED', `${request.headers.authorization} is ${password}`),
      ),
    ],
    ['in a code', once((_, response) => sendError(response, 403, password))],
    [
      'in an address',
      once(
        (_, response) =>
          void response.writeHead(302, { location: `ftp://x/${base64}/${encodeURIComponent(password)}` }).end(),
      ),
    ],
    [
      'as a host',
      once((_, response) => void response.writeHead(302, { location: `ftp://${base64}.example/${password}` }).end()),
    ],
    ['as a query', once((_, response) => void response.writeHead(302, { location: `ftp://x/?p=${password}` }).end())],
    ['as a type', once((_, response) => send(response, encodeURIComponent(password), ''))],
    [
      'as a digest',
      once((_, response) => send(response, types.oci.manifest, valid, { 'docker-content-digest': base64 })),
    ],
    [
      'as a realm',
      once(
        (_, response) =>
          void response
            .writeHead(401, {
              'www-authenticate': `Bearer realm="https://${base64}.example/${encodeURIComponent(password)}"`,
            })
            .end(),
      ),
    ],
    [
      'as an annotation',
      once((_, response) =>
        send(response, types.oci.index, {
          schemaVersion: 2,
          manifests: [{ ...valid.config, annotations: { [base64]: 1 } }],
        }),
      ),
    ],
    [
      'as an encoding',
      once((_, response) => send(response, types.oci.manifest, valid, { 'content-encoding': base64 })),
    ],
    ['as the type of a config', once(withConfig({ mediaType: base64 }))],
    ['as the type in a manifest', once(manifest({ ...valid, mediaType: base64 }))],
    [
      'as a platform',
      once((_, response) =>
        send(response, types.oci.index, makeIndex([makeImage({ os: password, architecture: base64 })]).manifest.bytes),
      ),
    ],
  ])('%s: it is not passed on', async (_, listener) => {
    const { host } = await start(listener);
    const { problem } = await problemOf(host);
    for (const secret of [password, encodeURIComponent(password), encodeURI(password), base64])
      expect(`${JSON.stringify(problem)} ${describeProblem(problem)}`.toLowerCase()).not.toContain(
        secret.toLowerCase(),
      );
  });

  it.each([30, 900, 12_000])(
    'nor is a part of a password of %i characters, where the rest was cut off',
    async (length) => {
      const long = `${'ab  cd-EF/'.repeat(length / 10)}`;
      const known: Credential = { kind: 'basic', username: 'robot', password: long };
      for (const before of [0, 30, 195, 750]) {
        const { host } = await start(
          once((request, response) =>
            sendError(
              response,
              403,
              `${'x'.repeat(before)}${long}`,
              `${'x'.repeat(before)}${request.headers.authorization}`,
            ),
          ),
        );
        const { problem } = await problemOf(host, { credential: known });
        expect(problem).toMatchObject({ kind: 'forbidden' });
        expect(JSON.stringify(problem)).not.toMatch(/ab +cd|cd-ef|ZC1FR/i);
      }
    },
  );

  it.each([credential, identity])('nor is the token that it gave', async (known) => {
    const realm = await start((_, response) => void response.end('{"token":"bearer-secret-token"}'));
    const { host } = await start(
      once(
        (request, response) => sendError(response, 403, 'DENIED', `${request.headers.authorization}`),
        `Bearer realm="http://${realm.host}/"`,
      ),
    );
    const { problem } = await problemOf(host, { credential: known });
    expect(problem).toMatchObject({ kind: 'forbidden', code: 'DENIED' });
    expect(JSON.stringify(problem)).not.toContain('bearer-secret');
  });
});

afterAll(() => {
  expect(told.length).toBeGreaterThan(250);
  const all = told.join('\n');
  for (const secret of ['pa55', '-secret', '/+secret', btoa('robot:pa55').slice(0, 10)])
    expect(all).not.toContain(secret);
});
