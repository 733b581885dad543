import { afterEach, describe, expect, it } from 'vitest';
import { shareConnections } from '../../src/kubernetes/kube-config.ts';
import { openSharedCaStore } from '../../src/kubernetes/shared-ca-store.ts';
import { type ApiServer, refusal, sendJson, startApiServer } from './api-server.ts';
import { hurryTimeouts } from './hurried.ts';

let api: ApiServer;
afterEach(() => api.close());

const objects = { secret: { namespace: 'mesh', name: 'ca' }, configuration: 'zz-clockout' };
const secretPath = '/api/v1/namespaces/mesh/secrets/ca';
const configurationPath = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/zz-clockout';

/** Answers by `METHOD path`. */
async function serve(answers: Record<string, [number, object]>) {
  const sent: Record<string, unknown> = {};
  api = await startApiServer((request, response) => {
    const key = `${request.method} ${request.url?.split('?')[0]}`;
    sent[key] = request.text && { type: request.headers['content-type'], body: JSON.parse(request.text) };
    const [status, body] = answers[key] ?? [404, refusal(404, `${key} is not there`)];
    sendJson(response, status, body);
  });
  return { ...openSharedCaStore(shareConnections(api.config), objects), sent };
}

const owner = { name: 'zz-clockout', uid: 'u', resourceVersion: '9' };

describe('the Secret', () => {
  it('is read with its version', async () => {
    const { store } = await serve({
      [`GET ${secretPath}`]: [
        200,
        { metadata: { resourceVersion: '7', ownerReferences: [{ uid: 'u' }] }, data: { 'tls.crt': 'eA==' } },
      ],
    });
    expect(await store.readSecret()).toEqual({ data: { 'tls.crt': 'eA==' }, resourceVersion: '7', owners: ['u'] });
  });

  it('that is not there is not a failure', async () => {
    const { store } = await serve({});
    expect(await store.readSecret()).toBeUndefined();
  });

  it('is made, or replaced by who knows its version', async () => {
    const { store, sent } = await serve({
      'POST /api/v1/namespaces/mesh/secrets': [201, {}],
      [`PUT ${secretPath}`]: [200, {}],
    });
    expect(await store.writeSecret({ a: 'eA==' }, owner)).toBe(true);
    expect(await store.writeSecret({ a: 'eA==' }, owner, '7')).toBe(true);
    expect(sent).toMatchObject({
      'POST /api/v1/namespaces/mesh/secrets': {
        body: { metadata: { name: 'ca', namespace: 'mesh' }, data: { a: 'eA==' } },
      },
      [`PUT ${secretPath}`]: {
        body: { metadata: { name: 'ca', resourceVersion: '7', ownerReferences: [{ name: 'zz-clockout', uid: 'u' }] } },
      },
    });
  });

  it.each([409, 404])('that another was faster with is left to it (%i)', async (status) => {
    const { store } = await serve({
      'POST /api/v1/namespaces/mesh/secrets': [status, refusal(status, 'conflict')],
      [`PUT ${secretPath}`]: [status, refusal(status, 'conflict')],
    });
    expect(await store.writeSecret({}, owner)).toBe(false);
    expect(await store.writeSecret({}, owner, '7')).toBe(false);
  });
});

it('the configuration that asks Istio has a name of its own', async () => {
  const path = configurationPath.replace('zz-', 'aa-');
  const found = { metadata: { name: 'aa-clockout', uid: 'v', resourceVersion: '3' } };
  api = await startApiServer((request, response) => {
    const isFound = request.url?.startsWith(path);
    sendJson(response, isFound ? 200 : 404, isFound ? found : refusal(404, 'not there'));
  });
  const config = shareConnections(api.config);
  expect(openSharedCaStore(config, objects).store.asking).toBeUndefined();
  const { store } = openSharedCaStore(config, { ...objects, asking: 'aa-clockout' });
  expect(await store.asking?.readConfiguration()).toEqual({ ...found, webhooks: [] });
  expect(await store.asking?.patchConfiguration([])).toBe(true);
  expect(api.requests).toEqual([`GET ${path}`, `PATCH ${path}`]);
});

