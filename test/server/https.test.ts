/** Over real connections: what the API server's client does to a webhook, and how a webhook leaves it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { askReview } from '../../src/admission/ask-istio.ts';
import { admitReview } from '../../src/admission/review.ts';
import type { CertificateState, ServingCertificate } from '../../src/certificates/certificate.ts';
import { createSelfSignedCertificate } from '../../src/certificates/self-signed.ts';
import { type CertificateSource, openCertificateSource } from '../../src/certificates/source.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { type ServerDeps, startServer as startBoth } from '../../src/server/start-server.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { classicPod, settings } from '../support/pods.ts';
import { createClient, review } from './helpers.ts';

const folder = mkdtempSync(join(tmpdir(), 'clockout-https-'));
afterAll(() => rmSync(folder, { recursive: true }));

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const onLoopback = {
  CLOCKOUT_LISTEN_ADDRESS: '127.0.0.1',
  CLOCKOUT_LISTEN_PORT: '0',
  CLOCKOUT_METRICS_LISTEN_PORT: '0',
  CLOCKOUT_TLS_CA_OUT: join(folder, 'ca.pem'),
};
const ask: ServerDeps['askReview'] = (body) => askReview(body, settings);
const admit = (body: unknown) => admitReview(body, { settings, onUnwrappable: 'admit' });

async function tryStart(
  env: Record<string, string> = {},
  admitReview: ServerDeps['admitReview'] = admit,
  further: Partial<ServerDeps> = {},
) {
  const parsed = parseConfig({ ...onLoopback, ...env });
  if (!parsed.ok) throw new Error(parsed.problem.map(({ message }) => message).join('\n'));
  const logger = createLogger('silent', { write: () => {} });
  const opened = await openCertificateSource(parsed.value, ignoreEvents);
  if (!opened.ok) return opened;
  const source = opened.value;
  cleanups.push(async () => source.close());
  const metrics = createMetrics({ version: '0.0.0-test', certificateExpiry: () => source.current().notAfter });
  return startBoth(parsed.value, { admitReview, askReview: ask, logger, metrics, source, ...further });
}

const ignoreEvents = { renewed: () => {}, repaired: () => {}, noticed: () => {}, failed: () => {} };

async function startServer(admitReview: ServerDeps['admitReview'] = admit, further: Partial<ServerDeps> = {}) {
  const started = await tryStart({}, admitReview, further);
  if (!started.ok) throw new Error(started.problem.join('\n'));
  const { value: server } = started;
  cleanups.push(() => server.stop(0));
  const client = createClient(server.webhookUrl, readFileSync(onLoopback.CLOCKOUT_TLS_CA_OUT, 'utf8'));
  cleanups.push(client.close);
  return { server, client, readyz: () => fetch(new URL('/readyz', server.metricsUrl)) };
}

/** An admission that waits until it is told to go on. */
function heldAdmission() {
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const admitReview: ServerDeps['admitReview'] = async (body) => {
    entered.resolve();
    await gate.promise;
    return admit(body);
  };
  return { admitReview, entered: entered.promise, release: gate.resolve };
}

const body = JSON.stringify(review());

