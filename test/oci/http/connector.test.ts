/** The address that is connected to is one that was checked, whatever the name server says next time. */
import { describe, expect, it } from 'vitest';
import { createRegistryClient, type RegistrySettings } from '../../../src/oci/client.ts';
import type { Resolved } from '../../../src/oci/dns/resolve.ts';
import { pullImageConfig } from '../../../src/oci/pull-config.ts';
import { startDeadline } from '../../../src/util/deadline.ts';
import { makeImage } from '../content.ts';
import { serveImages, type TestServer } from '../fake-registry.ts';
import { closeAfterTest, start } from '../test-servers.ts';

const app = makeImage({ entrypoint: ['/app'], cmd: ['serve'] });
const serve = serveImages({ latest: app });
const good = { ok: true, entrypoint: ['/app'], cmd: ['serve'] };

const portOf = ({ host }: TestServer) => host.split(':')[1];

/** Asks for an image with a resolver that says one after the other, and the last again and again. */
async function ask(registry: string, said: readonly string[][], settings: RegistrySettings = {}) {
  const asked: string[] = [];
  const resolve = async (name: string): Promise<Resolved> => {
    const addresses = said[Math.min(asked.length, said.length - 1)] ?? [];
    asked.push(name);
    return addresses.length > 0 ? { ok: true, value: addresses } : { ok: false, problem: 'ENOTFOUND' };
  };
  const client = createRegistryClient({ resolve, ...settings });
  closeAfterTest(client.close);
  const reference = { registry, repository: 'org/app', tag: 'latest' };
  const pulled = await pullImageConfig(reference, { client, deadline: startDeadline(10_000) });
  return { pulled: pulled.ok ? { ok: true, ...pulled.value } : pulled, asked };
}

describe('a name that leads to this machine', () => {
  it.each([
    ['alone', ['127.0.0.1']],
    ['beside another place', ['10.0.0.1', '127.0.0.1']],
    ['by IPv6', ['::1']],
    ['through a translator', ['64:ff9b::7f00:1']],
    ['as where clouds keep secrets', ['169.254.169.254']],
  ])('%s, is not connected to', async (_, addresses) => {
    const server = await start(serve);
    const { pulled } = await ask(`registry.test:${portOf(server)}`, [addresses]);
    const address = `https://registry.test:${portOf(server)}/v2/org/app/manifests/latest`;
    expect(pulled).toEqual({ ok: false, problem: { kind: 'off-limits', address } });
    expect(server.connections()).toBe(0);
  });

  it('is connected to where the settings name it', async () => {
    const server = await start(serve);
    const host = `registry.test:${portOf(server)}`;
    expect((await ask(host, [['127.0.0.1']], { plainHttp: [host] })).pulled).toMatchObject(good);
    expect((await ask(host, [['127.0.0.1']], { plainHttp: ['registry.test'] })).pulled).toMatchObject(good);
    const port = await ask(host, [['127.0.0.1']], { plainHttp: ['registry.test:1'] });
    expect(port.pulled).toMatchObject({ problem: { kind: 'off-limits' } });
  });

  it('is asked for once for a connection: what it leads to afterwards does not count', async () => {
    const server = await start(serve);
    const host = `registry.test:${portOf(server)}`;
    const mirrors = [{ prefix: host, locations: [host], only: true }];
    const rebinding = await ask('other.test:1', [['127.0.0.2'], ['10.0.0.1']]);
    expect(rebinding.pulled).toMatchObject({ problem: { kind: 'off-limits' } });
    expect(rebinding.asked).toEqual(['other.test']);
    const { pulled, asked } = await ask(host, [['127.0.0.1'], ['10.0.0.1']], { mirrors, plainHttp: [host] });
    expect(pulled).toMatchObject(good);
    expect({ asked, connections: server.connections() }).toEqual({ asked: ['registry.test'], connections: 1 });
  });

  it('is not gone to by a redirect, or for a token', async () => {
    const inside = await start(serve);
    for (const answer of [
      { status: 307, headers: { location: `http://inside.test:${portOf(inside)}/` } },
      { status: 401, headers: { 'www-authenticate': `Bearer realm="http://inside.test:${portOf(inside)}/"` } },
    ]) {
      const server = await start((_, response) => void response.writeHead(answer.status, answer.headers).end());
      const { pulled, asked } = await ask(server.host, [['127.0.0.1']], { plainHttp: [server.host] });
      expect(pulled).toMatchObject({
        problem: { kind: 'off-limits', address: expect.stringContaining('inside.test') },
      });
      expect(asked).toEqual(['inside.test']);
    }
    expect(inside.connections()).toBe(0);
  });
});

describe('an address', () => {
  it.each(['127.0.0.1', '[::1]', '2130706433', '169.254.169.254', '[64:ff9b::a9fe:a9fe]', 'localhost', 'metadata'])(
    '%s is not connected to, and nothing is resolved',
    async (host) => {
      const { pulled, asked } = await ask(`${host}:1`, [['10.0.0.1']]);
      expect(pulled).toMatchObject({ problem: { kind: 'off-limits' } });
      expect(asked).toEqual([]);
    },
  );
});

describe('through a proxy', () => {
  it('names are checked, and not what they lead to, which is for the proxy to know', async () => {
    const proxy = await start((request, response) => {
      request.url = new URL(`${request.url}`).pathname;
      serve(request, response);
    });
    const settings = { proxy: { http: `http://${proxy.host}` }, plainHttp: ['registry.test'] };
    const { pulled, asked } = await ask('registry.test', [['127.0.0.1']], settings);
    expect(pulled).toMatchObject(good);
    expect(asked).toEqual([]);
    for (const host of ['169.254.169.254', 'metadata.goog', '[fd20:ce::254]']) {
      const refused = await ask(host, [['10.0.0.1']], { proxy: { https: `http://${proxy.host}` } });
      expect(refused.pulled).toMatchObject({ problem: { kind: 'off-limits' } });
    }
    expect(proxy.requests).toHaveLength(2);
  });
});

describe('in place of dns.lookup', () => {
  const lookup = (name: string, addresses: string[], options: object) =>
    new Promise((resolve) => {
      const client = createRegistryClient({ resolve: async () => ({ ok: true, value: addresses }) });
      closeAfterTest(client.close);
      client.lookup(name, options, (error, ...found) => resolve(error ? error.code : found));
    });

  it.each<[object, string[], unknown]>([
    [
      { all: true },
      ['10.0.0.1', 'fd00::1'],
      [
        [
          { address: '10.0.0.1', family: 4 },
          { address: 'fd00::1', family: 6 },
        ],
      ],
    ],
    [{}, ['10.0.0.1', 'fd00::1'], ['10.0.0.1', 4]],
    [{ family: 6 }, ['10.0.0.1', 'fd00::1'], ['fd00::1', 6]],
    [{ family: 'IPv6', all: true }, ['10.0.0.1', 'fd00::1'], [[{ address: 'fd00::1', family: 6 }]]],
    [{ family: 6 }, ['10.0.0.1'], 'ENOTFOUND'],
    [{ family: 4 }, ['10.0.0.1', '169.254.169.254'], 'ERR_OFF_LIMITS'],
  ])('with %j of %j: %j', async (options, addresses, expected) =>
    expect(await lookup('registry.test', addresses, options)).toEqual(expected),
  );
});