describe('the webhook configuration', () => {
  it('is read as far as it is needed', async () => {
    const { store } = await serve({
      [`GET ${configurationPath}`]: [
        200,
        {
          metadata: { name: 'zz-clockout', uid: 'u', resourceVersion: '9' },
          webhooks: [
            { name: 'a', clientConfig: { service: { name: 's', namespace: 'n', path: '/mutate' }, caBundle: 'eA==' } },
            { name: 'b', clientConfig: {} },
          ],
        },
      ],
    });
    expect(await store.readConfiguration()).toEqual({
      metadata: { name: 'zz-clockout', uid: 'u', resourceVersion: '9' },
      webhooks: [
        { name: 'a', clientConfig: { service: { name: 's', namespace: 'n' }, caBundle: 'eA==' } },
        { name: 'b', clientConfig: {} },
      ],
    });
  });

  it('is patched with a JSON patch', async () => {
    const { store, sent } = await serve({ [`PATCH ${configurationPath}`]: [200, {}] });
    const patch = [{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: 'eA==' } as const];
    expect(await store.patchConfiguration(patch)).toBe(true);
    expect(sent[`PATCH ${configurationPath}`]).toEqual({ type: 'application/json-patch+json', body: patch });
  });

  it.each([404, 409, 422])('that has changed meanwhile is not patched (%i)', async (status) => {
    const { store } = await serve({ [`PATCH ${configurationPath}`]: [status, refusal(status, 'changed')] });
    expect(await store.patchConfiguration([])).toBe(false);
  });
});

describe('a failure', () => {
  it('without permission says what is lacking, and no secret', async () => {
    const { store } = await serve({ [`GET ${secretPath}`]: [403, refusal(403, 'secrets "ca" is forbidden')] });
    const failure = await store.readSecret().catch((error: Error) => error.message);
    expect(failure).toBe(
      'the API server did not let Clockout read the Secret mesh/ca: 403 secrets "ca" is forbidden; the role of the service account must allow it',
    );
  });

  it('without permission to watch names each object', async () => {
    api = await startApiServer((_, response) => sendJson(response, 403, refusal(403, 'forbidden')));
    const failures: string[] = [];
    const stop = openSharedCaStore(shareConnections(api.config), objects).onChange(
      () => {},
      (error) => failures.push((error as Error).message),
    );
    await expect
      .poll(() => failures.toSorted())
      .toEqual([
        expect.stringContaining('let Clockout watch the MutatingWebhookConfiguration zz-clockout: 403'),
        expect.stringContaining('let Clockout watch the Secret mesh/ca: 403'),
      ]);
    stop();
  });

  it('of the way there says so', async () => {
    const { store } = await serve({});
    await api.close();
    const failure = await store.readConfiguration().catch((error: Error) => error.message);
    expect(failure).toMatch(
      /^the API server cannot be reached to read the MutatingWebhookConfiguration zz-clockout \(.*(ECONNREFUSED|closed).*\)$/,
    );
    expect(failure).not.toContain('secret-token');
  });
});

it('requests share connections', async () => {
  const { store } = await serve({ [`GET ${secretPath}`]: [200, { metadata: {}, data: {} }] });
  for (let i = 0; i < 30; i++) await store.readSecret();
  expect(api.connections()).toBeLessThanOrEqual(2);
});

it('an API server that says nothing is given up after 5 s, whatever was asked of it', async () => {
  api = await startApiServer(() => {});
  const { store } = openSharedCaStore(shareConnections(api.config), objects);
  const timeouts = hurryTimeouts();
  const asked = [
    store.readSecret(),
    store.writeSecret({}, owner),
    store.writeSecret({}, owner, '7'),
    store.readConfiguration(),
    store.patchConfiguration([]),
  ];
  const said = await Promise.all(asked.map((request) => request.then(String, ({ message }: Error) => message)));
  for (const sentence of said) expect(sentence).toMatch(/^the API server cannot be reached to .*timeout/);
  expect(timeouts.mock.calls).toEqual(asked.map(() => [5000]));
  timeouts.mockRestore();
});
