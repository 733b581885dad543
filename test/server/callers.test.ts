/** Which callers are answered, over real TLS: certificates of every kind, and CAs that change while the server runs. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { askReview } from '../../src/admission/ask-istio.ts';
import { admitReview } from '../../src/admission/review.ts';
import { openClientCas } from '../../src/certificates/files/client-ca.ts';
import { openCertificateSource } from '../../src/certificates/source.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { startServer as startBoth } from '../../src/server/start-server.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { makeClientCa, type Pair } from '../certificates/client-certificates.ts';
import { settings } from '../support/pods.ts';
import { review } from './helpers.ts';

const folder = mkdtempSync(join(tmpdir(), 'clockout-callers-'));
afterAll(() => rmSync(folder, { recursive: true }));
const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const [ca, otherCa] = await Promise.all([makeClientCa(), makeClientCa()]);
const name = { subject: 'CN=kube-apiserver' };
const good = await ca.issue(name);

async function startServer(clientCa = ca.cert) {
  const file = join(folder, 'callers.pem');
  writeFileSync(file, clientCa);
  const parsed = parseConfig({
    CLOCKOUT_LISTEN_ADDRESS: '127.0.0.1',
    CLOCKOUT_LISTEN_PORT: '0',
    CLOCKOUT_METRICS_LISTEN_PORT: '0',
    CLOCKOUT_TLS_CA_OUT: join(folder, 'ca.pem'),
    CLOCKOUT_CLIENT_CA_FILE: file,
    CLOCKOUT_CLIENT_NAMES: 'kube-apiserver, second',
  });
  if (!parsed.ok) throw new Error(parsed.problem.map(({ message }) => message).join('\n'));
  const changed = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<string>();
  const ignored = { renewed: () => {}, repaired: () => {}, noticed: () => {}, failed: () => {} };
  const opened = await openCertificateSource(parsed.value, ignored);
  const callers = await openClientCas(file, { changed: changed.resolve, failed: failed.resolve });
  if (!opened.ok || !callers.ok) throw new Error('expected good files');
  const source = opened.value;
  const log: string[] = [];
  const logger = createLogger('info', { write: (line) => void log.push(line) });
  const metrics = createMetrics({ version: '0.0.0-test', certificateExpiry: () => source.current().notAfter });
  const admit = (body: unknown) => admitReview(body, { settings, onUnwrappable: 'admit' });
  const clientCas = callers.value;
  const started = await startBoth(parsed.value, {
    admitReview: admit,
    askReview: (body) => askReview(body, settings),
    logger,
    metrics,
    source,
    clientCas,
  });
  if (!started.ok) throw new Error(started.problem.join('\n'));
  const { webhookUrl, metricsUrl, stop } = started.value;
  cleanups.push(() => stop(0));
  const trust = readFileSync(join(folder, 'ca.pem'), 'utf8');
  const port = Number(new URL(webhookUrl).port);

  /** @param pair what the caller presents, if anything */
  const caller = (pair?: Partial<Pair>) => {
    const agent = new Agent({ ca: trust, keepAlive: true, maxSockets: 1, ...pair });
    cleanups.push(() => agent.destroy());
    return (body = JSON.stringify(review()), path = '/mutate', method = 'POST') =>
      new Promise<{ status: number; text: string; connection: string | undefined; reused: boolean }>(
        (resolve, reject) => {
          const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
          const asked = request(new URL(path, webhookUrl), { agent, method, headers }, (response) => {
            let text = '';
            response.setEncoding('utf8').on('data', (chunk) => {
              text += chunk;
            });
            response.on('error', reject);
            response.on('end', () => {
              const { statusCode: status = 0, headers } = response;
              resolve({ status, text, connection: headers.connection, reused: asked.reusedSocket });
            });
          });
          asked.on('error', reject);
          asked.end(body);
        },
      );
  };
  const operations = async (path: string) => {
    const answer = await fetch(new URL(path, metricsUrl));
    return { status: answer.status, text: await answer.text() };
  };
  const replaceCa = (text: string) => writeFileSync(file, text);
  return { caller, operations, replaceCa, changed: changed.promise, failed: failed.promise, log, port, trust };
}

