import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { shareConnections } from '../../src/kubernetes/kube-config.ts';
import { createSecretReaders } from '../../src/kubernetes/secrets.ts';
import { type ApiServer, refusal, sendJson, startApiServer } from './api-server.ts';
import { hurryTimeouts } from './hurried.ts';

let api: ApiServer;
afterEach(() => api.close());

async function serve(answer: (response: ServerResponse) => void) {
  api = await startApiServer((_, response) => answer(response));
  return createSecretReaders(shareConnections(api.config));
}

const messageOf = (promise: Promise<unknown>) => promise.then(JSON.stringify, (error: Error) => error.message);

describe('a Secret', () => {
  it('is read as far as it is needed', async () => {
    const secret = { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'e30=' } };
    const { readSecret } = await serve((response) => sendJson(response, 200, { metadata: { name: 'a' }, ...secret }));
    expect(await readSecret('shop', 'regcred')).toEqual(secret);
    expect(api.requests).toEqual(['GET /api/v1/namespaces/shop/secrets/regcred']);
  });

  it('without anything in it, too', async () => {
    const { readSecret } = await serve((response) => sendJson(response, 200, {}));
    expect(await readSecret('shop', 'regcred')).toEqual({});
  });

  it('that is not there is not a failure', async () => {
    const { readSecret } = await serve((response) => sendJson(response, 404, refusal(404, 'not found')));
    expect(await readSecret('shop', 'regcred')).toBeUndefined();
  });
});

describe('a ServiceAccount', () => {
  it('is read for its pull secrets', async () => {
    const { readServiceAccount } = await serve((response) =>
      sendJson(response, 200, {
        metadata: { name: 'runner' },
        secrets: [{ name: 'x' }],
        imagePullSecrets: [{ name: 'a' }],
      }),
    );
    expect(await readServiceAccount('shop', 'runner')).toEqual({ imagePullSecrets: [{ name: 'a' }] });
    expect(api.requests).toEqual(['GET /api/v1/namespaces/shop/serviceaccounts/runner']);
  });

  it('that is not there is not a failure', async () => {
    const { readServiceAccount } = await serve((response) => sendJson(response, 404, refusal(404, 'not found')));
    expect(await readServiceAccount('shop', 'runner')).toBeUndefined();
  });
});

describe('a failure says what to do, and tells no secret', () => {
  it('without the right', async () => {
    const { readSecret } = await serve((response) =>
      sendJson(response, 403, refusal(403, 'secrets "regcred" is forbidden')),
    );
    expect(await messageOf(readSecret('shop', 'regcred'))).toBe(
      'the API server did not let Clockout read the Secret shop/regcred: 403 secrets "regcred" is forbidden; the chart values `registry.pullSecrets` and `registry.pullSecretNamespaces` say what Clockout may read',
    );
  });

  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    [
      'of an answer that breaks off',
      (response) => response.destroy(),
      /cannot be reached to read the Secret shop\/regcred/,
    ],
    [
      'of an answer that is cut',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"data":{".dockerconfigjson":"czNjcjN0"');
        setTimeout(() => response.destroy(), 50);
      },
      /cannot be reached to read the Secret shop\/regcred/,
    ],
    [
      'of an answer that is no JSON',
      (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('czNjcjN0 {'),
      /the Secret shop\/regcred/,
    ],
  ])('%s', async (_, answer, expected) => {
    const { readSecret } = await serve(answer);
    const message = await messageOf(readSecret('shop', 'regcred'));
    expect(message).toMatch(expected);
    expect(message).not.toContain('czNjcjN0');
    expect(message).not.toContain('secret-token');
  });

  it('after 5 s, if there is no answer', async () => {
    const { readSecret } = await serve(() => {});
    const timeouts = hurryTimeouts();
    expect(await messageOf(readSecret('shop', 'regcred'))).toMatch(
      /^the API server cannot be reached to read the Secret shop\/regcred \(The operation was aborted due to timeout\)$/,
    );
    expect(timeouts.mock.calls).toEqual([[5000]]);
    timeouts.mockRestore();
  });
});
