import type { ServerResponse } from 'node:http';
import { fetch } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { createAzureSource } from '../../../src/oci/credentials/azure.ts';
import { sendJson, startTokenServer, type TokenRequest, type TokenServer, webToken } from './token-server.ts';

let server: TokenServer | undefined;
afterEach(() => server?.close());

const patient = new AbortController().signal;
const registry = 'shop.azurecr.io';
const file = '/var/run/secrets/azure/tokens/azure-identity-token';
const refreshToken = webToken({ exp: 10_800, secret: 'hunter2' });

type Answers = Partial<Record<'entra' | 'registry', (response: ServerResponse) => void>>;

/** Entra ID and the registry are one server here, which tells them apart by path; the registry's name leads to it, too. */
async function ask(answers: Answers = {}, env: Record<string, string> = {}, clock = { now: 0 }) {
  server = await startTokenServer(({ path }, response) => {
    const { entra, registry } = answers;
    if (path === '/my-tenant/oauth2/v2.0/token')
      return entra ? entra(response) : sendJson(response, 200, { access_token: 'aad.hunter2', expires_in: 3599 });
    if (path === '/oauth2/exchange')
      return registry ? registry(response) : sendJson(response, 200, { refresh_token: refreshToken });
    sendJson(response, 404, {});
  });
  const { host } = server;
  const files = [' k8s.hunter2\n', ' k8s.renewed\n'];
  const source = createAzureSource({
    fetch: (url, init) => fetch(`${url}`.replace(`https://${registry}/`, `http://${host}/`), init),
    env: {
      AZURE_CLIENT_ID: 'my-client',
      AZURE_TENANT_ID: 'my-tenant',
      AZURE_FEDERATED_TOKEN_FILE: file,
      AZURE_AUTHORITY_HOST: `http://${host}/`,
      ...env,
    },
    readFile: async (path) => {
      if (path !== file) throw new Error(`ENOENT: ${path} hunter2`);
      return files.shift() ?? '';
    },
    now: () => clock.now,
  });
  return { ...server, credential: () => source.getCredential(registry, patient) };
}

const formOf = ({ body }: TokenRequest) => Object.fromEntries(new URLSearchParams(body));

describe('workload identity', () => {
  it("gets a refresh token for the pod's token, by way of Entra ID", async () => {
    const { credential, requests } = await ask();
    expect(await credential()).toEqual({ ok: true, value: { kind: 'identity-token', token: refreshToken } });
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /my-tenant/oauth2/v2.0/token',
      'POST /oauth2/exchange',
    ]);
    expect(requests.map(({ headers }) => headers['content-type'])).toEqual([
      expect.stringContaining('application/x-www-form-urlencoded'),
      expect.stringContaining('application/x-www-form-urlencoded'),
    ]);
    expect(requests.map(formOf)).toEqual([
      {
        grant_type: 'client_credentials',
        client_id: 'my-client',
        scope: 'https://containerregistry.azure.net/.default',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: 'k8s.hunter2',
      },
      { grant_type: 'access_token', service: registry, tenant: 'my-tenant', access_token: 'aad.hunter2' },
    ]);
  });

  it("keeps it until a minute before it expires, and then reads the pod's token anew", async () => {
    const clock = { now: 0 };
    const { credential, requests } = await ask({}, {}, clock);
    await credential();
    clock.now = 10_739_000;
    await credential();
    expect(requests).toHaveLength(2);
    clock.now = 10_740_000;
    await credential();
    expect(requests).toHaveLength(4);
    expect(requests.slice(2).map(formOf)).toMatchObject([{ client_assertion: 'k8s.renewed' }, {}]);
  });

  it.each(['opaque', 'a.b.c', webToken({})])(
    'does not keep one that does not say when it expires: %s',
    async (token) => {
      const { credential, requests } = await ask({
        registry: (response) => sendJson(response, 200, { refresh_token: token }),
      });
      expect(await credential()).toEqual({ ok: true, value: { kind: 'identity-token', token } });
      await credential();
      expect(requests).toHaveLength(4);
    },
  );
});

describe('no token', () => {
  const identity = "set up workload identity for Clockout's service account";
  const role = "give Clockout's identity the role AcrPull there";

  it.each<[string, Answers, Record<string, string>, string]>([
    ...['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE'].map(
      (name): [string, Answers, Record<string, string>, string] => [
        `${name} is missing`,
        {},
        { [name]: '' },
        `AZURE_CLIENT_ID, AZURE_TENANT_ID or AZURE_FEDERATED_TOKEN_FILE is not set; ${identity}`,
      ],
    ),
    ['no file', {}, { AZURE_FEDERATED_TOKEN_FILE: '/x' }, `the file /x cannot be read; ${identity}`],
    [
      'Entra ID refuses',
      {
        entra: (response) =>
          sendJson(response, 400, {
            error: 'invalid_client',
            error_description: 'AADSTS700213: No matching federated identity record found for hunter2.',
          }),
      },
      {},
      `http://HOST gave no token (400 invalid_client AADSTS700213); ${identity}`,
    ],
    [
      'Entra ID answers something else',
      { entra: (response) => sendJson(response, 200, { token: 'hunter2' }) },
      {},
      `http://HOST answered without a token; ${identity}`,
    ],
    [
      'the registry refuses',
      { registry: (response) => sendJson(response, 401, { errors: [{ code: 'UNAUTHORIZED', message: 'hunter2' }] }) },
      {},
      `shop.azurecr.io gave no token (401); ${role}`,
    ],
    [
      'the registry answers something else',
      { registry: (response) => sendJson(response, 200, { access_token: 'hunter2' }) },
      {},
      `shop.azurecr.io answered without a token; ${role}`,
    ],
    [
      'the registry redirects',
      { registry: (response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end() },
      {},
      `shop.azurecr.io cannot be reached (unexpected redirect); ${role}`,
    ],
  ])('%s', async (_, answers, env, problem) => {
    const { credential, host } = await ask(answers, env);
    expect(await credential()).toEqual({ ok: false, problem: problem.replace('HOST', host) });
  });
});

it.each<[string, boolean]>([
  ['shop.azurecr.io', true],
  ['shop-abc123.azurecr.cn', true],
  ['shop.azurecr.us', true],
  ['azurecr.io', false],
  ['shop.azurecr.io.evil.io', false],
  ['shop.azurecr.io:8443', false],
  ['a.shop.azurecr.io', false],
  ['shop.azurecrXio', false],
  ['mcr.microsoft.com', false],
])('is for %s: %s', (name, matches) =>
  expect(createAzureSource({ fetch, env: {}, readFile: async () => '', now: Date.now }).matches(name)).toBe(matches),
);