describe('a webhook with a client CA', () => {
  it('answers a caller with a certificate of the CA and one of the names', async () => {
    const { caller } = await startServer();
    const ask = caller(good);
    expect(await ask()).toMatchObject({ status: 200 });
    expect(await ask()).toMatchObject({ status: 200, reused: true, connection: 'keep-alive' });
    expect(await caller(await ca.issue({ subject: 'O=ops, CN=second' }))()).toMatchObject({ status: 200 });
    expect(await caller(undefined)()).toMatchObject({ status: 403 });
  });

  it.each<[string, () => Promise<Pair | undefined>, string]>([
    ['without a certificate', async () => undefined, 'none'],
    ['with one of another CA', () => otherCa.issue(name), 'one that is not accepted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)'],
    ['with another name', () => ca.issue({ subject: 'CN=kubelet' }), 'the name "kubelet"'],
    ['with the name in another case', () => ca.issue({ subject: 'CN=Kube-Apiserver' }), 'the name "Kube-Apiserver"'],
    ['with the name as an organisation', () => ca.issue({ subject: 'O=kube-apiserver' }), 'the name ""'],
    [
      'with the name as a subjectAltName only',
      () => ca.issue({ subject: 'CN=kubelet', dns: ['kube-apiserver'] }),
      'the name "kubelet"',
    ],
    [
      'with two common names',
      () => ca.issue({ subject: 'CN=kube-apiserver, CN=kubelet' }),
      'the name ["kube-apiserver","kubelet"]',
    ],
    [
      'with one that has expired',
      () => ca.issue({ ...name, from: -3, to: -2 }),
      'one that is not accepted (CERT_HAS_EXPIRED)',
    ],
    [
      'with one that is not valid yet',
      () => ca.issue({ ...name, from: 0.5 }),
      'one that is not accepted (CERT_NOT_YET_VALID)',
    ],
    [
      'with one for servers',
      () => ca.issue({ ...name, usage: 'serverAuth' }),
      'one that is not accepted (INVALID_PURPOSE)',
    ],
  ])('refuses a caller %s in one sentence, and closes the connection', async (_, present, found) => {
    const { caller } = await startServer();
    expect(await caller(await present())()).toEqual({
      status: 403,
      connection: 'close',
      reused: false,
      text: `This caller is not answered: expected a certificate of the CA in CLOCKOUT_CLIENT_CA_FILE with one of the names in CLOCKOUT_CLIENT_NAMES, found ${found}; let the API server present one (docs/callers.md).\n`,
    });
  });

  it('answers a good caller while it refuses others, and logs the refusals once a minute', async () => {
    const { caller, log } = await startServer();
    const stranger = caller();
    for (let i = 0; i < 5; i++) expect((await stranger()).status).toBe(403);
    expect((await caller(good)()).status).toBe(200);
    expect(log.filter((line) => line.includes('refused a caller'))).toHaveLength(1);
  });

  it('reveals no routes to other callers, and never reads their bodies as reviews', async () => {
    const { caller } = await startServer();
    const stranger = caller();
    expect(await stranger('', '/elsewhere', 'GET')).toMatchObject({ status: 403 });
    expect(await stranger('{')).toMatchObject({ status: 403 });
    expect(await stranger('x'.repeat(200_000))).toMatchObject({ status: 403 });
    expect((await caller(good)('{')).status).toBe(400);
  });

  it('reads a usual body before it refuses, because closing earlier could reset the connection', async () => {
    const { port, trust } = await startServer();
    const socket = connect({ port, host: '127.0.0.1', ca: trust });
    cleanups.push(() => void socket.destroy());
    let answer = '';
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text;
    });
    socket.write('POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab');
    await sleep(200);
    expect(answer).toBe('');
    socket.write('cd');
    await new Promise((resolve) => socket.once('close', resolve));
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('does not read a large body of a caller that it refuses', async () => {
    const { caller } = await startServer();
    const answer = await caller()('x'.repeat(6 * 1024 * 1024)).then(
      ({ status }) => status,
      ({ code }) => code,
    );
    expect(answer).toSatisfy((found) => [403, 'EPIPE', 'ECONNRESET'].includes(found));
  });

  it('does not restrict health and metrics', async () => {
    const { operations } = await startServer();
    for (const path of ['/livez', '/readyz', '/metrics']) expect(await operations(path)).toMatchObject({ status: 200 });
  });
});

describe('a client CA that changes', () => {
  it('applies to new connections; an open one gets one more answer and must connect again', async () => {
    const { caller, replaceCa, changed, operations } = await startServer();
    const ask = caller(good);
    expect(await ask()).toMatchObject({ status: 200, connection: 'keep-alive' });
    replaceCa(otherCa.cert);
    await changed;
    expect(await ask()).toMatchObject({ status: 200, reused: true, connection: 'close' });
    expect(await ask()).toMatchObject({ status: 403 });
    expect(await caller(await otherCa.issue(name))()).toMatchObject({ status: 200 });
    expect(await operations('/readyz')).toMatchObject({ status: 200, text: 'ok\n' });
  });

  it('accepts callers of two CAs during a rotation', async () => {
    const { caller } = await startServer(ca.cert + otherCa.cert);
    expect(await caller(good)()).toMatchObject({ status: 200 });
    expect(await caller(await otherCa.issue(name))()).toMatchObject({ status: 200 });
  });

  it('keeps the last good CA while the file cannot be used, and readiness says so', async () => {
    const { caller, replaceCa, failed, operations } = await startServer();
    replaceCa('not a certificate');
    await failed;
    expect(await caller(good)()).toMatchObject({ status: 200 });
    expect(await caller()()).toMatchObject({ status: 403 });
    expect(await operations('/readyz')).toMatchObject({
      status: 200,
      text: expect.stringContaining('holds no CA certificate in PEM form'),
    });
  });

  it('resumes no TLS session, so each certificate is verified again', async () => {
    const { port, trust } = await startServer();
    const options = { port, host: '127.0.0.1', ca: trust, ...good };
    const secured = async (session?: Buffer): Promise<TLSSocket> => {
      const socket = connect({ ...options, ...(session && { session }) });
      cleanups.push(() => void socket.destroy());
      await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
      return socket;
    };
    const first = await secured();
    const sessions: Buffer[] = [];
    first.on('session', (session) => sessions.push(session));
    first.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await new Promise((resolve) => first.resume().once('close', resolve));
    const kept = sessions.at(-1) ?? first.getSession();
    const second = await secured(kept);
    expect(second.isSessionReused()).toBe(false);
  });
});

it('a client CA that has expired makes the server unready', async () => {
  const expired = await makeClientCa({ from: -9, to: -2 });
  const { operations, caller } = await startServer(expired.cert);
  expect(await operations('/readyz')).toEqual({
    status: 503,
    text: 'Not ready: no CA in CLOCKOUT_CLIENT_CA_FILE is valid now, so every caller is refused; give one that is valid.\n',
  });
  expect(await caller(await expired.issue(name))()).toMatchObject({
    status: 403,
    text: expect.stringContaining('CERT_HAS_EXPIRED'),
  });
});
