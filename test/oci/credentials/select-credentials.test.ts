import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../src/oci/credentials/credential.ts';
import { type ConfigEntry, decodePullSecret } from '../../../src/oci/credentials/docker-config.ts';
import { selectCredentials } from '../../../src/oci/credentials/select-credentials.ts';
import { parseReference } from '../../../src/oci/reference.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

function entriesOf(auths: unknown): ConfigEntry[] {
  const data = { '.dockerconfigjson': base64(JSON.stringify({ auths })) };
  const decoded = decodePullSecret('the Secret shop/regcred', { type: 'kubernetes.io/dockerconfigjson', data });
  if (!decoded.ok) throw new Error(decoded.problem);
  return decoded.value;
}

function credentials(image: string, entries: ConfigEntry[]): Credential[] {
  const parsed = parseReference(image);
  if (!parsed.ok) throw new Error(parsed.problem);
  return selectCredentials(parsed.value, entries);
}

/** Each address has its own number as its user. */
const usersFor = (image: string, ...addresses: string[]) =>
  credentials(
    image,
    entriesOf(
      Object.fromEntries(addresses.map((address, index) => [address, { username: `${index}`, password: 'p' }])),
    ),
  ).map((credential) => (credential.kind === 'basic' ? Number(credential.username) : undefined));

// The kubelet of Kubernetes 1.35.4 answers the same, except for IPv6 without a port, which it takes for a pattern.
describe('an address covers an image', () => {
  it.each([
    ['the host', 'quay.io', 'quay.io/team/app:1'],
    ['https', 'https://quay.io', 'quay.io/team/app'],
    ['http', 'http://quay.io/', 'quay.io/team/app'],
    ['an API', 'https://quay.io/v2/', 'quay.io/team/app'],
    ['an old API', 'quay.io/v1/', 'quay.io/team/app'],
    ['a path in an API', 'https://quay.io/v2/team', 'quay.io/team/app'],
    ['a query', 'https://quay.io?a=b', 'quay.io/team/app'],
    ['a port', 'quay.io:5000', 'quay.io:5000/team/app'],
    ['a path', 'quay.io/team', 'quay.io/team/app'],
    ['a path with a slash', 'quay.io/team/', 'quay.io/team/app'],
    ['a whole path', 'quay.io/team/app', 'quay.io/team/app@sha256:'.concat('0'.repeat(64))],
    ['a path that ends within a name', 'quay.io/te', 'quay.io/team/app'],
    ['* for a label', '*.quay.io', 'a.quay.io/team/app'],
    ['* for the last label', 'quay.*', 'quay.io/team/app'],
    ['* for the start', '*-eu.quay.io', 'a-eu.quay.io/app'],
    ['* for the middle', 'a*z.quay.io', 'abcz.quay.io/app'],
    ['* for nothing', 'a*z.quay.io', 'az.quay.io/app'],
    ['several *', '*a*b*c*.io', 'xaxbxcx.io/app'],
    ['* with a path and a port', '*.quay.io:5000/team', 'a.quay.io:5000/team/app'],
    ['IPv6', 'https://[::1]', '[::1]/app'],
    ['IPv6 and a port', 'https://[::1]:5000/team', '[::1]:5000/team/app'],
    ['Docker Hub', 'docker.io', 'busybox'],
    ['Docker Hub as docker writes it', 'https://index.docker.io/v1/', 'busybox'],
    ['Docker Hub by its old name', 'index.docker.io', 'docker.io/team/app'],
    ['a path at Docker Hub', 'docker.io/library', 'busybox'],
  ])('%s', (_, address, image) => expect(usersFor(image, address)).toEqual([0]));
});

