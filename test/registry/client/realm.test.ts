import { describe, expect, it } from 'vitest';
import { checkRealm } from '../../../src/registry/client/realm.ts';

const check = (realm: string, origin: string, trusted: string[] = [], isTold = true) => {
  const [registry = ''] = origin.split('//').slice(1);
  const checked = checkRealm(realm, { origin, registry, repository: 'a', isMirror: false }, trusted, isTold);
  return checked.ok ? 'trusted' : checked.reason;
};

describe('a realm is trusted', () => {
  it.each([
    ['https://ghcr.io', 'https://ghcr.io/token'],
    ['https://registry-1.docker.io', 'https://auth.docker.io/token'],
    ['https://registry.gitlab.com', 'https://gitlab.com/jwt/auth'],
    ['https://docker.elastic.co', 'https://docker-auth.elastic.co/auth'],
    ['https://registry.example.co.uk', 'https://auth.example.co.uk/token'],
    ['https://rg.fr-par.scw.cloud', 'https://api.scaleway.com/registry-internal/v1/regions/fr-par/tokens'],
    ['https://registry.example.com:5000', 'https://registry.example.com/token'],
    ['https://10.0.0.1:5000', 'https://10.0.0.1:5001/token'],
    ['http://registry:5000', 'http://registry:5001/token'],
    ['http://127.0.0.1:5000', 'https://127.0.0.1/token'],
    ['http://[::1]:5000', 'http://[::1]:5001/token'],
    ['http://169.254.1.1:5000', 'http://169.254.1.1/token'],
  ])('by %s: %s', (origin, realm) => expect(check(realm, origin)).toBe('trusted'));

  it('by a setting', () => {
    expect(check('https://sso.example.org/token', 'https://ghcr.io', ['sso.example.org'])).toBe('trusted');
    expect(check('https://sso.example.org:8443/token', 'https://ghcr.io', ['sso.example.org:8443'])).toBe('trusted');
  });
});

describe('a realm is not trusted', () => {
  it.each([
    ['https://ghcr.io', '', 'which is no URL'],
    ['https://ghcr.io', '/token', 'which is no URL'],
    ['https://ghcr.io', 'http://ghcr.io/token', 'which is not https'],
    ['https://ghcr.io', 'file:///etc/passwd', 'which is not https'],
    ['http://ghcr.io', 'ftp://ghcr.io/', 'which is not https'],
    ['https://ghcr.io', 'https://ghcr.io@evil.example/', 'which names a user'],
    ['https://ghcr.io', 'https://evil.example/token', 'which does not belong to ghcr.io'],
    ['https://ghcr.io', 'https://ghcr.io.evil.example/token', 'which does not belong to ghcr.io'],
    ['https://ghcr.io', 'https://notghcr.io/token', 'which does not belong to ghcr.io'],
    ['https://registry.example.co.uk', 'https://evil.co.uk/', 'which does not belong to registry.example.co.uk'],
    ['https://registry.com.au', 'https://evil.com.au/', 'which does not belong to registry.com.au'],
    ['https://notscw.cloud', 'https://api.scaleway.com/', 'which does not belong to notscw.cloud'],
    ['http://registry', 'http://evil/', 'which does not belong to registry'],
    ['https://10.0.0.1', 'https://10.1.0.1/', 'which does not belong to 10.0.0.1'],
    ['https://[fd00::1]', 'https://[fd00::2]/', 'which does not belong to [fd00::1]'],
    ['http://ghcr.io', 'http://169.254.169.254/latest', 'which is a loopback, link-local or metadata address'],
    ['http://ghcr.io', 'http://0xa9fea9fe/', 'which is a loopback, link-local or metadata address'],
    ['http://ghcr.io', 'http://[::ffff:169.254.169.254]/', 'which is a loopback, link-local or metadata address'],
    ['http://ghcr.io', 'http://[fe80::1]/', 'which is a loopback, link-local or metadata address'],
    ['http://ghcr.io', 'http://[fd00:ec2::254]/', 'which is a loopback, link-local or metadata address'],
    [
      'http://a.google.internal',
      'http://metadata.google.internal/',
      'which is a loopback, link-local or metadata address',
    ],
  ])('by %s: %s', (origin, realm, reason) => expect(check(realm, origin)).toBe(reason));

  it('by a setting, if it is where clouds keep secrets', () =>
    expect(check('https://169.254.169.254/', 'https://ghcr.io', ['169.254.169.254'])).toMatch('link-local'));
});

describe('a realm that is told no credential', () => {
  it.each([
    ['https://lscr.io', 'https://ghcr.io/token', 'trusted'],
    ['https://10.0.0.1', 'https://10.1.0.1/', 'trusted'],
    ['http://registry', 'http://other/', 'trusted'],
    ['https://ghcr.io', 'http://other/', 'which is not https'],
    ['https://ghcr.io', 'https://robot@other/', 'which names a user'],
    ['https://ghcr.io', 'https://127.0.0.1/', 'which is a loopback, link-local or metadata address'],
    ['https://ghcr.io', 'https://169.254.169.254/', 'which is a loopback, link-local or metadata address'],
  ])('by %s: %s is %s', (origin, realm, expected) => expect(check(realm, origin, [], false)).toBe(expected));
});
