/** How a registry is told who asks: by Basic, or by a token that another server makes. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../src/oci/credentials/credential.ts';
import { type PullSettings, pull } from '../ask.ts';
import { makeImage, makeIndex } from '../content.ts';
import { sendError, serveImages } from '../fake-registry.ts';
import { start } from '../test-servers.ts';

const app = { entrypoint: ['/app'], cmd: ['serve'] };
const image = makeImage(app);
const images = serveImages({ latest: image });

const challenge = (response: ServerResponse, header: string | string[]) => {
  response.setHeader('www-authenticate', header);
  sendError(response, 401, 'UNAUTHORIZED', 'authentication required');
};

/** Serves to those who bring what `accepts` takes; others are shown the challenge. */
const guarded =
  (
    accepts: (authorization: string) => boolean,
    header: () => string | string[],
    serve: RequestListener = images,
  ): RequestListener =>
  (request, response) =>
    accepts(request.headers.authorization ?? '') ? serve(request, response) : challenge(response, header());

const basic: Credential = { kind: 'basic', username: 'robot$app', password: 'pä:ss"wörd' };
const basicHeader = `Basic ${Buffer.from('robot$app:pä:ss"wörd').toString('base64')}`;
const identity: Credential = { kind: 'identity-token', token: 'an.identity-token' };

const textOf = async (request: IncomingMessage) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
};

/** A registry and its token server, which hands out what `tokens` gives. */
async function startBearer(
  tokens: RequestListener,
  accepts = (token: string): boolean => token === 'Bearer good',
  serve = images,
) {
  const realm = await start(tokens);
  const registry = await start(
    guarded(
      accepts,
      () => `Bearer realm="http://${realm.host}/token?more=1",service="a registry",scope="repository:x:push"`,
      serve,
    ),
  );
  return { realm, registry };
}

const hand =
  (answer: object): RequestListener =>
  (_, response) =>
    void response.end(JSON.stringify(answer));

const ask = (host: string, settings: PullSettings = {}) =>
  pull(host, 'latest', { plainHttp: ['127.0.0.1'], ...settings });

describe('Basic', () => {
  it('is sent once it is asked for, and with every question from then on', async () => {
    const registry = await start(
      guarded(
        (sent) => sent === basicHeader,
        () => 'Basic realm="here"',
      ),
    );
    expect(await ask(registry.host, { credential: basic })).toMatchObject({ ok: true, ...app });
    expect(registry.authorizations).toEqual([undefined, basicHeader, basicHeader]);
  });

  it('carries an identity token under the name that Docker gives it', async () => {
    const registry = await start(
      guarded(
        (sent) => sent === `Basic ${btoa('<token>:an.identity-token')}`,
        () => 'Basic realm="here"',
      ),
    );
    expect(await ask(registry.host, { credential: identity })).toMatchObject({ ok: true });
  });

  it('that is not accepted is not sent again', async () => {
    const registry = await start(
      guarded(
        () => false,
        () => 'Basic realm="here"',
      ),
    );
    expect(await ask(registry.host, { credential: basic })).toMatchObject({
      problem: {
        kind: 'unauthorized',
        credentialSent: true,
        status: 401,
        code: 'UNAUTHORIZED',
      },
    });
    expect(registry.authorizations).toEqual([undefined, basicHeader]);
  });

  it.each([
    ['no credential', 'Basic realm="here"', {}],
    ['a scheme unknown to us', 'Negotiate', { credential: basic }],
    ['no challenge at all', [], { credential: basic }],
  ])('is not sent with %s', async (_, header, settings) => {
    const registry = await start(
      guarded(
        () => false,
        () => header,
      ),
    );
    expect(await ask(registry.host, settings)).toMatchObject({
      problem: { kind: 'unauthorized', credentialSent: false },
    });
    expect(registry.requests).toHaveLength(1);
  });
});

