import { describe, expect, it } from 'vitest';
import { checkRealm } from '../../../src/oci/auth/realm.ts';

const check = (realm: string, origin: string, trusted: string[] = [], isTold = true) => {
  const [registry = ''] = origin.split('//').slice(1);
  const checked = checkRealm(realm, { origin, registry, repository: 'a', isMirror: false }, trusted, isTold);
  return checked.ok ? 'trusted' : checked.problem;
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
    ['https://ghcr.io', '', 'which is not a URL'],
    ['https://ghcr.io', '/token', 'which is not a URL'],
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
    ['http://127.0.0.1:5000', 'http://localhost:5001/', 'which does not belong to 127.0.0.1'],
    ['http://ghcr.io', 'http://169.254.169.254/latest', 'which does not belong to ghcr.io'],
  ])('by %s: %s', (origin, realm, reason) => expect(check(realm, origin)).toBe(reason));

  it.each([
    ['registry.team.svc.cluster.local', 'evil.attacker-ns.svc.cluster.local'],
    ['registry.team.svc.cluster.local', 'tokens.team.svc.cluster.local'],
    ['registry.team.svc.cluster.local', 'svc.cluster.local'],
    ['registry.team.svc', 'evil.attacker-ns.svc'],
    ['registry.team.svc.k8s.example.com', 'evil.attacker-ns.svc.k8s.example.com'],
    ['registry.team.svc.k8s.example.com', 'k8s.example.com'],
    ['10-0-0-1.team.pod.cluster.local', '10-0-0-2.evil.pod.cluster.local'],
    ['node.cluster.local', 'other.cluster.local'],
    ['123456789012.dkr.ecr.us-east-1.amazonaws.com', 'evil.us-east-1.amazonaws.com'],
    ['123456789012.dkr.ecr.us-east-1.amazonaws.com', 'evil.execute-api.us-east-1.amazonaws.com'],
    ['a.amazonaws.com', 'evil.amazonaws.com'],
    ['me.github.io', 'evil.github.io'],
    ['me.a.run.app', 'evil.a.run.app'],
    ['me.run.app', 'evil.run.app'],
    ['me.azurewebsites.net', 'evil.azurewebsites.net'],
    ['me.azurecr.io', 'evil.azurecr.io'],
    ['me.blob.core.windows.net', 'evil.blob.core.windows.net'],
    ['me.herokuapp.com', 'evil.herokuapp.com'],
    ['registry.cn-hangzhou.aliyuncs.com', 'evil.oss-cn-hangzhou.aliyuncs.com'],
    ['registry.cn-hangzhou.aliyuncs.com', 'dockerauth.oss-cn-hangzhou.aliyuncs.com'],
    ['me.eastus.cloudapp.azure.com', 'evil.eastus.cloudapp.azure.com'],
    ['me.eastus.azurecontainerapps.io', 'evil.westus.azurecontainerapps.io'],
    ['me.us-south.containers.appdomain.cloud', 'evil.us-south.containers.appdomain.cloud'],
    ['registry.apps.me.p1.openshiftapps.com', 'registry.apps.evil.p1.openshiftapps.com'],
    ['registry.10.0.0.1.nip.io', 'registry.203.0.113.7.nip.io'],
    ['registry.10-0-0-1.sslip.io', 'registry.203-0-113-7.sslip.io'],
    ['registry.service.consul', 'evil.service.consul'],
    ['me.uk', 'evil.co.uk'],
  ])('by %s: %s, as the two may be two owners', (registry, realm) =>
    expect(check(`https://${realm}/token`, `https://${registry}`)).toBe(`which does not belong to ${registry}`),
  );
});

/** What registries name, as of the day that this was written. */
describe('a realm of a registry that is in use is trusted', () => {
  it.each([
    ['registry-1.docker.io', 'auth.docker.io/token'],
    ['ghcr.io', 'ghcr.io/token'],
    ['quay.io', 'quay.io/v2/auth'],
    ['registry.gitlab.com', 'gitlab.com/jwt/auth'],
    ['registry.gitlab.corp', 'gitlab.corp/jwt/auth'],
    ['registry.gitlab.example.co.uk', 'gitlab.example.co.uk/jwt/auth'],
    ['public.ecr.aws', 'public.ecr.aws/token/'],
    ['me.azurecr.io', 'me.azurecr.io/oauth2/token'],
    ['gcr.io', 'gcr.io/v2/token'],
    ['eu.gcr.io', 'eu.gcr.io/v2/token'],
    ['us-docker.pkg.dev', 'us-docker.pkg.dev/v2/token'],
    ['nvcr.io', 'nvcr.io/proxy_auth'],
    ['registry.redhat.io', 'registry.redhat.io/auth/realms/rhcc/protocol/redhat-docker-v2/auth'],
    ['docker.elastic.co', 'docker-auth.elastic.co/auth'],
    ['registry.digitalocean.com', 'api.digitalocean.com/v2/registry/auth'],
    ['de.icr.io', 'de.icr.io/oauth/token'],
    ['rg.fr-par.scw.cloud', 'api.scaleway.com/registry-internal/v1/regions/fr-par/tokens'],
    ['registry.cn-hangzhou.aliyuncs.com', 'dockerauth.cn-hangzhou.aliyuncs.com/auth'],
    ['harbor.example.com', 'harbor.example.com/service/token'],
    ['registry.team.svc.cluster.local', 'registry.team.svc.cluster.local:8443/token'],
  ])('%s: %s', (registry, realm) => expect(check(`https://${realm}`, `https://${registry}`)).toBe('trusted'));
});

describe('a realm that is told no credential', () => {
  it.each([
    ['https://lscr.io', 'https://ghcr.io/token', 'trusted'],
    ['https://10.0.0.1', 'https://10.1.0.1/', 'trusted'],
    ['http://registry', 'http://other/', 'trusted'],
    ['https://ghcr.io', 'http://other/', 'which is not https'],
    ['https://ghcr.io', 'https://robot@other/', 'which names a user'],
  ])('by %s: %s is %s', (origin, realm, expected) => expect(check(realm, origin, [], false)).toBe(expected));
});
