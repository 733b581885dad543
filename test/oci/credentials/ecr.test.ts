import type { ServerResponse } from 'node:http';
import type { LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import * as sdk from '@aws-sdk/client-ecr';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEcrSource } from '../../../src/oci/credentials/ecr.ts';
import { sendJson, startTokenServer, type TokenServer } from './token-server.ts';

let server: TokenServer | undefined;
afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
});

/** The SDK finds its identity here, and nowhere on this machine. */
beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'hunter2');
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});

/** For servers whose address is known. */
const lookup: LookupFunction = () => {
  throw new Error('expected no name to be looked up');
};

const patient = new AbortController().signal;
const registry = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Speaks the JSON protocol. @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html */
async function ask(answer: (response: ServerResponse) => void, clock = { now: 0 }) {
  server = await startTokenServer((_, response) => answer(response));
  vi.stubEnv('AWS_ENDPOINT_URL_ECR', `http://${server.host}`);
  const source = createEcrSource({ now: () => clock.now, lookup });
  return { ...server, credential: (name = registry) => source.getCredential(name, patient) };
}

const tokenAnswer = (token: string) => (response: ServerResponse) =>
  sendJson(response, 200, {
    authorizationData: [{ authorizationToken: base64(token), expiresAt: 43_200, proxyEndpoint: `https://${registry}` }],
  });

describe('a token of ECR', () => {
  it('is what AWS logs in with, asked for in the region of the registry', async () => {
    const { credential, requests } = await ask(tokenAnswer('AWS:pass:word'));
    expect(await credential()).toEqual({
      ok: true,
      value: { kind: 'basic', username: 'AWS', password: 'pass:word' },
    });
    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: '/',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
          authorization: expect.stringMatching(
            /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d+\/eu-west-1\/ecr\/aws4_request/,
          ),
        },
        body: '{}',
      },
    ]);
  });

  it('is one for all accounts of a region, until a minute before it expires', async () => {
    const clock = { now: 0 };
    const { credential, requests } = await ask(tokenAnswer('AWS:a'), clock);
    await credential();
    clock.now = 43_139_000;
    await credential(registry.replace('123456789012', '210987654321'));
    expect(requests).toHaveLength(1);
    await credential(registry.replace('eu-west-1', 'us-east-1'));
    expect(requests).toHaveLength(2);
    expect(requests[1]?.headers.authorization).toContain('/us-east-1/ecr/');
    clock.now = 43_140_000;
    await credential();
    expect(requests).toHaveLength(3);
  });
});

describe('no token', () => {
  const remedy = "let Clockout's identity call ecr:GetAuthorizationToken";

  it.each<[string, (response: ServerResponse) => void, string]>([
    [
      'refused',
      (response) =>
        sendJson(response, 400, { __type: 'AccessDeniedException', message: 'hunter2 is not authorized to perform' }),
      'AccessDeniedException',
    ],
    ['an empty answer', (response) => sendJson(response, 200, {}), 'there is none in its answer'],
    ['a token of another form', tokenAnswer('hunter2'), 'there is none in its answer'],
    ['a token without a user', tokenAnswer(':hunter2'), 'there is none in its answer'],
  ])('%s', async (_, answer, reason) => {
    const { credential } = await ask(answer);
    expect(await credential()).toEqual({
      ok: false,
      problem: `Amazon ECR in eu-west-1 gave no token (${reason}); ${remedy}`,
    });
  });

  it('no identity', async () => {
    const { credential } = await ask(tokenAnswer('AWS:a'));
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    expect(await credential()).toEqual({
      ok: false,
      problem: `Amazon ECR in eu-west-1 gave no token (CredentialsProviderError); ${remedy}`,
    });
  });

  it('no SDK, which is loaded only when a token is needed', async () => {
    let loaded = 0;
    const source = createEcrSource({
      now: Date.now,
      lookup,
      loadSdk: () => {
        loaded++;
        const name: string = '@aws-sdk/client-of-nothing';
        return import(name);
      },
    });
    expect(source.matches(registry)).toBe(true);
    expect(loaded).toBe(0);
    expect(await source.getCredential(registry, patient)).toEqual({
      ok: false,
      problem: 'Amazon ECR needs the optional package @aws-sdk/client-ecr; install it',
    });
    expect(loaded).toBe(1);
  });
});