describe('the webhook over HTTPS', () => {
  it('is trusted by clients that have the CA it wrote, and by no others', async () => {
    const { server, client } = await startServer();
    expect((await client.post(body)).status).toBe(200);
    const stranger = createClient(server.webhookUrl, '');
    cleanups.push(stranger.close);
    await expect(stranger.post(body)).rejects.toThrow(/self-signed certificate|unable to/);
  });

  it('speaks HTTP/1.1 over TLS 1.2 with forward secrecy, and nothing else', async () => {
    const { server } = await startServer();
    const port = Number(new URL(server.webhookUrl).port);
    const handshake = (options: object) =>
      new Promise<string>((resolve) => {
        const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
        socket.on('secureConnect', () => resolve(`${socket.getProtocol()} ${socket.alpnProtocol || 'no ALPN'}`));
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
        cleanups.push(() => void socket.destroy());
      });
    expect(await handshake({ ALPNProtocols: ['h2', 'http/1.1'] })).toBe('TLSv1.2 http/1.1');
    expect(await handshake({ minVersion: 'TLSv1.3' })).toMatch(/ERR_SSL/);
    expect(await handshake({ ciphers: 'AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA' })).toMatch(/ERR_SSL/);
    expect(await handshake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' })).toMatch(
      /ERR_SSL|ECONNRESET/,
    );
  });

  it('keeps connections open for longer than the API server does', async () => {
    const { client } = await startServer();
    expect((await client.post(body)).headers['keep-alive']).toBe('timeout=120');
    expect(await client.post(body)).toMatchObject({ status: 200, reusedSocket: true });
  });

  it('answers 100 requests at once, each with its own review', async () => {
    const { client } = await startServer();
    const uids = Array.from({ length: 100 }, (_, i) => `review-${i}`);
    const answers = await Promise.all(uids.map((uid) => client.post(JSON.stringify(review(classicPod(), { uid })))));
    expect(answers.map(({ status }) => status)).toEqual(uids.map(() => 200));
    expect(answers.map(({ text }) => JSON.parse(text).response.uid)).toEqual(uids);
    expect(answers.every(({ text }) => JSON.parse(text).response.patch)).toBe(true);
  });

  it('wraps a pod of 2 MiB', async () => {
    const { client } = await startServer();
    const pod = classicPod({ annotations: { large: 'x'.repeat(2 * 1024 * 1024) } });
    const { status, text } = await client.post(JSON.stringify(review(pod)));
    expect(status).toBe(200);
    expect(JSON.parse(text).response.patchType).toBe('JSONPatch');
    expect(text.length).toBeLessThan(100_000);
  });

  it.each([
    ['/mutate', /^HTTP\/1\.1 400 .*\r\nconnection: close\r\n.*in pieces of less than 64 bytes/is],
    ['/nothing', /^HTTP\/1\.1 404 .*\r\nconnection: close\r\n/is],
  ])('answers a body that it does not read to its end, and closes the connection: %s', async (path, expected) => {
    const { server } = await startServer();
    const port = Number(new URL(server.webhookUrl).port);
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    cleanups.push(() => void socket.destroy());
    let answer = '';
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text;
    });
    const ended = new Promise((resolve) => socket.once('end', resolve));
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    socket.write('1\r\n \r\n'.repeat(300));
    await ended;
    expect(answer).toMatch(expected);
  });

  it('is not ready before the versions of the cluster have been read', async () => {
    let state: 'awaited' | 'known' = 'awaited';
    const { readyz } = await startServer(admit, { versions: { state: () => state } });
    expect((await readyz()).status).toBe(503);
    state = 'known';
    expect((await readyz()).status).toBe(200);
  });

  it('keeps working when clients disconnect in the middle of a request', async () => {
    const { server, client } = await startServer();
    const port = Number(new URL(server.webhookUrl).port);
    for (let round = 0; round < 10; round++) {
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
      await new Promise((resolve) => socket.once('secureConnect', resolve));
      socket.write(
        `POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{"a`,
      );
      await sleep(5);
      socket.destroy();
    }
    expect((await client.post(body)).status).toBe(200);
  });
});

