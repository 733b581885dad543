/** The way to a registry: TLS with a private CA, and proxies. */
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createCa, signServingCertificate } from '../../../src/certificates/x509.ts';
import { createRegistryClient } from '../../../src/oci/client.ts';
import { pullImageConfig } from '../../../src/oci/pull-config.ts';
import { startDeadline } from '../../../src/util/deadline.ts';
import { type PullSettings, pull } from '../ask.ts';
import { makeImage } from '../content.ts';
import { serveImages } from '../fake-registry.ts';
import { closeAfterTest, closeServers, start } from '../test-servers.ts';

const app = { entrypoint: ['/app'], cmd: ['serve'] };
const images = serveImages({ latest: makeImage(app) });
const hour = 3_600_000;
const now = new Date();
const authority = await createCa({ now, lifetimeMilliseconds: hour });
const serving = await signServingCertificate(authority, ['127.0.0.1', 'registry.test'], {
  now,
  lifetimeMilliseconds: hour,
});
const ca = [authority.cert];
const good = { ok: true, ...app };

/** These servers are on this machine, which the settings have to name. */
const ask = (host: string, settings: PullSettings) =>
  pull(host, 'latest', { plainHttp: [], trustedRealms: ['127.0.0.1'], ...settings });

describe('TLS', () => {
  it('is what a registry is asked by, over one connection', async () => {
    const { host, requests, connections } = await start(images, serving);
    expect(await ask(host, { ca })).toMatchObject(good);
    expect({ requests: requests.length, connections: connections() }).toEqual({ requests: 2, connections: 1 });
  });

  it('with one of several CAs is trusted', async () => {
    const { host } = await start(images, serving);
    const other = await createCa({ now, lifetimeMilliseconds: hour });
    expect(await ask(host, { ca: [other.cert, authority.cert] })).toMatchObject(good);
    expect(await ask(host, { ca: [`${other.cert}\n${authority.cert}`] })).toMatchObject(good);
  });

  it.each<[string, () => Promise<{ cert: string; key: string }>, string[], RegExp]>([
    ['no CA that is trusted', async () => serving, [], /^(UNABLE_TO_|SELF_SIGNED_)/],
    [
      'another CA',
      async () =>
        signServingCertificate(await createCa({ now, lifetimeMilliseconds: hour }), ['127.0.0.1'], {
          now,
          lifetimeMilliseconds: hour,
        }),
      ca,
      /^(UNABLE_TO_|SELF_SIGNED_)/,
    ],
    [
      'another name',
      () => signServingCertificate(authority, ['registry.example'], { now, lifetimeMilliseconds: hour }),
      ca,
      /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    ],
    [
      'a time that is over',
      () =>
        signServingCertificate(authority, ['127.0.0.1'], {
          now: new Date(now.getTime() - 2 * hour),
          lifetimeMilliseconds: hour,
        }),
      ca,
      /^CERT_HAS_EXPIRED$/,
    ],
  ])('with a certificate of %s is not', async (_, certificate, trusted, reason) => {
    const { host, requests } = await start(images, await certificate());
    expect(await ask(host, { ca: trusted })).toMatchObject({
      problem: { kind: 'untrusted-certificate', reason: expect.stringMatching(reason) },
    });
    expect(requests).toEqual([]);
  });

  it('is not what this server speaks', async () => {
    const { host, requests } = await start(images);
    expect(await ask(host, {})).toEqual({
      ok: false,
      problem: { kind: 'no-tls', address: `https://${host}/v2/org/app/manifests/latest` },
    });
    expect(requests).toEqual([]);
  });

  it('is not left for plain http: by a redirect', async () => {
    const plain = await start(images);
    const { host } = await start(
      (_, response) => void response.writeHead(307, { location: `http://${plain.host}/x` }).end(),
      serving,
    );
    expect(await ask(host, { ca })).toMatchObject({
      problem: { kind: 'redirect', to: `http://${plain.host}/x`, reason: 'which is not https' },
    });
    expect(plain.requests).toEqual([]);
  });

  it('is not left for plain http: by a realm', async () => {
    const plain = await start((_, response) => void response.end('{"token":"x"}'));
    const header = `Bearer realm="http://${plain.host}/token"`;
    const { host } = await start(
      (_, response) => void response.writeHead(401, { 'www-authenticate': header }).end(),
      serving,
    );
    const credential = { kind: 'basic', username: 'a', password: 'b' } as const;
    expect(await ask(host, { ca, credential })).toMatchObject({
      problem: { kind: 'untrusted-realm', reason: 'which is not https' },
    });
    expect(plain.requests).toEqual([]);
  });
});

