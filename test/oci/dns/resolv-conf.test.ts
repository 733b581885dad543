import { describe, expect, it } from 'vitest';
import { listNamesToTry, parseResolvConf } from '../../../src/oci/dns/resolv-conf.ts';

const defaults = { servers: [], search: [], ndots: 1, timeout: 1000, attempts: 3 };

/** As the kubelet writes it. */
const inPod = `search clockout.svc.cluster.local svc.cluster.local cluster.local
nameserver 10.96.0.10
options ndots:5
`;

describe('resolv.conf', () => {
  it.each<[string, string, Partial<ReturnType<typeof parseResolvConf>>]>([
    ['that is empty', '', {}],
    [
      'of a pod',
      inPod,
      {
        servers: ['10.96.0.10'],
        search: ['clockout.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
        ndots: 5,
      },
    ],
    [
      'with options',
      'options timeout:5 attempts:2 rotate edns0\noptions ndots:2',
      { timeout: 5000, attempts: 2, ndots: 2 },
    ],
    [
      'with more than there may be',
      'options ndots:99 timeout:999 attempts:99',
      { ndots: 15, timeout: 30_000, attempts: 5 },
    ],
    ['with none of it', 'options ndots:0 timeout:0 attempts:0', { ndots: 0, timeout: 1000, attempts: 1 }],
    ['with what is no number', 'options ndots:x timeout: attempts:-1', {}],
    ['with comments', '# search a.example\n;search b.example\n  search c.example. .', { search: ['c.example'] }],
    ['with several of one', 'search a.example b.example\ndomain c.example', { search: ['c.example'] }],
    [
      'with CRLF and tabs',
      'nameserver\t10.0.0.1\r\nsearch\ta.example\r\n',
      { servers: ['10.0.0.1'], search: ['a.example'] },
    ],
    ['with IPv6', 'nameserver fd00::a\nnameserver 10.0.0.1', { servers: ['fd00::a', '10.0.0.1'] }],
    ['with a zone', 'nameserver fe80::1%eth0\nnameserver 10.0.0.1', {}],
    ['with a server that is not an IP address', 'nameserver dns.example', {}],
  ])('%s', (_, text, expected) => expect(parseResolvConf(text)).toEqual({ ...defaults, ...expected }));

  it('has no more domains than a pod may have', () =>
    expect(parseResolvConf(`search ${'a.example '.repeat(100)}`).search).toHaveLength(32));
});

describe('a name is looked for', () => {
  const { search } = parseResolvConf(inPod);
  const below = (name: string) => search.map((domain) => `${name}.${domain}`);
  it.each([
    ['registry', 5, [...below('registry'), 'registry']],
    ['registry.team.svc', 5, [...below('registry.team.svc'), 'registry.team.svc']],
    ['registry.example.com', 2, ['registry.example.com', ...below('registry.example.com')]],
    ['registry.example.com', 3, [...below('registry.example.com'), 'registry.example.com']],
    ['registry.example.com.', 5, ['registry.example.com']],
    ['registry', 0, ['registry', ...below('registry')]],
  ])('%s with ndots:%i as %j', (name, ndots, expected) =>
    expect(listNamesToTry(name, { search, ndots })).toEqual(expected),
  );

  it('as it is where there is nothing to search', () =>
    expect(listNamesToTry('registry', { search: [], ndots: 5 })).toEqual(['registry']));
});