describe('a certificate that changes', () => {
  /** A source whose certificate and state the test sets. */
  async function startWith(first: ServingCertificate) {
    let current = first;
    let state: CertificateState = { isAccepted: true };
    let listener = (_: ServingCertificate) => {};
    const source: CertificateSource = {
      current: () => current,
      state: () => state,
      onRenewal: (next) => {
        listener = next;
      },
      close: () => {},
    };
    const parsed = parseConfig(onLoopback);
    if (!parsed.ok) throw new Error('expected a good configuration');
    const logger = createLogger('silent', { write: () => {} });
    const metrics = createMetrics({ version: '0.0.0-test', certificateExpiry: () => current.notAfter });
    const started = await startBoth(parsed.value, { admitReview: admit, askReview: ask, logger, metrics, source });
    if (!started.ok) throw new Error(started.problem.join('\n'));
    const { value: server } = started;
    cleanups.push(() => server.stop(0));
    const client = (ca = '') => {
      const made = createClient(server.webhookUrl, ca, 1);
      cleanups.push(async () => made.close());
      return made;
    };
    const renew = (next: ServingCertificate) => {
      current = next;
      listener(next);
    };
    const setState = (next: CertificateState) => {
      state = next;
    };
    const readyz = async () => {
      const answer = await fetch(new URL('/readyz', server.metricsUrl));
      return `${answer.status} ${await answer.text()}`;
    };
    return { client, renew, setState, readyz, server };
  }

  it('is served to new connections, while open ones go on', async () => {
    const [one, two] = [
      await createSelfSignedCertificate(['localhost', '127.0.0.1'], new Date()),
      await createSelfSignedCertificate(['localhost', '127.0.0.1'], new Date()),
    ];
    const { client, renew, server } = await startWith(one);
    const before = client(one.ca);
    expect((await before.post(JSON.stringify(review()))).status).toBe(200);
    renew(two);
    const again = await before.post(JSON.stringify(review()));
    expect([again.status, again.reusedSocket]).toEqual([200, true]);
    expect((await client(two.ca).post(JSON.stringify(review()))).status).toBe(200);
    await expect(client(one.ca).post(JSON.stringify(review()))).rejects.toThrow();
    const old = connect({
      port: Number(new URL(server.webhookUrl).port),
      host: '127.0.0.1',
      maxVersion: 'TLSv1.1',
      rejectUnauthorized: false,
    });
    await expect(
      new Promise((resolve, reject) => old.on('secureConnect', resolve).on('error', reject)),
    ).rejects.toThrow();
  });

  it('makes the server unready while the API server does not accept it, and says why', async () => {
    const { setState, readyz } = await startWith(await createSelfSignedCertificate(['localhost'], new Date()));
    expect(await readyz()).toBe('200 ok\n');
    setState({ isAccepted: false, problem: 'the caBundle does not hold the CA of the certificate' });
    expect(await readyz()).toBe('503 Not ready: the caBundle does not hold the CA of the certificate.\n');
  });

  it('keeps the server ready while the API server still accepts it, and says what is wrong', async () => {
    const { setState, readyz } = await startWith(await createSelfSignedCertificate(['localhost'], new Date()));
    setState({ isAccepted: true, problem: 'The certificate in tls.crt is not valid; give one that is.' });
    expect(await readyz()).toBe(
      '200 Ready, with a warning: The certificate in tls.crt is not valid; give one that is.\n',
    );
  });
});