it('is asked for at an address that no thread was taken to find', async () => {
  const names: string[] = [];
  const source = createEcrSource({
    now: Date.now,
    lookup: (name, _, callback) => {
      names.push(name);
      callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), '', 4);
    },
  });
  expect(await source.getCredential(registry, patient)).toMatchObject({ ok: false });
  expect(new Set(names)).toEqual(new Set(['api.ecr.eu-west-1.amazonaws.com']));
});

/** The SDK as it is, except for the last step: what it would ask is noted, and answered here. */
function listening() {
  const hosts: string[] = [];
  class ECRClient extends sdk.ECRClient {
    constructor(config: sdk.ECRClientConfig) {
      const handle = async ({ hostname }: { hostname: string }) => {
        hosts.push(hostname);
        const body = { authorizationData: [{ authorizationToken: base64('AWS:a'), expiresAt: 1 }] };
        return { response: { statusCode: 200, headers: {}, body: Readable.from([JSON.stringify(body)]) } };
      };
      super({ ...config, requestHandler: { handle } as unknown as NonNullable<typeof config.requestHandler> });
    }
  }
  return { hosts, loadSdk: async () => ({ ...sdk, ECRClient }) };
}

it.each([
  ['dkr.ecr.eu-west-1.amazonaws.com', 'api.ecr.eu-west-1.amazonaws.com'],
  ['dkr.ecr.cn-north-1.amazonaws.com.cn', 'api.ecr.cn-north-1.amazonaws.com.cn'],
  ['dkr.ecr-fips.us-gov-west-1.amazonaws.com', 'api.ecr-fips.us-gov-west-1.amazonaws.com'],
  ['dkr.ecr-fips.us-east-1.amazonaws.com', 'api.ecr-fips.us-east-1.amazonaws.com'],
  ['dkr.ecr.us-iso-east-1.c2s.ic.gov', 'api.ecr.us-iso-east-1.c2s.ic.gov'],
  ['dkr.ecr.us-isob-east-1.sc2s.sgov.gov', 'api.ecr.us-isob-east-1.sc2s.sgov.gov'],
  ['dkr.ecr.eusc-de-east-1.amazonaws.eu', 'api.ecr.eusc-de-east-1.amazonaws.eu'],
  ['dkr-ecr.eu-west-1.on.aws', 'ecr.eu-west-1.api.aws'],
  ['dkr-ecr.cn-north-1.on.amazonwebservices.com.cn', 'ecr.cn-north-1.api.amazonwebservices.com.cn'],
])('a token for %s is asked of %s', async (endpoint, host) => {
  const { hosts, loadSdk } = listening();
  const source = createEcrSource({ now: Date.now, lookup, loadSdk });
  expect(source.matches(`123456789012.${endpoint}`)).toBe(true);
  expect(await source.getCredential(`123456789012.${endpoint}`, patient)).toMatchObject({ ok: true });
  expect(hosts).toEqual([host]);
});

it.each([
  'public.ecr.aws',
  'dkr.ecr.eu-west-1.amazonaws.com',
  '12345678901.dkr.ecr.eu-west-1.amazonaws.com',
  '123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.io',
  '123456789012.dkr.ecr.evil.io',
  '123456789012.dkr.ecr.eu-west-1.evil.io',
  '123456789012.dkr.ecr.eu-west-1.amazonaws.com:8443',
  '123456789012.dkr-ecr.eu-west-1.amazonaws.com',
  '123456789012.dkr.ecr.eu-west-1.on.aws',
  'x.123456789012.dkr.ecr.eu-west-1.amazonaws.com',
  '123456789012.dkrXecr.eu-west-1.amazonaws.com',
  '123456789012.x.dkr.ecr.eu-west-1.amazonaws.com',
])('has nothing for %s', (name) => expect(createEcrSource({ now: Date.now, lookup }).matches(name)).toBe(false));