/** A proxy that knows just one host: wherever it is asked to go, it goes to that. */
async function startProxy(target: string, refuse?: number | 'silently') {
  const asked: string[] = [];
  const told: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const [address = '', port] = target.split(':');
  const note = (request: IncomingMessage) => {
    asked.push(`${request.method} ${request.url}`);
    told.push(request.headers['proxy-authorization']);
  };
  const server = createServer((request, response) => {
    note(request);
    if (typeof refuse === 'number') return void response.writeHead(refuse).end('no');
    images(Object.assign(request, { url: new URL(`${request.url}`).pathname }), response);
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    note(request);
    sockets.add(socket.on('error', () => {}));
    if (refuse === 'silently' && asked.length <= 8) return;
    if (typeof refuse === 'number') return void socket.end(`HTTP/1.1 ${refuse} No\r\n\r\n`);
    const onwards = connect(Number(port), address, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onwards).pipe(socket);
    });
    sockets.add(onwards.on('error', () => {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closeAfterTest(() => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked, told };
}

describe('a proxy', () => {
  it('changes nothing of what TLS carries', async () => {
    const registry = await start(images, serving);
    const proxy = await startProxy(registry.host);
    const https = `http://user:p%40ss@${proxy.host}`;
    expect(await ask('registry.test:5000', { ca, proxy: { https } })).toMatchObject(good);
    expect(proxy.asked).toEqual(['CONNECT registry.test:5000']);
    expect(proxy.told).toEqual([`Basic ${btoa('user:p@ss')}`]);
    expect(registry.requests).toHaveLength(2);
  });

  it('takes plain http as a question to it', async () => {
    const proxy = await startProxy('');
    expect(await ask('registry.test', { plainHttp: ['registry.test'], proxy: { http: proxy.host } })).toMatchObject(
      good,
    );
    expect(proxy.asked[0]).toBe('GET http://registry.test/v2/org/app/manifests/latest');
  });

  it('is not asked for this machine', async () => {
    const registry = await start(images);
    const proxy = await startProxy(registry.host);
    expect(await ask(registry.host, { plainHttp: [registry.host], proxy: { http: proxy.host } })).toMatchObject(good);
    expect(proxy.asked).toEqual([]);
  });

  it('is not asked for hosts that are listed', async () => {
    const proxy = await startProxy('');
    const settings = { proxy: { http: proxy.host, no: 'invalid' }, plainHttp: ['registry.invalid'] };
    expect(await ask('registry.invalid', settings)).toMatchObject({ problem: { kind: 'unreachable' } });
    expect(proxy.asked).toEqual([]);
  });

  it('for plain http is not one for TLS', async () => {
    const proxy = await startProxy('');
    expect(await ask('registry.invalid', { proxy: { http: proxy.host } })).toMatchObject({
      problem: { kind: 'unreachable' },
    });
    expect(proxy.asked).toEqual([]);
  });

  it.each([407, 502])('that answers %i', async (status) => {
    const proxy = await startProxy('', status);
    const https = `http://user:hidden@${proxy.host}`;
    const pulled = await ask('registry.test', { proxy: { https } });
    expect(pulled).toMatchObject({ problem: { kind: 'unreachable', reason: `the proxy answered ${status}` } });
    expect(JSON.stringify(pulled)).not.toContain('hidden');
  });

  it.each<[number, object]>([
    [407, { kind: 'unreachable', reason: 'the proxy answered 407' }],
    [502, { kind: 'unavailable', status: 502 }],
  ])('that answers %i to plain http', async (status, problem) => {
    const proxy = await startProxy('', status);
    const http = `http://user:hidden@${proxy.host}`;
    const pulled = await ask('registry.test', { plainHttp: ['registry.test'], proxy: { http } });
    expect(pulled).toMatchObject({ problem });
    expect(JSON.stringify(pulled)).not.toContain('hidden');
  });

  it('that hangs for 8 connections keeps none after them from their registry', async () => {
    const registry = await start(images, serving);
    const proxy = await startProxy(registry.host, 'silently');
    const client = createRegistryClient({ ca, proxy: { https: proxy.host }, connectTimeout: 1000 });
    closeAfterTest(client.close);
    const pullOnce = (milliseconds: number) =>
      pullImageConfig(
        { registry: 'registry.test', repository: 'org/app', tag: 'latest' },
        { client, deadline: startDeadline(milliseconds) },
      );
    const hung = await Promise.all(Array.from({ length: 8 }, () => pullOnce(300)));
    for (const each of hung) expect(each).toMatchObject({ problem: { kind: 'timeout' } });
    await expect.poll(() => proxy.asked.length).toBe(8);
    expect(await pullOnce(20_000)).toMatchObject({ ok: true, value: app });
  });

  it('that is not there', async () => {
    const { host } = await start(images);
    await closeServers();
    expect(await ask('registry.test', { proxy: { https: host } })).toMatchObject({
      problem: { kind: 'unreachable', reason: 'the connection was refused' },
    });
  });

  it('that hangs', async () => {
    const silent = await start(() => {});
    const before = performance.now();
    expect(
      await ask('registry.test', { plainHttp: ['registry.test'], proxy: { http: silent.host }, deadline: 300 }),
    ).toMatchObject({ problem: { kind: 'timeout' } });
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it('whose address is not a URL is refused, without repeating it', () => {
    for (const proxy of [{ https: 'http://user:hidden@[' }, { http: 'socks9://user:hidden@x' }])
      expect(() => createRegistryClient({ proxy })).toThrow(
        /^expected .* as the proxy for https?, and found something else$/,
      );
  });
});