describe('an address does not cover an image', () => {
  it.each([
    ['another host', 'quay.io', 'ghcr.io/team/app'],
    ['a subdomain', 'quay.io', 'a.quay.io/app'],
    ['* for two labels', '*.io', 'a.quay.io/app'],
    ['* for no label', '*.quay.io', 'quay.io/app'],
    ['more labels', 'quay.io.eu', 'quay.io/app'],
    ['fewer labels', 'quay', 'quay.io/app'],
    ['* and another start', 'eu-*.quay.io', 'us-a.quay.io/app'],
    ['* and another end', '*-eu.quay.io', 'a-us.quay.io/app'],
    ['* and a part that should come twice', '*a*a*.io', 'xax.io/app'],
    ['* for a part that comes twice in one', 'ab*ba.io', 'aba.io/app'],
    ['another IPv6', '[::1]:5000', '[::2]:5000/app'],
    ['several * out of order', '*a*b*.io', 'xbxax.io/app'],
    ['* and a part that the end would need', 'a*b*b.io', 'ab.io/app'],
    ['a host that starts the same', 'quay.i', 'quay.io/app'],
    ['a port where the image has none', 'quay.io:443', 'quay.io/app'],
    ['no port where the image has one', 'quay.io', 'quay.io:443/app'],
    ['another port', 'quay.io:443', 'quay.io:8443/app'],
    ['* for a port', 'quay.io:*', 'quay.io:443/app'],
    ['more than a pattern for a label needs', `${'*'.repeat(128)}.io`, 'quay.io/app'],
    ['another path', 'quay.io/team', 'quay.io/other/app'],
    ['a longer path', 'quay.io/team/app/x', 'quay.io/team/app'],
    ['* for a path', 'quay.io/*', 'quay.io/team/app'],
    ['other letters', 'Quay.io', 'quay.io/team/app'],
    ['an API without its slash, which is a path', 'https://quay.io/v2', 'quay.io/team/app'],
    ['another scheme', 'oci://quay.io', 'quay.io/app'],
    ['a path at Docker Hub by its old name', 'index.docker.io/library', 'busybox'],
    ["Docker Hub's where a host has no dot", 'https://index.docker.io/v1/', 'localhost/app'],
    ["Docker Hub's where a host is named alike", 'https://index.docker.io/v1/', 'evil-docker.io/app'],
    ['nothing', '', 'busybox'],
  ])('%s', (_, address, image) => expect(usersFor(image, address)).toEqual([]));
});

describe('the order of several', () => {
  it('is the most specific first', () =>
    expect(
      usersFor(
        'a.quay.io/team/app',
        '*.quay.io',
        'a.quay.io',
        'a.quay.io/team/app',
        'x.io',
        'a.quay.io/team',
        '*.*.io',
      ),
    ).toEqual([2, 4, 1, 0, 5]));

  it('is that of the Secrets for one address, whatever its form', () => {
    const first = entriesOf({ 'quay.io': { username: 'a', password: 'p' } });
    const second = entriesOf({ 'https://quay.io/v1/': { username: 'b', password: 'p' } });
    const names = (entries: ConfigEntry[]) =>
      credentials('quay.io/app', entries).map((c) => 'username' in c && c.username);
    expect(names([...first, ...second])).toEqual(['a', 'b']);
    expect(names([...second, ...first])).toEqual(['b', 'a']);
  });

  it("asks by Docker Hub's old name only where nothing else is for it", () => {
    expect(usersFor('busybox', 'https://index.docker.io/v1/', 'docker.io')).toEqual([1]);
    expect(usersFor('busybox', 'https://index.docker.io/v1/', 'docker.io/team')).toEqual([0]);
  });

  it('has each once', () => {
    const entries = entriesOf({ 'quay.io': { username: 'a', password: 'p' }, 'quay.io/team': { auth: base64('a:p') } });
    expect(credentials('quay.io/team/app', [...entries, ...entries])).toEqual([
      { kind: 'basic', username: 'a', password: 'p' },
    ]);
  });
});

it('at most 16 credentials are tried, however many are for an image', () => {
  const users = Array.from({ length: 100 }, (_, i) => `${i}`);
  const entries = users.flatMap((username) => entriesOf({ 'quay.io': { username } }));
  const found = credentials('quay.io/app', entries).map((each) => 'username' in each && each.username);
  expect(found).toEqual(users.slice(0, 16));
});

it('an address without * covers its own host only', () =>
  fc.assert(
    fc.property(fc.domain(), fc.domain(), (mine, other) => {
      expect(usersFor(`${mine}/app`, mine)).toEqual([0]);
      expect(usersFor(`${other}/app`, mine)).toEqual(mine === other ? [0] : []);
    }),
  ));