describe('graceful shutdown of the webhook', () => {
  it('turns readiness off, goes on serving, and asks clients to connect again', async () => {
    const { server, client, readyz } = await startServer();
    expect((await readyz()).status).toBe(200);
    await client.post(body);
    const stopped = server.stop(3000);
    expect((await readyz()).status).toBe(503);
    const answer = await client.post(body);
    expect(answer).toMatchObject({ status: 200, reusedSocket: true });
    expect(answer.headers.connection).toBe('close');
    expect(await client.post(body)).toMatchObject({ status: 200, reusedSocket: false });
    await stopped;
    await expect(client.post(body)).rejects.toThrow('ECONNREFUSED');
  });

  it('finishes the requests under way', async () => {
    const { admitReview, entered, release } = heldAdmission();
    const { server, client } = await startServer(admitReview);
    const answer = client.post(body);
    await entered;
    const start = performance.now();
    const stopped = server.stop(0);
    await sleep(200);
    release();
    expect(await answer).toMatchObject({ status: 200, headers: { connection: 'close' } });
    await stopped;
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('does not wait for clients that keep a silent connection', async () => {
    const { server, client } = await startServer();
    await client.post(body);
    const silent = connect({
      host: '127.0.0.1',
      port: Number(new URL(server.webhookUrl).port),
      rejectUnauthorized: false,
    });
    silent.on('error', () => {});
    await new Promise((resolve) => silent.once('secureConnect', resolve));
    const closed = new Promise((resolve) => silent.once('close', resolve));
    const start = performance.now();
    await server.stop(0);
    await closed;
    expect(performance.now() - start).toBeLessThan(7000);
  }, 10_000);
});

describe('a start that fails', () => {
  const problemsOf = async (env: Record<string, string>) => {
    const started = await tryStart(env);
    if (started.ok) await started.value.stop(0);
    return started.ok ? [] : started.problem;
  };
  const takePort = async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    cleanups.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
    return String((server.address() as AddressInfo).port);
  };

  it('says which ports are in use', async () => {
    const [port, metricsPort] = [await takePort(), await takePort()];
    const env = { CLOCKOUT_LISTEN_PORT: port, CLOCKOUT_METRICS_LISTEN_PORT: metricsPort };
    expect(await problemsOf(env)).toEqual([
      `Port ${port} is used by another program; stop that, or set CLOCKOUT_LISTEN_PORT to another port.`,
      `Port ${metricsPort} is used by another program; stop that, or set CLOCKOUT_METRICS_LISTEN_PORT to another port.`,
    ]);
  });

  it('leaves no server behind if only one port is in use', async () => {
    const freePort = await takePort();
    await cleanups.pop()?.();
    const env = { CLOCKOUT_LISTEN_PORT: freePort, CLOCKOUT_METRICS_LISTEN_PORT: await takePort() };
    expect(await problemsOf(env)).toHaveLength(1);
    const client = createClient(`https://127.0.0.1:${freePort}/mutate`, '');
    cleanups.push(client.close);
    await expect(client.post(body)).rejects.toThrow('ECONNREFUSED');
  });

  it('says that a host name has no address', async () => {
    const problem = expect.stringContaining('This machine has no address nowhere.invalid to listen on');
    expect(await problemsOf({ CLOCKOUT_LISTEN_ADDRESS: 'nowhere.invalid' })).toEqual([problem, problem]);
  });

  it('listens on one address of `localhost`, whose certificate can be renewed', async () => {
    const started = await tryStart({ CLOCKOUT_LISTEN_ADDRESS: 'localhost' });
    if (!started.ok) throw new Error(started.problem.join('\n'));
    cleanups.push(() => started.value.stop(0));
    expect(started.value.webhookUrl).toMatch(/^https:\/\/(127\.0\.0\.1|\[::1\]):\d+\/mutate$/);
  });

  it('says that the address does not belong to this machine', async () => {
    const problem = expect.stringContaining('This machine has no address 192.0.2.1 to listen on');
    expect(await problemsOf({ CLOCKOUT_LISTEN_ADDRESS: '192.0.2.1' })).toEqual([problem, problem]);
  });

  it('says that the CA cannot be written', async () => {
    const file = join(folder, 'missing', 'ca.pem');
    expect(await problemsOf({ CLOCKOUT_TLS_CA_OUT: file })).toEqual([`Cannot write the CA to ${file} (ENOENT).`]);
  });

  it('says that the certificate files cannot be read', async () => {
    const [cert, key] = [join(folder, 'no.crt'), join(folder, 'no.key')];
    const env = { CLOCKOUT_TLS_CA_OUT: '', CLOCKOUT_TLS_CERT_FILE: cert, CLOCKOUT_TLS_KEY_FILE: key };
    expect(await problemsOf(env)).toEqual([
      `The certificate file ${cert} cannot be read (ENOENT).`,
      `The private key file ${key} cannot be read (ENOENT).`,
    ]);
  });
});
