import jsonPatch from 'fast-json-patch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askReview } from '../../src/admission/ask-istio.ts';
import { admitReview } from '../../src/admission/review.ts';
import { createSelfSignedCertificate } from '../../src/certificates/self-signed.ts';
import { app, classicPod, jobPod, settings, withStrategy } from '../support/pods.ts';
import { createApps, review } from './helpers.ts';

type Apps = ReturnType<typeof createApps>;
let apps: Apps;
let certificate: Awaited<ReturnType<typeof createSelfSignedCertificate>>;

beforeAll(async () => {
  certificate = await createSelfSignedCertificate(['localhost'], new Date());
  apps = createApps(certificate);
});
afterAll(() => Promise.all([apps.webhook.close(), apps.operations.close()]));

const json = { 'content-type': 'application/json' };
const mutate = (payload: string | object, headers: Record<string, string> = json, { webhook } = apps) =>
  webhook.inject({ method: 'POST', url: '/mutate?timeout=5s', headers, payload });
const metric = async (line: string, { operations } = apps) =>
  Number(
    (await operations.inject('/metrics')).body
      .split('\n')
      .find((row) => row.startsWith(`${line} `))
      ?.split(' ')[1],
  );

describe('POST /mutate', () => {
  it('answers with a patch that wraps the pod', async () => {
    const answer = await mutate(review());
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    const { response, ...envelope } = answer.json();
    expect(envelope).toEqual({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
    expect(response).toMatchObject({ uid: 'review-1', allowed: true, patchType: 'JSONPatch' });
    const patch = JSON.parse(Buffer.from(response.patch, 'base64').toString());
    const { newDocument } = jsonPatch.applyPatch(structuredClone(classicPod()), patch);
    expect(newDocument.spec.containers[0]?.command?.slice(0, 3)).toEqual(['/clockout/busybox', 'sh', '/clockout/run']);
  });

  it('has a path for each strategy of a namespace', async () => {
    const own = createApps(certificate, {
      admitReview: (body, circumstances) =>
        admitReview(body, { settings: withStrategy('wrap'), onUnwrappable: 'admit' }, circumstances),
    });
    const strategyOf = async (path: string) => {
      const answer = await own.webhook.inject({
        method: 'POST',
        url: `/mutate${path}`,
        headers: json,
        payload: review(),
      });
      if (answer.statusCode !== 200) return answer.statusCode;
      const { auditAnnotations, warnings = [] } = answer.json().response;
      return [auditAnnotations.strategy ?? 'wrap', ...warnings];
    };
    expect(await Promise.all(['', '/wrap', '/native', '/auto', '/unknown', '/other'].map(strategyOf))).toEqual([
      ['wrap'],
      ['wrap'],
      ['native'],
      ['native'],
      ['wrap', expect.stringContaining('expected wrap, native or auto; found another value; so this pod has the')],
      404,
    ]);
    await Promise.all([own.webhook.close(), own.operations.close()]);
  });

  it.each(['admit', 'refuse'] as const)(
    'only observes where it is to: nothing changes with %s',
    async (onUnwrappable) => {
      const own = createApps(certificate, {
        admitReview: (body, circumstances) =>
          admitReview(body, { settings: withStrategy('wrap'), onUnwrappable }, circumstances),
      });
      const answer = async (path: string, pod: unknown) => {
        const payload = JSON.stringify(review(pod));
        return (await own.webhook.inject({ method: 'POST', url: path, headers: json, payload })).json().response;
      };
      const bad = classicPod({ annotations: { 'clockout.dev/quit': 'x' } });
      const left = { uid: 'review-1', allowed: true };
      const observed = (wouldBe: string, more = {}) => ({
        ...left,
        auditAnnotations: { outcome: 'observed', 'would-be': wouldBe, ...more },
      });
      expect(await answer('/mutate/observe', classicPod())).toEqual(observed('patched'));
      expect(await answer('/mutate/observe/native', classicPod())).toEqual(observed('patched', { strategy: 'native' }));
      expect(await answer('/mutate/observe', jobPod())).toEqual(observed('skipped', { reason: 'no-sidecar' }));
      const unwrappable = { admit: 'skipped', refuse: 'refused' }[onUnwrappable];
      expect(await answer('/mutate/observe', bad)).toEqual(observed(unwrappable, { reason: 'invalid-annotation' }));
      expect(await metric('clockout_observed_pods_total{decision="wrap"}', own)).toBe(1);
      expect(await metric('clockout_observed_pods_total{decision="native"}', own)).toBe(1);
      expect(await metric('clockout_observed_pods_total{decision="invalid-annotation"}', own)).toBe(1);
      expect(await metric('clockout_skipped_pods_total{reason="invalid-annotation"}', own)).toBe(0);
      expect(await metric('clockout_wrapped_containers_total{entrypoint="pod"}', own)).toBe(0);
      await Promise.all([own.webhook.close(), own.operations.close()]);
    },
  );

  it('logs and counts a pod once, however often it is asked, and counts no dry run', async () => {
    const own = createApps(certificate);
    const pod = classicPod({
      spec: { containers: [app({ command: null })], volumes: [{ name: 'kube-api-access-a1b2c' }] },
    });
    for (const request of [{}, {}, { dryRun: true }]) await mutate(JSON.stringify(review(pod, request)), json, own);
    expect(await metric('clockout_admission_reviews_total{outcome="skipped"}', own)).toBe(3);
    expect(await metric('clockout_skipped_pods_total{reason="no-entrypoint"}', own)).toBe(1);
    expect(own.log.filter(({ level }) => level === 'warn').map(({ dryRun }) => dryRun)).toEqual([false, true]);
    await Promise.all([own.webhook.close(), own.operations.close()]);
  });

  it('asks Istio for a native sidecar where the strategy is native or auto', async () => {
    const own = createApps(certificate, {
      askReview: (body, strategy) => askReview(body, withStrategy('wrap'), strategy),
    });
    const patchOf = async (path: string) => {
      const url = `/mutate/ask-istio${path}`;
      const answer = await own.webhook.inject({ method: 'POST', url, headers: json, payload: review(jobPod()) });
      return [answer.statusCode, answer.json().response.patch !== undefined];
    };
    expect(await Promise.all(['', '/wrap', '/native', '/auto', '/unknown'].map(patchOf))).toEqual(
      [false, false, true, true, false].map((isAsked) => [200, isAsked]),
    );
    const { statusCode } = await own.webhook.inject({
      method: 'POST',
      url: '/mutate/ask-istio',
      headers: json,
      payload: '{}',
    });
    expect(statusCode).toBe(400);
    const metrics = (await own.operations.inject('/metrics')).payload;
    expect(metrics).toContain('clockout_asked_pods_total 2');
    expect(metrics).toContain('clockout_admission_reviews_total{outcome="patched"} 0');
    expect(own.log.filter(({ msg }) => msg === 'asked Istio for a native sidecar')).toHaveLength(2);
    await Promise.all([own.webhook.close(), own.operations.close()]);
  });

  it('skips a pod without a sidecar', async () => {
    const { response } = (await mutate(review(jobPod()))).json();
    expect(response).toEqual({
      uid: 'review-1',
      allowed: true,
      auditAnnotations: { outcome: 'skipped', reason: 'no-sidecar' },
    });
  });

  it('refuses a pod that cannot be wrapped if the configuration says so, and counts it as refused', async () => {
    const own = createApps(certificate, {
      admitReview: (body) => admitReview(body, { settings, onUnwrappable: 'refuse' }),
    });
    const answer = await mutate(review(classicPod({ annotations: { 'clockout.dev/quit': 'x' } })), json, own);
    expect(answer.json().response).toMatchObject({ allowed: false, status: { code: 422 } });
    expect(await metric('clockout_admission_reviews_total{outcome="refused"}', own)).toBe(1);
    expect(await metric('clockout_skipped_pods_total{reason="invalid-annotation"}', own)).toBe(1);
    await Promise.all([own.webhook.close(), own.operations.close()]);
  });

  const text = { 'content-type': 'text/plain' };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const good = JSON.stringify(review());
  const poisoned = good.replace('"metadata":{', '"metadata":{"__proto__":{"x":1},');
  const withPrototype = good.replace('"metadata":{', '"metadata":{"constructor":{"prototype":{"x":1}},');
  it.each([
    ['cut JSON', `{${' '.repeat(1_000_000)}`],
    ['a __proto__ key', `{"__proto__":1${' '.repeat(1_000_000)}}`],
    ['JSON that is not a review', `{${' '.repeat(1_000_000)}}`],
  ])('gives back the room of a body that it cannot answer: %s', async (_, body) => {
    // A dozen would fill the room of large reviews.
    for (let i = 0; i < 30; i++) expect((await mutate(body, json)).statusCode).toBe(400);
    const args = ['x'.repeat(1_000_000)];
    const large = JSON.stringify(review(classicPod({ spec: { containers: [app({ args })] } })));
    expect((await mutate(large, json)).statusCode).toBe(200);
  });

  it.each<[string, string, Record<string, string>, number, string]>([
    ['an empty body', '', json, 400, 'The body is empty; expected an AdmissionReview as JSON.'],
    ['no body and no type', '', {}, 400, 'Invalid request: expected an AdmissionReview of admission.k8s.io/v1'],
    [
      'cut JSON',
      good.slice(0, -1),
      json,
      400,
      'The body is not valid JSON, is compressed, or has a key __proto__ or constructor.prototype;',
    ],
    [
      'two documents',
      good + good,
      json,
      400,
      'The body is not valid JSON, is compressed, or has a key __proto__ or constructor.prototype;',
    ],
    [
      'a __proto__ key',
      poisoned,
      json,
      400,
      'The body is not valid JSON, is compressed, or has a key __proto__ or constructor.prototype;',
    ],
    [
      'a constructor.prototype',
      withPrototype,
      json,
      400,
      'The body is not valid JSON, is compressed, or has a key __proto__ or constructor.prototype;',
    ],
    ['a number', '7', json, 400, 'Invalid request: expected an AdmissionReview'],
    ['null', 'null', json, 400, 'Invalid request: expected an AdmissionReview'],
    ['a list', '[]', json, 400, 'Invalid request: expected an AdmissionReview'],
    ['v1beta1', good.replace('io/v1"', 'io/v1beta1"'), json, 400, 'Invalid request: expected an AdmissionReview'],
    ['no request', '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}', json, 400, 'Invalid request:'],
    ['a uid that is a number', good.replace('"review-1"', '5'), json, 400, 'Invalid request:'],
    [
      'an object that is not a pod',
      JSON.stringify(review({ spec: 5 })),
      json,
      400,
      'Invalid request: request.object is',
    ],
    ['an update', JSON.stringify(review({}, { operation: 'UPDATE' })), json, 400, 'Invalid request:'],
    ['plain text', good, text, 415, 'The body must be JSON, with the header Content-Type: application/json.'],
    ['a form', good, form, 415, 'The body must be JSON, with the header Content-Type: application/json.'],
    ['no type', good, {}, 415, 'The body must be JSON, with the header Content-Type: application/json.'],
    ['more than 7 MiB', `"${'x'.repeat(7 * 1024 * 1024)}"`, json, 413, 'The body is larger than 7 MiB'],
  ])('answers %s with one sentence, and goes on working', async (_name, body, headers, status, start) => {
    const before = await metric('clockout_admission_reviews_total{outcome="invalid"}');
    const answer = await mutate(body, headers);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.body.trimEnd().split('\n')).toEqual([expect.stringContaining(start)]);
    expect(await metric('clockout_admission_reviews_total{outcome="invalid"}')).toBe(before + 1);
    expect((await mutate(review())).statusCode).toBe(200);
    expect(Object.prototype).not.toHaveProperty('x');
  });

  it('accepts a body of almost 7 MiB, and a content type with a charset', async () => {
    const pod = classicPod({ annotations: { large: 'x'.repeat(7 * 1024 * 1024 - 4000) } });
    expect((await mutate(review(pod), { 'content-type': 'application/json; charset=utf-8' })).statusCode).toBe(200);
  });

  it('accepts a label named constructor', async () => {
    const { response } = (await mutate(review(classicPod({ labels: { constructor: 'x' } })))).json();
    expect(response).toMatchObject({ allowed: true, patchType: 'JSONPatch' });
  });

  it('answers a bug in Clockout with 500, and writes the details only to the log', async () => {
    const own = createApps(certificate, { admitReview: () => Promise.reject(new Error('a secret detail')) });
    const answer = await mutate(review(), json, own);
    expect(answer.statusCode).toBe(500);
    expect(answer.body).toBe("Internal error; see Clockout's log.\n");
    expect(own.log).toEqual([
      expect.objectContaining({
        level: 'error',
        uid: 'review-1',
        err: expect.objectContaining({ message: 'a secret detail' }),
      }),
    ]);
    expect(own.log[0]?.err?.stack).toContain('app.test.ts');
    expect(await metric('clockout_admission_reviews_total{outcome="failed"}', own)).toBe(1);
    await Promise.all([own.webhook.close(), own.operations.close()]);
  });

  it('measures the duration of every request', async () => {
    const before = await metric('clockout_admission_duration_seconds_count');
    await mutate(review());
    await mutate('{');
    expect(await metric('clockout_admission_duration_seconds_count')).toBe(before + 2);
  });
});

describe('other requests to the webhook', () => {
  const about = 'the webhook is POST /mutate, which expects an AdmissionReview';
  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)('%s /mutate is not allowed', async (method) => {
    const answer = await apps.webhook.inject({
      method,
      url: '/mutate?x=1',
      headers: { 'content-type': 'a/b' },
      payload: 'x',
    });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers.allow).toBe('POST');
    expect(answer.body).toBe(`${method} is not allowed here; ${about}.\n`);
  });

  it.each(['/', '/mutate/', '/mutate/x', '/MUTATE', '/metrics', '/livez', '/%2e%2e/etc/passwd'])(
    '%s is answered with 404',
    async (url) => {
      for (const method of ['GET', 'POST'] as const) {
        const answer = await apps.webhook.inject({ method, url });
        expect(answer.statusCode).toBe(404);
        expect(answer.body).toBe(`Not found; ${about}.\n`);
      }
    },
  );

  it('a path that cannot be decoded is answered with a sentence', async () => {
    const answer = await apps.webhook.inject('/%E0%A4%A');
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
  });
});

describe('the port for operators', () => {
  it('says that the process is alive, and whether the server is ready', async () => {
    const get = async (url: string) => {
      const { statusCode, body } = await apps.operations.inject(url);
      return [statusCode, body];
    };
    expect(await get('/livez')).toEqual([200, 'ok\n']);
    expect(await get('/readyz')).toEqual([200, 'ok\n']);
    apps.setReadiness({ isReady: false, reason: 'the server is draining' });
    expect(await get('/readyz')).toEqual([503, 'Not ready: the server is draining.\n']);
    expect(await get('/livez')).toEqual([200, 'ok\n']);
    apps.setReadiness({ isReady: true });
  });

  it('serves metrics in the format of Prometheus', async () => {
    const { statusCode, headers, body } = await apps.operations.inject('/metrics');
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body).toContain('# TYPE clockout_admission_duration_seconds histogram');
  });

  it('does not serve the webhook', async () => {
    expect((await apps.operations.inject({ method: 'POST', url: '/mutate', payload: review() })).statusCode).toBe(404);
    const wrong = await apps.operations.inject({ method: 'POST', url: '/metrics' });
    expect([wrong.statusCode, wrong.headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});
