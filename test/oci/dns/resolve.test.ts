/** Names as pods of a cluster have them, at a name server on this machine; and by the clock of the test. */
import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { type DnsAnswer, queryDns } from '../../../src/oci/dns/query-dns.ts';
import { createResolve, type ResolveDeps } from '../../../src/oci/dns/resolve.ts';
import { type DnsServer, type Said, startDnsServer } from './dns-server.ts';

const servers: DnsServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ close }) => close()));
});

const hosts = '127.0.0.1 localhost\n10.9.9.9 registry.hosts Alias\n';

type Options = Partial<ResolveDeps> & { conf?: string; say?: (name: string, type: 'A' | 'AAAA') => Said };

async function make({ conf = '', say = () => 3, ...deps }: Options = {}) {
  const server = await startDnsServer(say);
  servers.push(server);
  const clock = { now: 0 };
  const resolve = createResolve({
    readText: async (file) => (file === '/etc/hosts' ? hosts : `nameserver ${server.address}\n${conf}`),
    queryDns,
    hostsFile: '/etc/hosts',
    now: () => clock.now,
    failureMilliseconds: 10_000,
    timeoutMilliseconds: 20_000,
    ...deps,
  });
  return { resolve, clock, asked: server.asked };
}

const found = (...addresses: string[]) => ({ ok: true, value: addresses });
const notFound = { ok: false, problem: 'ENOTFOUND' };
const unknown = { ok: false, problem: 'EAI_AGAIN' };

describe('a name', () => {
  it('has the addresses of both families, IPv4 first', async () => {
    const { resolve } = await make({ say: () => ['fd00::1', '10.0.0.1', '10.0.0.2'] });
    expect(await resolve('registry.example.com')).toEqual(found('10.0.0.1', '10.0.0.2', 'fd00::1'));
  });

  it.each<[string, Said, Said, object]>([
    ['with IPv4 alone', ['10.0.0.1'], [], found('10.0.0.1')],
    ['with IPv6 alone', [], ['fd00::1'], found('fd00::1')],
    ['with IPv4, and a server that fails for IPv6', ['10.0.0.1'], 2, found('10.0.0.1')],
    ['without any', [], [], notFound],
    ['that nobody has', 3, 3, notFound],
    ['of which the server knows nothing', 2, 2, unknown],
  ])('%s', async (_, a, aaaa, expected) => {
    const { resolve } = await make({ say: (_, type) => (type === 'A' ? a : aaaa) });
    expect(await resolve('registry.example.com')).toEqual(expected);
  });

  it('in the hosts file is asked for nowhere', async () => {
    const { resolve, asked } = await make({ conf: 'search svc.cluster.local\noptions ndots:5' });
    for (const name of ['registry.hosts', 'REGISTRY.HOSTS', 'registry.hosts.', 'alias'])
      expect(await resolve(name)).toEqual(found('10.9.9.9'));
    expect(await resolve('localhost')).toEqual(found('127.0.0.1'));
    expect(await resolve('a.localhost')).toEqual(found('127.0.0.1', '::1'));
    expect(asked).toEqual([]);
  });

  it('is looked for in the search domains, in their order, until it is found', async () => {
    const say = (name: string): Said => (name === 'registry.team.svc.cluster.local' ? ['10.96.0.7'] : 3);
    const conf = 'search clockout.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5';
    const { resolve, asked } = await make({ say, conf });
    expect(await resolve('registry.team')).toEqual(found('10.96.0.7'));
    expect(asked.filter((question) => question.startsWith('A '))).toEqual([
      'A registry.team.clockout.svc.cluster.local',
      'A registry.team.svc.cluster.local',
    ]);
    asked.length = 0;
    expect(await resolve('registry.team.')).toEqual(notFound);
    expect(asked.toSorted()).toEqual(['A registry.team', 'AAAA registry.team']);
  });

  it('is looked for further where a server fails for one domain, and may then exist for all that is known', async () => {
    const say = (name: string): Said => (name.endsWith('.broken.example') ? 2 : 3);
    const { resolve, asked } = await make({ say, conf: 'search broken.example good.example' });
    expect(await resolve('registry')).toEqual(unknown);
    expect(new Set(asked)).toContain('A registry.good.example');
  });

  it('that no server answers for is given up, without asking in the other domains', async () => {
    const { resolve, asked } = await make({
      say: () => 'nothing',
      conf: 'search a.example b.example\noptions attempts:2 timeout:1',
    });
    expect(await resolve('registry')).toEqual(unknown);
    expect(new Set(asked)).toEqual(new Set(['A registry.a.example', 'AAAA registry.a.example']));
    expect(asked).toHaveLength(4);
  });

  it('is given up when its time is over', async () => {
    const { resolve } = await make({ say: () => 'nothing', conf: 'options timeout:30', timeoutMilliseconds: 50 });
    expect(await resolve('registry.example.com')).toEqual(unknown);
  });

  it('too long for DNS in one domain is looked for in the others', async () => {
    const { resolve } = await make({ say: () => ['10.0.0.1'], conf: `search ${'a'.repeat(64)}.example good.example` });
    expect(await resolve('registry')).toEqual(found('10.0.0.1'));
  });

  it('is found without files', async () => {
    const queried: string[] = [];
    const { resolve } = await make({
      readText: () => Promise.reject(new Error('ENOENT')),
      queryDns: async (name) => {
        queried.push(name);
        return { ok: true, value: ['10.0.0.1'] };
      },
    });
    expect(await resolve('registry')).toEqual(found('10.0.0.1'));
    expect(queried).toEqual(['registry']);
  });
});

describe('a name that was not found', () => {
  it.each<[string, Said, object]>([
    ['as it does not exist', 3, notFound],
    ['as the server failed', 2, unknown],
  ])('%s, is not asked for again for a while, and no other name for it', async (_, said, failed) => {
    const state: { said: Said } = { said };
    const { resolve, clock, asked } = await make({ say: () => state.said });
    expect(await resolve('a.example')).toEqual(failed);
    state.said = ['10.0.0.1'];
    const before = asked.length;
    clock.now = 9_999;
    expect(await resolve('a.example')).toEqual(failed);
    expect(await resolve('A.Example')).toEqual(failed);
    expect(asked).toHaveLength(before);
    expect(await resolve('b.example')).toEqual(found('10.0.0.1'));
    clock.now = 10_000;
    expect(await resolve('a.example')).toEqual(found('10.0.0.1'));
  });

  it('is one question for all who ask at the same time; one that was found is asked for again', async () => {
    let queries = 0;
    const answer: DnsAnswer = { ok: true, value: ['10.0.0.1'] };
    const { resolve } = await make({ queryDns: async () => ({ ...answer, count: ++queries }) });
    await Promise.all(Array.from({ length: 100 }, () => resolve('a.example')));
    expect(queries).toBe(1);
    await resolve('a.example');
    expect(queries).toBe(2);
  });
});

it('a question leaves nothing behind at its signal', async () => {
  const server = await startDnsServer(() => ['10.0.0.1']);
  servers.push(server);
  const { signal } = new AbortController();
  await queryDns('a.example', { servers: [server.address], timeout: 1000, attempts: 1 }, signal);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
