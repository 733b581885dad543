import type { ServerResponse } from 'node:http';
import { fetch } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { createGoogleSource } from '../../../src/oci/credentials/google.ts';
import { sendJson, startTokenServer, type TokenServer } from './token-server.ts';

let server: TokenServer | undefined;
afterEach(() => server?.close());

const patient = new AbortController().signal;

async function ask(answer: (response: ServerResponse) => void, clock = { now: 0 }) {
  server = await startTokenServer((_, response) => answer(response));
  const source = createGoogleSource({ fetch, env: { GCE_METADATA_HOST: server.host }, now: () => clock.now });
  return { ...server, credential: (registry = 'gcr.io') => source.getCredential(registry, patient) };
}

const remedy = "give Clockout's service account a Google one that may read the registry (workload identity)";

describe('a token of the metadata server', () => {
  it('is the password of oauth2accesstoken', async () => {
    const { credential, requests } = await ask((response) =>
      sendJson(response, 200, { access_token: 'ya29.secret', expires_in: 3599, token_type: 'Bearer' }),
    );
    expect(await credential()).toEqual({
      ok: true,
      value: { kind: 'basic', username: 'oauth2accesstoken', password: 'ya29.secret' },
    });
    expect(requests).toMatchObject([
      {
        method: 'GET',
        path: '/computeMetadata/v1/instance/service-accounts/default/token',
        headers: { 'metadata-flavor': 'Google' },
      },
    ]);
  });

  it('is one for all registries, until a minute before it expires', async () => {
    const clock = { now: 0 };
    const { credential, requests } = await ask(
      (response) => sendJson(response, 200, { access_token: 'a', expires_in: 600 }),
      clock,
    );
    await credential();
    clock.now = 539_000;
    await credential('europe-docker.pkg.dev');
    expect(requests).toHaveLength(1);
    clock.now = 540_000;
    await credential();
    expect(requests).toHaveLength(2);
  });
});

describe('no token', () => {
  it.each<[string, (response: ServerResponse) => void, string]>([
    ['refused', (response) => sendJson(response, 403, { error: 'forbidden' }), 'gave no token (403)'],
    ['HTML', (response) => response.writeHead(404).end('<html>ya29.secret'), 'gave no token (404, no JSON)'],
    ['no JSON', (response) => response.end('ya29.secret'), 'gave no token (200, no JSON)'],
    ['a list', (response) => sendJson(response, 200, ['ya29.secret']), 'gave no token (200, no JSON)'],
    ['another object', (response) => sendJson(response, 200, { token: 'ya29.secret' }), 'answered without a token'],
    [
      'an error that is no code',
      (response) => sendJson(response, 500, { error: 'see ya29.secret', error_description: 'ya29.secret' }),
      'gave no token (500)',
    ],
    [
      'one that does not say when it expires',
      (response) => sendJson(response, 200, { access_token: 'ya29.secret' }),
      'answered without a token',
    ],
    [
      'a long answer',
      (response) => sendJson(response, 200, { access_token: 'ya29.secret', expires_in: 1, pad: 'a'.repeat(300_000) }),
      'gave no token (200, no JSON)',
    ],
    ['a closed connection', (response) => response.socket?.destroy(), 'cannot be reached (UND_ERR_SOCKET)'],
    [
      'a cut answer',
      (response) => response.writeHead(200, { 'content-length': 9 }).write('{', () => response.destroy()),
      'cannot be reached',
    ],
    [
      'a redirect',
      (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
      'cannot be reached (unexpected redirect)',
    ],
  ])('%s', async (_, answer, problem) => {
    const { credential, host } = await ask(answer);
    const found = await credential();
    expect(found).toMatchObject({
      ok: false,
      problem: expect.stringContaining(`Google's metadata server ${host} ${problem}`),
    });
    expect(found).toMatchObject({ problem: expect.stringContaining(remedy) });
    expect(JSON.stringify(found)).not.toContain('ya29');
  });

  it('nobody there', async () => {
    const { credential, close, host } = await ask(() => {});
    await close();
    expect(await credential()).toEqual({
      ok: false,
      problem: `Google's metadata server ${host} cannot be reached (ECONNREFUSED); ${remedy}`,
    });
  });
});

it.each<[string, boolean]>([
  ['gcr.io', true],
  ['eu.gcr.io', true],
  ['europe-west3-docker.pkg.dev', true],
  ['pkg.dev', false],
  ['evil-gcr.io', false],
  ['a.b.gcr.io', false],
  ['gcr.io.evil.io', false],
  ['gcr.io:8443', false],
  ['xgcr.io', false],
  ['gcrXio', false],
  ['docker.io', false],
])('is for %s: %s', (registry, matches) =>
  expect(createGoogleSource({ fetch, env: {}, now: Date.now }).matches(registry)).toBe(matches),
);
