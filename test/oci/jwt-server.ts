/** Makes the tokens that docker-registry takes. @see https://distribution.github.io/distribution/spec/auth/jwt/ */
import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { createCa, signServingCertificate } from '../../src/certificates/x509.ts';
import { sendError, startServer, type TestServer } from './fake-registry.ts';

export type JwtServer = TestServer & {
  /** What docker-registry needs to know of it. */
  token: { realm: string; service: string; issuer: string; certificate: string };
  /** A header that may push to and pull from a repository. */
  mint: (repository: string, actions: string[]) => string;
};

/** By their names; the empty one is everybody. */
type Users = Record<string, User>;
type User = { password?: string; identityToken?: string; repositories: string[] };

const hour = 3_600_000;

export async function startJwtServer({ users }: { users: Users }): Promise<JwtServer> {
  const validity = { now: new Date(), lifetimeMilliseconds: hour };
  const authority = await createCa(validity);
  const { cert, key } = await signServingCertificate(authority, ['token.test'], validity);
  const service = 'test registry';
  const issuer = 'test issuer';

  const makeToken = (name: string, repository: string, actions: string[]) => {
    const now = Math.floor(Date.now() / 1000);
    const header = { typ: 'JWT', alg: 'ES256', x5c: [new X509Certificate(cert).raw.toString('base64')] };
    const access = actions.length > 0 ? [{ type: 'repository', name: repository, actions }] : [];
    const claims = {
      iss: issuer,
      sub: name,
      aud: service,
      exp: now + 300,
      nbf: now - 10,
      iat: now,
      jti: randomUUID(),
      access,
    };
    const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const signature = sign('sha256', Buffer.from(signed), { key: createPrivateKey(key), dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  };

  const server = await startServer(async (request, response) => {
    const url = new URL(`${request.url}`, 'http://token.test');
    let body = '';
    for await (const chunk of request) body += chunk;
    const form = new URLSearchParams(request.method === 'POST' ? body : url.search);
    const name = nameOf(users, form.get('refresh_token'), request.headers.authorization);
    const user = users[name ?? 'nobody'];
    if (form.get('service') !== service || !user) return sendError(response, 401, 'UNAUTHORIZED', 'who are you?');
    const [, repository = ''] = /^repository:(.*):pull$/.exec(`${form.get('scope')}`) ?? [];
    const token = makeToken(`${name}`, repository, user.repositories.includes(repository) ? ['pull'] : []);
    response.end(JSON.stringify(request.method === 'POST' ? { access_token: token } : { token, expires_in: 300 }));
  });
  return {
    ...server,
    token: { realm: `http://${server.host}/token`, service, issuer, certificate: authority.cert },
    mint: (repository, actions) => `Bearer ${makeToken('pusher', repository, actions)}`,
  };
}

function nameOf(users: Users, identityToken: string | null, authorization = ''): string | undefined {
  const basic = Buffer.from(authorization.slice('Basic '.length), 'base64').toString();
  if (!identityToken && !authorization) return '';
  return Object.keys(users).find((name) =>
    identityToken ? users[name]?.identityToken === identityToken : basic === `${name}:${users[name]?.password}`,
  );
}