describe('a token', () => {
  it.each<[string, object]>([
    ['token', { token: 'good' }],
    ['access_token', { access_token: 'good' }],
    ['both', { token: 'good', access_token: 'good', expires_in: 60 }],
    ['one of them empty', { token: '', access_token: 'good' }],
    ['one of them null', { token: null, access_token: 'good' }],
  ])('called %s is fetched with the user name and password', async (_, answer) => {
    const { realm, registry } = await startBearer(hand(answer));
    expect(await ask(registry.host, { credential: basic })).toMatchObject({ ok: true, ...app });
    expect(realm.requests).toEqual(['GET /token?more=1&scope=repository:org/app:pull&service=a+registry']);
    expect(realm.authorizations).toEqual([basicHeader]);
    expect(registry.authorizations).toEqual([undefined, 'Bearer good', 'Bearer good']);
  });

  it('is fetched by clients without credentials, too', async () => {
    const { realm, registry } = await startBearer(hand({ token: 'good' }));
    expect(await ask(registry.host)).toMatchObject({ ok: true, ...app });
    expect(realm.authorizations).toEqual([undefined]);
  });

  it('is preferred to Basic, whichever is named first', async () => {
    const realm = await start(hand({ token: 'good' }));
    const bearer = `Bearer realm="http://${realm.host}/"`;
    for (const header of [['Basic realm="x"', bearer], [`Basic realm="x", ${bearer}`], [bearer, 'Basic realm="x"']]) {
      const registry = await start(
        guarded(
          (sent) => sent === 'Bearer good',
          () => header,
        ),
      );
      expect(await ask(registry.host, { credential: basic })).toMatchObject({ ok: true });
    }
  });

  it('is fetched with an identity token by OAuth2', async () => {
    const forms: string[] = [];
    const { realm, registry } = await startBearer(async (request, response) => {
      forms.push(await textOf(request));
      response.end('{"access_token":"good"}');
    });
    expect(await ask(registry.host, { credential: identity })).toMatchObject({ ok: true, ...app });
    expect(realm.requests).toEqual(['POST /token?more=1']);
    expect(realm.authorizations).toEqual([undefined]);
    expect(Object.fromEntries(new URLSearchParams(forms[0]))).toEqual({
      grant_type: 'refresh_token',
      client_id: 'clockout',
      refresh_token: 'an.identity-token',
      scope: 'repository:org/app:pull',
      service: 'a registry',
    });
  });

  it.each([404, 405])('is fetched by GET where OAuth2 is unknown (%i)', async (status) => {
    const { realm, registry } = await startBearer((request, response) =>
      request.method === 'POST' ? sendError(response, status, 'UNSUPPORTED') : response.end('{"token":"good"}'),
    );
    expect(await ask(registry.host, { credential: identity })).toMatchObject({ ok: true, ...app });
    expect(realm.authorizations).toEqual([undefined, `Basic ${btoa('<token>:an.identity-token')}`]);
  });

  it('is fetched once for all questions of an index', async () => {
    const many = makeIndex(
      ['amd64', 'arm64', 'arm', 's390x', 'ppc64le'].map((architecture) => makeImage({ ...app, architecture })),
    );
    const { realm, registry } = await startBearer(hand({ token: 'good' }), undefined, serveImages({ latest: many }));
    expect(await ask(registry.host)).toMatchObject({ ok: true, ...app });
    expect(realm.requests).toHaveLength(1);
    expect(registry.requests).toHaveLength(12);
  });

  it('that has expired is fetched once more, by all who find it so, the late ones too', async () => {
    const many = makeIndex(
      ['amd64', 'arm64', 'arm', 's390x'].map((architecture) => makeImage({ ...app, architecture })),
    );
    const serve = serveImages({ latest: many });
    let [made, uses] = [0, 0];
    const realm = await start((_, response) => void response.end(JSON.stringify({ token: `${++made}` })));
    // The first is good for one question. The four that come next find it expired, two at once and two later.
    const registry = await start((request, response) => {
      const sent = request.headers.authorization;
      const deny = () => challenge(response, `Bearer realm="http://${realm.host}/"`);
      if (!sent) deny();
      else if (sent === 'Bearer 1' && ++uses > 1) setTimeout(deny, uses < 4 ? 0 : 100);
      else serve(request, response);
    });
    expect(await ask(registry.host)).toMatchObject({ ok: true, ...app });
    expect(realm.requests).toHaveLength(2);
  });

  it('that was never accepted is not fetched again', async () => {
    const { realm, registry } = await startBearer(hand({ token: 'bad' }));
    expect(await ask(registry.host, { credential: basic })).toMatchObject({
      problem: { kind: 'unauthorized', credentialSent: true },
    });
    expect(realm.requests).toHaveLength(1);
    expect(registry.requests).toHaveLength(2);
  });

  it('that was accepted, and whose successor is not, is not fetched a third time', async () => {
    let uses = 0;
    const { realm, registry } = await startBearer(hand({ token: 'good' }), () => ++uses === 2);
    expect(await ask(registry.host)).toMatchObject({ problem: { kind: 'unauthorized', credentialSent: false } });
    expect(realm.requests).toHaveLength(2);
    expect(registry.requests).toHaveLength(4);
  });

  it.each<[string, RequestListener, object]>([
    [
      'denies it',
      (_, response) => sendError(response, 401, 'UNAUTHORIZED', 'bad password'),
      { kind: 'unauthorized', credentialSent: true, status: 401, code: 'UNAUTHORIZED' },
    ],
    [
      'forbids it',
      (_, response) => sendError(response, 403, 'DENIED'),
      { kind: 'forbidden', credentialSent: true, status: 403, code: 'DENIED' },
    ],
    ...['invalid_grant', 'invalid_client', 'unauthorized_client'].map((code): [string, RequestListener, object] => [
      `says so as OAuth2 does: ${code}`,
      (_, response) => void response.writeHead(400).end(JSON.stringify({ error: code, error_description: 'expired' })),
      { kind: 'unauthorized', credentialSent: true, status: 400, code },
    ]),
    [
      'does not like the question',
      (_, response) => void response.writeHead(400).end('{"error":"invalid_scope"}'),
      { kind: 'refused', status: 400, code: 'invalid_scope' },
    ],
    [
      'says so as Docker Hub does',
      (_, response) => void response.writeHead(401).end('{"details":"incorrect username or password"}'),
      { kind: 'unauthorized', credentialSent: true, status: 401 },
    ],
    ['fails', (_, response) => void response.writeHead(500).end(), { kind: 'unavailable', status: 500 }],
    ['gives none', hand({}), { kind: 'invalid-answer', expected: 'a token', found: 'none' }],
    ['gives an empty one', hand({ token: '' }), { kind: 'invalid-answer', expected: 'a token' }],
    ['gives one that no header may hold', hand({ token: 'a\r\nb' }), { kind: 'invalid-answer', expected: 'a token' }],
    ['gives one with spaces', hand({ token: 'a b' }), { kind: 'invalid-answer', expected: 'a token' }],
    ['gives a number', hand({ token: 1 }), { kind: 'invalid-answer', expected: 'a token' }],
    ['gives a list', hand([]), { kind: 'invalid-answer', expected: 'a token' }],
    [
      'gives HTML',
      (_, response) => void response.end('<html>'),
      { kind: 'invalid-answer', found: 'something that is not JSON' },
    ],
    [
      'gives too much',
      (_, response) => void response.end(JSON.stringify({ token: 'a'.repeat(300_000) })),
      { kind: 'too-large', limit: 65_536 },
    ],
    [
      'gives one that is too long',
      hand({ token: 'a'.repeat(16_385) }),
      { kind: 'invalid-answer', expected: 'a token of at most 16384 characters', found: 'one of 16385' },
    ],
  ])('is a problem where its server %s', async (_, tokens, problem) => {
    const { realm, registry } = await startBearer(tokens);
    expect(await ask(registry.host, { credential: basic })).toMatchObject({
      problem: { address: `http://${realm.host}/token`, ...problem },
    });
  });

  it('is not fetched from a realm that is not trusted, which hears nothing', async () => {
    const stranger = await start(hand({ token: 'good' }));
    const named = stranger.host.replace('127.0.0.1', 'localhost');
    for (const credential of [basic, identity, undefined]) {
      const registry = await start(
        guarded(
          () => false,
          () => `Bearer realm="http://user:pw@${named}/t?a=b"`,
        ),
      );
      expect(await ask(registry.host, credential && { credential })).toEqual({
        ok: false,
        problem: {
          kind: 'untrusted-realm',
          address: `http://${registry.host}`,
          realm: `http://${named}/t`,
          reason: 'which names a user',
        },
      });
      const other = await start(
        guarded(
          () => false,
          () => `Bearer realm="http://${named}/t"`,
        ),
      );
      if (credential)
        expect(await ask(other.host, { credential })).toMatchObject({
          problem: { kind: 'untrusted-realm', reason: 'which does not belong to 127.0.0.1' },
        });
    }
    expect(stranger.requests).toEqual([]);
    const registry = await start(
      guarded(
        (sent) => sent === 'Bearer good',
        () => `Bearer realm="http://${named}/t"`,
      ),
    );
    expect(await ask(registry.host, { trustedRealms: ['localhost'], credential: basic })).toMatchObject({ ok: true });
  });

  it('is fetched from any realm that is told nothing, except for this machine unless the settings name it', async () => {
    const stranger = await start(hand({ token: 'good' }));
    const registry = await start(
      guarded(
        (sent) => sent === 'Bearer good',
        () => `Bearer realm="http://${stranger.host.replace('127.0.0.1', 'localhost')}/t"`,
      ),
    );
    expect(await ask(registry.host)).toMatchObject({ problem: { kind: 'off-limits' } });
    expect(stranger.requests).toEqual([]);
    const plainHttp = ['127.0.0.1', 'localhost'];
    expect(await ask(registry.host, { plainHttp })).toMatchObject({ ok: true, ...app });
    expect(stranger.authorizations).toEqual([undefined]);
  });

  it('for anybody is fetched for where a redirect led to, which hears nothing else', async () => {
    const realm = await start(hand({ token: 'good' }));
    const there = await start(
      guarded(
        (sent) => sent === 'Bearer good',
        () => `Bearer realm="http://${realm.host}/token"`,
      ),
    );
    const gateway = await start((request, response) => {
      const location = `http://${there.host}${request.url?.replace('/org/app/', '/other/app/')}`;
      if (request.headers.authorization === basicHeader) response.writeHead(307, { location }).end();
      else challenge(response, 'Basic realm="here"');
    });
    expect(await ask(gateway.host, { credential: basic })).toMatchObject({ ok: true, ...app });
    expect(realm.requests).toEqual(['GET /token?scope=repository:other/app:pull']);
    expect(realm.authorizations).toEqual([undefined]);
    expect(there.authorizations).toEqual([undefined, 'Bearer good', undefined, 'Bearer good']);
  });

  it('for anybody that is not enough there is asked for once', async () => {
    const realm = await start(hand({ token: 'bad' }));
    const there = await start((_, response) => challenge(response, `Bearer realm="http://${realm.host}/token"`));
    const gateway = await start(
      (request, response) => void response.writeHead(307, { location: `http://${there.host}${request.url}` }).end(),
    );
    expect(await ask(gateway.host)).toMatchObject({ problem: { kind: 'unauthorized', credentialSent: false } });
    expect([realm.requests.length, there.requests.length]).toEqual([1, 2]);
  });

  it('is not fetched where the registry names no realm', async () => {
    const registry = await start(
      guarded(
        () => false,
        () => 'Bearer service="x"',
      ),
    );
    expect(await ask(registry.host, { credential: basic })).toMatchObject({
      problem: { kind: 'untrusted-realm', realm: 'a realm', reason: 'which is not a URL' },
    });
  });

  it('is not fetched from where the realm redirects an identity token to', async () => {
    const stranger = await start(hand({ token: 'good' }));
    const { registry } = await startBearer(
      (_, response) => void response.writeHead(307, { location: `http://${stranger.host}/` }).end(),
    );
    expect(await ask(registry.host, { credential: identity })).toMatchObject({
      problem: { kind: 'redirect', status: 307 },
    });
    expect(stranger.requests).toEqual([]);
    expect(await ask(registry.host, { credential: basic })).toMatchObject({ ok: true });
    expect(stranger.authorizations).toEqual([undefined]);
  });
});
